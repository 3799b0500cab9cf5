import math
from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.schema import Column
from vesseltrack_api import parameters
from vesseltrack_api.errors import ParameterError

LAT = st.floats(-90, 90)
LON = st.floats(-180, 180)
# A day within the years 1 to 9999: every offset keeps inside.
FIRST, LAST = datetime.fromisoformat("0001-01-02"), datetime.fromisoformat("9999-12-30")


@given(LON, LAT, LON, LAT)
def test_bbox_of_four_numbers_is_read_back(west, a, east, b):
    south, north = sorted((a, b))
    text = f"{west!r},{south!r},{east!r},{north!r}"
    assert parameters.bbox(text) == (west, south, east, north)


def test_heights_are_passed_over():
    assert parameters.bbox("1,2,-10,3,4,9000") == (1, 2, 3, 4)


def test_bbox_may_cross_the_date_line():
    assert parameters.bbox("170,-20,-170,-10") == (170, -20, -170, -10)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,2,3",
        "1,2,3,4,5",
        "1,2,3,4,5,6,7",
        "20,60,10,50",  # south above north
        "1,2,9,3,4,5",  # low above high
        "-181,0,1,1",
        "0,-91,1,1",
        "0,0,1,91",
        "nan,0,1,1",
        "inf,0,1,1",
        "1e999,0,1,1",
        "1_0,0,1,1",
        "１,0,2,1",  # noqa: RUF001 - a digit of another script
        "0x1,0,1,1",
        "a,b,c,d",
        "1;2;3;4",
    ],
)
def test_what_is_no_bbox_names_the_parameter_and_the_value(text):
    with pytest.raises(ParameterError, match="parameter bbox must be 4 or 6 numbers") as error:
        parameters.bbox(text)
    assert error.value.name == "bbox"
    assert error.value.value == text


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2021-01-02T03:04:05Z", utc(2021, 1, 2, 3, 4, 5), utc(2021, 1, 2, 3, 4, 5)),
        (
            "2021-01-02t03:04:05.25z",
            utc(2021, 1, 2, 3, 4, 5, 250_000),
            utc(2021, 1, 2, 3, 4, 5, 250_000),
        ),
        ("2021-01-02T03:04:05+02:00", utc(2021, 1, 2, 1, 4, 5), utc(2021, 1, 2, 1, 4, 5)),
        ("2021-01-02", utc(2021, 1, 2), utc(2021, 1, 2, 23, 59, 59, 999_999)),
        ("2021-01-02/2021-01-03", utc(2021, 1, 2), utc(2021, 1, 3, 23, 59, 59, 999_999)),
        ("../2021-01-02T00:00:00Z", None, utc(2021, 1, 2)),
        ("2021-01-02T00:00:00Z/..", utc(2021, 1, 2), None),
        ("/2021-01-02T00:00:00Z", None, utc(2021, 1, 2)),
        ("2021-01-02T00:00:00Z/", utc(2021, 1, 2), None),
        ("../..", None, None),
    ],
)
def test_intervals(text, since, until):
    assert parameters.interval(text) == (since, until)


@given(st.datetimes(min_value=FIRST, max_value=LAST), st.integers(-14 * 60, 14 * 60))
def test_every_instant_is_read_back(instant, offset_min):
    instant = instant.replace(tzinfo=timezone(timedelta(minutes=offset_min)))
    assert parameters.interval(instant.isoformat()) == (instant, instant)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2021-02-30",
        "2021-01-02T25:00:00Z",
        "2021-01-02T03:04:05",  # no time zone
        "20210102T030405Z",
        "2021-W01-1",
        "0001-01-01T00:00:00+05:00",  # before the year 1
        "9999-12-31T23:59:59-05:00",
        "2024-01-02/2024-01-01",
        "2021-01-01/2021-01-02/2021-01-03",
        "1609459200",
    ],
)
def test_what_is_no_interval_names_the_parameter(text):
    with pytest.raises(ParameterError, match="parameter datetime must be an RFC 3339 instant"):
        parameters.interval(text)


@given(st.integers(-(10**21), 10**21))
def test_whole_numbers_keep_their_bounds(value):
    if 1 <= value <= 10_000:
        assert parameters.integer("limit", str(value), 1, 10_000) == value
    else:
        with pytest.raises(ParameterError, match="limit must be a whole number from 1 to 10000"):
            parameters.integer("limit", str(value), 1, 10_000)


@pytest.mark.parametrize("text", ["", "1.0", "1_0", "٣", "1e3", " 1", "0x1", "9" * 5000])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(ParameterError, match="whole number"):
        parameters.integer("limit", text, 1, 10_000)


@given(st.floats())
def test_numbers_are_finite(value):
    if math.isfinite(value):
        assert parameters.number("score", repr(value)) == value
    else:
        with pytest.raises(ParameterError, match="score must be a number"):
            parameters.number("score", repr(value))


@pytest.mark.parametrize("text", ["51.95", "91,4", "4,181", "51.95,4,5", "a,b", "nan,nan"])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(ParameterError, match=r"from must be two numbers lat,lon"):
        parameters.place("from", text)


@pytest.mark.parametrize(
    ("name", "type_", "text", "value"),
    [
        ("mmsi", pa.int32(), "209515000", 209515000),
        ("score", pa.float64(), "0.5", 0.5),
        ("is_open", pa.bool_(), "true", True),
        ("name", pa.string(), "O'NEIL", "O'NEIL"),
        ("cell", pa.int64(), "871f1d488ffffff", 0x871F1D488FFFFFF),
        (
            "start",
            pa.timestamp("us", tz="UTC"),
            "2021-01-02T00:00:00Z",
            "2021-01-02T00:00:00+00:00",
        ),
    ],
)
def test_filters_take_the_columns_type(name, type_, text, value):
    assert parameters.property_value(Column(name, type_, ""), text) == value


@pytest.mark.parametrize(
    ("name", "type_", "text"),
    [
        ("mmsi", pa.int32(), str(2**31)),
        ("confidence", pa.int8(), "128"),
        ("score", pa.float64(), "nan"),
        ("is_open", pa.bool_(), "1"),
        ("name", pa.string(), "x" * 257),
        ("cell", pa.int64(), "8" * 17),
        ("cell", pa.int64(), "sea"),
        ("start", pa.timestamp("us", tz="UTC"), "2021-01-02"),
    ],
)
def test_filters_of_another_type_are_refused(name, type_, text):
    with pytest.raises(ParameterError, match=f"parameter {name} must be"):
        parameters.property_value(Column(name, type_, ""), text)
