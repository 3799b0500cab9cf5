"""Every fault that ingest must survive, on the real command: `make faults`.

A change is a call that changes a file or a folder below the store, by whatever library. After each
fault the same command is run once more, and what the store then exports must have one hash.

- The process is killed at 50 seeded changes.
- Every change fails alone with an input error; it, and all that follow, with a full disk; every
  write takes half its bytes. So every kind of write, which is a call on one kind of file of one
  table, is there. Of the dozens of writes to one Parquet file the first, the last and a seeded one
  are taken; `make faults ARGS=all` takes them all. What fails must end in one line and exit 1.
- Disks are too small. Archives expand, or go on, without end.

The failing writes are made by copies of a process that has imported the command, which takes a
fifth of the time; their changes must be the very ones of the command started anew. A `close` that
fails is not among the faults: what stays is synced, so that nothing is left to be written then.
A seed may be given: `make faults ARGS=7`, `make faults ARGS='7 all'`.
"""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

sys.path.insert(0, str(Path(__file__).parent.parent))

from cases import ALONE, CUT, FULL, Case, came_out, failures, kills
from forks import Forks

from archive_bombs import cases as bombs
from archive_bombs import is_right
from file_changes import Change
from ingest_faults import Work, digest
from vesseltrack.store import Store

LINE_BYTES, BOMB_BYTES = 2 << 30, 10 << 30
SMALL_DISKS_KIB = (48, 64, 96, 128, 192, 256, 320)  # the store takes 400


def main() -> int:
    """Print a line a kind of write and of fault; the exit code says whether all came out right."""
    words = sys.argv[1:]
    is_thorough = "all" in words
    seed = next((int(word) for word in words if word != "all"), 1)
    with tempfile.TemporaryDirectory(prefix="vesseltrack-faults-") as folder:
        work = Work(Path(folder))
        made = work.changes()
        expected = digest(work.folder / "counted")
        print(f"an undisturbed run makes {len(made)} changes; seed {seed}; export {expected}")
        n_wrong = print_killed(work, list(kills(made, seed)), expected)
        cases = list(failures(made, seed, is_thorough=is_thorough))
        n_wrong += print_failures(work, made, cases, expected)
        outcomes: dict[str, str] = {}
        for kib in SMALL_DISKS_KIB:
            outcomes[f"full tmpfs, {kib} KiB"] = on_a_small_disk(work, kib, expected)
        for what, said, bomb in bombs(work.folder, LINE_BYTES, BOMB_BYTES):
            took = f"{bomb.elapsed_s:.1f} s, {bomb.peak_mib:.0f} MiB"
            outcomes[f"{what}: {took}"] = (
                "right" if is_right(said, bomb) else f"wrong: {bomb.said}"
            )
    for fault, outcome in outcomes.items():
        print(f"{fault:<60} {outcome}")
    n_wrong += sum(outcome.startswith("wrong") for outcome in outcomes.values())
    print(f"{n_wrong} wrong")
    return int(n_wrong > 0)


def print_killed(work: Work, cases: list[Case], expected: str) -> int:
    """Kill the command as a user starts it; print and return how many came out wrong."""
    n_wrong = 0
    for number, case in enumerate(cases):
        outcome = came_out(work, work.folder / f"killed-{number}", case, expected)
        n_wrong += told_if_wrong(case, outcome)
    print(f"{len(cases)} kills: {n_wrong} wrong", flush=True)
    return n_wrong


def print_failures(work: Work, made: list[Change], cases: list[Case], expected: str) -> int:
    """Print a line a kind of write; return how many cases came out wrong."""
    free: Queue[Forks] = Queue()
    for _ in range(os.cpu_count() or 1):
        free.put(Forks(work))

    def outcome_of(number: int) -> str:
        command = free.get()
        try:
            return came_out(command, work.folder / f"store-{number}", cases[number], expected)
        finally:
            free.put(command)

    counts: dict[str, Counter[str]] = {}
    n_wrong = 0
    with ThreadPoolExecutor(free.qsize()) as pool:
        for case, outcome in zip(cases, pool.map(outcome_of, range(len(cases))), strict=True):
            counts.setdefault(case.kind, Counter())[case.fault] += 1
            n_wrong += told_if_wrong(case, outcome)
    while not free.empty():
        free.get().close()
    changes_of = Counter(change.kind for change in made)
    faults = (ALONE, FULL, CUT)
    print(f"\n{'kind of write':<62}{'changes':>9}", *(f"{fault:>18}" for fault in faults))
    for kind in sorted(counts):
        print(f"{kind:<62}{changes_of[kind]:>9}", *(f"{counts[kind][f]:>18}" for f in faults))
    totals = [sum(count[fault] for count in counts.values()) for fault in faults]
    print(f"{len(changes_of)} kinds{'':<54}{len(made):>9}", *(f"{n:>18}" for n in totals))
    print(f"{len(cases)} failing writes: {n_wrong} wrong\n", flush=True)
    return n_wrong


def told_if_wrong(case: Case, outcome: str) -> bool:
    """Print an outcome that is not right; return whether it is not."""
    if outcome == "right":
        return False
    print(f"{case}: {outcome}", flush=True)
    return True


def on_a_small_disk(work: Work, kib: int, expected: str) -> str:
    """Return how the store came out on a disk that was full first and larger then."""
    disk = work.folder / f"disk-{kib}"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        return "skipped: a small disk needs the right to mount"
    try:
        hit = work.run(disk / "store")
        if not hit.is_one_line or "disk full, " not in hit.stderr:
            return f"wrong: exit {hit.returncode}, {hit.stderr}"
        if (disk / "store" / "store.json").exists():
            Store.open(disk / "store").select("positions")
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        again = work.run(disk / "store")
        is_right = not again.returncode and digest(disk / "store") == expected
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    return "right" if is_right else f"wrong: {again.stderr}"


sys.exit(main())
