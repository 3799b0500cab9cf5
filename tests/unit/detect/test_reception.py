import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.config.detect.ais_gap import ReceptionConfig
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.others import WHOLE_ARCHIVE, Ledger, Question, others_in, run_of
from vesseltrack.detect.reception import chance_of_silence, of_runs
from vesseltrack.hexgrid import cells_of, parents

KEYS = np.array([1 << 32, 2 << 32, (2 << 32) + 7, 3 << 32])
CELLS = cells_of(np.array([50.0, 50.1, 50.0, 20.0]), np.array([3.0, 3.0, 9.0, 3.0]), 5)
RESOLUTIONS = (5, 3, WHOLE_ARCHIVE)

row = st.tuples(st.integers(0, 9), st.sampled_from(CELLS.tolist()), st.sampled_from(KEYS.tolist()))
asker = st.tuples(
    st.sampled_from(KEYS.tolist()),
    st.integers(0, 12),
    st.integers(0, 12),
    st.sets(st.sampled_from(CELLS.tolist()), min_size=1),
)


def columns(rows, names):
    table = np.array(rows, dtype=np.int64).reshape(-1, len(names))
    return {name: table[:, place] for place, name in enumerate(names)}


def question_of(askers):
    key, since, until, areas = zip(*askers, strict=True)
    cells = [sorted(area) for area in areas]
    return Question(
        mmsis_of(np.array(key)),
        np.array(since),
        np.array(until),
        np.concatenate([np.array(area) for area in cells]),
        np.repeat(np.arange(len(cells)), [len(area) for area in cells]),
    )


def larger(cell, resolution):
    return 0 if resolution == WHOLE_ARCHIVE else int(parents(np.array([cell]), resolution)[0])


@given(
    st.lists(row, max_size=40),
    st.lists(asker, min_size=1, max_size=6),
    st.sampled_from(RESOLUTIONS),
)
def test_counting_others_is_counting_one_by_one(rows, askers, resolution):
    question = question_of(askers).at(resolution)
    others = others_in(columns(rows, ("hour", "cell", "key")), question, resolution)
    n, hours = others.total(len(askers)), others.n_hours(len(askers))
    for place, (key, since, until, area) in enumerate(askers):
        cells = {larger(cell, resolution) for cell in area}
        there = {
            (hour, larger(cell, resolution), other)
            for hour, cell, other in rows
            if larger(cell, resolution) in cells
            and other >> 32 != key >> 32
            and since <= hour < until
        }
        assert n[place] == len(there)
        assert hours[place] == len({hour for hour, _, _ in there})


@given(
    st.lists(row, max_size=20), st.lists(asker, min_size=2, max_size=5), st.sets(st.integers(0, 1))
)
def test_asking_for_some_is_asking_for_all(rows, askers, some):
    rows = columns(rows, ("hour", "cell", "key"))
    chosen = np.array(sorted(some), dtype=np.int64)
    question = question_of(askers)
    every = others_in(rows, question.at(5), 5).total(len(askers))
    found = others_in(rows, question.of(chosen).at(5), 5).total(chosen.size)
    assert found.tolist() == every[chosen].tolist()


def test_what_is_too_old_is_forgotten_unless_it_is_kept():
    ledger = Ledger()
    ledger.add(
        columns([(1, 5, 1 << 32), (1, 5, 2 << 32), (9, 5, 2 << 32)], ("hour", "cell", "key"))
    )
    ledger.forget(2, lambda key, hour: (key == 1 << 32) & (hour == 1))
    assert ledger.rows["hour"].tolist() == [1, 9]
    ledger.forget(2)
    assert ledger.rows["hour"].tolist() == [9]


def test_runs_are_looked_up_and_told_apart():
    ledger = Ledger()
    names = ("hour", "cell", "key", "run_h")
    ledger.add(columns([(4, 5, 50, 2), (4, 6, 50, 2), (5, 5, 50, 3), (5, 5, 60, 9)], names))
    asked = np.array([50, 50, 60, 60, 70]), np.array([4, 5, 5, 4, 5])
    assert run_of(ledger.rows, *asked).tolist() == [2, 3, 9, 0, 0]
    assert of_runs(ledger, 3.0, steady=True).rows["run_h"].tolist() == [3, 9]
    assert of_runs(ledger, 3.0, steady=False).rows["run_h"].tolist() == [2, 2]


@pytest.mark.parametrize(
    ("n_silences", "n_vessel_hours", "chance"),
    [(0, 0, 1 / 20), (0, 30, 1 / 50), (10, 30, 11 / 50), (30, 30, 31 / 50)],
)
def test_the_chance_of_a_silence_starts_from_the_stated_prior(n_silences, n_vessel_hours, chance):
    found = chance_of_silence(
        np.array([n_silences]), np.array([n_vessel_hours]), ReceptionConfig()
    )
    assert found[0] == pytest.approx(chance)
