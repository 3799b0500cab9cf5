"""`vesseltrack run` of generated DMA days against polars reading the same files.

Process time of a process each, on one core: imports are counted for both, making the sea graph
once for all is not. Days are of different vessels, so that four hold four times the voyages. In
days that wander vessels keep a course at random, over land too; in days that sail they go where
vessels go.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from csv_days import write_danish_day
from sailing_days import write_sailing_day
from vesseltrack import routing

N_ROWS = 1_000_000  # a day
N_DAYS = 4
WRITTEN = {"wander": write_danish_day, "sail": write_sailing_day}


@dataclass(frozen=True)
class Done:
    """What a process took, and what it found: 0 where that is not asked."""

    seconds: float
    peak_mib: float
    n_voyages: int
    n_ways: int

    @property
    def found(self):
        """What a run had to do with routes, in words."""
        return f"{self.n_voyages:,} voyages, {self.n_ways:,} exact ways asked for"


def print_run(n_rows: int = N_ROWS) -> None:
    """Print the time of one day over that of polars, of four days over one, and peak memory."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ["VESSELTRACK_CACHE"] = cache
        routing.shortest_route((55.0, 12.5), (57.9, 10.6))  # makes the sea graph
        for name in WRITTEN:
            with tempfile.TemporaryDirectory() as folder:
                print_days(name, n_rows, Path(folder))


def print_days(name: str, n_rows: int, folder: Path) -> None:
    """Print it of days of one making."""
    days = [folder / f"day{nth}.csv" for nth in range(N_DAYS)]
    for nth, path in enumerate(days):
        WRITTEN[name](path, n_rows, nth + 1, date=f"{10 + nth}/11/2025")
    polars = done("polars", folder, days[:1])
    one = done("ours", folder, days[:1])
    print(f"one day of {n_rows:,} rows, vessels that {name}: {one.seconds:.1f} s, ", end="")
    print(f"{one.peak_mib:,.0f} MiB at most; {one.found}", flush=True)
    times = f"{one.seconds / polars.seconds:.1f} times"
    print(f"polars.read_csv of its columns: {polars.seconds:.1f} s, {times}")
    four = done("ours", folder, days)
    times = f"{four.seconds / one.seconds:.2f} times one day"
    print(f"{N_DAYS} such days: {four.seconds:.1f} s, {times}, ", end="")
    print(f"{four.peak_mib:,.0f} MiB at most; {four.found}", flush=True)


def done(who: str, folder: Path, paths: list[Path]) -> Done:
    """Return what a process took that does it."""
    script, store = Path(__file__).with_name("one_run.py"), folder / f"store{len(paths)}"
    command = [sys.executable, script, who, store, *paths]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, peak_kib, n_voyages, n_ways = told.split()
    return Done(float(seconds), int(peak_kib) / 1024, int(n_voyages), int(n_ways))
