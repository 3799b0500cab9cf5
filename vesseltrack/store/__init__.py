"""The tables on disk: Delta Lake written by one process, DuckDB reading for many."""

from vesseltrack.store.filter import Filter
from vesseltrack.store.landing import with_cells
from vesseltrack.store.order import as_stored
from vesseltrack.store.scratch import Scratch, Stretch
from vesseltrack.store.shards import Shard
from vesseltrack.store.store import Store
from vesseltrack.store.verify import Finding

__all__ = [
    "Filter",
    "Finding",
    "Scratch",
    "Shard",
    "Store",
    "Stretch",
    "as_stored",
    "with_cells",
]
