"""States saved by a child."""

import os
import time

import numpy as np
import pytest

from vesseltrack.engine import saving
from vesseltrack.engine.saving import StateSaver
from vesseltrack.errors import StoreError, StoreFullError
from vesseltrack.store import Store


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "store", create=True)


def wait_for(saver):
    until_s = time.monotonic() + 30
    while not saver.is_free():
        assert time.monotonic() < until_s
        time.sleep(0.01)


def test_what_is_saved_is_the_state_of_that_moment(store):
    numbers = np.arange(5)
    saver = StateSaver(store)
    assert saver.is_free()
    saver.begin(lambda: {"x": numbers})
    numbers += 100
    wait_for(saver)
    assert store.engine_state()["x"].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("problem", "error"), [(StoreFullError("full"), StoreFullError), (ValueError("?"), StoreError)]
)
def test_a_failure_is_told_to_whoever_asks_next_and_the_state_before_stays(store, problem, error):
    store.save_engine_state({"x": np.zeros(1)})

    def state():
        raise problem

    saver = StateSaver(store)
    saver.begin(state)
    with pytest.raises(error):
        wait_for(saver)
    assert saver.is_free()
    assert store.engine_state()["x"].tolist() == [0.0]


def test_where_there_can_be_no_child_it_is_saved_all_the_same(store, monkeypatch):
    def fork():
        raise OSError

    monkeypatch.setattr(os, "fork", fork)
    saver = StateSaver(store)
    saver.begin(lambda: {"x": np.ones(1)})
    assert saver.is_free()
    assert store.engine_state()["x"].tolist() == [1.0]


def test_a_child_that_hangs_is_ended(store, monkeypatch):
    monkeypatch.setattr(saving, "_HUNG_S", 0.05)
    saver = StateSaver(store)
    saver.begin(lambda: time.sleep(60))
    wait_for(saver)
    assert store.engine_state() is None


def test_ended_it_leaves_no_child_and_no_half_of_a_file(store):
    saver = StateSaver(store)
    saver.begin(lambda: {"x": np.zeros(50_000_000)})
    time.sleep(0.05)
    saver.stop()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    store.save_engine_state({"x": np.ones(1)})
    assert [path.name for path in store.path.glob(".engine.state*")] == []
    assert store.engine_state()["x"].tolist() == [1.0]
