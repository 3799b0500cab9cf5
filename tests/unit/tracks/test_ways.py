"""The points that ways are known by, and the way of a track as a whole."""

import numpy as np
import pyarrow as pa
import pytest

from track_tables import great_circle_nm, positions, steam, tracks_of
from vesseltrack.config.tracks import TracksConfig
from vesseltrack.errors import InputError
from vesseltrack.schema import POSITIONS
from vesseltrack.sea import crosses_land
from vesseltrack.tracks import way_of_track

MMSI = 211000001
KM_NM = 1 / 1.852
MOTION = {"sog_kn", "cog_deg"}
# Across the North Sea: far from every port.
OUT, BACK = (56.0, 3.0), (56.0, 5.0)


def ways_of(*tables):
    built = tracks_of(*tables)
    return built.voyages.to_pylist(), built.ways.to_pandas()


def way_of(*tables, sea_distance_nm=great_circle_nm):
    return way_of_track(
        pa.concat_tables(tables), config=TracksConfig(), sea_distance_nm=sea_distance_nm
    )


def test_a_way_runs_from_nothing_to_the_distance_sailed_a_point_a_kilometre():
    (voyage,), ways = ways_of(positions(MMSI, *steam((*OUT, 0), (*BACK, 0), step_s=60.0)))
    sailed_nm = ways["sailed_nm"].to_numpy()
    assert sailed_nm[0] == 0
    assert sailed_nm[-1] == pytest.approx(voyage["travelled_nm"], abs=1e-9)
    assert np.diff(sailed_nm)[:-1] == pytest.approx(KM_NM, abs=12 / 60)  # and a step between fixes
    assert set(ways["voyage_id"]) == {voyage["voyage_id"]}
    assert ways["timestamp"].is_monotonic_increasing
    assert (ways["timestamp"].iloc[0], ways["timestamp"].iloc[-1]) == (
        voyage["start"],
        voyage["end"],
    )


def test_a_wait_leaves_no_points_and_no_silence():
    waiting = steam((*OUT, 0), (56.0, 4.0, 12), (*BACK, 0), step_s=600.0)
    _, ways = ways_of(positions(MMSI, *waiting))
    hours = ways["timestamp"].diff().dt.total_seconds() / 3600
    assert hours.max() == pytest.approx(12, abs=0.5)
    assert ways["max_gap_h"].max() == pytest.approx(600 / 3600)


def test_both_sides_of_a_silence_are_points():
    t_s, lat, lon = steam((*OUT, 0), (*BACK, 0), step_s=60.0)
    heard = (t_s < 7_200) | (t_s > 16_200)
    _, ways = ways_of(positions(MMSI, t_s[heard], lat[heard], lon[heard]))
    after = int(ways["max_gap_h"].argmax())
    assert ways["max_gap_h"][after] == pytest.approx(9_060 / 3600, abs=0.05)
    gap_h = (ways["timestamp"][after] - ways["timestamp"][after - 1]).total_seconds() / 3600
    assert gap_h == pytest.approx(ways["max_gap_h"][after])
    assert not ways["is_bridged"].any()


@pytest.mark.parametrize("by_sea_nm", [500.0, np.nan])
def test_a_silence_over_land_counts_the_way_by_sea_and_says_so(by_sea_nm):
    # West of Jutland, a day of silence, east of it.
    west, east = (56.0, np.linspace(6.5, 7.5, 50)), (56.0, np.linspace(10.9, 11.9, 50))
    t_s = np.arange(50) * 600.0
    way = way_of(
        positions(MMSI, t_s, *west),
        positions(MMSI, t_s + 40 * 3_600, *east),
        sea_distance_nm=lambda *_: np.array([by_sea_nm]),
    )
    at_sea_nm = 2 * float(great_circle_nm(56.0, 6.5, 56.0, 7.5))
    over_nm = float(great_circle_nm(56.0, 7.5, 56.0, 10.9))
    is_known = not np.isnan(by_sea_nm)
    assert way.by_sea_nm == (by_sea_nm if is_known else 0.0)
    assert way.travelled_nm == pytest.approx(
        at_sea_nm + (by_sea_nm if is_known else over_nm), rel=1e-3
    )
    bridged = way.ways.to_pandas()["is_bridged"]
    assert bridged.sum() == is_known
    steps_nm = way.ways.to_pandas()["sailed_nm"].diff()
    if is_known:
        assert steps_nm[bridged.to_numpy()].item() == pytest.approx(by_sea_nm)


