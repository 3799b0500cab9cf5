"""Drop-offs of the class that is to be found: fetched within 6 h, or at the spot within 24 h.

`make bench ARGS='drops class'`, or `ARGS='drops class 400 7 8'` for 400 drop-offs a row, of seeds
7 and 8. Planted as in the tables of `drops`, in water that moves, but each drop-off is drawn: kind
and delay from the definition's own mixture (half at the spot, delays that fade within 14 h), cut
to the class; and once more with half of them adrift and delays all alike common, which asks far
more. A row is one weighting in one water: visits of others in 100 km2 and day, and ships that
pass within 50 km an hour. Below, the same drop-offs by kind and delay.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from drops import HISTORIES_D, MOVING_APART_KM, Case, Drop, Sea, told
from planted_table import wilson_lower
from vesseltrack.config.detect.drop_pickup import DropPickupDefault

N: Final = 240  # drop-offs a row
SEEDS: Final = (1, 2, 3, 4)
AT_ONCE: Final = 20  # planted into one copy of the archive
PASSING: Final = (0.0, 5.0)  # ships an hour within 50 km
RATES: Final = (0.05, 0.3)  # visits of others per 100 km2 and day; the second is the limit
ADRIFT_H, BUOYED_H = 6.0, 24.0  # of the class, at most
ADRIFT_BINS_H: Final = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, ADRIFT_H)
BUOYED_BINS_H: Final = (0.0, 6.0, 12.0, BUOYED_H)
RULE: Final = DropPickupDefault()

Kind = tuple[bool, float]  # whether it drifts, and the delay in hours
Draw = Callable[[np.random.Generator], Kind]


def by_the_definition(rng: np.random.Generator) -> Kind:
    """Draw from the mixture of the definition until one is of the class."""
    while True:
        drifts, delay_h = rng.random() >= RULE.buoyed_frac, rng.exponential(RULE.mean_delay_h)
        if RULE.min_delay_min / 60 <= delay_h <= (ADRIFT_H if drifts else BUOYED_H):
            return bool(drifts), float(delay_h)


def all_alike(rng: np.random.Generator) -> Kind:
    """Draw half of them adrift, and any delay of the class."""
    drifts = bool(rng.random() < 1 / 2)
    most_h = ADRIFT_H if drifts else BUOYED_H
    return drifts, float(rng.uniform(RULE.min_delay_min / 60, most_h))


WEIGHTINGS: Final = {"by the definition": by_the_definition, "all alike": all_alike}


@dataclass(frozen=True)
class Waters:
    """Where they are planted: ships that pass an hour, visits of others."""

    passing: float
    rate: float


@dataclass
class Asked:
    """What was planted in one water and found, and what was matched falsely."""

    kinds: list[Kind] = field(default_factory=list)
    found: list[bool] = field(default_factory=list)
    n_breaks: int = 0
    n_false: int = 0
    n_placebo_false: int = 0

    def add(self, other: "Asked") -> None:
        """Count another with it."""
        self.kinds += other.kinds
        self.found += other.found
        self.n_breaks += other.n_breaks
        self.n_false += other.n_false
        self.n_placebo_false += other.n_placebo_false

    def within(self, low_h: float, high_h: float, *, drifts: bool) -> str:
        """How many of how many were found of a kind and a range of delays."""
        of = [
            found
            for (one, delay_h), found in zip(self.kinds, self.found, strict=True)
            if one == drifts and low_h <= delay_h < high_h
        ]
        return f"{sum(of)}/{len(of)}"


def planted(sea: Sea, waters: Waters, draw: Draw, n: int) -> Asked:
    """Plant so many into a copy of the archive, and ask with and without their pick-ups."""
    asked, drops = Asked(), list[Drop]()
    case = Case(0.0, waters.rate, HISTORIES_D[0], drifts=False, passing=waters.passing)
    for place in sea.places(n, MOVING_APART_KM):
        drifts, delay_h = draw(sea.rng)
        drops.append(sea.drop(place, replace(case, drifts=drifts, delay_h=delay_h)))
        asked.kinds.append((drifts, delay_h))
    true = [(drop.dropper, drop.fetcher) for drop in drops]
    with_them = told(sea, drops, fetched=True)
    asked.found = [pair in with_them.pairs for pair in true]
    asked.n_breaks = with_them.n_breaks
    asked.n_false = sum(pair not in true for pair in with_them.pairs)
    matched = {dropper for dropper, _ in told(sea, drops, fetched=False).pairs}
    asked.n_placebo_false = sum(dropper in matched for dropper, _ in true)
    return asked


def share(n: int, of: int) -> str:
    """A share with Wilson's interval of 95 %."""
    least, most = wilson_lower(n, of), 1 - wilson_lower(of - n, of)
    return f"{f'{n}/{of}':>11} {n / of:>7.2%} {least:>7.2%} -{most:>7.2%}"


def print_class(n: int = N, *seeds: int) -> None:
    """Print the rows as they are measured, then all of them by kind and delay."""
    seeds = seeds or SEEDS
    cells = {}
    print(f"{n} drop-offs a row, seeds {', '.join(map(str, seeds))}; found, of all; 95 % interval")
    for name, draw in WEIGHTINGS.items():
        print(f"\nkind and delay {name}\n{'ships':>5} {'visits':>6} {'':<19}{'':>11}{'share':>8}")
        total = Asked()
        for passing, rate in itertools.product(PASSING, RATES):
            waters = Waters(passing, rate)
            asked = _row(waters, draw, n, seeds)
            total.add(asked)
            cells.setdefault(waters, Asked()).add(asked)
            _print_row(f"{passing:>5g} {rate:>6g}", asked)
        _print_row(f"{'all':>5} {'':>6}", total)
    _print_cells(cells)


def _row(waters: Waters, draw: Draw, n: int, seeds: tuple[int, ...]) -> Asked:
    total = Asked()
    for nth, seed in enumerate(seeds):
        sea = Sea(seed)
        # What the seeds do not share evenly the first of them take.
        left = n // len(seeds) + (nth < n % len(seeds))
        while left > 0:
            total.add(planted(sea, waters, draw, min(left, AT_ONCE)))
            left -= AT_ONCE
    return total


def _print_row(head: str, asked: Asked) -> None:
    n = len(asked.found)
    print(f"{head} {'found':<19}{share(sum(asked.found), n)}")
    print(f"{'':>12} {'placebo matched':<19}{share(asked.n_placebo_false, n)}")
    print(f"{'':>12} {'breaks matched so':<19}{share(asked.n_false, asked.n_breaks)}", flush=True)


def _print_cells(cells: dict[Waters, Asked]) -> None:
    heads = "".join(f"{f'{one.passing:g} / {one.rate:g}':>12}" for one in cells)
    print(f"\nships / visits {heads}")
    for drifts, bins_h in ((False, BUOYED_BINS_H), (True, ADRIFT_BINS_H)):
        for low_h, high_h in itertools.pairwise(bins_h):
            what = f"{'adrift' if drifts else 'buoyed'} {low_h:g} to {high_h:g} h"
            row = (asked.within(low_h, high_h, drifts=drifts) for asked in cells.values())
            print(f"{what:<15}" + "".join(f"{one:>12}" for one in row), flush=True)
