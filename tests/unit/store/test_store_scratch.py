import errno
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.errors import StoreFullError
from vesseltrack.schema import SAID
from vesseltrack.store import Scratch, Store
from vesseltrack.store import scratch as module

DAY_US = 86_400_000_000
HOUR_US = DAY_US // 24


def rows(key: int, hours: list[int]) -> pa.Table:
    """Return what vessel `key` said at some hours; the name tells the place in its list."""
    t_us = pa.array([hour * HOUR_US for hour in sorted(hours)], pa.int64())
    names = [f"{key}.{nth}" for nth in range(len(hours))]
    return SAID.of({"vessel_key": [key] * len(hours), "timestamp": t_us, "name": names})


HOURS = st.lists(st.integers(-30, 90), max_size=40)


@given(st.lists(HOURS, max_size=5), st.integers(1, 50), st.integers(1, 9))
def test_rows_come_back_by_time_and_then_as_they_were_put_in(
    tmp_path_factory, hours, max_rows, block_rows
):
    tables = [rows(key, own) for key, own in enumerate(hours)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK_ROWS", block_rows)
        with closing(Scratch(tmp_path_factory.getbasetemp(), SAID)) as scratch:
            for table in tables:
                scratch.append(table)
            stretches = list(scratch.stretches(max_rows))
    whole = pa.concat_tables([SAID.empty(), *tables]).to_pylist()
    whole.sort(key=lambda row: row["timestamp"])  # stable
    assert [row for stretch in stretches for row in stretch.rows.to_pylist()] == whole
    days = {row["timestamp"].date() for row in whole}
    assert scratch.n_days == len(days) == len({stretch.nth_day for stretch in stretches})


def test_stretches_meet_and_cover_all_time(tmp_path: Path):
    with closing(Scratch(tmp_path, SAID)) as scratch:
        scratch.append(rows(1, [0, 1, 2, 23, 24, 80]))
        stretches = list(scratch.stretches(2))
    borders = [(one.start_us, one.stop_us) for one in stretches]
    assert [start for start, _ in borders[1:]] == [stop for _, stop in borders[:-1]]
    assert (borders[0][0], borders[-1][1]) == (np.iinfo(np.int64).min, np.iinfo(np.int64).max)
    assert [stretch.rows.num_rows for stretch in stretches] == [3, 1, 1, 1]
    assert scratch.last_us == 80 * HOUR_US
    for stretch in stretches:
        t_us = stretch.rows["timestamp"].cast(pa.int64()).to_numpy()
        assert ((t_us >= stretch.start_us) & (t_us < stretch.stop_us)).all()


def test_without_rows_there_is_no_stretch(tmp_path: Path):
    with closing(Scratch(tmp_path, SAID)) as scratch:
        assert (list(scratch.stretches(5)), scratch.last_us, scratch.n_days) == ([], None, 0)


def test_no_name_in_the_store_is_left_by_whoever_is_killed(ais_store: Store):
    before = sorted(ais_store.path.rglob("*"))
    with ais_store.scratch(SAID) as scratch:
        scratch.append(rows(1, list(range(50))))
        assert sorted(ais_store.path.rglob("*")) == before


class FullDisk:
    """A file whose writes end as those on a full disk do."""

    def write(self, _: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_called_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module.tempfile, "TemporaryFile", lambda **_: FullDisk())
    scratch = Scratch(tmp_path, SAID)
    with pytest.raises(StoreFullError, match="disk full"):
        scratch.append(rows(1, [0]))
