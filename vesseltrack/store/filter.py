"""Which rows are asked for, and the bound condition that says so to the database."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa

from vesseltrack.errors import InputError
from vesseltrack.schema import KINDS, Table
from vesseltrack.store.ledger import StoredFile
from vesseltrack.store.reader import Condition
from vesseltrack.units import E6

BBox = tuple[float, float, float, float]

# The columns of a row's first and last instant, by table.
_SPAN: Final[dict[str, tuple[str, str]]] = {
    "positions": ("timestamp", "timestamp"),
    "statics": ("timestamp", "timestamp"),
    "sources": ("first_time", "last_time"),
    "vessels": ("first_seen", "last_seen"),
    "segments": ("start", "end"),
    "port_calls": ("arrival", "departure"),
    "voyages": ("start", "end"),
    "events": ("start", "end"),
    "leads": ("window_start", "window_end"),
}
# The columns of the points that place a row, by table; one inside is enough.
_POINTS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "positions": (("lat_e6", "lon_e6"),),
    "vessels": (("lat", "lon"),),
    "port_calls": (("lat", "lon"),),
    "voyages": (("start_lat", "start_lon"), ("end_lat", "end_lon")),
    "ports": (("lat", "lon"),),
    "anchorages": (("lat", "lon"),),
    "events": (("lat", "lon"),),
    "leads": (("lat", "lon"),),
}
_HALF_TURN_DEG: Final = 180.0
_QUARTER_TURN_DEG: Final = 90.0


@dataclass(frozen=True)
class Filter:
    """Rows that meet every condition given.

    Parameters
    ----------
    bbox : (west, south, east, north) or None
        Borders included [deg]; west above east crosses the date line. Segments count by their
        extent, voyages by either end. A table without a place ignores it.
    since, until : datetime or None
        First and last instant, both included: a row counts when its time or span touches them.
        With a time zone. A row without a time never counts; a table without one ignores them.
    mmsi : int or None
        Of the vessel, or of either one of a pair.
    mmsi_range : (first, last) or None
        The vessel, or either one of a pair, within a range, both ends included.
    kinds : tuple of str
        Event kinds; empty for all.
    equals : mapping
        Column to value; times as ISO 8601 text.
    """

    bbox: BBox | None = None
    since: datetime | None = None
    until: datetime | None = None
    mmsi: int | None = None
    mmsi_range: tuple[int, int] | None = None
    kinds: tuple[str, ...] = ()
    equals: Mapping[str, str | int | float | bool] = field(default_factory=dict)


def conditions(where: Filter, spec: Table) -> Condition:
    """Return the one condition of a filter on a table.

    Raises
    ------
    InputError
        If a value is out of range, of another type than its column, or names no column.
    """
    parts = [
        *_in_time(where, spec),
        *_in_box(where.bbox, spec),
        *_of_vessel(None if where.mmsi is None else (where.mmsi, where.mmsi), spec),
        *_of_vessel(where.mmsi_range, spec),
        *_of_kind(where.kinds, spec),
        *(_equal(name, value, spec) for name, value in where.equals.items()),
    ]
    sql = " AND ".join(f"({part.sql})" for part in parts) or "true"
    return Condition(sql, tuple(value for part in parts for value in part.values))


def _in_time(where: Filter, spec: Table) -> Iterator[Condition]:
    for name, value in (("since", where.since), ("until", where.until)):
        if value is not None and value.tzinfo is None:
            msg = f"{name} must have a time zone; got {value.isoformat()}"
            raise InputError(msg)
    if spec.name not in _SPAN:
        return
    first, last = _SPAN[spec.name]
    if where.since is not None:
        yield Condition(f'"{last}" >= ?', (where.since.astimezone(UTC),))
    if where.until is not None:
        yield Condition(f'"{first}" <= ?', (where.until.astimezone(UTC),))


def _in_box(bbox: BBox | None, spec: Table) -> Iterator[Condition]:
    if bbox is None:
        return
    west, south, east, north = bbox
    if not (
        -_QUARTER_TURN_DEG <= south <= north <= _QUARTER_TURN_DEG
        and abs(west) <= _HALF_TURN_DEG
        and abs(east) <= _HALF_TURN_DEG
    ):
        msg = f"bbox must be west, south, east, north in degrees with south <= north; got {bbox}"
        raise InputError(msg)
    lon_ranges = _lon_ranges(west, east)
    if spec.name == "segments":
        yield Condition('"min_lat" <= ? AND "max_lat" >= ?', (north, south))
        yield _any(_extent_touches(*lon_range) for lon_range in lon_ranges)
    elif spec.name in _POINTS:
        scale = E6 if spec.name == "positions" else 1
        yield _any(
            _point_inside(names, (south, north), lon_range, scale)
            for names in _POINTS[spec.name]
            for lon_range in lon_ranges
        )


def _lon_ranges(west: float, east: float) -> list[tuple[float, float]]:
    """Return the box as plain ranges of longitude; 180 and -180 are one meridian."""
    ranges = [(west, east)] if west <= east else [(west, _HALF_TURN_DEG), (-_HALF_TURN_DEG, east)]
    if any(high == _HALF_TURN_DEG for _, high in ranges):
        ranges.append((-_HALF_TURN_DEG, -_HALF_TURN_DEG))
    if any(low == -_HALF_TURN_DEG for low, _ in ranges):
        ranges.append((_HALF_TURN_DEG, _HALF_TURN_DEG))
    return ranges


def _point_inside(
    names: tuple[str, str], lats: tuple[float, float], lons: tuple[float, float], scale: int
) -> Condition:
    lat, lon = names
    sql = f'"{lat}" BETWEEN ? AND ? AND "{lon}" BETWEEN ? AND ?'
    low, high = (math.ceil, math.floor) if scale != 1 else (float, float)
    bounds = (
        low(lats[0] * scale),
        high(lats[1] * scale),
        low(lons[0] * scale),
        high(lons[1] * scale),
    )
    return Condition(sql, bounds)


def _extent_touches(west: float, east: float) -> Condition:
    """Return the condition that a segment's range of longitude and a plain one have a point."""
    plain = '"min_lon" <= "max_lon" AND "min_lon" <= ? AND "max_lon" >= ?'
    crossing = '"min_lon" > "max_lon" AND ("min_lon" <= ? OR "max_lon" >= ?)'
    return Condition(f"({plain}) OR ({crossing})", (east, west, east, west))


