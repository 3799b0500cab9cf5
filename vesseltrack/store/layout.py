"""What lies where in a store, and the numbers its tables are kept by."""

from typing import Final

from vesseltrack.schema import POSITIONS, REJECTS, STATICS, TABLES, Table

FORMAT_VERSION: Final = 1  # raised when an older vesseltrack could no longer read the files

# What ingest appended and no fold has taken up yet.
LANDING: Final = Table(
    "landing", "one position on its way to its day", POSITIONS.columns, POSITIONS.key
)
LANDING_STATICS: Final = Table(
    "landing_statics", "one static report on its way to its day", STATICS.columns, STATICS.key
)
# Every report, not only the changes: one that arrives late can part two reports that were equal
# neighbours until then, so the changes can only be found again from all of them.
REPORTS: Final = Table("reports", "one static report", STATICS.columns, STATICS.key)

STORED: Final[dict[str, Table]] = {
    **TABLES,
    **{table.name: table for table in (LANDING, LANDING_STATICS, REPORTS)},
}
BY_DAY: Final = frozenset({"positions", "reports", "statics"})  # one file a day
BY_SOURCE: Final = frozenset({LANDING.name, LANDING_STATICS.name, REJECTS.name})  # one a batch
DERIVED: Final = frozenset(
    {"vessels", "segments", "port_calls", "voyages", "ports", "anchorages", "events", "leads"}
)  # written whole by a run and computed again from the rest

QUERY_MEMORY_MIB: Final = 1_024  # [MiB] half of the 2 GiB that a day's whole run may take
QUERY_THREADS: Final = 2  # [threads] the cores of the smallest machine we budget for
QUERY_LIMIT_S: Final = 120.0  # [s] ten times what the largest day takes; more is a mistake

ROW_GROUP_ROWS: Final = 131_072  # [rows] one vessel's day lies in one or two groups of 1.5 MB
ZSTD_LEVEL: Final = 3  # [-] level 6 gains 0.04 bytes a position for a third more time
# Of times level 4 makes 0.4 bytes a position less than 3; bit-packed steps are small already.
POSITIONS_ZSTD_LEVELS: Final = {
    "timestamp": 4,
    "lat_e6": 1,
    "lon_e6": 1,
    "line": 1,
}  # [-] by column
SOURCE_ZSTD_LEVEL: Final = 1  # [-] files of a batch live for minutes: speed counts
PART_ROWS: Final = 1_000_000  # [rows] of a day's part, beyond which a feed begins another
FOLD_ROWS: Final = 2_000_000  # [rows] sorted at a time: about 500 MB of working memory

READER_GRACE_H: Final = 1.0  # [h] superseded files stay for readers: 30 times QUERY_LIMIT_S
