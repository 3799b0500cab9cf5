import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack_api import geometry

LAT = st.floats(-80, 80).map(lambda v: round(v, 4))
STEP = st.floats(-20, 20).map(lambda v: round(v, 4))


def lists(drawn):
    if drawn["type"] == "LineString":
        return [np.asarray(drawn["coordinates"])]
    return [np.asarray(part) for part in drawn["coordinates"]]


@st.composite
def courses(draw):
    """Courses without a jump, in a frame where longitude goes on beyond 180."""
    steps = draw(st.lists(STEP, min_size=1, max_size=8))
    lon = draw(st.floats(-180, 179).map(lambda v: round(v, 4))) + np.cumsum([0, *steps])
    lat = np.array([draw(LAT) for _ in lon])
    return lat, lon


@given(courses())
def test_a_cut_line_is_the_same_line(course):
    lat, lon = course
    wrapped = (lon + 180) % 360 - 180
    drawn = geometry.line([(lat, wrapped)])
    parts = lists(drawn) if drawn else []
    assert all(shapely.LineString(part).is_valid for part in parts)
    assert all(np.abs(part[:, 0]).max() <= 180 for part in parts)
    # No part leaps across the map.
    assert all(np.abs(np.diff(part[:, 0])).max(initial=0) <= 180 for part in parts)
    # Laid side by side again they are as long as the course: nothing added, nothing lost.
    length = sum(shapely.LineString(part).length for part in parts)
    assert abs(length - shapely.LineString(np.stack([lon, lat], axis=1)).length) < 1e-4


def test_the_cut_lies_on_both_sides_at_one_latitude():
    drawn = geometry.line([(np.array([10.0, 20.0]), np.array([179.0, -178.0]))])
    east, west = lists(drawn)
    # A third of the way from 179 to 182 degrees.
    np.testing.assert_allclose(east, [[179, 10], [180, 13.333333]])
    np.testing.assert_allclose(west, [[-180, 13.333333], [-178, 20]])


def test_a_step_along_the_date_line_is_cut_too():
    drawn = geometry.line([(np.array([0.0, 5.0, 6.0]), np.array([180.0, -180.0, -179.0]))])
    assert np.isfinite(np.concatenate(lists(drawn))).all()


def test_pieces_in_one_place_are_left_out():
    one = (np.array([1.0]), np.array([2.0]))
    still = (np.array([1.0, 1.0]), np.array([2.0, 2.0]))
    assert geometry.line([still]) is None
    assert geometry.line([(np.zeros(0), np.zeros(0))]) is None
    two = (np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    assert geometry.line([one]) is None
    assert geometry.line([]) is None
    assert geometry.line([one, two])["type"] == "LineString"
    assert geometry.line([two, two])["type"] == "MultiLineString"
