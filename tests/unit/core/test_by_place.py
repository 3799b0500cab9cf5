"""Points by place against all distances."""

import numpy as np
import pytest

from vesseltrack.core.by_place import ByPlace
from vesseltrack.core.geodesy import great_circle_m


@pytest.mark.parametrize("distance_m", [1e3, 5e4, 3e5, 2e6])
@pytest.mark.parametrize("top_deg", [10.0, 60.0, 89.99])
def test_no_point_that_is_near_is_missed_and_none_is_met_twice(distance_m, top_deg):
    rng = np.random.default_rng(round(distance_m + top_deg))
    for _ in range(40):
        middle = rng.uniform(-1, 1) * top_deg, rng.choice([0.0, 180.0, -180.0, 33.0])
        points, places = (some_points(rng, middle, distance_m) for _ in range(2))
        place, point = ByPlace(*points, distance_m).near(*places)
        met = np.zeros((places[0].size, points[0].size), dtype=int)
        np.add.at(met, (place, point), 1)
        is_near = great_circle_m(*(x[None, :] for x in points), *(x[:, None] for x in places))
        assert (met[is_near <= distance_m] == 1).all()
        assert met.max(initial=0) <= 1


def some_points(rng, middle, distance_m):
    """Points about one, a few of them on whole meridians, where the borders are."""
    n = rng.integers(0, 120)
    north, east = rng.normal(0, distance_m / 1e5, (2, n)) * [[1.0], [rng.choice([1.0, 40.0])]]
    lon = (middle[1] + east + 180) % 360 - 180
    lon = np.where(rng.random(n) < 0.1, rng.choice([-180.0, -90.0, 0.0, 180.0], n), lon)
    return np.clip(middle[0] + north, -90, 90), lon


def test_little_else_is_met():
    rng = np.random.default_rng(7)
    lat, lon = rng.uniform(49, 59, 20_000), rng.uniform(-3, 12, 20_000)
    place, _ = ByPlace(lat, lon, 50_000.0).near(np.array([54.0]), np.array([4.0]))
    is_near = great_circle_m(lat, lon, 54.0, 4.0) <= 50_000.0
    assert place.size < 3 * is_near.sum()  # three bands and a parallel: 6 d x 2 d to pi d^2
