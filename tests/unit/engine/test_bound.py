"""What is told of vessels that do not go where they say, from tracks built for it."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import vesseltrack as vt
from detect_tables import slice_of
from track_tables import BEGIN_US, HOUR_S, port_place, positions, statics, steam, tracks_of
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.detect.destination_mismatch import DestinationMismatchDefault
from vesseltrack.detect import make_detector
from vesseltrack.engine.bound import bound_table
from vesseltrack.engine.declared import Said, declarations, spells
from vesseltrack.schema import SAID

MMSI = 211000001
RULE = DestinationMismatchDefault()
ROTTERDAM, LEITH, NORTH = port_place("NLRTM"), port_place("GBLEI"), (59.5, 2.0)
HOUR_US = HOUR_S * 1_000_000


def sailed(*stops, said):
    """Rows of `BOUND` of a vessel that goes from stop to stop and says this, by hour."""
    t_s, lat, lon = steam(*stops, speed_kn=12.0)
    texts = statics(
        MMSI,
        [hour * HOUR_S for hour in said],
        name=["X"] * len(said),
        destination=list(said.values()),
    )
    built = tracks_of(positions(MMSI, t_s, lat, lon), said=texts)
    return built, bound_table(built, RULE)


def events_of_rows(table):
    detector = make_detector("destination_mismatch", DetectConfig())
    final = detector.push(slice_of(bound_table=table), BEGIN_US + 10_000 * HOUR_US)
    return [*final.to_pylist(), *detector.flush().to_pylist()]


def how(event):
    return json.loads(event["measures"])["how"]["value"]


def test_a_vessel_that_says_rotterdam_and_goes_north():
    _, table = sailed((54.0, 3.5, 0.0), (*NORTH, 0.0), said={0: "NLRTM"})
    (event,) = events_of_rows(table)
    assert how(event) == "away"
    rows = table.to_pylist()
    assert {row["port"] for row in rows} == {"Rotterdam"}
    steps_h = np.diff([row["timestamp"].timestamp() for row in rows]) / HOUR_S
    assert steps_h[:-1] == pytest.approx(1, abs=0.2)
    # Against the route that is worked out for each place alone.
    for row in rows[:: len(rows) // 4]:
        by_sea_nm = vt.shortest_route((row["lat"], row["lon"]), ROTTERDAM).distance_nm
        assert row["remaining_nm"] == pytest.approx(by_sea_nm, rel=0.04)
    passed_h = (rows[-1]["timestamp"] - rows[0]["timestamp"]).total_seconds() / HOUR_S
    assert sum(row["n"] for row in rows) == pytest.approx(passed_h * 6, abs=2)
    # Every fix of the way counts once, and the time that the text needs to count is left out.
    assert rows[0]["timestamp"].timestamp() * 1e6 >= BEGIN_US + HOUR_US


def test_of_ports_with_one_name_the_large_one_is_meant():
    _, table = sailed((54.0, 3.5, 0.0), (*NORTH, 0.0), said={0: "ROTTERDAM"})
    (event,) = events_of_rows(table)
    assert json.loads(event["measures"])["certainty"]["value"] == 0.7


@pytest.mark.parametrize(
    "said",
    [
        {},
        {0: "GBLEI"},  # where she goes
        {0: "FISHING GROUNDS"},
        {0: "GEORGETOWN"},  # there are several
        {0: "NEWPORT"},  # the large one is in America, but there is one nearer
        {0: "NLRTM", 2: "GBLEI", 6: "NLRTM", 7: "GBLEI"},  # never declared for 6 h
    ],
)
def test_nothing_is_told_of_who_goes_where_she_says_or_says_nothing(said):
    _, table = sailed((54.0, 3.5, 0.0), (*LEITH, 0.0), said=said)
    assert not [event for event in events_of_rows(table) if how(event) == "away"]


def test_a_call_elsewhere_is_known_when_it_ends():
    built, table = sailed((54.0, 3.5, 0.0), (*LEITH, 9.0), (55.5, 1.0, 0.0), said={0: "NLRTM"})
    (call,) = [row for row in table.to_pylist() if row["arrival"] is not None]
    (stay,) = built.port_calls.to_pylist()
    assert (call["arrival"], call["timestamp"]) == (stay["arrival"], stay["departure"])
    assert (call["called_at"], call["is_open"]) == ("Leith", False)
    assert call["n"] == pytest.approx(9 * 6, abs=12)
    hows = [how(event) for event in events_of_rows(table)]
    assert sorted(hows) == ["away", "elsewhere"]


def test_a_text_left_over_from_the_port_she_left_is_known_as_such():
    _, table = sailed((*ROTTERDAM, 9.0), (57.5, 2.0, 0.0), said={0: "NLRTM"})
    (event,) = events_of_rows(table)
    assert "left_over" in json.loads(event["innocent"])["holds"]


def test_rows_do_not_depend_on_other_vessels():
    t_s, lat, lon = steam((54.0, 3.5, 0.0), (*NORTH, 0.0))
    other_t, other_lat, other_lon = steam((53.0, 3.2, 0.0), (57.0, 6.0, 0.0))
    said = [statics(one, [0.0], name=["X"], destination=["NLRTM"]) for one in (MMSI, MMSI + 1)]
    one, other = positions(MMSI, t_s, lat, lon), positions(MMSI + 1, other_t, other_lat, other_lon)
    alone = bound_table(tracks_of(one, said=said[0]), RULE)
    both = bound_table(tracks_of(one, other, said=pa.concat_tables(said)), RULE)
    its = both.filter(pc.equal(both["vessel_key"], alone["vessel_key"][0]))
    assert its.to_pylist() == alone.to_pylist()
    assert both.num_rows > alone.num_rows


def test_each_port_is_declared_once_in_a_row():
    texts = ["NLRTM", "ROTTERDAM", "NLRTM VIA X", "GEORGETOWN", "GBLEI", None]
    table = SAID.of({"vessel_key": [7] * 6, "timestamp": list(range(6)), "destination": texts})
    (one, unknown, last) = declarations(table, 0.6)[7]
    assert (one.since_us, one.text, unknown.port, last.text) == (0, "NLRTM", None, "GBLEI")
    assert declarations(table.slice(3, 1), 0.6) == {}


def test_a_declaration_counts_once_it_has_stood_a_while():
    said = [Said(0, "A", 1, 1.0), Said(50, "?", None, 0.0), Said(70, "B", 2, 1.0)]
    found = spells(said, [-5, 0, 9, 10, 49, 50, 60, 79, 80, 90], 10)
    assert [(spell.said.text, spell.first, spell.stop) for spell in found] == [
        ("A", 3, 5),
        ("B", 8, 10),
    ]
