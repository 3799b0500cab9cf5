import mapbox_vector_tile
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack_api.tiles import mvt

COORDINATE = st.integers(-(2**20), 2**20)
POINT = st.tuples(COORDINATE, COORDINATE)
VALUE = st.one_of(
    st.text(max_size=5),
    st.integers(-(2**50), 2**50),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)


def decoded(tile):
    return mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})


@st.composite
def lines(draw):
    n = draw(st.integers(1, 4))
    line = st.lists(POINT, min_size=2, max_size=6).map(
        lambda points: [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
    )
    return [draw(line.filter(lambda points: len(points) > 1)) for _ in range(n)]


@given(lines(), st.data())
def test_lines_and_properties_are_read_back_by_another_library(drawn, data):
    values = [data.draw(st.lists(VALUE, min_size=len(drawn), max_size=len(drawn))) for _ in "ab"]
    offsets = np.concatenate(([0], np.cumsum([len(line) for line in drawn])))
    xy = np.array([point for line in drawn for point in line])
    tile = mvt.layer("sea", mvt.Kind.LINE, xy, offsets, dict(zip("ab", values, strict=True)))
    layer = decoded(tile)["sea"]
    assert (layer["version"], layer["extent"]) == (2, 4096)
    found = layer["features"]
    assert [f["geometry"] for f in found] == [
        {"type": "LineString", "coordinates": [list(p) for p in line]} for line in drawn
    ]
    for i, feature in enumerate(found):
        expected = {k: v[i] for k, v in zip("ab", values, strict=True) if v[i] is not None}
        assert feature["properties"] == expected
        assert {k: type(v) for k, v in feature["properties"].items()} == {
            k: type(v) for k, v in expected.items()
        }


@given(st.lists(POINT, min_size=1, max_size=8))
def test_points_are_read_back_by_another_library(points):
    tile = mvt.layer("p", mvt.Kind.POINT, np.array(points), np.arange(len(points) + 1), {})
    assert [f["geometry"]["coordinates"] for f in decoded(tile)["p"]["features"]] == [
        list(p) for p in points
    ]


def test_a_layer_without_features_is_empty():
    nothing = np.zeros((0, 2), dtype=np.int64)
    assert mvt.layer("sea", mvt.Kind.LINE, nothing, np.zeros(1, dtype=np.int64), {"a": []}) == b""


# The examples of the Protocol Buffers encoding guide, and its extremes.
@pytest.mark.parametrize(
    ("number", "encoded"),
    [
        (0, "00"),
        (1, "01"),
        (127, "7f"),
        (128, "8001"),
        (150, "9601"),
        (300, "ac02"),
        (2**62, "808080808080808040"),
    ],
)
def test_varints(number, encoded):
    data, begin = mvt.varints(np.array([number, 1]))
    assert data[: begin[1]].tobytes().hex() == encoded
    assert data[begin[1] :].tobytes().hex() == "01"
