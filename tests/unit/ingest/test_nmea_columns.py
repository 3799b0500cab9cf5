import datetime as dt

import numpy as np
import pytest

from vesseltrack.ingest.nmea import columns
from vesseltrack.ingest.nmea.arrays import UNKNOWN
from vesseltrack.ingest.nmea.messages import Messages
from vesseltrack.schema import Quality

NOON = int(dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC).timestamp()) * 1_000_000
PLACE = {"lat": 55.4725, "lon": 11.123456}


GOOD = Quality(0)


def message(type_, line=1, time_us=NOON, quality=GOOD, **fields):
    """One message as columns."""
    time_us = UNKNOWN if time_us is None else time_us
    messages = Messages(np.array([line]), np.array([time_us]))
    messages.quality = np.array([quality], np.int32)
    always = {"repeat": 0, "mmsi": 219000001, "utc": [2024, 3, 1, 12, 0, 0]}
    messages.put_read(np.array([0]), [{"type": type_, **always, **fields}])
    return messages


def positions(messages):
    return columns.positions(messages, 7)


def statics(messages):
    return columns.statics(messages, 7)


def row(*given, **fields):
    table = positions(message(*given, **PLACE, **fields))
    (found,) = table.to_pylist()
    return found


def test_a_position_has_its_place_in_millionths():
    found = row(1, 42)
    assert (found["lat_e6"], found["lon_e6"]) == (55_472_500, 11_123_456)
    assert (found["mmsi"], found["msg_type"], found["line"], found["source_id"]) == (
        *(219000001, 1, 42, 7),
    )
    assert found["timestamp"] == dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("type_", "field", "sent", "column", "expected"),
    [
        (1, "sog", 10.1, "sog_kn", 10.1),
        (1, "sog", 102.2, "sog_kn", 102.2),
        (1, "sog", 102.3, "sog_kn", None),
        (9, "sog", 400.0, "sog_kn", 400.0),
        (9, "sog", 1022.0, "sog_kn", 1022.0),
        (9, "sog", 1023.0, "sog_kn", None),
        (27, "sog", 62.0, "sog_kn", 62.0),
        (27, "sog", 63.0, "sog_kn", None),
        (1, "cog", 359.9, "cog_deg", 359.9),
        (1, "cog", 360.0, "cog_deg", None),
        (1, "cog", 409.5, "cog_deg", None),
        (27, "cog", 511.0, "cog_deg", None),
        (1, "heading", 0, "heading_deg", 0.0),
        (1, "heading", 359, "heading_deg", 359.0),
        (1, "heading", 511, "heading_deg", None),
        (1, "heading", 400, "heading_deg", None),
        (1, "nav_status", 0, "nav_status", 0),
        (1, "nav_status", 14, "nav_status", 14),
        (1, "nav_status", 15, "nav_status", None),
        # As libais decodes it (type 2 of its type examples).
        (1, "rot_raw", -31, "rot_deg_min", -42.89931869506836),
        (1, "rot_raw", 31, "rot_deg_min", 42.89931869506836),
        (1, "rot_raw", 0, "rot_deg_min", 0.0),
        (1, "rot_raw", 126, "rot_deg_min", 708.7),
        (1, "rot_raw", 127, "rot_deg_min", None),
        (1, "rot_raw", -127, "rot_deg_min", None),
        (1, "rot_raw", -128, "rot_deg_min", None),
    ],
)
def test_codes_become_measurements_or_null(type_, field, sent, column, expected):
    found = row(type_, **{field: sent})[column]
    assert found is None if expected is None else found == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("type_", [1, 18, 4])
def test_what_a_type_does_not_say_is_null(type_):
    found = row(type_)
    names = ("sog_kn", "cog_deg", "heading_deg", "rot_deg_min", "nav_status")
    assert [found[name] for name in names] == [None] * 5


@pytest.mark.parametrize(
    ("lat", "lon"),
    [(91.0, 181.0), (91.0, 0.0), (0.0, 181.0), (90.1, 0.0), (0.0, -180.1), (None, 0.0)],
)
def test_a_place_that_is_none_gives_no_row(lat, lon):
    assert positions(message(1, lat=lat, lon=lon)).num_rows == 0


@pytest.mark.parametrize(("lat", "lon"), [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0)])
def test_the_edges_of_the_world_are_on_it(lat, lon):
    assert positions(message(1, lat=lat, lon=lon)).num_rows == 1


def test_types_that_describe_a_place_are_no_position():
    for given in (message(8, **PLACE), message(6, **PLACE), message(5)):
        assert positions(given).num_rows == 0


