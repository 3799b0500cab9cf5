"""The tables on disk: Delta Lake written by one process, DuckDB reading for many."""

from vesseltrack.store.filter import Filter
from vesseltrack.store.store import Store
from vesseltrack.store.verify import Finding

__all__ = ["Filter", "Finding", "Store"]
