import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesseltrack.config.tracks_gfw import SegmentsGfw
from vesseltrack.core import open_segments
from vesseltrack.core.matching import Motion, discrepancy_nm, scores
from vesseltrack.core.open_segments import ALONE, segmented
from vesseltrack.tracks.fleet_gfw import match_rule

RULE = match_rule(SegmentsGfw())
MINUTE_US = 60_000_000


def motion(minutes, lat, lon, sog_kn=0.0, cog_deg=0.0, **reports):
    """Return fixes; numbers are repeated."""
    t_us = np.asarray(minutes, dtype=np.int64) * MINUTE_US
    lat, lon, sog_kn, cog_deg = (
        np.broadcast_to(np.asarray(values, dtype=float), t_us.shape)
        for values in (lat, lon, sog_kn, cog_deg)
    )
    return Motion(
        t_us,
        lat,
        lon,
        sog_kn,
        cog_deg,
        np.broadcast_to(np.asarray(reports.get("sets", 1), dtype=np.int64), t_us.shape),
        np.broadcast_to(np.asarray(reports.get("is_long_range", False)), t_us.shape),
    )


def pair(one, other, hours):
    return discrepancy_nm(motion([0, 60], *zip(one, other, strict=True)), *ROWS, hours, 4.0)


ROWS = np.array([0]), np.array([1])
AN_HOUR = np.array([1.0])


def test_where_speed_and_course_lead_nothing_is_off():
    # 10 kn to the north for an hour is 10 minutes of latitude.
    assert pair(
        (50.0, 4.0, 10.0, 0.0), (50.0 + 10 / 60, 4.0, 10.0, 0.0), AN_HOUR
    ) == pytest.approx(0.0, abs=1e-9)


def test_a_vessel_that_stayed_is_as_far_off_as_its_way_four_times():
    # Both fixes foretell 10 nm north; the other lies 1 nm to the south, off any course.
    off = pair((50.0, 4.0, 10.0, 0.0), (50.0 - 1 / 60, 4.0, 10.0, 0.0), AN_HOUR)
    assert off == pytest.approx(4.0)


def test_half_the_way_along_the_course_is_beside_nothing():
    off = pair((50.0, 4.0, 10.0, 0.0), (50.0 + 5 / 60, 4.0, 10.0, 0.0), AN_HOUR)
    assert off == pytest.approx(0.0, abs=1e-9)


def test_scores_are_zero_beyond_the_speed_and_the_silence_allowed():
    far = motion([0, 60], [50.0, 51.0], 4.0)  # 60 nm in an hour
    silent = motion([0, 24 * 60 + 1], 50.0, 4.0)
    heard = motion([0, 24 * 60], 50.0, 4.0)
    assert scores(far, *ROWS, RULE) == 0
    assert scores(silent, *ROWS, RULE) == 0
    assert scores(heard, *ROWS, RULE) > 0


def test_the_date_line_is_no_distance():
    across = motion([0, 10], -17.0, [179.999, -179.999])
    beside = motion([0, 10], -17.0, [4.0, 4.002])
    assert scores(across, *ROWS, RULE) == pytest.approx(scores(beside, *ROWS, RULE), rel=1e-6)


def test_two_vessels_in_turn_are_two_segments():
    minutes = np.arange(40)
    lat = np.where(minutes % 2, 50.0, 20.0)
    assert segmented(motion(minutes, lat, 4.0), RULE).segment.tolist() == [0, 1] * 20


def test_a_false_fix_begins_a_segment_and_the_vessel_goes_on_with_its_own():
    minutes = np.arange(30)
    found = segmented(motion(minutes, np.where(minutes == 12, 51.0, 50.0), 4.0), RULE)
    assert found.segment.tolist() == [0] * 12 + [1] + [0] * 17
    assert not found.is_aside.any()


def test_a_fix_that_later_ones_prove_false_is_set_aside():
    minutes = np.arange(0, 60, 2)
    lat = np.where(minutes == 40, 50.03, 50.0)  # 1.8 nm off and back within two minutes
    found = segmented(motion(minutes, lat, 4.0), RULE)
    assert minutes[found.is_aside].tolist() == [40]
    assert found.beside[found.is_aside].tolist() == [0]


def test_set_aside_are_long_range_reports_soon_after_and_fixes_without_course():
    minutes = np.array([0, 5, 10, 15, 20, 100])
    found = segmented(
        motion(
            minutes,
            50.0,
            4.0,
            sog_kn=[0, 0, 0, 3, 0, 0],
            cog_deg=[0, 0, 0, np.nan, np.nan, 0],
            is_long_range=[False, False, True, False, False, True],
        ),
        RULE,
    )
    # The last one comes more than an hour after any other; lying still needs no course.
    assert found.is_aside.tolist() == [False, False, True, True, False, False]
    assert found.beside.tolist() == [ALONE, ALONE, 0, 0, ALONE, ALONE]
    assert found.segment.tolist() == [0, 0, 1, 2, 0, 0]


def test_nothing_gives_nothing():
    assert segmented(motion([], [], []), RULE).segment.size == 0


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(0, 80))
def test_many_at_a_time_is_as_one_by_one(seed, n):
    rng = np.random.default_rng(seed)
    steps_min = rng.choice(
        [0, 1, 2, 5, 30, 90, 1_500], n, p=[0.05, 0.4, 0.3, 0.2, 0.02, 0.02, 0.01]
    )
    minutes = np.cumsum(steps_min)
    sog_kn = rng.choice([0.0, 0.2, 8.0, np.nan], n, p=[0.4, 0.2, 0.38, 0.02])
    lat = 50 + np.cumsum(np.nan_to_num(sog_kn) * steps_min / 3_600) + rng.normal(0, 2e-4, n)
    lat[rng.random(n) < 0.05] += rng.choice([0.03, 5.0])
    fixes = motion(
        minutes,
        lat,
        4.0 + rng.normal(0, 2e-4, n),
        sog_kn,
        rng.choice([0.0, 3.0, np.nan], n, p=[0.6, 0.37, 0.03]),
        sets=rng.choice([1, 2, 3], n, p=[0.9, 0.05, 0.05]),
        is_long_range=rng.random(n) < 0.03,
    )
    found = segmented(fixes, RULE)
    with pytest.MonkeyPatch.context() as patched:
        none = np.zeros(n, dtype=bool), np.zeros(n)
        patched.setattr(open_segments, "_plain_steps", lambda *_: none)
        expected = segmented(fixes, RULE)

    np.testing.assert_array_equal(found.segment, expected.segment)
    np.testing.assert_array_equal(found.beside, expected.beside)
