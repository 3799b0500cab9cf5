"""The table of sea routes: `make bench ARGS=pairs.csv`, pairs as in `fixtures/routes`."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

import sea_accuracy
import sea_speed

EVERY = 5  # of the pairs, for what takes long


def print_table(path: Path) -> None:
    """Print every figure as soon as it is known."""
    pairs = sea_accuracy.read_pairs(path)
    sea_accuracy.ours_nm(pairs[0])
    for what, figures in _rows(pairs):
        print(f"{what:<44} {figures}", flush=True)


def _rows(pairs: list[sea_accuracy.Pair]) -> Iterator[tuple[str, str]]:
    yield from sea_speed.loading()
    yield from sea_accuracy.errors(pairs, sea_accuracy.ours_nm)
    for what, figures in sea_accuracy.errors(pairs[::EVERY], sea_accuracy.searoute_nm):
        yield f"searoute, {what}", figures
    yield from sea_speed.queries(pairs[::EVERY])
    yield from sea_speed.many(pairs)
    yield from sea_speed.along_a_voyage()
    yield from sea_speed.along_tracks(pairs)
    yield from sea_speed.dog_leg()
    n_inland, n_points = sea_accuracy.inland_points(pairs[::EVERY])
    yield "route points 1 km inside the shipped land", f"{n_inland} of {n_points}"
    excess = 100 * sea_accuracy.aegean_excess()
    middle, high = np.percentile(excess, [50, 95])
    yield (
        f"above the optimum in the Aegean, {excess.size} pairs",
        f"median {middle:.2f} %, p95 {high:.2f} %, least {excess.min():.2f} %",
    )
