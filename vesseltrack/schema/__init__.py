"""The tables of vesseltrack: the one source of their columns, types and units.

Stages meet only in these tables. `TABLES` holds the stored ones by name; `RECEIVED` is what ingest
hands to the store, `FIXES`, `STRAYS`, `SAID`, `BOUND` and `DETOURS` are what detect reads, `WAYS`
what routes are held against, and none of them is stored. `ALERTS` is the feed of the live engine,
`LATEST` and `LiveStatus` what it shows of itself meanwhile.
`validate` checks a table once, at the door; kernels afterwards may assume clean input.
"""

from vesseltrack.schema.checkpoint import Checkpoint
from vesseltrack.schema.live import LATEST, LiveRequest, LiveState, LiveStatus
from vesseltrack.schema.packing import packed, unpacked
from vesseltrack.schema.table import Column, Table, validate
from vesseltrack.schema.tables import (
    ALERTS,
    ANCHORAGES,
    BOUND,
    DETOURS,
    EVENTS,
    FIX_RANGES,
    FIXES,
    LEADS,
    PORT_CALLS,
    PORTS,
    POSITIONS,
    RECEIVED,
    REJECTS,
    SAID,
    SEGMENTS,
    SOURCES,
    STATICS,
    STRAYS,
    TABLES,
    TIMESTAMP,
    VESSELS,
    VOYAGES,
    WAYS,
)
from vesseltrack.schema.vocabulary import DOUBTFUL, KINDS, OUTSIDE_TRACKS, Quality, Verdict

__all__ = [
    "ALERTS",
    "ANCHORAGES",
    "BOUND",
    "DETOURS",
    "DOUBTFUL",
    "EVENTS",
    "FIXES",
    "FIX_RANGES",
    "KINDS",
    "LATEST",
    "LEADS",
    "OUTSIDE_TRACKS",
    "PORTS",
    "PORT_CALLS",
    "POSITIONS",
    "RECEIVED",
    "REJECTS",
    "SAID",
    "SEGMENTS",
    "SOURCES",
    "STATICS",
    "STRAYS",
    "TABLES",
    "TIMESTAMP",
    "VESSELS",
    "VOYAGES",
    "WAYS",
    "Checkpoint",
    "Column",
    "LiveRequest",
    "LiveState",
    "LiveStatus",
    "Quality",
    "Table",
    "Verdict",
    "packed",
    "unpacked",
    "validate",
]
