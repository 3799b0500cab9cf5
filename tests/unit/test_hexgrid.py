import h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesseltrack import hexgrid

lats = st.floats(-90, 90)
lons = st.floats(-180, 180)
resolutions = st.integers(0, 15)


@settings(deadline=None)
@given(lats, lons, resolutions)
def test_cells_are_those_of_h3(lat, lon, resolution):
    (cell,) = hexgrid.cells_of([lat], [lon], resolution)
    assert cell == h3.str_to_int(h3.latlng_to_cell(lat, lon, resolution))


def test_cells_are_stored_at_resolution_7_as_signed_numbers():
    cells = hexgrid.cells_of([51.95, -33.9], [4.05, 18.4])
    assert cells.dtype == np.int64
    assert [h3.get_resolution(hexgrid.cell_text(cell)) for cell in cells.tolist()] == [7, 7]


# Binary fractions of a degree, so that adding a whole turn rounds nothing.
@settings(deadline=None)
@given(lats, st.integers(-180 << 16, 180 << 16), st.integers(-2, 2))
def test_a_whole_turn_of_longitude_changes_no_cell(lat, lon_2_16, turns):
    lon = lon_2_16 / (1 << 16)
    at_home, turned = hexgrid.cells_of([lat, lat], [lon, lon + 360 * turns])
    assert at_home == turned


@settings(deadline=None)
@given(lats, lons, resolutions, resolutions)
def test_parents_are_those_of_h3(lat, lon, one, other):
    coarse, fine = sorted((one, other))
    cell = hexgrid.cells_of([lat], [lon], fine)
    (parent,) = hexgrid.parents(cell, coarse)
    assert hexgrid.cell_text(int(parent)) == h3.cell_to_parent(
        hexgrid.cell_text(int(cell[0])), coarse
    )


def test_cells_of_several_resolutions_have_their_parents_at_one():
    cells = np.concatenate([hexgrid.cells_of([55.0], [12.0], r) for r in (5, 7, 9)])
    assert len(set(hexgrid.parents(cells, 5).tolist())) == 1


def test_nothing_has_no_cells():
    assert hexgrid.cells_of([], []).size == 0
    assert hexgrid.parents(np.zeros(0, dtype=np.int64), 3).size == 0


@pytest.mark.parametrize("resolution", [6, 7, 15])
def test_the_cells_of_many_points_are_those_of_each(resolution):
    rng = np.random.default_rng(resolution)
    corners = [
        h3.cell_to_boundary(h3.latlng_to_cell(lat, lon, resolution))
        for lat, lon in zip(rng.uniform(50, 60, 300), rng.uniform(5, 20, 300), strict=True)
    ]
    pentagons = np.array([h3.cell_to_latlng(cell) for cell in h3.get_pentagons(0)])
    parts = [
        np.concatenate([np.array(corner) for corner in corners]),  # on the edges of cells
        rng.uniform([54, 7], [58, 15], (6000, 2)),
        np.repeat(pentagons, 300, axis=0) + rng.normal(0, 1, (3600, 2)),  # where five faces meet
        np.degrees([np.arcsin(rng.uniform(-1, 1, 3000)), rng.uniform(-np.pi, np.pi, 3000)]).T,
    ]
    for lat, lon in (np.concatenate(parts).T, np.concatenate(parts[::-1]).T):
        # On the edge itself the libraries differ in the last bit, so the oracle is our own: it
        # takes each point alone, as `test_cells_are_those_of_h3` has it.
        expected = [
            hexgrid.cells_of([at[0]], [at[1]], resolution)[0] for at in zip(lat, lon, strict=True)
        ]
        np.testing.assert_array_equal(hexgrid.cells_of(lat, lon, resolution), expected)
