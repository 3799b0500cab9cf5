"""Every parameter of a request, parsed once and strictly into what endpoints need."""

import math
import re
from collections.abc import Collection as Names
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import pyarrow as pa
from fastapi import Request

from vesseltrack.schema import Column
from vesseltrack.schema.plain import CELL_COLUMNS
from vesseltrack.store import Filter
from vesseltrack_api.collections import Collection
from vesseltrack_api.errors import ParameterError
from vesseltrack_api.settings import ApiSettings

Bounds = tuple[float, float, float, float]
Place = tuple[float, float]
Scalar = str | int | float | bool

ITEM_PARAMETERS: Final = ("bbox", "datetime", "limit", "offset")
MAX_OFFSET: Final = 2**31 - 1
_MAX_LIMIT: Final = 2**31 - 1
_MAX_LAT_DEG: Final = 90.0
_MAX_LON_DEG: Final = 180.0
MAX_TEXT: Final = 256  # characters in a filter on text; the longest AIS text has 161

# `int()` and `float()` also read "1_000", the digits of every script, and "nan".
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)
_NUMBER: Final = re.compile(
    r"[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})([eE][+-]?[0-9]{1,3})?"
)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_CELL: Final = re.compile(r"0?[0-9a-fA-F]{1,15}")
_LAST_INSTANT_OF_DAY: Final = timedelta(days=1) - timedelta(microseconds=1)

_BBOX_ALLOWED: Final = (
    "4 or 6 numbers west,south,east,north [deg] (with heights: west,south,low,east,north,high), "
    "longitudes -180 to 180, latitudes -90 to 90, south <= north; "
    "west > east crosses the date line"
)
_DATETIME_ALLOWED: Final = (
    "an RFC 3339 instant with a time zone, a day, or an interval start/end of them "
    "with '..' for an open end, start <= end"
)
_PLACE_ALLOWED: Final = "two numbers lat,lon [deg], -90 to 90 and -180 to 180"


@dataclass(frozen=True)
class ItemsQuery:
    """What a request for features asks for."""

    filter: Filter
    limit: int
    offset: int
    given: Mapping[str, str]  # as it came, for the links


def items_query(request: Request, collection: Collection, settings: ApiSettings) -> ItemsQuery:
    """Return what a request for a collection's features asks for.

    Raises
    ------
    ParameterError
        If a parameter is unknown, given twice, malformed or out of range.
    """
    columns = collection.queryables
    values = given(request, {*ITEM_PARAMETERS, *columns})
    since, until = interval(values["datetime"]) if "datetime" in values else (None, None)
    return ItemsQuery(
        filter=Filter(
            bbox=bbox(values["bbox"]) if "bbox" in values else None,
            since=since,
            until=until,
            equals={
                name: property_value(columns[name], text)
                for name, text in values.items()
                if name in columns
            },
        ),
        limit=_limit(values["limit"], settings) if "limit" in values else settings.default_limit,
        offset=integer("offset", values.get("offset", "0"), 0, MAX_OFFSET),
        given=values,
    )


def _limit(text: str, settings: ApiSettings) -> int:
    # A limit above the maximum is no error in OGC API Features (/req/core/fc-limit-response-1).
    return min(integer("limit", text, 1, _MAX_LIMIT), settings.max_limit)


def given(
    request: Request,
    known: Names[str] = (),
    *,
    formats: tuple[str, ...] = ("json",),
) -> dict[str, str]:
    """Return the query parameters of a request, each known and given once.

    Parameters
    ----------
    request : Request
        The request.
    known : collection of str
        Parameters that the resource takes beside `f`.
    formats : tuple of str
        What `f` may ask for.

    Raises
    ------
    ParameterError
        For the first that is unknown, given twice, or a format that is not offered.
    """
    values: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name != "f" and name not in known:
            raise ParameterError(name, value, f"one of {', '.join(sorted({*known, 'f'}))}")
        if name in values:
            raise ParameterError(name, value, "given once")
        values[name] = value
    if values.get("f", formats[0]) not in formats:
        raise ParameterError(name="f", value=values["f"], allowed=" or ".join(formats))
    return values


