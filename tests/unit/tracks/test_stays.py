import itertools

import numpy as np
import pytest

from vesseltrack.core.geodesy import great_circle_m, unit_xyz
from vesseltrack.core.stays import find_stays


def by_hand(t, lat, lon, offsets, radius_m, min_us):
    found = []
    for start, stop in itertools.pairwise(offsets):
        row = start
        while row < stop:
            end = row
            while (
                end + 1 < stop
                and great_circle_m(lat[row], lon[row], lat[end + 1], lon[end + 1]) <= radius_m
            ):
                end += 1
            if t[end] - t[row] >= min_us:
                found.append((row, end + 1))
                row = end + 1
            else:
                row += 1
    return found


@pytest.mark.parametrize("seed", range(8))
def test_stays_equal_those_found_fix_by_fix(seed):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 300, 5)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    n = int(lengths.sum())
    t = np.concatenate([np.cumsum(rng.integers(1, 900, k)) for k in lengths]) * 1_000_000
    # Lying and moving by turns.
    moves = np.repeat(rng.random(n // 20 + 1) < 0.5, 20)[:n]
    lat = 50 + np.cumsum(np.where(moves, 0.01, 0.0001) * rng.normal(0, 1, n))
    lon = 5 + np.cumsum(np.where(moves, 0.01, 0.0001) * rng.normal(0, 1, n))
    min_us = 3_600 * 1_000_000
    start, stop = find_stays(t, unit_xyz(lat, lon), offsets, radius_m=1_000, min_us=min_us)

    expected = by_hand(t, lat, lon, offsets, 1_000, min_us)
    assert list(zip(start.tolist(), stop.tolist(), strict=True)) == expected
    assert expected


def test_there_are_no_stays_without_fixes():
    start, stop = find_stays(
        np.zeros(0, np.int64), np.zeros((0, 3)), np.array([0]), radius_m=1.0, min_us=1
    )

    assert start.size == stop.size == 0
