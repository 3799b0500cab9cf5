"""The unfolded graph appears whole or not at all, once, whoever asks."""

import os
import threading
import time

import numpy as np
import pytest

from vesseltrack.routing import cache

ARRAYS = {"points": np.arange(12.0).reshape(4, 3), "mask": np.arange(8, dtype=np.uint8)}


class _BrokenError(Exception):
    pass


@pytest.fixture
def unfoldings(tmp_path, monkeypatch):
    """A cache of two small arrays; the list grows by one at every unfolding."""
    made = []

    def unfolded():
        made.append(1)
        time.sleep(0.05)
        yield from ARRAYS.items()

    monkeypatch.setenv("VESSELTRACK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "unfolded", unfolded)
    return made


def test_made_once_and_read_back(unfoldings):
    place = cache.arrays_folder()
    assert cache.arrays_folder() == place
    assert len(unfoldings) == 1
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(cache.mapped(place, name), array)


def test_two_at_once_make_it_once(unfoldings):
    found = []
    threads = [threading.Thread(target=lambda: found.append(cache.arrays_folder())) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(unfoldings) == 1
    assert found[0] == found[1]


@pytest.mark.parametrize("damage", ["cut", "gone", "unsealed"])
def test_a_damaged_cache_is_made_anew(unfoldings, damage):
    place = cache.arrays_folder()
    if damage == "cut":
        (place / "mask.npy").write_bytes((place / "mask.npy").read_bytes()[:-1])
    else:
        (place / ("points.npy" if damage == "gone" else "complete.json")).unlink()
    assert not cache.is_whole(place)
    assert cache.is_whole(cache.arrays_folder())
    assert len(unfoldings) == 2


def test_a_failure_leaves_nothing_behind(unfoldings, monkeypatch):
    def broken():
        yield "points", ARRAYS["points"]
        raise _BrokenError

    with monkeypatch.context() as patch:
        patch.setattr(cache, "unfolded", broken)
        with pytest.raises(_BrokenError):
            cache.arrays_folder()
    assert [path.name for path in cache.folder().iterdir()] == ["sea.lock"]
    assert cache.is_whole(cache.arrays_folder())
    assert len(unfoldings) == 1


def test_where_nothing_can_be_written_it_is_made_for_this_process(
    unfoldings, tmp_path, monkeypatch
):
    file = tmp_path / "a_file"
    file.write_text("", encoding="utf-8")
    monkeypatch.setenv("VESSELTRACK_CACHE", str(file / "below"))
    place = cache.arrays_folder()
    np.testing.assert_array_equal(cache.mapped(place, "mask"), ARRAYS["mask"])
    assert len(unfoldings) == 1


def test_private_pages_do_not_reach_the_disk(unfoldings):
    place = cache.arrays_folder()
    cache.mapped(place, "mask", private=True)[0] = 99
    assert cache.mapped(place, "mask")[0] == 0
    with pytest.raises(ValueError, match="read-only"):
        cache.mapped(place, "mask")[0] = 99
    assert len(unfoldings) == 1


def test_the_folder_is_the_users(monkeypatch, tmp_path):
    monkeypatch.delenv("VESSELTRACK_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == tmp_path / "vesseltrack"


@pytest.mark.usefixtures("unfoldings")
def test_graphs_of_other_versions_go_after_a_month():
    long_ago = time.time() - 31 * 86_400
    old, recent = (cache.folder() / f"sea-0-{name}" for name in ("old", "recent"))
    for place in (old, recent):
        place.mkdir(parents=True)
        (place / "mask.npy").touch()
    os.utime(old, (long_ago, long_ago))
    place = cache.arrays_folder()
    assert not old.exists()
    assert recent.exists()
    assert cache.is_whole(place)
