"""What was planted where: a table to score events against."""

import csv
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from vesseltrack.errors import FormatError
from vesseltrack.units import US_PER_S

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Truth:
    """One planted behaviour.

    Attributes
    ----------
    plant_id : str
        Scenario, strength and number.
    scenario, strength : str
        What was planted, and how strong.
    kind : str
        The kind of event that would find it.
    mmsi, other_mmsi : int, int or None
        Who did it; of a drop the dropper first.
    start_us, end_us : int
        When [us].
    lat, lon : float
        Where [deg].
    """

    plant_id: str
    scenario: str
    strength: str
    kind: str
    mmsi: int
    other_mmsi: int | None
    start_us: int
    end_us: int
    lat: float
    lon: float


_COLUMNS = [field.name.replace("_us", "") for field in fields(Truth)]


def write_truth(path: Path, truths: Iterable[Truth]) -> None:
    """Write a truth table as CSV, times as ISO 8601 with Z."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows(_row(truth) for truth in truths)


def _row(truth: Truth) -> list[Any]:
    values = {field.name: getattr(truth, field.name) for field in fields(Truth)}
    for name in ("start_us", "end_us"):
        instant = _EPOCH + dt.timedelta(microseconds=values[name])
        values[name] = instant.isoformat().replace("+00:00", "Z")
    values["lat"], values["lon"] = round(truth.lat, 5), round(truth.lon, 5)
    return ["" if value is None else value for value in values.values()]


def read_truth(path: Path) -> list[Truth]:
    """Read a truth table.

    Raises
    ------
    FormatError
        If the file is missing or is no truth table; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: cannot be read as a truth table: {error}"
        raise FormatError(msg) from error
    reader = csv.DictReader(text.splitlines())
    missing = set(_COLUMNS) - set(reader.fieldnames or ())
    if missing:
        msg = f"{path} is no truth table: it has no column {', '.join(sorted(missing))}"
        raise FormatError(msg)
    truths = []
    for number, row in enumerate(reader, 2):
        try:
            truths.append(_truth(row))
        except (ValueError, TypeError) as error:
            msg = f"{path}, line {number}: {error}"
            raise FormatError(msg) from error
    return truths


def _truth(row: dict[str, str]) -> Truth:
    return Truth(
        plant_id=row["plant_id"],
        scenario=row["scenario"],
        strength=row["strength"],
        kind=row["kind"],
        mmsi=int(row["mmsi"]),
        other_mmsi=int(row["other_mmsi"]) if row["other_mmsi"] else None,
        start_us=_us(row["start"]),
        end_us=_us(row["end"]),
        lat=float(row["lat"]),
        lon=float(row["lon"]),
    )


def _us(text: str) -> int:
    instant = dt.datetime.fromisoformat(text)
    aware = instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)
    return round((aware - _EPOCH).total_seconds() * US_PER_S)
