"""Whole rows of text to measured values, each row judged by its fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.ingest.span import has_day
from vesseltrack.ingest.tabular import values, words
from vesseltrack.ingest.tabular.layouts import STATIC, Layout
from vesseltrack.ingest.tabular.values import Bools, Floats, Ints

GOOD: Final = 0
FAULTS: Final = ("", "bad_time", "bad_number")  # reason by code
_BAD_TIME: Final = 1
BAD_NUMBER: Final = 2
MEASURED: Final = ("lat", "lon", "sog", "cog", "heading", "rot")
_SIZES: Final = ("width", "length", "draught", "to_bow", "to_stern", "to_port", "to_starboard")
_SEPARATOR: Final = "\x1f"
_IMO: Final = r"^(?:IMO)?\s*(?P<number>[0-9]{1,10})$"
_MAX_IMO: Final = (1 << 30) - 1  # the field has 30 bits


@dataclass(frozen=True)
class Dynamic:
    """What each row says of its moment; numbers are NaN where unknown, as in the archive else."""

    mmsi: npt.NDArray[np.int32]
    t_us: Ints
    measured: dict[str, Floats]  # lat, lon, sog, cog, heading, rot
    nav_status: Floats
    msg_type: npt.NDArray[np.int8]
    fault: npt.NDArray[np.int8]  # index into FAULTS

    def where(self, rows: Bools | Ints) -> "Dynamic":
        """Return some of the rows."""
        return Dynamic(
            mmsi=self.mmsi[rows],
            t_us=self.t_us[rows],
            measured={name: numbers[rows] for name, numbers in self.measured.items()},
            nav_status=self.nav_status[rows],
            msg_type=self.msg_type[rows],
            fault=self.fault[rows],
        )

    def followed_by(self, other: "Dynamic") -> "Dynamic":
        """Return the rows and others behind them."""
        return Dynamic(
            mmsi=np.concatenate([self.mmsi, other.mmsi]),
            t_us=np.concatenate([self.t_us, other.t_us]),
            measured={
                name: np.concatenate([numbers, other.measured[name]])
                for name, numbers in self.measured.items()
            },
            nav_status=np.concatenate([self.nav_status, other.nav_status]),
            msg_type=np.concatenate([self.msg_type, other.msg_type]),
            fault=np.concatenate([self.fault, other.fault]),
        )


@dataclass(frozen=True)
class Statics:
    """The distinct static reports of some rows, and which of them each row carries."""

    report: Ints  # shape (n_rows,): index into the reports
    columns: dict[str, Any]  # by name of STATICS, (n_reports,) each
    content: list[tuple[Any, ...]]  # what each report says, one hashable value; empty if nothing
    is_good: Bools  # shape (n_reports,): whether its numbers are numbers

    def each(self) -> "Statics":
        """Return the report of each row as one of its own."""
        columns = {
            name: values.take(pa.array(self.report))
            if isinstance(values, pa.Array)
            else values[self.report]
            for name, values in self.columns.items()
        }
        content = [self.content[i] for i in self.report.tolist()]
        return Statics(np.arange(len(content)), columns, content, self.is_good[self.report])


def column(table: pa.Table, name: str) -> pa.Array:
    """Return a column of text; one that the archive does not have is empty."""
    if name in table.column_names:
        return table[name].combine_chunks()
    return pa.repeat("", table.num_rows)


def dynamic(table: pa.Table, layout: Layout) -> Dynamic:
    """Return what the rows of a table of text say of their moment."""
    fault = np.full(table.num_rows, GOOD, np.int8)
    measured = {}
    for name in MEASURED:
        measured[name], is_good = values.floats(column(table, name))
        fault[~is_good] = BAD_NUMBER
    mmsi, is_good = values.mmsi(column(table, "mmsi"))
    fault[~is_good] = BAD_NUMBER
    t_us, is_good = times(column(table, "time"), layout)
    fault[~is_good] = _BAD_TIME
    return Dynamic(
        mmsi=mmsi,
        t_us=t_us,
        measured=measured,
        nav_status=nav_status(column(table, "nav_status")),
        msg_type=msg_types(column(table, "mobile")),
        fault=fault,
    )


def times(texts: pa.Array, layout: Layout) -> tuple[Ints, Bools]:
    """Return the times of rows [us since 1970, UTC], and whether each text is one."""
    t_us, is_good = values.times(texts, layout=layout.time)
    return t_us, is_good & has_day(t_us)


def nav_status(words_: pa.Array) -> Floats:
    """Return navigational status codes, NaN for words that have none."""
    return values.codes(words_, words.nav_status_code)


def msg_types(words_: pa.Array) -> npt.NDArray[np.int8]:
    """Return message types of positions for types of mobile; class A for what is none."""
    msg_type = values.codes(words_, words.MSG_TYPES)
    return np.nan_to_num(msg_type, nan=words.CLASS_A_TYPE).astype(np.int8)


JUDGED: Final[Mapping[str, Callable[[pa.Array], npt.NDArray[Any]]]] = {
    "mobile": msg_types,
    "nav_status": nav_status,
}


def statics(table: pa.Table, layout: Layout) -> Statics:
    """Return the distinct static reports in the rows of a table of text.

    The static columns repeat from row to row, so only distinct ones are read.
    """
    present = [name for name in STATIC if name in table.column_names]
    if not present or table.num_rows == 0:
        return Statics(np.zeros(table.num_rows, np.int64), {}, [()], np.ones(1, np.bool_))
    joined = pc.binary_join_element_wise(*(column(table, name) for name in present), _SEPARATOR)
    report = joined.dictionary_encode().indices.to_numpy().astype(np.int64)
    _, first = np.unique(report, return_index=True)
    distinct = table.select(present).take(first)
    is_good = np.ones(first.size, np.bool_)
    sizes = {}
    for name in _SIZES:
        size, is_number = values.floats(column(distinct, name))
        is_good &= is_number
        sizes[name] = np.where(size > 0, size, np.nan)
    columns = {
        "imo": _imo(column(distinct, "imo")),
        **{name: _text(column(distinct, name)) for name in ("name", "callsign", "destination")},
        "ship_type": _ship_type(distinct, layout),
        **_hull(sizes),
        "draught_m": sizes["draught"],
        "eta": _eta(distinct, layout),
    }
    return Statics(report, columns, _contents(columns), is_good)


def _contents(columns: dict[str, Any]) -> list[tuple[Any, ...]]:
    lists = [
        c.to_pylist() if isinstance(c, pa.Array) else pa.array(c, from_pandas=True).to_pylist()
        for c in columns.values()
    ]
    return [row if any(v is not None for v in row) else () for row in zip(*lists, strict=True)]


def _text(texts: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(texts)
    unknown = pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(["", "unknown"]))
    return pc.if_else(unknown, pa.scalar(None, pa.string()), trimmed)


def _imo(texts: pa.Array) -> pa.Array:
    number = pc.struct_field(pc.extract_regex(pc.utf8_trim_whitespace(texts), _IMO), "number")
    number = number.cast(pa.int64())
    is_imo = pc.and_(pc.greater(number, 0), pc.less_equal(number, _MAX_IMO))
    return pc.if_else(is_imo, number, pa.scalar(None, pa.int64())).cast(pa.int32())


def _ship_type(table: pa.Table, layout: Layout) -> Floats:
    kind, cargo = column(table, "ship_type"), column(table, "cargo")
    return values.codes(pc.binary_join_element_wise(kind, cargo, words.BETWEEN), layout.ship_type)


def _hull(sizes: dict[str, Floats]) -> dict[str, Floats]:
    """Return the extents around the antenna [m], all or none, and length and beam [m]."""
    bow, stern, port, starboard = (
        np.nan_to_num(sizes[name]) for name in ("to_bow", "to_stern", "to_port", "to_starboard")
    )
    is_placed = (bow + port > 0) & (bow + stern > 0) & (port + starboard > 0)
    extents = {"bow": bow, "stern": stern, "port": port, "starboard": starboard}
    length, beam = bow + stern, port + starboard
    return {
        **{f"to_{end}_m": np.where(is_placed, m, np.nan) for end, m in extents.items()},
        "length_m": np.where(np.isnan(sizes["length"]) & (length > 0), length, sizes["length"]),
        "beam_m": np.where(np.isnan(sizes["width"]) & (beam > 0), beam, sizes["width"]),
    }


def _eta(table: pa.Table, layout: Layout) -> pa.Array:
    if layout.eta is None:
        return pa.nulls(table.num_rows, pa.int64())
    eta_us, is_time = values.times(column(table, "eta"), layout=layout.eta)
    return pa.array(eta_us, pa.int64(), mask=~is_time)
