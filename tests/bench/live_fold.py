"""The live engine on a generated fleet: what a position costs, when alerts come, what it holds.

Counted in the processor time of this process, so that what else the machine does hardly matters:
a batch begins when its last row is there and the one before is done, and takes what it took.
"""

import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from vesseltrack.config import Config
from vesseltrack.engine import LiveEngine
from vesseltrack.schema import RECEIVED, STATICS, TIMESTAMP
from vesseltrack.sea import is_land

RATE = 20_000
EVERY_S = 2.5
BATCH_S = 0.25
MET_FRAC = 0.01  # of the vessels, that come alongside another
T0_S = 1_700_000_000
DEG_PER_M = 1 / 111_195


class Fleet:
    """Vessels of northern Europe: four in ten lie still, the others go out and back."""

    def __init__(self, seed=1):
        rng = np.random.default_rng(seed)
        n = self.n = round(RATE * EVERY_S)
        self.mmsi = 201_000_000 + rng.permutation(500_000_000 // 9)[:n] * 9
        self.lat, self.lon = rng.uniform(49, 59, n), rng.uniform(-3, 12, n)
        while (on_land := np.flatnonzero(is_land(self.lat, self.lon))).size:
            self.lat[on_land] = rng.uniform(49, 59, on_land.size)
            self.lon[on_land] = rng.uniform(-3, 12, on_land.size)
        self.knots = np.where(rng.random(n) < 0.4, 0.0, rng.uniform(3, 18, n))
        self.course = np.radians(rng.uniform(0, 360, n))
        self.phase_s = rng.uniform(0, EVERY_S, n)
        self.length_m = rng.uniform(10, 300, n)
        met = rng.permutation(n)[: round(n * MET_FRAC)].reshape(2, -1)
        self.host = np.full(n, -1)
        self.host[met[0]] = met[1]
        self.knots[met[1]] = 4.0
        self.joins_s = rng.uniform(0, 240, n)

    def places(self, rows, t_s):
        own = np.where((self.host[rows] >= 0) & (t_s >= self.joins_s[rows]), self.host[rows], rows)
        turn = self.knots[own] * 0.5144 * t_s * DEG_PER_M / 0.2
        north = 0.2 * np.sin(turn)
        lat = self.lat[own] + north * np.cos(self.course[own]) + (own != rows) * 80 * DEG_PER_M
        narrow = np.cos(np.radians(self.lat[own]))
        lon = self.lon[own] + north * np.sin(self.course[own]) / narrow
        return lat, lon, np.abs(np.cos(turn)) * self.knots[own], np.cos(turn) < 0

    def batch(self, start_s):
        due_s = (np.ceil((start_s - self.phase_s) / EVERY_S)) * EVERY_S + self.phase_s
        rows = np.flatnonzero(due_s < start_s + BATCH_S)
        rows = rows[np.argsort(due_s[rows])]
        lat, lon, knots, is_back = self.places(rows, due_s[rows])
        course = (np.degrees(self.course[rows]) + 180 * is_back) % 360
        n = rows.size
        received = RECEIVED.of(
            {
                "mmsi": self.mmsi[rows].astype(np.int32),
                "timestamp": instants(due_s[rows]),
                "lat_e6": np.rint(lat * 1e6).astype(np.int32),
                "lon_e6": np.rint(lon * 1e6).astype(np.int32),
                "sog_kn": np.round(knots, 1).astype(np.float32),
                "cog_deg": np.round(course, 1).astype(np.float32),
                "heading_deg": np.round(course).astype(np.float32) % 360,
                "msg_type": np.ones(n, dtype=np.int8),
                "quality": np.zeros(n, dtype=np.int32),
                "source_id": np.ones(n, dtype=np.int64),
                "line": np.arange(n, dtype=np.int32),
            }
        )
        # Each vessel says who it is once, in the first three minutes.
        telling = rows[(self.mmsi[rows] % 72) == int(start_s / EVERY_S)]
        return received, self.words(telling, start_s)

    def completed_s(self, event):
        """When the first reports came that tell where its vessels were at its end."""
        end_s = event["end"].timestamp() - T0_S
        of_event = [event["mmsi"], event["other_mmsi"] or event["mmsi"]]
        phase_s = self.phase_s[np.isin(self.mmsi, of_event)]
        return (np.ceil((end_s - phase_s) / EVERY_S - 1e-6) * EVERY_S + phase_s).max()

    def words(self, rows, t_s):
        n = rows.size
        return STATICS.of(
            {
                "mmsi": self.mmsi[rows].astype(np.int32),
                "timestamp": instants(np.full(n, t_s)),
                "name": [f"SHIP {mmsi}" for mmsi in self.mmsi[rows]],
                "ship_type": np.full(n, 70, dtype=np.int16),
                "length_m": self.length_m[rows].astype(np.float32),
                "msg_type": np.full(n, 5, dtype=np.int8),
                "source_id": np.ones(n, dtype=np.int64),
                "line": np.arange(n, dtype=np.int32),
            }
        )


def instants(t_s):
    return pa.array(np.rint((T0_S + t_s) * 1e6).astype(np.int64)).cast(TIMESTAMP)


def rss_mib():
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) // 256


def main(seconds=300):
    """Print a line a minute, and when alerts came."""
    fleet, engine = Fleet(), LiveEngine(Config())
    done_s, spent_s, waits_s, since = 0.0, 0.0, [], 0.0
    print(f"live fold: {fleet.n:,} vessels, one report in {EVERY_S} s each")
    for number in range(round(seconds / BATCH_S)):
        start_s = number * BATCH_S
        batch = fleet.batch(start_s)
        began_s = time.process_time()
        changed = engine.push(*batch)
        took_s = time.process_time() - began_s
        spent_s += took_s
        done_s = max(done_s, start_s + BATCH_S) + took_s
        waits_s += [
            done_s - fleet.completed_s(event)
            for event in changed.to_pylist()
            if event["revision"] == 1
        ]
        if (number + 1) % round(60 / BATCH_S) == 0:
            share = (spent_s - since) / 60
            since = spent_s
            print(
                f"{(number + 1) * BATCH_S:6.0f} s  {share:5.0%} of a core  "
                f"{rss_mib():6,} MiB  {done_s - start_s - BATCH_S:5.2f} s behind  "
                f"{len(waits_s):6,} alerts",
                flush=True,
            )
    if waits_s:
        middle, most = np.percentile(waits_s, [50, 99])
        print(f"alert after the completing position: median {middle:.2f} s, p99 {most:.2f} s")
