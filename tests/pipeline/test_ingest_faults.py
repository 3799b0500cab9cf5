"""The real `ingest` killed or without room, and run again: the same store; see `make faults`."""

import random
from pathlib import Path, PurePosixPath

import pytest

from archive_bombs import gzip_bomb, is_right, long_line, read
from file_changes import Change, lost_by_a_power_cut
from ingest_faults import BROKEN, DISK_FULL, Work, compiler, digest
from vesseltrack.store import Store

pytestmark = pytest.mark.slow
MIB = 1 << 20


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    if compiler() is None:
        pytest.skip("making writes fail needs Linux and a C compiler")
    return Work(tmp_path_factory.mktemp("faults"), n_lines=900)


@pytest.fixture(scope="module")
def undisturbed(work: Work) -> list[Change]:
    return work.changes()


@pytest.fixture(scope="module")
def n_changes(undisturbed: list[Change]) -> int:
    return len(undisturbed)


@pytest.fixture(scope="module")
def expected(work: Work, n_changes: int) -> str:
    assert n_changes > 300
    return digest(work.folder / "counted")


def test_what_a_commit_names_outlasts_a_power_cut_before_it_is_made(
    undisturbed: list[Change],
) -> None:
    for commit, lost in lost_by_a_power_cut(undisturbed):
        new_log = {str(PurePosixPath(commit.path).parent)} if commit else set()
        assert lost <= new_log, commit


def test_killed_at_any_change_of_a_file_and_run_again_it_is_the_same_store(
    work: Work, n_changes: int, expected: str
) -> None:
    moments = random.Random(3)  # noqa: S311 - moments, not secrets
    store = work.folder / "killed"
    for _ in range(3):  # one after the other, each on what the last one left
        done = work.run(store, AT=moments.randint(1, n_changes // 2), ERRNO=0)
        assert done.returncode == -9
    assert work.run(store).returncode == 0
    assert digest(store) == expected


@pytest.mark.parametrize(
    ("at_frac", "fault"), [(0.3, {"ERRNO": DISK_FULL}), (0.7, {"ERRNO": BROKEN, "ONCE": 1})]
)
def test_a_write_that_fails_ends_in_one_line_and_the_run_can_be_resumed(
    work: Work, n_changes: int, expected: str, at_frac: float, fault: dict[str, int]
) -> None:
    store = work.folder / f"failed-{at_frac}"
    done = work.run(store, AT=int(at_frac * n_changes), **fault)
    assert done.is_one_line
    assert "rows committed, run again to resume" in done.stderr
    assert ("disk full, " in done.stderr) == (fault["ERRNO"] == DISK_FULL)
    assert Store.open(store).select("positions").num_rows >= 0
    assert work.run(store).returncode == 0
    assert digest(store) == expected


def test_a_commit_that_fails_is_told_without_the_codes_of_a_terminal(
    work: Work, undisturbed: list[Change]
) -> None:
    calls = [change.call for change in undisturbed]
    store = work.folder / "not-linked"
    done = work.run(store, AT=calls.index("link") + 1, ERRNO=BROKEN, ONCE=1)
    assert done.is_one_line
    assert "Input/output error (os error 5)), 0 rows committed" in done.stderr
    assert "x1b" not in done.stderr


def test_the_first_name_of_a_commit_that_could_not_be_removed_is_swept_by_the_next_run(
    work: Work, undisturbed: list[Change], expected: str
) -> None:
    paths = [change.path if change.call == "unlink" else "" for change in undisturbed]
    first_name = "landing/_delta_log/00000000000000000001.json#1"
    store = work.folder / "two-names"
    assert not work.run(store, AT=paths.index(first_name) + 1, ERRNO=BROKEN, ONCE=1).returncode
    assert digest(store) == expected
    assert work.run(store).returncode == 0
    assert [path.name for path in store.rglob("*#*")] == []
    assert digest(store) == expected


def test_a_bomb_ends_at_a_limit_in_bounded_memory(tmp_path: Path) -> None:
    bomb = gzip_bomb(tmp_path / "bomb.nmea.gz", 400 * MIB)
    outcome = read(bomb, tmp_path / "store")
    assert is_right("(setting ingest.archive.max_ratio)", outcome), outcome


def test_a_line_without_end_costs_no_memory_and_hides_no_other(tmp_path: Path) -> None:
    outcome = read(None, tmp_path / "store", long_line(300 * MIB))
    assert is_right("", outcome), outcome
    (source,) = Store.open(tmp_path / "store").select("sources").to_pylist()
    assert (source["lines"], source["used"]) == (3, 2)
    assert source["rejected"] == '{"line_too_long": 1}'
