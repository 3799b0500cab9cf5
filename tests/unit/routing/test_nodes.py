"""Nodes and pairs come out alike wherever they are counted."""

import zlib

import numpy as np
import pytest

from vesseltrack import hexgrid
from vesseltrack.routing import nodes, shipped
from vesseltrack.routing.gates import table_crc
from vesseltrack.routing.passages import passages


@pytest.fixture(scope="module")
def mixed_cells():
    """A patch of cells of every resolution used, without overlaps."""
    first = hexgrid.children(hexgrid.cells_of([56.0], [11.0], 2), 4)
    cells = [first[20:]]
    fine = first[:20]
    for resolution in (5, 6, 7):
        fine = hexgrid.children(fine, resolution)
        cells.append(fine[30:300])
        fine = fine[:30]
    return nodes.in_order(np.concatenate(cells))


def test_packing_keeps_every_cell(mixed_cells):
    np.testing.assert_array_equal(nodes.unpacked(nodes.packed(mixed_cells)), mixed_cells)


def test_pairs_are_those_of_brute_force(mixed_cells):
    points, resolution = nodes.points_of(mixed_cells), hexgrid.resolutions(mixed_cells)
    (reach,) = shipped.read("reach")
    codes = nodes.candidate_pairs(points, resolution, reach)
    chord = np.linalg.norm(points[:, None] - points[None], axis=2)
    finer = np.maximum(resolution[:, None], resolution[None])
    near = np.triu(chord <= reach[finer - nodes.COARSEST], 1)
    expected = np.flatnonzero(near)
    np.testing.assert_array_equal(codes, expected)
    nominal = [2.15 * nodes.SPACING_M[r] / 6_371_008.8 for r in nodes.RESOLUTIONS]
    np.testing.assert_allclose(reach, nominal, rtol=0.01)


def test_the_shipped_graph_was_made_from_the_shipped_passages():
    (crc,) = shipped.read("passages_crc")
    assert int(crc[0]) == table_crc(passages()), "run `make sea`"


def test_the_shipped_graph_is_small_and_unfolds():
    assert len(shipped.FILE.read_bytes()) < 5_000_000
    planes, reach, n_pairs = shipped.read("cells", "reach", "n_pairs")
    cells = nodes.unpacked(planes)
    codes = nodes.candidate_pairs(nodes.points_of(cells), hexgrid.resolutions(cells), reach)
    assert [codes.size, zlib.crc32(codes.tobytes())] == n_pairs.tolist()
    assert cells.size > 1_000_000
