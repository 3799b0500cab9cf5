from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.legs import LegRule, find_legs

RULE = LegRule(expected_frac=0.1, steep_frac=0.5, opens_at=5.0, closes_at=2.0, least=10.0)


def way(*corners):
    """Way sailed and slack along a line in the plane to its last corner, a point a mile."""
    points = [np.array(corners[0], dtype=float)[None]]
    for a, b in pairwise(corners):
        n = round(float(np.hypot(*np.subtract(b, a))))
        points.append(np.array(a) + np.arange(1, n + 1)[:, None] / n * np.subtract(b, a))
    xy = np.concatenate(points)
    sailed = np.append(0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T)))
    left = np.hypot(*(xy - xy[-1]).T)
    return sailed, sailed + left - left[0]


def legs_of(*corners, rule=RULE):
    sailed, slack = way(*corners)
    return [(leg.start, leg.end, round(leg.excess, 6)) for leg in find_legs(slack, sailed, rule)]


def test_the_direct_way_has_none():
    assert legs_of((0, 0), (500, 0)) == []
    assert find_legs(np.zeros(0), np.zeros(0), RULE) == []


@pytest.mark.parametrize("turn_deg", [90, 135, 180])
def test_a_way_out_and_back_is_one_leg_from_leaving_to_return(turn_deg):
    east, north = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    (leg,) = legs_of((0, 0), (200, 0), (200 + 60 * east, 60 * north), (200, 0), (400, 0))
    assert leg == (200, 320, pytest.approx(120, abs=0.01))


def test_the_leg_with_most_miles_comes_first_and_small_ones_are_not_told():
    out_and_back = [(0, 0), (100, 0), (100, 20), (100, 0)]
    out_and_back += [(200, 0), (200, 50), (200, 0), (300, 0), (300, 4), (300, 0), (400, 0)]
    first, second = legs_of(*out_and_back)
    assert first == (240, 340, pytest.approx(100, abs=0.01))
    assert second == (100, 140, pytest.approx(40, abs=0.01))


def test_a_dog_leg_within_a_bow_is_told_from_it():
    bow = [(0, 0), (150, 80), (150, 150), (150, 80), (300, 0)]
    (leg,) = legs_of(*bow)
    assert leg == (170, pytest.approx(310, abs=1), pytest.approx(140, abs=0.01))


def test_a_bow_alone_is_one_leg():
    (leg,) = legs_of((0, 0), (150, 80), (300, 0))
    assert leg[0] == 0
    assert leg[2] == pytest.approx(2 * np.hypot(150, 80) - 300, abs=1)


def test_points_without_a_known_remainder_are_passed_over():
    sailed, slack = way((0, 0), (200, 0), (200, 60), (200, 0), (400, 0))
    slack[250] = np.nan
    (leg,) = find_legs(slack, sailed, RULE)
    assert (leg.start, leg.end) == (200, 320)


@given(
    st.lists(
        st.tuples(st.integers(-300, 300), st.integers(-300, 300)),
        min_size=2,
        max_size=8,
        unique=True,
    )
)
def test_legs_never_overlap_and_never_hold_more_than_all_extra_miles(corners):
    sailed, slack = way(*corners)
    legs = sorted(find_legs(slack, sailed, RULE))
    assert all(before.end <= after.start for before, after in pairwise(legs))
    assert sum(leg.excess for leg in legs) <= slack[-1] + 1e-6
    assert all(leg.excess >= RULE.least for leg in legs)
