"""The legs of a detour: the stretches of a voyage in which its extra miles arose."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vesseltrack.core.geodesy import Floats

Span = tuple[int, int]  # first and last point


class Leg(NamedTuple):
    """One stretch, by the numbers of its first and last point."""

    start: int
    end: int
    excess: float  # slack at its end less that at its start


@dataclass(frozen=True)
class LegRule:
    """What counts as a leg; lengths in the unit of the slack."""

    expected_frac: float  # extra way that every voyage has, of the way sailed
    steep_frac: float  # at least so much of the way sailed is extra where a ship goes off its way
    opens_at: float  # rise that opens a leg
    closes_at: float  # fall that closes it
    least: float  # shorter legs are not told


def find_legs(slack: Floats, sailed: Floats, rule: LegRule) -> list[Leg]:
    """Return the legs of one voyage, the one with the most extra miles first.

    A leg runs from the lowest to the highest point of ``slack - expected_frac * sailed``: from
    where more than the usual extra way was sailed to where that ended. Where at least half of its
    miles arose in steep parts of it, these are the legs. A leg goes on until the ship is as near
    to its destination again as where the leg began: the way back belongs to it.

    Parameters
    ----------
    slack, sailed : (n,)
        Extra way and way sailed up to each point, in one unit. Points where either is NaN are
        passed over.
    rule : LegRule
        The limits.
    """
    known = np.flatnonzero(np.isfinite(slack) & np.isfinite(sailed))
    slack, sailed = slack[known], sailed[known]
    spans = [
        part
        for low, high in _rises(slack - rule.expected_frac * sailed, rule)
        for part in _steep_parts(slack, sailed, low, high, rule)
    ]
    legs = [
        Leg(int(known[low]), int(known[high]), float(slack[high] - slack[low]))
        for low, high in _with_way_back(spans, slack - sailed)
    ]
    told = [leg for leg in legs if leg.excess >= rule.least]
    return sorted(told, key=lambda leg: (-leg.excess, leg.start))


def _rises(curve: Floats, rule: LegRule) -> list[Span]:
    """Return lowest and highest point of every rise that opened."""
    height = curve.tolist()
    rises = []
    low, high, is_open = 0, 0, False
    for here, value in enumerate(height):
        if is_open:
            if value > height[high]:
                high = here
            elif height[high] - value >= rule.closes_at:
                rises.append((low, high))
                low, is_open = here, False
        elif value <= height[low]:
            low = here
        elif value - height[low] >= rule.opens_at:
            high, is_open = here, True
    if is_open:
        rises.append((low, high))
    return rises


def _steep_parts(slack: Floats, sailed: Floats, low: int, high: int, rule: LegRule) -> list[Span]:
    """Return the steep parts of a leg where most of its miles arose in them; else the leg."""
    inside = slice(low, high + 1)
    rises = _rises(slack[inside] - rule.steep_frac * sailed[inside], rule)
    steep = [(low + start, low + end) for start, end in rises]
    arose = sum(slack[end] - slack[start] for start, end in steep)
    return steep if arose >= (slack[high] - slack[low]) / 2 else [(low, high)]


def _with_way_back(spans: list[Span], remaining: Floats) -> list[Span]:
    """Return spans drawn out to where no more remains than at their start, joined where they meet.

    Parameters
    ----------
    spans : list of (int, int)
        In order.
    remaining : (n,)
        What remains to the destination at each point, less any constant.
    """
    joined: list[Span] = []
    for low, high in spans:
        is_back = remaining[high:] <= remaining[low]
        end = high + int(np.argmax(is_back)) if is_back.any() else high
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((low, end))
    return joined