@pytest.mark.parametrize("type_", [1, 2, 3, 4, 9, 11, 17, 18, 19, 21, 27])
def test_quality_says_what_is_no_vessel(type_):
    quality = Quality(row(type_)["quality"])
    assert (Quality.NOT_A_VESSEL in quality) is (type_ in (4, 9, 17, 21))


def test_quality_says_what_was_repeated_and_where_the_time_is_from():
    given = message(1, 1, None, Quality.NO_TIME, **{**PLACE, "repeat": 2})
    (found,) = positions(given).to_pylist()
    assert Quality(found["quality"]) == Quality.NO_TIME | Quality.REPEATED
    assert found["timestamp"] is None


VOYAGE = {
    "imo": 9074729,
    "callsign": "OXXX",
    "name": "DEMO EXPRESS",
    "ship_type": 39,
    "to_bow": 80,
    "to_stern": 20,
    "to_port": 8,
    "to_starboard": 9,
    "draught": 5.5,
    "destination": "AARHUS",
    "eta": [3, 3, 12, 30],
}


def static(type_=5, time_us=NOON, **fields):
    rows = statics(message(type_, 9, time_us, **fields)).to_pylist()
    return rows[0] if rows else None


def test_a_voyage_report_becomes_a_row():
    found = static(**VOYAGE)
    assert found == {
        "mmsi": 219000001,
        "timestamp": dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC),
        "imo": 9074729,
        "name": "DEMO EXPRESS",
        "callsign": "OXXX",
        "ship_type": 39,
        "to_bow_m": 80.0,
        "to_stern_m": 20.0,
        "to_port_m": 8.0,
        "to_starboard_m": 9.0,
        "length_m": 100.0,
        "beam_m": 17.0,
        "draught_m": 5.5,
        "destination": "AARHUS",
        "eta": dt.datetime(2024, 3, 3, 12, 30, tzinfo=dt.UTC),
        "mothership_mmsi": None,
        "msg_type": 5,
        "line": 9,
        "source_id": 7,
    }


def test_what_is_not_available_is_null():
    found = static(**VOYAGE | {"imo": 0, "callsign": "", "ship_type": 0, "draught": 0.0})
    names = ("imo", "callsign", "ship_type", "draught_m")
    assert [found[name] for name in names] == [None] * 4


def test_a_report_that_says_nothing_gives_no_row():
    assert static(24, name="") is None
    assert static(24, name="X")["name"] == "X"
    assert static(1, name="X") is None


@pytest.mark.parametrize(
    ("extents", "placed", "length_m", "beam_m"),
    [
        ((0, 0, 0, 0), False, None, None),
        # M.1371 table 52: without the antenna's place, stern and starboard hold length and beam.
        ((0, 100, 0, 17), False, 100, 17),
        ((0, 100, 8, 9), True, 100, 17),
        ((80, 20, 0, 0), False, 100, None),
    ],
)
def test_extents_of_the_hull(extents, placed, length_m, beam_m):
    names = ("to_bow", "to_stern", "to_port", "to_starboard")
    found = static(**VOYAGE | dict(zip(names, extents, strict=True)))
    assert (found["to_stern_m"] is not None) is placed
    assert (found["length_m"], found["beam_m"]) == (length_m, beam_m)


@pytest.mark.parametrize(
    ("reported", "eta", "expected"),
    [
        ("2024-12-30", [1, 2, 6, 0], "2025-01-02T06:00"),
        ("2024-01-02", [12, 30, 6, 0], "2023-12-30T06:00"),
        ("2024-02-01", [2, 29, 0, 0], "2024-02-29T00:00"),
        ("2023-02-01", [2, 29, 0, 0], "2024-02-29T00:00"),
        ("2021-02-01", [2, 29, 0, 0], "2020-02-29T00:00"),
        ("2024-03-01", [3, 5, 24, 60], "2024-03-05T00:00"),
        ("2024-03-01", [0, 0, 0, 0], None),
        ("2024-03-01", [0, 0, 24, 60], None),
        ("2024-03-01", [2, 31, 0, 0], None),
    ],
)
def test_the_year_of_arrival_is_the_nearest(reported, eta, expected):
    time_us = int(dt.datetime.fromisoformat(reported + "T00:00+00:00").timestamp()) * 1_000_000
    found = static(time_us=time_us, **VOYAGE | {"eta": eta})["eta"]
    assert found == (expected and dt.datetime.fromisoformat(expected + "+00:00"))


def test_without_a_time_there_is_no_year_of_arrival():
    assert static(time_us=None, **VOYAGE)["eta"] is None


def test_a_quarantined_time_is_no_time_of_a_static_report():
    (found,) = statics(message(5, quality=Quality.TIME_QUARANTINED, **VOYAGE)).to_pylist()
    assert (found["timestamp"], found["eta"]) == (None, None)
