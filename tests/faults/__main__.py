"""Every fault that ingest must survive: `make faults`.

A change is a call that changes a file or a folder below the store, by whatever library; its kind
is the call and the name of the file, without what differs between files of a kind. After each
fault the command is run once more, and what the store then exports must have one hash.

- The process is killed at 50 seeded changes.
- A change fails alone with an input error; it, and all that follow, with a full disk; a write
  takes half its bytes. Of each kind of change the first and a seeded other one are taken, so that
  every kind fails in every way it can; `make faults ARGS=all` takes every change there is. The
  command must end in one line and exit 1, after half a write as if nothing had happened.
- Disks are too small. Archives expand, or go on, without end.

The undisturbed run, and those on small disks, are the command as a user starts it; the others are
copies of a process that has imported it, which takes a fifth of the time. Their changes must be
the very ones of the undisturbed run. A `close` that fails is not among the faults: what stays is
synced, so that nothing is left to be written then.

A seed may be given: `make faults ARGS=7`, `make faults ARGS='7 all'`. What is tried is put on disk
and thrown away again: `TMPDIR=/dev/shm` makes it quicker.
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

from cases import FAULTS, Case, came_out, failures, kills
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
        cases = [*kills(made, seed), *failures(made, seed, is_thorough=is_thorough)]
        n_wrong = print_outcomes(work, made, cases, expected)
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


def print_outcomes(work: Work, made: list[Change], cases: list[Case], expected: str) -> int:
    """Print a line a kind of change; return how many cases came out wrong."""
    free: Queue[Forks] = Queue()
    for _ in range(os.cpu_count() or 1):
        free.put(Forks(work))

    def outcome_of(number: int) -> str:
        command = free.get()
        try:
            return came_out(command, work.folder / f"store-{number}", cases[number], expected)
        finally:
            free.put(command)

    counts: dict[str, Counter[str]] = {change.kind: Counter() for change in made}
    n_wrong = 0
    with ThreadPoolExecutor(free.qsize()) as pool:
        for case, outcome in zip(cases, pool.map(outcome_of, range(len(cases))), strict=True):
            counts[case.kind][case.fault] += 1
            n_wrong += told_if_wrong(case, outcome)
    while not free.empty():
        free.get().close()
    n_changes = Counter(change.kind for change in made)
    print(f"\n{'kind of change':<62}{'changes':>9}", *(f"{fault:>18}" for fault in FAULTS))
    for kind in sorted(counts):
        print(f"{kind:<62}{n_changes[kind]:>9}", *(f"{counts[kind][f]:>18}" for f in FAULTS))
    totals = [sum(count[fault] for count in counts.values()) for fault in FAULTS]
    print(f"{f'{len(counts)} kinds':<62}{len(made):>9}", *(f"{n:>18}" for n in totals))
    print(f"{len(cases)} faults: {n_wrong} wrong\n", flush=True)
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
