"""Rows of a CSV archive as dicts, with the field names of decoded messages."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa

from vesseltrack.ingest.tabular.rows import Dynamic, Statics
from vesseltrack.ingest.tabular.values import Floats, Ints

Fields = dict[str, Any]

_STATIC_NAMES: Final = {
    "imo": "imo",
    "callsign": "callsign",
    "name": "name",
    "ship_type": "ship_type",
    "to_bow_m": "to_bow",
    "to_stern_m": "to_stern",
    "to_port_m": "to_port",
    "to_starboard_m": "to_starboard",
    "length_m": "length",
    "beam_m": "beam",
    "draught_m": "draught",
    "destination": "destination",
    "eta": "eta",
}
_WHOLE: Final = ("heading", "nav_status", "ship_type")


def row_fields(lines: Ints, now: Dynamic, statics: Statics) -> Iterator[Fields]:
    """Yield each row as a dict, numbers as they stand in the archive and None where unknown."""
    reports = _reports(statics)
    motion = {**now.measured, "nav_status": now.nav_status}
    columns = {
        "line": lines.tolist(),
        "timestamp": now.t_us.tolist(),
        "type": now.msg_type.tolist(),
        "mmsi": now.mmsi.tolist(),
        **{name: _plain(name, values) for name, values in motion.items()},
    }
    for row, report in zip(zip(*columns.values(), strict=True), statics.report, strict=True):
        yield dict(zip(columns, row, strict=True)) | reports[report]


def without_place(fields: Fields) -> Fields:
    """Return the fields of a row without longitude if it has no latitude: it stands for none."""
    return fields if fields["lat"] is not None else fields | {"lon": None}


def _reports(statics: Statics) -> list[Fields]:
    if not statics.columns:
        return [{}]
    lists = {ours: _plain(ours, statics.columns[name]) for name, ours in _STATIC_NAMES.items()}
    lists["eta"] = [_month_to_minute(eta_us) for eta_us in lists["eta"]]
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _plain(name: str, values: pa.Array | Floats) -> list[Any]:
    if isinstance(values, pa.Array):
        return list(values.to_pylist())
    kind = int if name in _WHOLE else float
    return [None if value != value else kind(value) for value in np.asarray(values).tolist()]  # noqa: PLR0124 - NaN


def _month_to_minute(eta_us: int | None) -> list[int] | None:
    if eta_us is None:
        return None
    eta = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=eta_us)
    return [eta.month, eta.day, eta.hour, eta.minute]
