"""Which changes of files are made to fail, and how the store must come out of it."""

import random
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from file_changes import Change, changes
from ingest_faults import BROKEN, DISK_FULL, Ended, digest
from vesseltrack.store import Store

KILLED = "kill -9"
FULL = "full from then on"
ALONE = "fails alone"
CUT = "half written"
N_KILLS = 50
# The library of the log does not say so when it cannot remove the name that a commit was written
# under: the commit has its own name by then, and the next fold sweeps the other one.
_MAY_GO_UNSAID = re.compile(r"unlink \w+/_delta_log/VERSION\.json#1")
_NEEDS_NO_ROOM = frozenset({"unlink", "utimensat", "ftruncate"})
FAULTS: dict[str, dict[str, object]] = {
    KILLED: {"ERRNO": 0},
    FULL: {"ERRNO": DISK_FULL},
    ALONE: {"ERRNO": BROKEN, "ONCE": 1},
    CUT: {"ERRNO": -1, "ONCE": 1},
}


class Command(Protocol):
    """What ingests into a store under a fault."""

    def run(self, store: Path, **fault: object) -> Ended:
        """Ingest."""


@dataclass(frozen=True)
class Case:
    """One change of an undisturbed run, and what becomes of it."""

    n: int  # from 1
    kind: str
    fault: str


def kills(made: Sequence[Change], seed: int) -> Iterator[Case]:
    """Yield seeded moments at which the process is killed."""
    moments = random.Random(seed)  # noqa: S311 - moments, not secrets
    for _ in range(N_KILLS):
        n = moments.randint(1, len(made))
        yield Case(n, made[n - 1].kind, KILLED)


def failures(made: Sequence[Change], seed: int, *, is_thorough: bool) -> Iterator[Case]:
    """Yield changes that fail in every way they can: of each kind the first and a seeded other.

    Every change if it is thorough.
    """
    chosen = range(1, len(made) + 1) if is_thorough else _some_of_each_kind(made, seed)
    for n in chosen:
        change = made[n - 1]
        yield Case(n, change.kind, ALONE)
        if change.call not in _NEEDS_NO_ROOM:
            yield Case(n, change.kind, FULL)
        if change.call == "write":
            yield Case(n, change.kind, CUT)


def _some_of_each_kind(made: Sequence[Change], seed: int) -> list[int]:
    moments = random.Random(seed)  # noqa: S311 - moments, not secrets
    of_kind: dict[str, list[int]] = {}
    for n, change in enumerate(made, start=1):
        of_kind.setdefault(change.kind, []).append(n)
    others = [moments.choice(numbers) for numbers in of_kind.values()]
    return sorted({*others, *(numbers[0] for numbers in of_kind.values())})


def came_out(command: Command, store: Path, case: Case, expected: str) -> str:
    """Return how a store came out of one fault: "right", or what is wrong; then delete it."""
    log = store.with_name(f"{store.name}.log")
    hit = command.run(store, AT=case.n, LOG=log, **FAULTS[case.fault])
    met = changes(log, store)
    if len(met) < case.n or met[case.n - 1].kind != case.kind:
        return "wrong: the run does not make the same changes each time"
    wrong = _ended_wrong(hit, store, case, expected)
    if wrong:
        return f"wrong: {wrong}"
    if (store / "store.json").exists():
        Store.open(store).select("positions")  # readers are unharmed
    again = command.run(store)
    if again.returncode:
        return f"wrong: run again it ends with {again.stderr}"
    if digest(store) != expected:
        return "wrong: another export"
    if left := [path.name for path in store.rglob("*#*")]:
        return f"wrong: nobody removes {left}"
    shutil.rmtree(store)
    return "right"


def _ended_wrong(hit: Ended, store: Path, case: Case, expected: str) -> str | None:
    said = f"exit {hit.returncode}, {hit.stderr}"
    if case.fault == KILLED:
        return None if hit.returncode == -9 else said
    if case.fault == CUT or (case.fault == ALONE and _MAY_GO_UNSAID.fullmatch(case.kind)):
        is_whole = hit.returncode == 0 and digest(store) == expected
        return None if is_whole else said
    if case.fault == FULL and "disk full, " not in hit.stderr:
        return said
    return None if hit.is_one_line and "\\x1b" not in hit.stderr else said
