"""Feeds made for tests: what was heard of them, with clocks that stand still."""

from dataclasses import dataclass

import pyarrow as pa

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.ingest.batch import Batch
from vesseltrack.ingest.live import Arrival, Clocks, Feed

NOON_US = 1_709_294_400_000_000  # 2024-03-01 12:00 UTC


@dataclass
class Hands:
    """Clocks that a test sets."""

    steady_s: float = 0.0
    world_us: int = NOON_US

    def clocks(self):
        return Clocks(lambda: self.steady_s, lambda: self.world_us)

    def pass_s(self, seconds):
        self.steady_s += seconds
        self.world_us += round(seconds * 1e6)


def new_feed(config=None, max_bad_lines=10_000):
    name = "tcp://feed.example:4001"
    return Feed(name, config or IngestConfig(), NOON_US, max_bad_lines=max_bad_lines)


def arrival(data, sender="1", at_us=NOON_US, dropped=None):
    return Arrival((0, sender), data, at_us, dropped)


def heard(feed, *arrivals, now_us=NOON_US):
    """Take in what arrived, and return the rows that it completes."""
    for _ in feed.read(arrivals, now_us):
        pass
    return feed.take()


def ended(feed, now_us=NOON_US):
    for _ in feed.finish(now_us):
        pass
    return feed.take()


def together(batches):
    return Batch(
        *(
            pa.concat_tables([getattr(batch, name) for batch in batches])
            for name in ("received", "statics", "rejects")
        )
    )


def adds_up(report):
    return report.lines == report.used + sum(report.rejected.values()) + sum(
        report.ignored.values()
    )
