"""What encounters alone take of a live feed: processor time and memory, minute by minute.

The fleet of `live_fold`, as fixes: no other stage takes part. A look is what the engine asks for
every half second at most, here every five; a state is what it saves.
"""

import time
from typing import Any

import numpy as np
import pyarrow as pa

from detect_tables import key, slice_of
from live_fold import EVERY_S, T0_S, Fleet, instants, rss_mib
from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect import Slice, make_detector
from vesseltrack.hexgrid import cells_of
from vesseltrack.schema import FIXES

PUSH_S = 0.5
SLOW_S = 180.0
LOOKS_IN_MINUTE = 12
MINUTE_S = 60.0


class Fixes:
    """The fleet as tracks hand it to the detectors."""

    def __init__(self, slow_frac: float) -> None:
        self.fleet = Fleet()
        n = self.fleet.n
        self.keys = np.array([key(int(mmsi)) for mmsi in self.fleet.mmsi])
        rng = np.random.default_rng(2)
        self.far_m = rng.uniform(6_000, 90_000, n)
        self.every_s = np.where(rng.random(n) < slow_frac, SLOW_S, EVERY_S)
        self.phase_s = rng.uniform(0, self.every_s)

    def slice(self, start_s: float, stop_s: float) -> tuple[Slice, int]:
        """Return the fixes of a stretch of time, each vessel's at most one, and its watermark."""
        due_s = np.ceil((start_s - self.phase_s) / self.every_s) * self.every_s + self.phase_s
        rows = np.flatnonzero(due_s < stop_s)
        rows = rows[np.lexsort((self.keys[rows], due_s[rows]))]
        t_s = due_s[rows]
        lat, lon, knots, is_back = self.fleet.places(rows, t_s)
        course = np.degrees(self.fleet.course[rows]) + 180 * is_back
        lat, lon = np.rint(lat * 1e6) / 1e6, np.rint(lon * 1e6) / 1e6
        far_m = (self.far_m[rows] + 1_000 * np.sin(t_s / 600)).astype(np.float32)
        table = FIXES.of(
            {
                "vessel_key": self.keys[rows],
                "timestamp": instants(t_s),
                "lat": lat,
                "lon": lon,
                "sog_kn": np.round(knots, 1).astype(np.float32),
                "cog_deg": np.round(course % 360, 1).astype(np.float32),
                "heading_deg": (np.round(course) % 360).astype(np.float32),
                "nav_status": np.zeros(rows.size, dtype=np.int8),
                "quality": np.zeros(rows.size, dtype=np.int32),
                "segment": self.keys[rows] % 1_000_003,
                "shore_m": far_m,
                "port_m": far_m,
                "anchorage_m": far_m,
                "cell": cells_of(lat, lon),
            }
        )
        return slice_of(table), round((T0_S + stop_s) * 1e6) - 1


def main(seconds: int = 3_600, slow_percent: int = 0) -> None:
    """Print a line a minute."""
    fixes, detector = Fixes(slow_percent / 100), make_detector("encounter", DetectConfig())
    seen: dict[str, Any] = {}
    n_pushes = round(MINUTE_S / PUSH_S)
    first, _ = fixes.slice(0.0, PUSH_S)
    make_detector("encounter", DetectConfig()).push(first, 0)  # what is loaded once is not counted
    empty_mib = rss_mib()
    print(f"encounters of a live feed: {fixes.fleet.n:,} vessels; without them {empty_mib} MiB")
    for minute in range(round(seconds / MINUTE_S)):
        push_s, look_s, worst_s, n_fixes = 0.0, 0.0, 0.0, 0
        for number in range(n_pushes):
            start_s = minute * MINUTE_S + number * PUSH_S
            batch, watermark_us = fixes.slice(start_s, start_s + PUSH_S)
            n_fixes += batch.fixes.num_rows
            began_s = time.process_time()
            events = detector.push(batch, watermark_us)
            took_s = time.process_time() - began_s
            push_s, worst_s = push_s + took_s, max(worst_s, took_s)
            if number % (n_pushes // LOOKS_IN_MINUTE) == 0:
                began_s = time.process_time()
                events = pa.concat_tables([events, detector.flush()])
                look_s += time.process_time() - began_s
            seen |= dict.fromkeys(events["event_id"].to_pylist())
        began_s = time.process_time()
        state = detector.state()
        state_s = time.process_time() - began_s
        held_mib = sum(column.nbytes for column in state.values()) / 2**20
        del state
        print(
            f"{minute + 1:4} min  {n_fixes / MINUTE_S:6,.0f}/s  push {push_s / MINUTE_S:6.3f} s/s,"
            f" {worst_s:5.2f} s at most  look {look_s / LOOKS_IN_MINUTE:6.3f} s  "
            f"state {state_s:6.3f} s, {held_mib:5.0f} MiB  {rss_mib() - empty_mib:5,} MiB more  "
            f"{len(seen):5,} events",
            flush=True,
        )
