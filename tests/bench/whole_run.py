"""`vesseltrack run` of generated DMA days against polars reading the same files.

Process time of a process each, on one core: imports are counted for both, making the sea graph
once for all is not. Days are of different vessels, so that four hold four times the voyages.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from csv_days import write_danish_day
from vesseltrack import routing

N_ROWS = 1_000_000  # a day
N_DAYS = 4


def print_run(n_rows: int = N_ROWS) -> None:
    """Print the time of one day over that of polars, of four days over one, and peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VESSELTRACK_CACHE"] = str(Path(folder) / "cache")
        routing.shortest_route((55.0, 12.5), (57.9, 10.6))  # makes the sea graph
        days = [Path(folder) / f"day{nth}.csv" for nth in range(N_DAYS)]
        for nth, path in enumerate(days):
            write_danish_day(path, n_rows, nth + 1, date=f"{10 + nth}/11/2025")
        polars_s, _ = done("polars", folder, days[:1])
        one_s, one_mib = done("ours", folder, days[:1])
        print(f"one day of {n_rows:,} rows: {one_s:.1f} s, {one_mib:,.0f} MiB at most", flush=True)
        print(f"polars.read_csv of its columns: {polars_s:.1f} s, {one_s / polars_s:.1f} times")
        all_s, all_mib = done("ours", folder, days)
        times = f"{all_s / one_s:.2f} times one day"
        print(f"{N_DAYS} such days: {all_s:.1f} s, {times}, {all_mib:,.0f} MiB at most")


def done(who: str, folder: str, paths: list[Path]) -> tuple[float, float]:
    """Return the process time [s] and the peak memory [MiB] of a process that does it."""
    script, store = Path(__file__).with_name("one_run.py"), Path(folder) / f"store{len(paths)}"
    command = [sys.executable, script, who, store, *paths]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, peak_kib = told.split()
    return float(seconds), int(peak_kib) / 1024
