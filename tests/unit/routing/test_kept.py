"""Trees on disk are read back whole, or grown anew."""

import os
import threading

import numpy as np
import pytest

from vesseltrack.config.routing import RoutingConfig
from vesseltrack.errors import ConfigError
from vesseltrack.routing import kept
from vesseltrack.routing.anchors import Tree

N_NODES = 2_000  # 16 kB a tree
LIMIT_MB = 1.0


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "arrays_folder", lambda: tmp_path)
    return tmp_path / "fields"


class Grower:
    """Grows a tree of a number, and counts how often."""

    def __init__(self, number):
        self.number, self.n_grown = number, 0

    def __call__(self):
        self.n_grown += 1
        distance_m = np.full(N_NODES, self.number, dtype=np.float32)
        return Tree(np.eye(3)[0], distance_m, np.arange(N_NODES, dtype=np.int32))


def assert_same(tree, grow):
    other = grow()
    for name in ("root", "distance_m", "toward"):
        np.testing.assert_array_equal(getattr(tree, name), getattr(other, name))
        assert getattr(tree, name).dtype == getattr(other, name).dtype


def test_a_tree_is_grown_once(folder):
    grow = Grower(7)
    first = kept.kept("Rotterdam", grow, LIMIT_MB)
    again = kept.kept("Rotterdam", grow, LIMIT_MB)
    assert grow.n_grown == 1
    assert_same(first, Grower(7))
    assert_same(again, Grower(7))
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("damage", ["cut", "bit", "empty", "foreign"])
def test_a_damaged_file_is_made_anew(folder, damage):
    kept.kept("Rotterdam", Grower(7), LIMIT_MB)
    (file,) = folder.iterdir()
    content = bytearray(file.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "bit":
        content[len(content) // 2] ^= 1
    elif damage == "empty":
        content = b""
    else:  # another name with the same checksum
        np.savez(file, name=np.array("elsewhere"), root=0, distance_m=0, toward=0)
        content = file.read_bytes()
    file.write_bytes(content)
    grow = Grower(8)
    assert_same(kept.kept("Rotterdam", grow, LIMIT_MB), Grower(8))
    assert grow.n_grown == 1
    assert_same(kept.kept("Rotterdam", Grower(9), LIMIT_MB), Grower(8))


def test_those_used_longest_ago_go(folder):
    names = ["Rotterdam", "Singapore", "Santos"]
    for day, name in enumerate(names):
        kept.kept(name, Grower(day), LIMIT_MB)
        newest = max(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        os.utime(newest, (day, day))
    kept.kept("Rotterdam", Grower(0), LIMIT_MB)  # used again, so it is no longer the oldest
    size_mb = newest.stat().st_size / 1e6
    kept.kept("Piraeus", Grower(3), 3.5 * size_mb)
    growers = {name: Grower(9) for name in [*names, "Piraeus"]}
    for name, grow in growers.items():
        if name != "Singapore":
            kept.kept(name, grow, LIMIT_MB)
    assert [grow.n_grown for grow in growers.values()] == [0, 0, 0, 0]
    kept.kept("Singapore", growers["Singapore"], LIMIT_MB)
    assert growers["Singapore"].n_grown == 1


def test_with_no_room_nothing_is_kept(folder):
    grow = Grower(7)
    kept.kept("Rotterdam", grow, 0.0)
    kept.kept("Rotterdam", grow, 0.0)
    assert grow.n_grown == 2
    assert not list(folder.iterdir())
    with pytest.raises(ConfigError, match="field_cache_mb must be zero or more and finite"):
        RoutingConfig(field_cache_mb=float("nan"))


def test_where_nothing_can_be_written_it_is_grown(tmp_path, monkeypatch):
    file = tmp_path / "a_file"
    file.write_text("", encoding="utf-8")
    monkeypatch.setattr(kept, "arrays_folder", lambda: file)
    assert_same(kept.kept("Rotterdam", Grower(7), LIMIT_MB), Grower(7))


def test_many_at_once_read_whole_trees(folder):
    wrong = []

    def ask(nth):
        tree = kept.kept(f"port {nth % 3}", Grower(nth % 3), 0.04)  # room for two of the three
        if not (tree.distance_m == nth % 3).all():
            wrong.append(nth)

    threads = [threading.Thread(target=ask, args=(nth,)) for nth in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 40_000
