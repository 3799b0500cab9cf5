"""One `vesseltrack run`, or polars on the same files; prints its seconds and peak [KiB]."""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # read when polars is imported


def run_by_us(store, paths):
    """Run archives into a new store, from the lines to the leads."""
    from vesseltrack.engine import run  # noqa: PLC0415 - a process imports what it times alone
    from vesseltrack.store import Store  # noqa: PLC0415 - as above

    run(Store.open(store, create=True), paths)


def read_by_polars(_, paths):
    """Read the columns that positions and statics come from, and their times."""
    import csv_speed  # noqa: PLC0415 - as above

    for path in paths:
        csv_speed.read_by_polars("dma", path, reads_times=True)


if __name__ == "__main__":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    JOBS = {"ours": run_by_us, "polars": read_by_polars}
    JOBS[sys.argv[1]](Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
    status = Path("/proc/self/status").read_text()
    print(time.process_time(), status.split("VmHWM:")[1].split()[0])
