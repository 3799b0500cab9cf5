import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.frechet import frechet_m, frechets_m
from vesseltrack.core.paths import densify
from vesseltrack.units import EARTH_RADIUS_M

M_PER_DEG = EARTH_RADIUS_M * np.pi / 180
N = 60
line = st.lists(st.tuples(st.integers(-100, 100), st.integers(-100, 100)), min_size=2, max_size=6)


def places(points, east_deg=0.0):
    """Points given in thousandths of a degree around the equator."""
    x, y = np.array(points, dtype=float).T / 1_000
    return y, x + east_deg


def of_shapely(one, other):
    """The same with the same points at equal steps, in the plane."""
    cut = []
    for points in (one, other):
        whole = shapely.LineString(np.array(points, dtype=float) / 1_000)
        at = np.linspace(0, 1, N)
        cut.append(shapely.LineString([whole.interpolate(f, normalized=True) for f in at]))
    return shapely.frechet_distance(*cut) * M_PER_DEG


@given(line, line, st.sampled_from([0.0, 180.0, 360.0]))
def test_agrees_with_shapely_where_the_sphere_is_flat(one, other, east_deg):
    if len(set(one)) < 2 or len(set(other)) < 2:
        return
    ours = frechet_m(*places(one, east_deg), *places(other, east_deg), N)
    assert ours == pytest.approx(of_shapely(one, other), rel=1e-3, abs=1.0)


def test_a_line_is_no_way_off_itself_and_a_parallel_one_its_distance():
    lat, lon = np.array([10.0, 10.5, 11.0]), np.array([20.0, 20.0, 20.0])
    assert frechet_m(lat, lon, lat, lon, N) == 0.0
    aside_m = frechet_m(lat, lon, lat, lon + 0.1, N)
    assert aside_m == pytest.approx(0.1 * M_PER_DEG * np.cos(np.radians(10.0)), rel=1e-3)


def test_the_points_of_a_line_along_its_arcs_do_not_weigh():
    few = np.array([40.0, 45.0]), np.array([150.0, 230.0])
    many = densify(*few, 10_000.0)
    assert frechet_m(*few, *many, N) < 500


def test_going_back_counts_though_every_point_is_near():
    out, there_and_back = [(0, 0), (100, 0)], [(0, 0), (80, 0), (20, 0), (100, 0)]
    assert frechet_m(*places(out), *places(there_and_back), N) == pytest.approx(
        0.03 * M_PER_DEG, rel=0.1
    )


def test_a_point_without_a_place_leaves_nothing_known():
    lat, lon = np.array([10.0, np.nan]), np.array([20.0, 21.0])
    assert np.isnan(frechet_m(lat, lon, lat, lon, N))


def test_many_pairs_are_each_what_one_is():
    rng = np.random.default_rng(5)
    lines = [
        (rng.uniform(50, 51, size), rng.uniform(3, 4, size)) for size in rng.integers(2, 9, 40)
    ]
    lines[7][0][0] = np.nan
    pairs = list(zip(lines[::2], lines[1::2], strict=True))
    alone = [frechet_m(*one, *other, N) for one, other in pairs]

    np.testing.assert_array_equal(frechets_m(pairs, N), alone)
    assert np.flatnonzero(np.isnan(alone)).tolist() == [3]
    assert frechets_m([], N).size == 0
