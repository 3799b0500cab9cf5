"""Paired timing: ours and a peer's by turns, so that a noisy machine slows both alike.

Time on processors, of the process and its children, is what counts: on a shared machine the clock
also says how long each of them had to wait. What the clock says stands beside it.
"""

import gc
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True)
class Comparison:
    """One job done by us and by a peer, on the same input."""

    job: str
    n_items: int
    ours: Callable[[], object]
    peer: str
    theirs: Callable[[], object]
    warm_up: bool = True  # by a round that is not counted
    rounds: int = ROUNDS


@dataclass(frozen=True)
class Fact:
    """What is no ratio: a job, and what is to be said of it."""

    job: str
    text: str


Row = Comparison | Fact


@dataclass(frozen=True)
class Spent:
    """What one turn took: time on processors, and time by the clock [s]."""

    processor_s: float
    clock_s: float


def measured(row: Row) -> str:
    """Return a row: the job, our rate, the median of the peer's time over ours, and by the clock.

    Rate, median and spread are of time on processors.
    """
    if isinstance(row, Fact):
        return f"{row.job:<44} {row.text}"
    return _compared(row)


def _compared(comparison: Comparison) -> str:
    mine, theirs = [], []
    if comparison.warm_up:
        comparison.ours()
        comparison.theirs()
    for _ in range(comparison.rounds):
        mine.append(_timed(comparison.ours))
        theirs.append(_timed(comparison.theirs))
    ratios = [other.processor_s / own.processor_s for own, other in zip(mine, theirs, strict=True)]
    by_clock = statistics.median(
        other.clock_s / own.clock_s for own, other in zip(mine, theirs, strict=True)
    )
    rate = comparison.n_items / statistics.median(own.processor_s for own in mine)
    spread = f"{min(ratios):,.2f} to {max(ratios):,.2f}"
    return (
        f"{comparison.job:<44} {rate:>12,.0f}/s  {statistics.median(ratios):>9,.2f}x  "
        f"{spread:<18} {by_clock:>9,.2f}x  {comparison.peer}"
    )


def _timed(work: Callable[[], object]) -> Spent:
    gc.collect()
    clock_s, processor_s = time.perf_counter(), _processor_s()
    work()
    return Spent(_processor_s() - processor_s, time.perf_counter() - clock_s)


def _processor_s() -> float:
    """Return the time on processors of this process and of those it has waited for [s]."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime
