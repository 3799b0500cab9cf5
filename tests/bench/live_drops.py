"""The fold of `drop_pickup` alone on the generated fleet: what a second of it costs, and holds.

As fast as it goes: hours of the feed in minutes. What all detectors share, the sorting of a
push's fixes, is done before the clock runs.
"""

import time

import numpy as np
import pyarrow as pa

from live_fold import EVERY_S, RATE, T0_S, Fleet, instants, rss_mib
from vesseltrack.config.detect import DetectConfig
from vesseltrack.core.vessel_keys import keys_of
from vesseltrack.detect import Slice, make_detector
from vesseltrack.schema import FIXES, SEGMENTS, VESSELS, VOYAGES

BATCH_S = 0.5
NEEDED = ("key", "t_us", "lat", "lon", "segment", "port_m", "anchorage_m")
MIB = 1 << 20


def slices(fleet, minutes):
    """Yield the fixes of each push, and the time at which it ends."""
    keys = keys_of([str(mmsi) for mmsi in fleet.mmsi])
    order = np.argsort(fleet.phase_s)
    phase_s = fleet.phase_s[order]
    ships = VESSELS.empty()
    for number in range(round(minutes * 60 / BATCH_S)):
        start_s = number * BATCH_S
        since_s = start_s % EVERY_S
        first, stop = np.searchsorted(phase_s, [since_s, since_s + BATCH_S])
        rows = order[first:stop]
        due_s = start_s - since_s + fleet.phase_s[rows]
        lat, lon, knots, is_back = fleet.places(rows, due_s)
        order_of = np.lexsort((keys[rows], np.rint(due_s * 1e6)))
        n, far = rows.size, np.full(rows.size, 5e4, dtype=np.float32)
        columns = {
            "vessel_key": keys[rows],
            "timestamp": instants(due_s),
            "lat": np.rint(lat * 1e6) / 1e6,
            "lon": np.rint(lon * 1e6) / 1e6,
            "sog_kn": np.round(knots, 1).astype(np.float32),
            "segment": keys[rows],
            "quality": np.zeros(n, dtype=np.int32),
            "cell": np.zeros(n, dtype=np.uint64),
            "port_m": far,
            "anchorage_m": far,
            "shore_m": far,
        }
        course_deg = (np.degrees(fleet.course[rows]) + 180 * is_back) % 360
        columns["cog_deg"] = columns["heading_deg"] = course_deg.astype(np.float32)
        columns["nav_status"] = pa.nulls(n, pa.int8())
        fixes = FIXES.of({name: columns[name] for name in FIXES.names}).take(order_of)
        batch = Slice(fixes, SEGMENTS.empty(), VOYAGES.empty(), ships)
        batch.columns.rows(NEEDED)
        yield batch, round((T0_S + start_s + BATCH_S) * 1e6)


def held_mib(detector):
    """What a state holds, each array once however many parts share it."""
    arrays = {id(column): column.nbytes for column in detector.state().values()}
    return sum(arrays.values()) / MIB


def clocked(what):
    began_s = time.process_time()
    what()
    return time.process_time() - began_s


def main(minutes=180):
    """Print a line for a few of the minutes."""
    fleet = Fleet()
    detector = make_detector("drop_pickup", DetectConfig())
    print(f"drop_pickup: {fleet.n:,} vessels, {RATE:,} positions/s, pushes of {BATCH_S} s")
    print("minute   of a core   longest push   look   save    held     process")
    spent_s, most_s = [], 0.0
    for number, (batch, until_us) in enumerate(slices(fleet, minutes), start=1):
        took_s = clocked(lambda batch=batch, at=until_us: detector.push(batch, at))
        spent_s.append(took_s)
        most_s = max(most_s, took_s)
        minute, rest = divmod(number * BATCH_S, 60)
        if rest == 0 and (minute in {1, 2, 5, 10} or minute % 30 == 0):
            recent_s = spent_s[-round(600 / BATCH_S) :]  # ten minutes: breaks are settled so often
            look_s = clocked(detector.flush)
            save_s = clocked(detector.state)
            print(
                f"{minute:6.0f} {sum(recent_s) / len(recent_s) / BATCH_S:10.1%} "
                f"{most_s:12.2f} s {look_s:6.2f} s {save_s:5.3f} s "
                f"{held_mib(detector):4.0f} MiB {rss_mib():6,} MiB",
                flush=True,
            )
            most_s = 0.0
