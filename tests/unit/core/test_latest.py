import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.latest import Latest
from vesseltrack.core.repeats import OpenRepeats, originals


@given(st.lists(st.dictionaries(st.integers(0, 30), st.integers(0, 9), max_size=12), max_size=8))
def test_the_latest_row_of_each_key_is_that_of_a_dictionary(puts):
    latest, expected = Latest(), {}
    for put in puts:
        keys = np.array(sorted(put), dtype=np.int64)
        latest.put({"key": keys, "value": np.array([put[key] for key in keys.tolist()], int)})
        expected |= put
        asked = np.arange(32)
        found = latest.look_up("value", asked, -1)
        assert found.tolist() == [expected.get(key, -1) for key in range(32)]
    rows = latest.rows
    assert dict(
        zip(*(rows.get(n, np.zeros(0)).tolist() for n in ("key", "value")), strict=True)
    ) == (expected)


def test_rows_given_out_are_not_changed_later():
    latest = Latest()
    latest.put({"key": np.array([1]), "value": np.array([1])})
    before = latest.rows
    latest.put({"key": np.array([1]), "value": np.array([2])})
    assert before["value"].tolist() == [1]
    latest.keep(latest.column("value") > 2)
    assert latest.keys.size == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 40), st.sampled_from([0.0, 1.0, np.nan])),
        max_size=40,
    ),
    st.lists(st.integers(0, 41), max_size=5),
)
def test_repeats_across_batches_are_those_of_the_whole(sent, cuts):
    sent = sorted(sent, key=lambda one: one[:2])
    who, t_us, content = (np.array([one[n] for one in sent]) for n in range(3))
    who, t_us = who.astype(np.int64), t_us.astype(np.int64)
    whole = originals(who, [content], t_us, 5) != np.arange(who.size)
    repeats, found = OpenRepeats(5), np.zeros(who.size, dtype=bool)
    edges = [0, *sorted(cuts), 1000]
    for start, stop in itertools.pairwise(edges):
        now = (t_us >= start) & (t_us < stop)
        rows = {"identity": who[now], "t_us": t_us[now], "content": content[now].astype(float)}
        found[now] = repeats.push(rows, stop)
    assert found.tolist() == whole.tolist()
