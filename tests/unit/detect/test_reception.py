import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.config.detect.ais_gap import ReceptionConfig
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.reception import CurrentHour, Ledger, Places, chance_of_silence

KEYS = np.array([1 << 32, 2 << 32, (2 << 32) + 7, 3 << 32])
CELLS = np.array([599_686_042_433_355_775, 599_686_043_507_097_599, 5])

row = st.tuples(st.integers(0, 9), st.sampled_from(CELLS.tolist()), st.sampled_from(KEYS.tolist()))
question = st.tuples(
    st.sampled_from(KEYS.tolist()),
    st.sampled_from(CELLS.tolist()),
    st.integers(-2, 12),
    st.integers(-2, 12),
)


def columns(rows, names):
    table = np.array(rows, dtype=np.int64).reshape(-1, len(names))
    return {name: table[:, place] for place, name in enumerate(names)}


@given(st.sets(row, max_size=40), st.lists(question, max_size=8))
def test_counting_others_is_counting_one_by_one(rows, questions):
    ledger = Ledger()
    half = len(rows) // 2
    for part in (list(rows)[:half], list(rows)[half:]):
        ledger.add(columns(part, ("hour", "cell", "key")))
    asked = columns(questions, ("key", "cell", "first", "stop"))
    n_rows, n_hours = ledger.count(
        Places(asked["key"], asked["cell"]), asked["first"], asked["stop"]
    )
    for place, (key, cell, first, stop) in enumerate(questions):
        others = [
            r for r in rows if r[1] == cell and r[2] >> 32 != key >> 32 and first <= r[0] < stop
        ]
        assert n_rows[place] == len(others)
        assert n_hours[place] == len({r[0] for r in others})
    assert mmsis_of(KEYS).tolist() == [1, 2, 2, 3]


def test_what_is_too_old_is_forgotten():
    ledger = Ledger()
    ledger.add(columns([(1, 5, 1 << 32), (9, 5, 2 << 32)], ("hour", "cell", "key")))
    ledger.forget(2)
    assert ledger.rows["hour"].tolist() == [9]


def test_a_vessel_hour_is_where_the_last_fix_of_the_hour_lay():
    current = CurrentHour()
    names = ("key", "hour", "cell")
    first = current.push(columns([(1, 7, 50), (1, 7, 51), (2, 7, 60)], names), 7)
    assert first["key"].size == 0
    over = current.push(columns([(1, 7, 52), (1, 8, 53)], names), 8)
    assert list(zip(*(over[name].tolist() for name in names), strict=True)) == [
        (1, 7, 52),
        (2, 7, 60),
    ]
    assert current.rows["cell"].tolist() == [53]
    assert current.push(columns([], names), 9)["cell"].tolist() == [53]


@pytest.mark.parametrize(
    ("n_silences", "n_vessel_hours", "chance"),
    [(0, 0, 1 / 20), (0, 30, 1 / 50), (10, 30, 11 / 50), (30, 30, 31 / 50)],
)
def test_the_chance_of_a_silence_starts_from_the_stated_prior(n_silences, n_vessel_hours, chance):
    found = chance_of_silence(
        np.array([n_silences]), np.array([n_vessel_hours]), ReceptionConfig()
    )
    assert found[0] == pytest.approx(chance)