def test_the_way_of_a_track_is_that_of_its_voyage():
    table = positions(MMSI, *steam((*OUT, 0), (*BACK, 0), step_s=60.0))
    (voyage,), ways = ways_of(table)
    whole = way_of(table)
    for name in ("travelled_nm", "removed_nm", "by_sea_nm", "coverage_frac", "n_positions"):
        assert getattr(whole, name) == voyage[name]
    assert whole.ways.to_pandas()["sailed_nm"].tolist() == ways["sailed_nm"].tolist()


@pytest.mark.parametrize("n", [0, 1])
def test_a_track_without_two_positions_is_no_way(n):
    table = positions(MMSI, np.arange(n), 56.0, 3.0) if n else POSITIONS.empty()
    with pytest.raises(InputError, match=f"at least two positions with a time; {n} given"):
        way_of(table)


def corner(silent_h, lat=56.0, lon=3.0, turn_lat=56.5):
    """A ship at 12 kn that turns from east to north in the middle of a silence."""
    east_lon = lon + 30.0 / 60.0 / np.cos(np.radians(lat))
    t_s, lats, lons = steam(
        (lat, lon, 0), (lat, east_lon, 0), (turn_lat, east_lon, 0), step_s=360.0
    )
    turn = int(np.argmax(lats > lat + 1e-6))
    course = np.where(np.arange(t_s.size) < turn, 90.0, 0.0)
    heard = np.abs(t_s - t_s[turn]) >= silent_h * 1800
    columns = {"sog_kn": np.full(heard.sum(), 12.0), "cog_deg": course[heard]}
    sailed_nm = float(great_circle_nm(lat, lon, lat, east_lon)) + 60 * (turn_lat - lat)
    return positions(MMSI, t_s[heard], lats[heard], lons[heard], **columns), sailed_nm


def test_a_turn_in_a_silence_is_reckoned_and_said_so():
    table, sailed_nm = corner(2.0)
    (voyage,), ways = ways_of(table)
    assert voyage["travelled_nm"] == pytest.approx(sailed_nm, rel=0.01)
    assert voyage["reckoned_nm"] == pytest.approx((2 - np.sqrt(2)) * 12, abs=0.4)
    assert ways["sailed_nm"].iloc[-1] == pytest.approx(voyage["travelled_nm"], abs=1e-9)


def test_where_nothing_is_reported_speed_and_course_are_those_made_good():
    table, sailed_nm = corner(2.0)
    said = POSITIONS.of({name: table[name] for name in POSITIONS.names if name not in MOTION})
    (voyage,), _ = ways_of(said)
    assert voyage["travelled_nm"] == pytest.approx(sailed_nm, rel=0.01)
    # At both ends of the voyage there is no step to tell.
    ends = np.flatnonzero(np.diff(said["timestamp"].cast(pa.int64()).to_numpy()) > 3600e6)[0]
    assert way_of(said.slice(ends, 2)).travelled_nm == pytest.approx(12 * np.sqrt(2), rel=0.02)


@pytest.mark.parametrize("silent_h", [0.5, 3.5])
def test_a_turn_is_reckoned_in_gaps_that_hide_one_but_no_call(silent_h):
    (voyage,), _ = ways_of(corner(silent_h)[0])
    assert voyage["reckoned_nm"] == 0.0


def test_no_turn_lies_behind_land():
    # The corner is Hanstholm; the line across the silence keeps clear of it.
    table, _ = corner(2.0, lat=57.0, lon=8.57 - 0.5 / np.cos(np.radians(57.0)), turn_lat=57.5)
    ends = np.array([57.0]), np.array([8.2]), np.array([57.2]), np.array([8.57])
    assert not crosses_land(*ends)
    (voyage,), _ = ways_of(table)
    assert voyage["reckoned_nm"] == 0.0
    assert voyage["by_sea_nm"] == 0.0
