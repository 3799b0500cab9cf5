import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from track_tables import positions, statics, tracks_of
from vesseltrack.tracks.statics import Report, identities, settled, telling


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        ([], None),
        ([None, "A"], "A"),
        (["A", "B"], "A"),
        (["A", "B", "B"], "B"),
        (["A", "B", None, "B"], "B"),
        (["A", "B", "A", "B"], "A"),
        (["A", "B", "C", "C"], "C"),
        (["X", "A", "A"], "A"),
    ],
)
def test_a_value_is_replaced_only_when_two_reports_agree(sent, known):
    assert settled(sent) == known


def test_an_auxiliary_craft_is_linked_to_its_mother_ship():
    craft = positions(982_190_001, np.arange(4) * 600, 55.0, 3.0)
    said = statics(982_190_001, [0, 60], mothership_mmsi=[219_000_001, 219_000_001])
    (row,) = tracks_of(craft, said=said).vessels.to_pylist()

    assert row["mothership_mmsi"] == 219_000_001
    assert row["flag"] == "DK"


def test_no_hull_takes_two_names_in_turn():
    # A third name and a garbled one find no hull of their own.
    said = pa.concat_tables(
        [
            statics(412331088, range(0, 36_000, 1_200), name=["NORTH"] * 30),
            statics(412331088, range(600, 36_600, 1_200), name=["SOUTH"] * 30),
            statics(412331088, [3_000, 20_000], name=["THIRD", "THIRD"]),
            statics(412331088, [9_000], name=["NQRTH"]),
        ]
    )
    vessels = tracks_of(hulls(), said=said).vessels.to_pylist()

    named = [[one["name"] for one in json.loads(row["identities"])] for row in vessels]
    assert named == [["NORTH"], ["SOUTH"]]


def hulls(hours=12):
    """Two hulls on one MMSI, ten minutes apart, the first in the north."""
    t = np.arange(0, hours * 3600, 600)
    is_south = np.arange(t.size) % 2 == 1
    return positions(
        412331088, t, np.where(is_south, -51.4, 36.9), np.where(is_south, -67.0, 122.4)
    )


def test_a_name_goes_to_the_hull_that_is_heard_along_with_it():
    # NORTH is heard beside fixes of the north, once nearer to one of the south.
    said = statics(
        412331088,
        [1, 2_402, 610, 3_010, 3_590],
        name=["NORTH", "NORTH", "SOUTH", "SOUTH", "NORTH"],
    )
    vessels = tracks_of(hulls(), said=said).vessels

    assert vessels["name"].to_pylist() == ["NORTH", "SOUTH"]


def test_a_message_with_name_and_position_settles_whose_it_is():
    table = hulls()
    southern = table["line"][1].as_py()
    # By the clock the report is nearest to the north.
    said = statics(412331088, [1_210], name=["SOUTH"], line=[southern])

    assert tracks_of(table, said=said).vessels["name"].to_pylist() == [None, "SOUTH"]


def test_class_a_data_go_to_no_class_b_hull():
    table = hulls()
    kind = np.where(np.arange(table.num_rows) % 2, 1, 18).astype(np.int8)
    place = table.column_names.index("msg_type")
    table = table.set_column(place, table.schema.field("msg_type"), [pa.array(kind)])
    said = statics(412331088, [1_200], name=["SHIP"])

    assert tracks_of(table, said=said).vessels["name"].to_pylist() == [None, "SHIP"]


def one(said):
    return tracks_of(positions(219000001, [0, 60], 55.0, 4.0), said=said).vessels.to_pylist()[0]


def test_both_halves_of_a_class_b_report_make_one_identity():
    said = statics(
        219000001,
        [0, 10, 370],
        name=["ALMA", None, "ALMA"],
        callsign=[None, "OX1", None],
        ship_type=[None, 37, None],
        length_m=[None, 12.0, None],
        msg_type=np.array([24, 24, 24], dtype=np.int8),
    )
    vessel = one(said)

    assert (vessel["name"], vessel["callsign"], vessel["length_m"]) == ("ALMA", "OX1", 12.0)
    assert (vessel["flag"], vessel["ship_type_name"]) == ("DK", "pleasure craft")
    assert json.loads(vessel["identities"]) == [
        {
            "name": "ALMA",
            "imo": None,
            "callsign": "OX1",
            "first_seen": "2021-01-01T00:00:00Z",
            "last_seen": "2021-01-01T00:06:10Z",
            "n_reports": 3,
        }
    ]


def test_every_identity_sent_is_listed_oldest_first_whatever_is_known():
    said = statics(
        219000001, [0, 10, 20], name=["ALMA", "BETA", "ALMA"], draught_m=[5.0, 9.0, 7.0]
    )
    vessel = one(said)

    assert vessel["name"] == "ALMA"
    assert [identity["name"] for identity in json.loads(vessel["identities"])] == ["ALMA", "BETA"]
    assert vessel["draught_m"] == 9.0


def test_foreign_text_stays_data():
    name = '<SCRIPT SRC=//X.YZ>"\x1b'
    vessel = one(statics(219000001, [0], name=[name]))

    assert vessel["name"] == name
    assert json.loads(vessel["identities"])[0]["name"] == name


def test_reports_of_mmsi_without_positions_make_no_vessel():
    said = statics(219000002, [0], name=["GHOST"])
    vessels = tracks_of(positions(219000001, [0], 55.0, 4.0), said=said).vessels

    assert vessels["mmsi"].to_pylist() == [219000001]
    assert vessels["name"].to_pylist() == [None]
    assert vessels["identities"].to_pylist() == ["[]"]


@pytest.mark.parametrize(
    ("kinds", "ais_class"), [([1, 3, 27], "A"), ([18, 19, 27], "B"), ([27], None)]
)
def test_the_class_is_read_off_the_message_types(kinds, ais_class):
    n = len(kinds)
    table = positions(
        219000001, np.arange(n) * 60, 55.0, 4.0, msg_type=np.array(kinds, dtype=np.int8)
    )

    assert tracks_of(table).vessels["ais_class"].to_pylist() == [ais_class]


FIELDS = ("imo", "name", "callsign", "ship_type")
said = st.builds(
    Report,
    t_us=st.just(0),
    imo=st.sampled_from([None, 9000003]),
    name=st.sampled_from([None, "ONE", "TWO", "THREE"]),
    callsign=st.sampled_from([None, "AAAA", "BBBB"]),
    ship_type=st.sampled_from([None, 30, 80]),
    length_m=st.none(),
    beam_m=st.none(),
    draught_m=st.sampled_from([None, 5.0, 7.0]),
    destination=st.sampled_from([None, "KIEL"]),
)


def known_from(reports):
    values = [settled(getattr(report, name) for report in reports) for name in FIELDS]
    names = {(one["name"], one["imo"], one["callsign"]) for one in identities(reports)}
    return values, names, max((r.draught_m for r in reports if r.draught_m), default=None)


@given(st.lists(said, max_size=25))
def test_what_reports_tell_is_the_same_without_those_that_tell_nothing(reports):
    kept = []
    for n, report in enumerate(reports, 1):
        kept = telling([*kept, report])
        assert kept[-1] is report
        assert known_from(kept) == known_from(reports[:n])


def test_a_report_that_is_sent_again_and_again_is_kept_once_and_as_the_last():
    name = [Report(t, None, "ONE", None, None, None, None, None, None) for t in range(50)]
    sign = [Report(t, None, None, "AAAA", 30, None, None, None, None) for t in range(50)]
    both = [report for pair in zip(name, sign, strict=True) for report in pair]
    kept = telling(both)
    assert kept == [name[0], sign[0], sign[-1]]
