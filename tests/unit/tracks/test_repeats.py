import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.repeats import originals

reports = st.lists(
    st.tuples(st.integers(1, 2), st.sampled_from([0.0, 1.0, float("nan")]), st.integers(0, 40)),
    max_size=30,
).map(lambda rows: sorted(rows, key=lambda row: (row[0], row[2])))


def by_hand(rows, window):
    """Take reports one by one; nan equals nan."""
    result = []
    for i, (sender, content, t) in enumerate(rows):
        alike = [j for j in range(i) if rows[j][0] == sender and str(rows[j][1]) == str(content)]
        run = i
        for j in reversed(alike):
            later = [k for k in [*alike, i] if k > j]
            if rows[later[0]][2] - rows[j][2] > window:
                break
            run = j
        bin_ = (t - rows[run][2]) // window
        same = [
            j for j in [*alike, i] if j >= run and (rows[j][2] - rows[run][2]) // window == bin_
        ]
        result.append(min(same))
    return result


@given(rows=reports, window=st.integers(1, 8))
def test_repeats_equal_those_found_one_by_one(rows, window):
    sender, content, t = (
        (np.array(column) for column in zip(*rows, strict=True)) if rows else (np.zeros(0),) * 3
    )
    got = originals(sender, [content], t.astype(np.int64), window)

    assert got.tolist() == by_hand(rows, window)


def test_a_vessel_that_sends_the_same_for_long_is_heard_every_window():
    t = np.arange(0, 60, 2)
    original = originals(np.ones(30), [np.zeros(30)], t, 5)

    assert t[np.unique(original)].tolist() == [0, 6, 10, 16, 20, 26, 30, 36, 40, 46, 50, 56]


def test_minus_zero_is_zero():
    assert originals(np.ones(2), [np.array([0.0, -0.0])], np.array([0, 1]), 5).tolist() == [0, 0]
