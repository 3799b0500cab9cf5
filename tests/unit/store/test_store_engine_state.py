"""The engine's saved state: whole, or as it was before, or none."""

import errno

import numpy as np
import pytest

from vesseltrack.errors import StoreFullError
from vesseltrack.store import Store
from vesseltrack.store import engine_state as state_module

STATE = {
    "odd name / with.dots": np.arange(3),
    "": np.array(["Ægir", ""]),
    "empty": np.empty((0, 2), np.float32),
    "times": np.array(["2021-01-01", "NaT"], "datetime64[us]"),
    "scalar": np.array(7),
    "not in a row": np.arange(12).reshape(3, 4).T,
    "bytes": np.frombuffer(b"\x00\xff", np.uint8),
    "objects": np.array(["a", None, "Æ \ud800"], object),
    "no objects": np.array([], object),
    "nan": np.array([np.nan, -0.0]),
}

LISTS = np.empty(2, object)
LISTS[:] = [["A", "B"], []]
STATE["lists"] = LISTS


def assert_same(found, state=STATE):
    assert list(found) == list(state)
    for name, values in state.items():
        assert found[name].dtype == values.dtype
        np.testing.assert_array_equal(found[name], values)


def test_a_state_comes_back_as_it_was_and_replaces_the_one_before(ais_store):
    assert ais_store.engine_state() is None
    ais_store.save_engine_state({"x": np.arange(5)})
    ais_store.save_engine_state(STATE)
    assert_same(Store.open(ais_store.path).engine_state())
    assert ais_store.verify() == []


def test_objects_are_refused_and_the_state_before_stays(ais_store):
    ais_store.save_engine_state(STATE)
    with pytest.raises(TypeError, match="not JSON serializable"):
        ais_store.save_engine_state({"x": np.array([object()])})
    assert_same(ais_store.engine_state())


def test_a_full_disk_leaves_the_state_before(ais_store, monkeypatch):
    ais_store.save_engine_state(STATE)

    def full(_path):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(state_module, "to_disk", full)
        with pytest.raises(StoreFullError):
            ais_store.save_engine_state({"x": np.arange(5)})
    assert_same(ais_store.engine_state())


@pytest.mark.parametrize("place", [0, 26, 40, -1, None])
def test_one_that_is_not_what_was_written_is_none_and_is_found_and_dropped(ais_store, place):
    ais_store.save_engine_state(STATE)
    path = ais_store.path / "engine.state"
    data = bytearray(path.read_bytes())
    if place is None:
        del data[-10:]
    else:
        data[place] ^= 1
    path.write_bytes(data)
    assert ais_store.engine_state() is None
    (finding,) = ais_store.verify()
    assert finding.file == "engine.state"
    (done,) = ais_store.verify(repair=True)
    assert done.remedy == "dropped"
    assert ais_store.verify() == []
    assert not path.exists()
