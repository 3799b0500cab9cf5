"""Every fault that ingest must survive, on the real command: `make faults`.

After each fault the same command is run once more, and what the store then exports must have one
hash. Then archives that expand, or go on, without end. A moment is the n-th change of a file below
the store, by whatever library; a table says how often each kind of fault came out how. A seed may
be given: `make faults ARGS=7`.
"""

import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from archive_bombs import cases, is_right
from ingest_faults import (
    BROKEN,
    DISK_FULL,
    Work,
    digest,
    is_one_line,
)
from vesseltrack.store import Store

N_KILLS = 50
N_FIRST = 20  # these changes fail one by one, and of the others as many as these in all
LINE_BYTES, BOMB_BYTES = 2 << 30, 10 << 30
SMALL_DISKS_KIB = (48, 64, 96, 128, 192, 256, 320)  # the store takes 400


def kills(n_changes: int, seed: int) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield moments at which the process is killed."""
    moments = random.Random(seed)  # noqa: S311 - moments, not secrets
    for _ in range(N_KILLS):
        yield "kill -9", {"AT": moments.randint(1, n_changes), "ERRNO": 0}


def failures(n_changes: int) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield writes that fail, alone or with all that follow."""
    step = max(1, n_changes // N_FIRST)
    for n in [*range(1, N_FIRST + 1), *range(N_FIRST + step, n_changes, step)]:
        yield "disk full from the n-th write on", {"AT": n, "ERRNO": DISK_FULL}
        yield "the n-th write alone fails", {"AT": n, "ERRNO": BROKEN, "ONCE": 1}


def main() -> int:
    """Print a line a kind of fault; the exit code says whether all came out right."""
    seed = int(sys.argv[1]) if sys.argv[1:] else 1
    outcomes: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory(prefix="vesseltrack-faults-") as folder:
        work = Work(Path(folder))
        n_changes = work.n_changes()
        expected = digest(work.folder / "counted")
        print(f"an undisturbed run makes {n_changes} changes; seed {seed}; export {expected}")
        faults = [*kills(n_changes, seed), *failures(n_changes)]
        for number, (kind, fault) in enumerate(faults):
            outcome = came_out(work, f"store-{number}", fault, expected)
            outcomes[kind, outcome] += 1
            if outcome != "right":
                print(f"{kind}: {fault}: {outcome}", flush=True)
        for kib in SMALL_DISKS_KIB:
            outcomes[f"full tmpfs, {kib} KiB", on_a_small_disk(work, kib, expected)] += 1
        for what, said, bomb in cases(work.folder, LINE_BYTES, BOMB_BYTES):
            took = f"{bomb.elapsed_s:.1f} s, {bomb.peak_mib:.0f} MiB"
            outcome = "right" if is_right(said, bomb) else f"wrong: {bomb.said}"
            outcomes[f"{what}: {took}", outcome] += 1
    for (kind, outcome), n in outcomes.items():
        print(f"{kind:<46} {n:>4}  {outcome}")
    return int(any(outcome.startswith("wrong") for _, outcome in outcomes))


def came_out(work: Work, name: str, fault: dict[str, object], expected: str) -> str:
    """Return how the store came out after one fault."""
    store = work.folder / name
    hit = work.run(store, **fault)
    if fault["ERRNO"] and not is_one_line(hit):
        return f"wrong: exit {hit.returncode}, {hit.stderr}"
    if (store / "store.json").exists():
        Store.open(store).select("positions")  # readers are unharmed
    again = work.run(store)
    if again.returncode:
        return f"wrong: run again it ends with {again.stderr}"
    return "right" if digest(store) == expected else "wrong: another export"


def on_a_small_disk(work: Work, kib: int, expected: str) -> str:
    """Return how the store came out on a disk that was full first and larger then."""
    disk = work.folder / f"disk-{kib}"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        return "skipped: a small disk needs the right to mount"
    try:
        hit = work.run(disk / "store")
        if not is_one_line(hit) or "disk full, " not in hit.stderr:
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
