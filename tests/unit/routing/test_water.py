"""The mask and its lines of sight, against the vector coast."""

from pathlib import Path

import numpy as np
import pytest

from vesseltrack import sea
from vesseltrack.core.geodesy import lat_lon_of_xyz, unit_xyz
from vesseltrack.core.paths import densify
from vesseltrack.routing.graph import open_sea
from vesseltrack.routing.grid import N_COLUMNS, PIXEL_M, band, centre_of, pixel_of
from vesseltrack.routing.passages import closed_to, passages

SMALL_LAND = Path(__file__).parents[3] / "fixtures" / "make" / "small_land.npz"
CLEAR_M = 2_000.0  # twice a pixel: nearer to the coast the mask may differ from it


@pytest.fixture
def water():
    with open_sea(closed_to()) as at_sea:
        yield at_sea.water


@pytest.fixture(scope="module")
def coastal():
    """Legs of up to 60 km in archipelagos, where half of them meet land."""
    rng = np.random.default_rng(4)
    lat = np.concatenate([rng.uniform(36, 39, 400), rng.uniform(58, 60, 400)])
    lon = np.concatenate([rng.uniform(23, 27, 400), rng.uniform(18, 24, 400)])
    return lat, lon, lat + rng.uniform(-0.4, 0.4, 800), lon + rng.uniform(-0.4, 0.4, 800)


@pytest.fixture(scope="module")
def small_land():
    """Land that the coast leaves out, one bit a pixel."""
    with np.load(SMALL_LAND) as arrays:
        return arrays["taken"]


def is_off(small_land, lat, lon):
    """Which places lie two pixels and more from such land."""
    clear = np.ones(lat.size, dtype=bool)
    wide = 1 / np.cos(np.radians(lat))
    for north in np.arange(-2, 3) / 120:
        for east in np.arange(-2, 3) / 120:
            row, column = pixel_of(lat + north, lon + east * wide)
            clear &= (small_land[row, column >> 3] >> (7 - (column & 7))) & 1 == 0
    return clear


def test_mask_agrees_with_the_coast_away_from_it(water, small_land):
    rng = np.random.default_rng(1)
    lat, lon = (
        np.degrees(np.arcsin(rng.uniform(-0.97, 0.97, 20_000))),
        rng.uniform(-180, 180, 20_000),
    )
    clear = (sea.shore_distance_m(lat, lon) > CLEAR_M) & is_off(small_land, lat, lon)
    assert clear.sum() > 10_000
    assert water.is_water(lat[clear], lon[clear]).all()
    inland = sea.is_land(lat, lon)
    for north, east in ((0.02, 0), (-0.02, 0), (0, 0.1), (0, -0.1)):
        inland &= sea.is_land(lat + north, lon + east)
    assert inland.sum() > 4_000
    assert water.is_water(lat[inland], lon[inland]).mean() < 0.001  # but for canals and rivers


def test_legs_clear_of_the_coast_are_in_sight(water, coastal, small_land):
    lat1, lon1, lat2, lon2 = coastal
    lines = [densify([a, c], [b, d], 500.0) for a, b, c, d in zip(*coastal, strict=True)]
    least_m = np.array([sea.shore_distance_m(*line).min() for line in lines])
    off = np.array([is_off(small_land, *line).all() for line in lines])
    seen = water.sees(unit_xyz(lat1, lon1), unit_xyz(lat2, lon2))
    clear = (least_m > CLEAR_M) & off
    assert clear.sum() > 50
    assert seen[clear].all()
    assert not seen[~water.is_water(lat1, lon1)].any()


def test_legs_over_wide_land_are_not_in_sight(water, coastal):
    lat1, lon1, lat2, lon2 = coastal
    seen = water.sees(unit_xyz(lat1, lon1), unit_xyz(lat2, lon2))
    for leg in np.flatnonzero(seen):
        lat, lon = densify([lat1[leg], lat2[leg]], [lon1[leg], lon2[leg]], 200.0)
        on_land = sea.is_land(lat, lon)
        run = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], on_land, [0]]))))[::2]
        assert run.max(initial=0) * 200.0 < 2 * PIXEL_M


def test_sight_reaches_over_oceans_and_the_date_line(water):
    start = unit_xyz([10.0, -20.0, 40.0, -50.0], [-140.0, 0.0, -60.0, 179.9])
    end = unit_xyz([10.0, -20.0, 45.0, -50.0], [160.0, -30.0, 10.0, -179.9])
    assert water.sees(start, end).tolist() == [True, True, False, True]


def test_nearest_water_is_the_nearest(water):
    rng = np.random.default_rng(2)
    lat, lon = rng.uniform(36, 39, 300), rng.uniform(23, 27, 300)
    wet = water.is_water(lat, lon)
    near_lat, near_lon, found = water.nearest(lat[~wet], lon[~wet])
    assert 20 < found.sum() < found.size
    assert water.is_water(near_lat[found], near_lon[found]).all()
    off = np.linalg.norm(unit_xyz(near_lat, near_lon) - unit_xyz(lat[~wet], lon[~wet]), axis=1)
    assert off[found].max() * 6_371 < 17
    np.testing.assert_array_equal(off[~found], 0)


def test_corners_touch_land_diagonally(water):
    point = unit_xyz(np.array([36.4, -30.0]), np.array([25.4, -30.0]))  # Santorini, open ocean
    nth, corner = water.corners(point)
    assert nth.size > 3
    assert set(nth) == {0}
    row, column = pixel_of(*lat_lon_of_xyz(corner))
    for i, j in zip(row, column, strict=True):
        around = np.array(
            [
                [
                    water.is_water(*centre_of(np.array([i + a]), np.array([j + b])))[0]
                    for b in (-1, 0, 1)
                ]
                for a in (-1, 0, 1)
            ]
        )
        assert around[1, 1]
        assert any(
            not around[1 + a, 1 + b] and around[1 + a, 1] and around[1, 1 + b]
            for a in (-1, 1)
            for b in (-1, 1)
        )


def test_a_band_has_no_holes_and_crosses_the_date_line():
    row, column = band(np.array([10.0, 10.1]), np.array([179.9, -179.9]), PIXEL_M)
    cells = set(zip(row.tolist(), column.tolist(), strict=True))
    assert len(cells) == row.size
    lat, lon = densify([10.0, 10.1], [179.9, -179.9], 50.0)
    assert set(zip(*(a.tolist() for a in pixel_of(lat, lon)), strict=True)) <= cells
    assert {0, N_COLUMNS - 1} <= set(column.tolist())


@pytest.mark.parametrize("passage", [p for p in passages() if p.gates], ids=lambda p: p.id)
def test_a_closed_passage_lets_no_sight_through_its_line(passage):
    others = closed_to() - {passage.id}
    lat, lon = densify(*np.array(passage.line).T, 5_000.0)
    points = unit_xyz(lat, lon)
    with open_sea(others | {passage.id}) as at_sea:
        shut = at_sea.water.sees(points[:-1], points[1:])
    with open_sea(others) as at_sea:
        opened = at_sea.water.sees(points[:-1], points[1:])
    assert not shut.all()
    if passage.kind != "ice":
        assert opened.mean() > 0.5
        assert opened.sum() > shut.sum()
