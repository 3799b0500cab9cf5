import itertools
from collections import Counter
from collections.abc import Callable

import pyarrow as pa
import pytest

from vesseltrack.store import Filter, Store

Rows = Callable[..., pa.Table]
Land = Callable[..., None]


@pytest.mark.parametrize("max_rows", [1, 40, 150, 10_000])
def test_every_position_is_in_one_shard_and_none_holds_too_many(
    ais_store: Store, received_rows: Rows, landed: Land, max_rows: int
):
    landed(ais_store, received_rows(500))
    ais_store.fold_days()
    mmsi = ais_store.select("positions")["mmsi"].to_pylist()
    shards = ais_store.shards(max_rows)
    assert sum(shard.n_vessels for shard in shards) == len(set(mmsi))
    found = []
    for shard in shards:
        own = ais_store.select("positions", Filter(mmsi_range=(shard.first, shard.last)))
        assert own.num_rows == shard.n_rows
        assert len(Counter(own["mmsi"].to_pylist())) == shard.n_vessels
        assert shard.n_rows <= max_rows or shard.n_vessels == 1
        found += own["mmsi"].to_pylist()
    assert found == mmsi


def test_few_shards_are_not_cut_smaller_than_need_be(
    ais_store: Store, received_rows: Rows, landed: Land
):
    landed(ais_store, received_rows(500))
    ais_store.fold_days()
    shards = ais_store.shards(200)
    pairs = itertools.pairwise(shards)
    first_of_next = Counter(ais_store.select("positions")["mmsi"].to_pylist())
    assert all(one.n_rows + first_of_next[other.first] > 200 for one, other in pairs)


def test_a_store_without_positions_has_none(ais_store: Store):
    assert ais_store.shards(10) == []
