"""Paired timing: ours and a peer's by turns, so that a noisy machine slows both alike."""

import gc
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


@dataclass(frozen=True)
class Fact:
    """What is no ratio: a job, and what is to be said of it."""

    job: str
    text: str


Row = Comparison | Fact


def measured(row: Row) -> str:
    """Return a row: the job, our rate, and the median of the peer's time over ours."""
    if isinstance(row, Fact):
        return f"{row.job:<44} {row.text}"
    return _compared(row)


def _compared(comparison: Comparison) -> str:
    seconds, ratios = [], []
    if comparison.warm_up:
        comparison.ours()
        comparison.theirs()
    for _ in range(ROUNDS):
        mine, other = _timed(comparison.ours), _timed(comparison.theirs)
        seconds.append(mine)
        ratios.append(other / mine)
    rate = comparison.n_items / statistics.median(seconds)
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    spread = f"{low:,.2f} to {high:,.2f}"
    return (
        f"{comparison.job:<44} {rate:>12,.0f}/s  {middle:>9,.2f}x  {spread:<18} {comparison.peer}"
    )


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
