"""Boxes in finer detail: what they hold, where legs are cut at them, which files are refused."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.geodesy import great_circle_m, lat_lon_of_xyz, unit_xyz
from vesseltrack.core.paths import densify
from vesseltrack.errors import RouteError
from vesseltrack.routing import regions
from vesseltrack.routing.grid import Grid
from vesseltrack.routing.regional import RegionalWater, may_touch, pieces
from vesseltrack.routing.regions import SUFFIX, Box, Region
from vesseltrack.routing.water import Water

FIJI = Box(178.0, -19.0, -178.0, -16.0)
GOTHENBURG = Box(10.6, 57.2, 12.2, 58.6)
STEP_M = 200.0

boxes = st.sampled_from([FIJI, GOTHENBURG, Box(-30.0, -5.0, 30.0, 70.0)])
beside = st.tuples(st.floats(-8, 8), st.floats(-12, 12))


def near(box, offset):
    """A point near the middle of a box."""
    middle = (box.south + box.north) / 2, box.west + box.width / 2
    return middle[0] + offset[0], middle[1] + offset[1]


@given(boxes, beside, beside)
def test_pieces_are_the_leg_and_lie_where_they_say(box, first, last):
    ends = np.array([near(box, first), near(box, last)])
    start, end = unit_xyz(*ends[0])[None], unit_xyz(*ends[1])[None]
    leg, begin, stop, held = pieces(start, end, box)
    assert set(leg) == {0}
    np.testing.assert_allclose(begin[0], start[0], atol=1e-9)
    np.testing.assert_allclose(stop[-1], end[0], atol=1e-9)
    np.testing.assert_allclose(begin[1:], stop[:-1], atol=1e-9)
    length_m = great_circle_m(*lat_lon_of_xyz(begin), *lat_lon_of_xyz(stop))
    lat, lon = densify(*ends.T, STEP_M)
    inside = box.holds((lat[:-1] + lat[1:]) / 2, (lon[:-1] + (lon[1:] - lon[:-1]) / 2))
    sampled_m = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])[inside].sum()
    assert length_m[held].sum() == pytest.approx(sampled_m, abs=5 * STEP_M)
    assert may_touch(start, end, box)[0] or not held.any()


def test_a_leg_far_from_a_box_is_known_to_be():
    start, end = unit_xyz([0.0, 50.0], [-30.0, 0.0]), unit_xyz([0.0, 56.0], [-20.0, 3.0])
    assert may_touch(start, end, GOTHENBURG).tolist() == [False, False]


def test_a_box_may_reach_over_the_date_line():
    assert FIJI.width == 4.0
    held = FIJI.holds(np.full(4, -17.0), np.array([179.0, -179.0, 181.0, 177.0]))
    assert held.tolist() == [True, True, True, False]
    assert FIJI.overlaps(Box(-178.5, -17.0, -170.0, -10.0))
    assert not FIJI.overlaps(Box(-178.0, -17.0, -170.0, -10.0))
    assert not FIJI.overlaps(Box(178.0, -16.0, 179.0, -10.0))


@pytest.mark.parametrize(
    ("edges", "reason"),
    [
        ((10.0, 58.0, 12.0, 57.0), "south below north"),
        ((10.0, 57.0, 10.0, 58.0), "degrees wide"),
        ((-100.0, 57.0, 100.0, 58.0), "degrees wide"),
        ((10.0, float("nan"), 12.0, 58.0), "west, south, east, north"),
    ],
)
def test_what_is_no_box_is_refused(edges, reason):
    with pytest.raises(RouteError, match=reason):
        Box(*edges)


@pytest.fixture
def checkered():
    """Water of the globe everywhere; in a box at 0 N 0 E, a grid with one wall of land."""
    grid = Grid(1_200, 0.105, -0.11, 252, 264)
    wet = np.ones((252, 264), dtype=bool)
    wet[:, 130:133] = False
    wet[100:104, :] = True
    fine_water = Water(
        np.packbits(wet, axis=1),
        np.zeros(42 * 44, dtype=np.uint8),
        np.zeros(126 * 132, dtype=np.uint8),
        grid,
    )
    globe = Water(
        np.full((21_600, 5_400), 255, dtype=np.uint8),
        np.full(3_600 * 7_200, 5, dtype=np.uint8),
        np.zeros(10_800 * 21_600, dtype=np.uint8),
    )
    box = Box(-0.1, -0.1, 0.1, 0.1)
    return RegionalWater(globe.mask, globe.coarse, globe.fine, regions=((box, fine_water),)), grid


def test_sight_in_a_box_is_that_of_its_own_coast(checkered):
    water, grid = checkered
    assert not grid.is_round
    gap_lat = float(grid.centre_of(np.array(102), np.array(0))[0])
    lat = np.array([gap_lat, 0.05, 0.05, 0.3])
    start, end = unit_xyz(lat, np.full(4, -0.05)), unit_xyz(lat, np.array([0.05, 0.05, -0.02, 5]))
    assert water.sees(start, end).tolist() == [True, False, True, True]
    from_outside = water.sees(unit_xyz([0.05], [-3.0]), unit_xyz([0.05], [3.0]))
    assert from_outside.tolist() == [False]
    wall = grid.centre_of(np.array([20]), np.array([131]))
    assert not water.is_water(*wall)[0]
    lat, lon, found = water.nearest(*wall)
    assert found[0]
    assert great_circle_m(lat, lon, *wall)[0] < 2.1 * grid.pixel_m
    nth, corner = water.corners(unit_xyz(*grid.centre_of(np.array([102]), np.array([129]))))
    assert set(nth) == {0}
    assert len(corner) == 2  # where the wall begins, on either side of the gap


def test_a_region_is_read_as_it_was_written(tmp_path, monkeypatch, checkered):
    water, grid = checkered
    box, own = water.regions[0]
    made = Region("here", box, own, np.array([0x871FB4670FFFFFF], dtype=np.int64), np.eye(3))
    regions.write(tmp_path / f"here{SUFFIX}", made)
    monkeypatch.setenv("VESSELTRACK_REGIONS", str(tmp_path))
    (read,) = regions.regions()
    assert (read.name, read.box, read.water.grid) == ("here", box, grid)
    np.testing.assert_array_equal(read.water.mask, own.mask)
    np.testing.assert_array_equal(read.chain, made.chain)
    before = regions.fingerprint()
    regions.write(tmp_path / f"there{SUFFIX}", made)
    assert regions.fingerprint() != before
    with pytest.raises(RouteError, match=r"here .* and there .* overlap"):
        regions.regions()


def test_files_and_folders_that_cannot_be_used_are_named(tmp_path, monkeypatch, checkered):
    (box, own), *_ = checkered[0].regions
    monkeypatch.delenv("VESSELTRACK_REGIONS", raising=False)
    assert (regions.regions(), regions.fingerprint()) == ((), "")
    monkeypatch.setenv("VESSELTRACK_REGIONS", str(tmp_path / "missing"))
    with pytest.raises(RouteError, match="missing, which is no folder"):
        regions.regions()
    monkeypatch.setenv("VESSELTRACK_REGIONS", str(tmp_path))
    (tmp_path / f"bad{SUFFIX}").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(RouteError, match=r"bad\.region\.npz is no region"):
        regions.regions()
    with monkeypatch.context() as patch:
        patch.setattr(regions, "table_crc", lambda _: 1)
        none = np.zeros(0, dtype=np.int64)
        regions.write(tmp_path / f"bad{SUFFIX}", Region("bad", box, own, none, np.eye(3)))
    with pytest.raises(RouteError, match="other passages"):
        regions.regions()


def test_the_border_lies_within_the_cap():
    for box in (FIJI, GOTHENBURG, Box(-30.0, -5.0, 30.0, 70.0)):
        ring = shapely.box(box.west, box.south, box.west + box.width, box.north).exterior
        lon, lat = shapely.get_coordinates(shapely.segmentize(ring, 0.01)).T
        centre, reach = box.cap
        assert np.arccos(np.clip(unit_xyz(lat, lon) @ centre, -1, 1)).max() <= reach
