"""One `vesseltrack run`, or polars on the same files.

Prints its seconds, its peak [KiB], the voyages found and the exact ways asked for.
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # read when polars is imported


def run_by_us(store, paths):
    """Run archives into a new store, from the lines to the leads."""
    from vesseltrack import routing  # noqa: PLC0415 - a process imports what it times alone
    from vesseltrack.engine import run  # noqa: PLC0415 - as above
    from vesseltrack.store import Store  # noqa: PLC0415 - as above

    n_ways = 0
    way, ways = routing.shortest_route, routing.shortest_routes

    def counted(*args, **kwargs):
        nonlocal n_ways
        n_ways += 1
        return way(*args, **kwargs)

    def all_counted(from_lat, *args, **kwargs):
        nonlocal n_ways
        n_ways += len(from_lat)
        return ways(from_lat, *args, **kwargs)

    routing.shortest_route, routing.shortest_routes = counted, all_counted
    _, summary = run(Store.open(store, create=True), paths)
    return summary.counts["voyages"], n_ways


def read_by_polars(_, paths):
    """Read the columns that positions and statics come from, and their times."""
    import csv_speed  # noqa: PLC0415 - as above

    for path in paths:
        csv_speed.read_by_polars("dma", path, reads_times=True)
    return 0, 0


if __name__ == "__main__":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    JOBS = {"ours": run_by_us, "polars": read_by_polars}
    found = JOBS[sys.argv[1]](Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
    status = Path("/proc/self/status").read_text()
    print(time.process_time(), status.split("VmHWM:")[1].split()[0], *found)
