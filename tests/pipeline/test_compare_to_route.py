"""A track of one's own against the route: the same numbers as the stored voyage, and its chart."""

import dataclasses
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import vesseltrack as vt
from vesseltrack.core.paths import densify
from vesseltrack.errors import InputError, RouteError, SchemaError
from vesseltrack.frames.geometry import as_points
from vesseltrack.store import Filter

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns of optional libraries at import
    import movingpandas as mpd

POLAR = 209515000
LENGTH_M = 152.0  # as her static reports say: too long for Vainameri


def to_riga(store):
    return store.select("voyages", Filter(mmsi=POLAR)).to_pylist()[1]


@pytest.fixture(scope="module")
def riga_track(demo_store):
    voyage = to_riga(demo_store)
    wanted = Filter(mmsi=POLAR, since=voyage["start"], until=voyage["end"])
    return as_points(demo_store.select("positions", wanted)).drop(columns=["lat", "lon"])


@pytest.fixture(scope="module")
def compared(riga_track):
    return vt.compare_to_route(riga_track, length_m=LENGTH_M)


def test_the_numbers_are_those_of_the_stored_voyage(demo_store, compared):
    voyage = to_riga(demo_store)
    for name in ("travelled_nm", "shortest_nm", "excess_nm", "detour_ratio", "max_cross_track_nm"):
        assert getattr(compared, name) == pytest.approx(voyage[name], rel=1e-6)
    assert list(compared.passages) == voyage["passages"]


def test_the_curve_rises_from_nothing_to_the_excess_and_the_legs_stand_in_it(compared):
    curve = compared.slack_nm
    assert (curve[0], curve[-1]) == (0.0, pytest.approx(compared.excess_nm))
    assert np.all(np.diff(curve) > -1.0)
    assert compared.sailed_nm[-1] == pytest.approx(compared.travelled_nm)
    assert np.all(np.diff(compared.timestamp) >= np.timedelta64(0))
    (leg,) = compared.legs
    assert curve[leg.last] - curve[leg.first] == pytest.approx(leg.nm)
    assert 30 < leg.nm <= compared.excess_nm
    # She keeps well clear of Hiiumaa and Saaremaa, where the shortest line shaves the capes.
    assert 57 < compared.lat[leg.middle] < 60
    assert 20 < compared.lon[leg.middle] < 23
    with pytest.raises(dataclasses.FrozenInstanceError):
        compared.excess_nm = 0.0


def test_a_movingpandas_trajectory_says_the_same(riga_track, compared):
    frame = riga_track.set_index(riga_track["timestamp"].dt.tz_convert(None).rename("t"))
    trajectory = mpd.Trajectory(frame[["mmsi", "geometry"]], "polar")
    again = vt.compare_to_route(trajectory, length_m=LENGTH_M)
    assert again.travelled_nm == pytest.approx(compared.travelled_nm, rel=1e-9)
    assert again.excess_nm == pytest.approx(compared.excess_nm, rel=1e-9)


def test_a_ship_small_enough_for_vainameri_has_the_shorter_route(riga_track, compared):
    coaster = vt.compare_to_route(riga_track, length_m=80.0, draught_m=3.0)
    assert "vainameri" in coaster.passages
    assert coaster.shortest_nm < compared.shortest_nm - 20
    avoiding = vt.compare_to_route(riga_track, length_m=80.0, draught_m=3.0, avoid=["vainameri"])
    assert avoiding.shortest_nm == pytest.approx(compared.shortest_nm, rel=0.003)


def test_under_way_to_a_port_it_is_held_against_the_way_there(riga_track):
    half = riga_track.sort_values("timestamp").iloc[:100]
    bound = vt.compare_to_route(half, destination=(57.05, 24.05), length_m=LENGTH_M)
    assert bound.travelled_nm < 300
    assert bound.shortest_nm == pytest.approx(394, rel=0.03)
    assert bound.detour_ratio == pytest.approx(1 + bound.excess_nm / bound.shortest_nm)


def test_bad_tracks_are_refused(riga_track):
    with pytest.raises(SchemaError, match="timestamp"):
        vt.compare_to_route(riga_track[["geometry"]])
    with pytest.raises(InputError, match="2 MMSI"):
        vt.compare_to_route(riga_track.assign(mmsi=np.arange(len(riga_track)) % 2))
    with pytest.raises(InputError, match="at least two positions"):
        vt.compare_to_route(riga_track.iloc[:1])
    inland = gpd.GeoDataFrame(
        {"timestamp": pd.to_datetime(["2024-01-01", "2024-01-02"])},
        geometry=gpd.points_from_xy([20.0, 21.0], [49.0, 49.5]),
        crs="EPSG:4326",
    )
    with pytest.raises(RouteError, match="water"):
        vt.compare_to_route(inland)


def test_across_the_date_line_the_route_is_the_way_sailed():
    route = vt.shortest_route((44.0, 150.0), (46.0, -130.0))
    lat, lon = densify(route.lat, route.lon, 20_000.0)
    track = gpd.GeoDataFrame(
        {"timestamp": pd.date_range("2024-01-01", periods=lat.size, freq="40min")},
        geometry=gpd.points_from_xy(lon, lat),
        crs="EPSG:4326",
    )
    found = vt.compare_to_route(track)
    assert found.travelled_nm == pytest.approx(route.distance_nm, rel=0.002)
    assert found.excess_nm == pytest.approx(0, abs=0.003 * route.distance_nm)
    assert found.max_cross_track_nm < 2
    assert found.frechet_nm < 2
    assert found.legs == ()


def of_a_voyage(store):
    return to_riga(store)["voyage_id"]


def of_its_deviation(store):
    """Any will do: the chart is that of its voyage."""
    return store.select("events", Filter(kinds=("route_deviation",)))["event_id"][0].as_py()


@pytest.mark.parametrize(
    ("whose", "ending"), [(of_a_voyage, "png"), (of_its_deviation, "svg")], ids=["png", "svg"]
)
def test_the_chart_of_a_voyage(demo_store, vesseltrack, tmp_path, whose, ending):
    output = tmp_path / f"voyage.{ending}"
    done = vesseltrack("show", whose(demo_store), "--store", demo_store.path, "--plot", output)
    assert done.returncode == 0, done.stderr
    drawn = output.read_bytes()
    if ending == "png":
        assert drawn.startswith(b"\x89PNG")
        assert len(drawn) > 50_000  # land, lines and curve
    else:
        assert b"extra miles so far" in drawn