def integer(name: str, text: str, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`."""
    if not _INTEGER.fullmatch(text) or not low <= int(text) <= high:
        raise ParameterError(name, text, f"a whole number from {low} to {high}")
    return int(text)


def number(name: str, text: str, low: float = -math.inf, high: float = math.inf) -> float:
    """Return a finite number from `low` to `high`."""
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(value) or not low <= value <= high:
        within = "" if math.isinf(low) and math.isinf(high) else f" from {low:g} to {high:g}"
        raise ParameterError(name, text, f"a number{within}")
    return value


def bbox(text: str) -> Bounds:
    """Return a bounding box west, south, east, north [deg]; west > east crosses the date line."""
    match [_coordinate(part) for part in text.split(",", 6)]:
        case [west, south, east, north]:
            box = west, south, east, north
        case [west, south, low, east, north, high] if low <= high:  # nothing here has a height
            box = west, south, east, north
        case _:
            raise ParameterError(name="bbox", value=text, allowed=_BBOX_ALLOWED)
    if not (_is_place(south, west) and _is_place(north, east) and south <= north):
        raise ParameterError(name="bbox", value=text, allowed=_BBOX_ALLOWED)
    return box


def place(name: str, text: str) -> Place:
    """Return a point as latitude, longitude [deg]."""
    match [_coordinate(part) for part in text.split(",", 2)]:
        case [lat, lon] if _is_place(lat, lon):
            return lat, lon
        case _:
            raise ParameterError(name, text, _PLACE_ALLOWED)


def _is_place(lat: float, lon: float) -> bool:
    """Return whether two numbers are a latitude and a longitude; NaN is neither."""
    return abs(lat) <= _MAX_LAT_DEG and abs(lon) <= _MAX_LON_DEG


def _coordinate(text: str) -> float:
    """Return a number, or NaN for what is none."""
    value = float(text) if _NUMBER.fullmatch(text.strip(" ")) else math.nan
    return value if math.isfinite(value) else math.nan


def interval(text: str) -> tuple[datetime | None, datetime | None]:
    """Return the first and last instant of a `datetime` parameter; None where it is open."""
    first, slash, last = text.partition("/")
    if not slash:
        return _instant(text, last=False), _instant(text, last=True)
    since = None if first in ("", "..") else _instant(first, last=False)
    until = None if last in ("", "..") else _instant(last, last=True)
    if since is not None and until is not None and since > until:
        raise ParameterError(name="datetime", value=text, allowed=_DATETIME_ALLOWED)
    return since, until


def instant(name: str, text: str) -> datetime:
    """Return an instant in UTC; of a day its first."""
    return _instant(text, last=False, name=name)


def _instant(text: str, *, last: bool, name: str = "datetime") -> datetime:
    """Return an instant in UTC; of a day its first or its last."""
    try:
        if _DAY.fullmatch(text):
            day = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return day + _LAST_INSTANT_OF_DAY if last else day
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):  # no such day, or beyond the years 1 to 9999
        pass
    raise ParameterError(name, text, _DATETIME_ALLOWED)


def property_value(column: Column, text: str) -> Scalar:
    """Return what a column is asked to equal, in the column's type."""
    name = column.name
    if name in CELL_COLUMNS:
        if not _CELL.fullmatch(text):
            raise ParameterError(name, text, "an H3 cell of 15 hexadecimal digits")
        return int(text, 16)
    if pa.types.is_timestamp(column.type):
        if not _INSTANT.fullmatch(text):
            raise ParameterError(name, text, "an RFC 3339 instant with a time zone")
        return _instant(text, last=False, name=name).isoformat()
    if pa.types.is_boolean(column.type):
        if text not in ("true", "false"):
            raise ParameterError(name, text, "true or false")
        return text == "true"
    if pa.types.is_integer(column.type):
        bound: int = 1 << (column.type.bit_width - 1)
        return integer(name, text, -bound, bound - 1)
    if pa.types.is_floating(column.type):
        return number(name, text)
    if len(text) > MAX_TEXT:
        raise ParameterError(name, text, f"a text of at most {MAX_TEXT} characters")
    return text
