"""Ranges of MMSI that hold some number of rows each."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa


class Shard(NamedTuple):
    """A range of MMSI, both ends included, and what it holds."""

    first: int
    last: int
    n_vessels: int
    n_rows: int


def shards_of(counts: pa.Table, max_rows: int) -> list[Shard]:
    """Return ranges of MMSI of at most `max_rows` rows, or one MMSI, each.

    Parameters
    ----------
    counts : pyarrow.Table
        `mmsi` in rising order and `n`, the rows of each.
    max_rows : int
        [rows].
    """
    mmsi, n = (counts[name].to_numpy() for name in ("mmsi", "n"))
    shards: list[Shard] = []
    first = 0
    while first < mmsi.size:
        # No more MMSI than rows can be in one: the sums of all that follow need not be taken.
        after = np.cumsum(n[first : first + max_rows])
        size = max(1, int(np.searchsorted(after, max_rows, side="right")))
        last = first + size - 1
        shards.append(Shard(int(mmsi[first]), int(mmsi[last]), size, int(after[size - 1])))
        first += size
    return shards
