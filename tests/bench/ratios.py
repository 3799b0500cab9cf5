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
    rounds: int = ROUNDS


def measured(comparison: Comparison) -> str:
    """Return a row: the job, our rate, and the median of the peer's time over ours."""
    seconds, ratios = [], []
    for _ in range(comparison.rounds + 1):  # the first round warms up and is not counted
        mine, other = _timed(comparison.ours), _timed(comparison.theirs)
        seconds.append(mine)
        ratios.append(other / mine)
    rate = comparison.n_items / statistics.median(seconds[1:])
    low, middle, high = min(ratios[1:]), statistics.median(ratios[1:]), max(ratios[1:])
    spread = f"{low:,.2f} to {high:,.2f}"
    return (
        f"{comparison.job:<44} {rate:>12,.0f}/s  {middle:>9,.2f}x  {spread:<18} {comparison.peer}"
    )


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
