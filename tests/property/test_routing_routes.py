"""What holds of any two points at sea."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.errors import RouteError
from vesseltrack.routing import shortest_route
from vesseltrack.units import m_to_nm

# Off named coasts all over the world, so that most pairs have islands and capes in between.
PLACES = [
    (51.95, 4.0), (59.9, 29.7), (37.9, 23.55), (41.3, 29.2), (31.4, 32.4), (29.6, 32.55),
    (1.2, 103.8), (-33.8, 18.3), (40.4, -73.8), (9.5, -79.9), (8.8, -79.5), (-53.2, -70.8),
    (35.2, 139.7), (21.2, -157.9), (-18.2, 178.4), (-36.7, 174.9), (64.1, -22.0), (69.7, 18.9),
    (18.9, 72.7), (-12.4, 130.7), (13.4, 144.6), (22.2, 114.2), (33.9, 130.9), (60.3, 5.1),
    (45.3, 12.5), (-23.1, -43.2), (14.6, -17.5), (52.9, 158.6), (-0.2, 50.0), (15.0, -179.9),
]  # fmt: skip
place = st.sampled_from(PLACES)
nearby = st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
SETTINGS = settings(max_examples=25, deadline=None, derandomize=True)


def distance_nm(a, b, **asked):
    try:
        return shortest_route(a, b, **asked).distance_nm
    except RouteError:
        return float("inf")


@SETTINGS
@given(place, place, nearby)
def test_never_below_the_great_circle_and_the_same_both_ways(a, b, off):
    a = (a[0] + off[0], a[1] + off[1])
    there, back = distance_nm(a, b), distance_nm(b, a)
    assert there == pytest.approx(back, rel=0.005, abs=0.05)
    # Longitudes are held to a thousand-millionth of a degree at both ends.
    assert there >= m_to_nm(great_circle_m(*a, *b)) * (1 - 1e-9) - 2 * 6e-8


@SETTINGS
@given(place, place, place)
def test_no_way_round_by_a_third_place_is_shorter(a, b, c):
    through = distance_nm(a, b) + distance_nm(b, c)
    assert distance_nm(a, c) <= through * 1.005 + 0.05


@SETTINGS
@given(place, place, st.sampled_from(["suez", "panama", "kiel", "corinth", "bosporus", "sound"]))
def test_an_open_passage_never_lengthens_a_route(a, b, passage):
    assert distance_nm(a, b) <= distance_nm(a, b, avoid=[passage]) * 1.005 + 0.05


@SETTINGS
@given(place, place, st.sampled_from([-720.0, -360.0, 360.0]))
def test_turns_of_longitude_change_nothing(a, b, turn):
    turned = shortest_route((a[0], a[1] + turn), b)
    plain = shortest_route(a, b)
    assert turned.distance_nm == pytest.approx(plain.distance_nm, rel=1e-6, abs=1e-6)
    np.testing.assert_allclose(turned.lat, plain.lat, atol=1e-6)