def _any(parts: Iterator[Condition]) -> Condition:
    options = list(parts)
    sql = " OR ".join(f"({part.sql})" for part in options)
    return Condition(sql, tuple(value for part in options for value in part.values))


def _of_vessel(bounds: tuple[int, int] | None, spec: Table) -> Iterator[Condition]:
    if bounds is None:
        return
    columns = [name for name in ("mmsi", "other_mmsi") if name in spec.names]
    if not columns:
        msg = f"table {spec.name} has no mmsi"
        raise InputError(msg)
    yield _any(Condition(f'"{name}" BETWEEN ? AND ?', bounds) for name in columns)


def _of_kind(kinds: tuple[str, ...], spec: Table) -> Iterator[Condition]:
    if not kinds:
        return
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown or "kind" not in spec.names:
        named = ", ".join(unknown) or f"any in table {spec.name}"
        msg = f"there is no kind {named}; events have {', '.join(KINDS)}"
        raise InputError(msg)
    yield _any(Condition('"kind" = ?', (kind,)) for kind in kinds)


def _equal(name: str, value: str | float | bool, spec: Table) -> Condition:  # noqa: FBT001 - a value, not a flag
    if name not in spec.names:
        msg = f"table {spec.name} has no column {name}; it has {', '.join(spec.names)}"
        raise InputError(msg)
    type_ = spec.arrow.field(name).type
    try:
        scalar = _scalar(value, type_)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        msg = f"{spec.name}.{name} is {type_}; it cannot equal {value!r}"
        raise InputError(msg) from error
    return Condition(f'"{name}" = ?', (scalar,))


def _scalar(value: Any, type_: pa.DataType) -> Any:  # noqa: ANN401 - a value of any column
    """Return the value exactly as the column would hold it."""
    expected: dict[str, tuple[type, ...]] = {
        "string": (str,),
        "bool": (bool,),
        "float": (int, float),
        "double": (int, float),
        str(pa.timestamp("us", tz="UTC")): (str,),
    }
    wanted = expected.get(str(type_), (int,) if pa.types.is_integer(type_) else ())
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        raise TypeError
    if pa.types.is_timestamp(type_):
        instant = datetime.fromisoformat(str(value))
        return instant.replace(tzinfo=instant.tzinfo or UTC)
    return pa.scalar(value, type_).as_py()


def may_match(file: StoredFile, where: Filter) -> bool:
    """Return whether a file can hold rows in the filter's time, as far as the log knows."""
    if where.since is None and where.until is None:
        return True
    if file.first is None or file.last is None:
        # No time recorded: a table without a `timestamp`, or rows that have none.
        return file.n_untimed == 0
    is_too_early = where.since is not None and file.last < where.since
    is_too_late = where.until is not None and file.first > where.until
    return not (is_too_early or is_too_late)
