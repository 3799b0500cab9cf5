"""Real tracks of nine days in January 2021, whose voyages and senders are known.

The voyages of CONTAINERSHIPS POLAR were read off the archive by hand, their miles checked against
her speed log (SOG integrated); who sends on 412331088 and 567000000, their static reports say.
"""

import json

import numpy as np
import pytest

from archives import DMA_ARCHIVE, GFW_ARCHIVE
from track_tables import read_archive, tracks_of

POLAR = "209515000"


@pytest.fixture(scope="module")
def gfw_archive():
    return read_archive(GFW_ARCHIVE)


@pytest.fixture(scope="module")
def gfw_tracks(gfw_archive):
    table, said = gfw_archive
    return tracks_of(table, said=said)


@pytest.fixture(scope="module")
def dma_tracks():
    table, said = read_archive(DMA_ARCHIVE)
    return tracks_of(table, said=said)


def of_vessel(table, vessel):
    return [row for row in table.to_pylist() if row["vessel_id"] == vessel]


def test_every_position_is_in_one_segment_or_discarded(gfw_archive, gfw_tracks):
    in_segments = sum(gfw_tracks.segments["n_positions"].to_pylist())

    assert in_segments + sum(gfw_tracks.discarded.values()) == gfw_archive[0].num_rows
    assert gfw_tracks.discarded["mmsi_not_a_ship"] == 39  # 200000010: there is no MID 200


@pytest.mark.parametrize(
    ("number", "origin", "destination", "by", "is_open"),
    [
        (0, "NLRTM", "RULED", "call", False),
        (1, "RULED", "LVRIX", "call", False),
        (2, "LVRIX", "GBTEE", "declared", True),
    ],
)
def test_containerships_polar(gfw_tracks, number, origin, destination, by, is_open):
    voyages = of_vessel(gfw_tracks.voyages, POLAR)
    voyage = voyages[number]

    assert len(voyages) == 3
    assert (voyage["origin_locode"], voyage["origin_by"]) == (origin, "call")
    assert (voyage["destination_locode"], voyage["destination_by"]) == (destination, by)
    assert voyage["is_open"] is is_open


@pytest.mark.parametrize(("number", "sailed_nm", "within_nm"), [(0, 1_102, 15), (1, 454, 7)])
def test_the_miles_containerships_polar_sailed(gfw_tracks, number, sailed_nm, within_nm):
    voyage = of_vessel(gfw_tracks.voyages, POLAR)[number]

    assert voyage["travelled_nm"] == pytest.approx(sailed_nm, abs=within_nm)


def test_containerships_polar_lay_where_her_fixes_say(gfw_tracks):
    calls = of_vessel(gfw_tracks.port_calls, POLAR)
    berths = [(51.879, 4.409), (59.937, 29.697), (57.038, 24.078)]

    assert [call["locode"] for call in calls] == ["NLRTM", "RULED", "LVRIX"]
    np.testing.assert_allclose([(call["lat"], call["lon"]) for call in calls], berths, atol=0.005)
    stays_h = [(call["departure"] - call["arrival"]).total_seconds() / 3600 for call in calls]
    assert stays_h == pytest.approx([36.4, 15, 15.6], abs=0.5)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_sailed_distance_agrees_with_the_speed_log(gfw_archive, gfw_tracks, number):
    table, _ = gfw_archive
    voyage = of_vessel(gfw_tracks.voyages, POLAR)[number]
    own = table.filter(
        (table["mmsi"].to_numpy() == int(POLAR))
        & (table["msg_type"].to_numpy() != 27)
        & ~np.isnan(table["sog_kn"].to_numpy())
    )
    t_us = own["timestamp"].cast("int64").to_numpy()
    order = np.argsort(t_us, kind="stable")
    t_us, sog_kn = t_us[order], own["sog_kn"].to_numpy()[order].astype(float)
    start, end = (int(voyage[name].timestamp() * 1e6) for name in ("start", "end"))
    under_way = (t_us >= start) & (t_us <= end)
    log_nm = np.trapezoid(sog_kn[under_way], t_us[under_way] / 3.6e9)

    assert voyage["travelled_nm"] == pytest.approx(log_nm, rel=0.013)


def test_one_mmsi_of_two_hulls_is_two_vessels_of_one_name_each(gfw_tracks):
    vessels = [row for row in gfw_tracks.vessels.to_pylist() if row["mmsi"] == 412331088]

    assert [row["name"] for row in vessels] == ["LUYANYUANYU 017", "LU HUANG YUAN YU 118"]
    assert vessels[0]["vessel_id"] == "412331088"
    for row in vessels:
        assert [identity["name"] for identity in json.loads(row["identities"])] == [row["name"]]
    latitudes = [
        [row["min_lat"] for row in of_vessel(gfw_tracks.segments, vessel["vessel_id"])]
        for vessel in vessels
    ]
    assert max(latitudes[0]) < -45  # the south-west Atlantic
    assert min(latitudes[1]) > 36  # the Yellow Sea


def test_a_factory_mmsi_is_several_vessels_each_in_its_own_waters(gfw_tracks):
    vessels = [row for row in gfw_tracks.vessels.to_pylist() if row["mmsi"] == 567000000]
    names = [identity["name"] for row in vessels for identity in json.loads(row["identities"])]

    assert len(vessels) >= 4
    # Everything said under one name is said by one vessel.
    assert len(names) == len(set(names))
    assert {"HIGHSEATOUR 9", "PHURIDECH 11", "B D C 2", "PLT 102"} <= set(names)
    for row in vessels:
        segments = of_vessel(gfw_tracks.segments, row["vessel_id"])
        south, north = (
            min(s["min_lat"] for s in segments),
            max(s["max_lat"] for s in segments),
        )
        assert north - south < 1.2


def test_all_other_mmsi_are_one_vessel_each(gfw_tracks):
    mmsi = gfw_tracks.vessels["mmsi"].to_pylist()

    assert {one for one in mmsi if mmsi.count(one) > 1} == {412331088, 567000000}


def test_vessels_that_lie_all_the_time_have_no_voyage(gfw_tracks):
    voyaging = set(gfw_tracks.voyages["mmsi"].to_pylist())

    # In port or at anchor for nine days: MY TARA, QUISET, PEI YUH NO.6, SEIN FRONTIER.
    assert voyaging.isdisjoint({229000611, 244020394, 416070900, 441723000})


def test_a_transit_of_danish_waters(dma_tracks):
    (voyage,) = of_vessel(dma_tracks.voyages, "257136000")

    assert voyage["travelled_nm"] == pytest.approx(347, abs=5)
    assert (voyage["origin_by"], voyage["destination_by"]) == ("edge", "edge")


def test_a_vessel_that_lies_offshore_has_no_voyage(dma_tracks):
    assert of_vessel(dma_tracks.voyages, "566948000") == []
    assert of_vessel(dma_tracks.port_calls, "566948000") == []
