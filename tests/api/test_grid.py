import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack_api.tiles.grid import MAX_LAT, WORLD, Tile, project

TO_MERCATOR = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
HALF_WORLD_M = np.pi * 6_378_137.0  # EPSG:3857 is a sphere of the ellipsoid's semi-major axis


@given(st.floats(-85, 85), st.floats(-180, 180))
def test_projection_agrees_with_proj(lat, lon):
    x, y = project(np.array([lat]), np.array([lon]))
    east_m, north_m = TO_MERCATOR.transform(lon, lat)
    assert x[0] == pytest.approx((east_m / HALF_WORLD_M + 1) / 2 * WORLD, abs=1)
    assert y[0] == pytest.approx((1 - north_m / HALF_WORLD_M) / 2 * WORLD, abs=1)


def test_the_world_is_square_and_the_poles_lie_on_its_edges():
    x, y = project(np.array([90.0, MAX_LAT, -90.0]), np.array([-180.0, 180.0, 540.0]))
    assert x.tolist() == [0, WORLD, 2 * WORLD]
    assert y.tolist() == [0, 0, WORLD]


def test_a_tile_of_the_deepest_zoom_is_a_whole_number_of_tile_units():
    assert Tile(14, 0, 0).size % 4096 == 0
