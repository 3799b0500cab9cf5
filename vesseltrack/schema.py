"""The tables of vesseltrack: the one source of their columns, types and units.

Stages meet only in these tables. `TABLES` holds the stored ones by name; `FIXES` is handed from
tracks to detect and never stored. `validate` checks a table once, at the door; kernels afterwards
may assume clean input.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from vesseltrack.errors import SchemaError

TIMESTAMP: Final = pa.timestamp("us", tz="UTC")


class Quality(enum.IntFlag):
    """Why a position is doubtful, or where its time comes from; 0 is a plain good one."""

    NO_TIME = 1 << 0  # no time in the source and none given
    TIME_ASSUMED = 1 << 1  # counted on from `--start`
    TIME_FROM_BASE_STATION = 1 << 2  # the last type 4 report before it
    TIME_QUARANTINED = 1 << 3  # in the future, or before the archive's own span
    REPEATED = 1 << 4  # came through a repeater (repeat indicator above 0)
    NOT_A_VESSEL = 1 << 5  # base station, aid to navigation, aircraft
    SPIKE = 1 << 6  # off the track by an impossible speed (judged in tracks)
    NEAR_REPEAT = 1 << 7  # the same report again within seconds (judged in tracks)
    BAD_SPEED = 1 << 8  # speed over ground denied by the positions around it (judged in tracks)


DOUBTFUL: Final = Quality.TIME_QUARANTINED | Quality.SPIKE | Quality.NEAR_REPEAT
OUTSIDE_TRACKS: Final = Quality.NO_TIME | Quality.TIME_QUARANTINED | Quality.NOT_A_VESSEL

KINDS: Final = (
    "route_deviation",
    "loitering",
    "encounter",
    "drop_pickup",
    "ais_gap",
    "drifting",
    "sudden_speed_change",
    "position_spoofing",
    "identity_conflict",
    "identity_change",
    "zone_entry",
    "zone_exit",
    "shore_approach",
    "sortie",
    "destination_mismatch",
    "unusual_for_type",
)

# Positions in time order of one MMSI, as inclusive ranges. `nth` tells fixes of one instant apart:
# the place of the fix among the MMSI's positions with that timestamp, in the stored order.
FIX_RANGES: Final = pa.list_(
    pa.struct(
        [
            pa.field("start", TIMESTAMP),
            pa.field("start_nth", pa.int16()),
            pa.field("end", TIMESTAMP),
            pa.field("end_nth", pa.int16()),
        ]
    )
)


@dataclass(frozen=True)
class Column:
    """One column: its name (with its unit), its type, and what it says."""

    name: str
    type: pa.DataType
    doc: str
    nullable: bool = True


@dataclass(frozen=True)
class Table:
    """One table: its name, what a row is, and its columns."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]  # the columns that name a row; rows are sorted by them when stored

    @property
    def arrow(self) -> pa.Schema:
        """The Arrow schema."""
        return pa.schema([pa.field(c.name, c.type, c.nullable) for c in self.columns])

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(c.name for c in self.columns)

    def empty(self) -> pa.Table:
        """Return a table of no rows."""
        return self.arrow.empty_table()

    def of(self, columns: Mapping[str, Any]) -> pa.Table:
        """Return a table of this schema from columns by name; a missing nullable one is null.

        Raises
        ------
        SchemaError
            If a column is unknown, missing, of another length, or cannot take the type.
        """
        unknown = set(columns) - set(self.names)
        if unknown:
            msg = f"table {self.name} has no column {', '.join(sorted(unknown))}"
            raise SchemaError(msg)
        n_rows = len(next(iter(columns.values()))) if columns else 0
        arrays = []
        for column in self.columns:
            values = columns.get(column.name)
            try:
                arrays.append(
                    pa.nulls(n_rows, column.type)
                    if values is None
                    else _as_array(values, column.type)
                )
            except (pa.ArrowException, TypeError, OverflowError) as error:
                msg = f"column {self.name}.{column.name} must be {column.type}: {error}"
                raise SchemaError(msg) from error
        try:
            table = pa.Table.from_arrays(arrays, schema=self.arrow)
        except pa.ArrowInvalid as error:
            msg = f"table {self.name}: {error}"
            raise SchemaError(msg) from error
        validate(table, self)
        return table


def _as_array(values: Any, type_: pa.DataType) -> pa.Array | pa.ChunkedArray:  # noqa: ANN401 - any column
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values if values.type == type_ else values.cast(type_)
    # Within the house unknown numbers are NaN; at rest they are null.
    return pa.array(values, type=type_, from_pandas=True)


def validate(table: pa.Table, spec: Table) -> None:
    """Check a table against its schema and report every problem together.

    Parameters
    ----------
    table : pyarrow.Table
        What arrived at the door.
    spec : Table
        What it must be: the same columns in the same order and types, no null where none may be.

    Raises
    ------
    SchemaError
        Naming the table and each column that is missing, surplus, of another type or null.
    """
    complaints = [f"{name} is missing" for name in spec.names if name not in table.column_names]
    complaints += [f"{name} is not known" for name in table.column_names if name not in spec.names]
    for column in spec.columns:
        if column.name not in table.column_names:
            continue
        found = table.schema.field(column.name).type
        if found != column.type:
            complaints.append(f"{column.name} must be {column.type}; got {found}")
        n_null = table.column(column.name).null_count
        if n_null and not column.nullable:
            complaints.append(f"{column.name} must not be null; {n_null} of {table.num_rows} are")
    if not complaints and tuple(table.column_names) != spec.names:
        complaints.append(f"columns must stand in the order {', '.join(spec.names)}")
    if complaints:
        msg = f"table {spec.name}: {'; '.join(complaints)}"
        raise SchemaError(msg)


_MMSI = Column("mmsi", pa.int32(), "Maritime Mobile Service Identity as transmitted", nullable=False)
_VESSEL_ID = Column("vessel_id", pa.string(), "the physical vessel", nullable=False)
_SOURCE = (
    Column("source_id", pa.int64(), "the file or feed it came from", nullable=False),
    Column("line", pa.int32(), "line in that source, of the first sentence, from 1", nullable=False),
)


def _instant(name: str, doc: str, *, nullable: bool = False) -> Column:
    return Column(name, TIMESTAMP, doc, nullable)


def _place(prefix: str, doc: str, *, nullable: bool = False) -> tuple[Column, Column]:
    return (
        Column(f"{prefix}lat", pa.float64(), f"latitude {doc} [deg]", nullable),
        Column(f"{prefix}lon", pa.float64(), f"longitude {doc} [deg, -180 to 180)", nullable),
    )


POSITIONS: Final = Table(
    "positions",
    "one received position",
    (
        _MMSI,
        _instant("timestamp", "when it was received, UTC; null when unknown", nullable=True),
        Column("lat_e6", pa.int32(), "latitude [millionths of a degree]", nullable=False),
        Column("lon_e6", pa.int32(), "longitude [millionths of a degree]", nullable=False),
        Column("sog_kn", pa.float32(), "speed over ground [kn]"),
        Column("cog_deg", pa.float32(), "course over ground [deg]"),
        Column("heading_deg", pa.float32(), "true heading [deg]"),
        Column("rot_deg_min", pa.float32(), "rate of turn, positive to starboard [deg/min]"),
        Column("nav_status", pa.int8(), "navigational status code, 0 to 14"),
        Column("msg_type", pa.int8(), "AIS message type, 1 to 27", nullable=False),
        Column("cell", pa.int64(), "H3 cell of resolution 7", nullable=False),
        Column("quality", pa.int32(), "bit flags of `Quality`; 0 is good", nullable=False),
        *_SOURCE,
    ),
    key=("mmsi", "timestamp"),
)

# What ingest hands to the store, which adds the cell: decoding proper stays free of H3.
RECEIVED: Final = Table(
    "received",
    "one position as decoded",
    tuple(column for column in POSITIONS.columns if column.name != "cell"),
    key=POSITIONS.key,
)

STATICS: Final = Table(
    "statics",
    "one static or voyage report, when it changed",
    (
        _MMSI,
        _instant("timestamp", "when it was received, UTC; null when unknown", nullable=True),
        Column("imo", pa.int32(), "IMO number"),
        Column("name", pa.string(), "name as transmitted"),
        Column("callsign", pa.string(), "call sign as transmitted"),
        Column("ship_type", pa.int16(), "ship type, raw code 0 to 255"),
        Column("to_bow_m", pa.float32(), "antenna to bow [m]"),
        Column("to_stern_m", pa.float32(), "antenna to stern [m]"),
        Column("to_port_m", pa.float32(), "antenna to port side [m]"),
        Column("to_starboard_m", pa.float32(), "antenna to starboard side [m]"),
        Column("length_m", pa.float32(), "length: bow plus stern, or as given [m]"),
        Column("beam_m", pa.float32(), "beam: port plus starboard, or as given [m]"),
        Column("draught_m", pa.float32(), "draught [m]"),
        Column("destination", pa.string(), "destination as transmitted"),
        _instant("eta", "estimated time of arrival, its year the nearest one", nullable=True),
        Column("mothership_mmsi", pa.int32(), "mother ship of an auxiliary craft (24B)"),
        Column("msg_type", pa.int8(), "AIS message type: 5, 19 or 24", nullable=False),
        *_SOURCE,
    ),
    key=("mmsi", "timestamp"),
)

SOURCES: Final = Table(
    "sources",
    "one file or feed",
    (
        Column("source_id", pa.int64(), "63 bits of the content hash", nullable=False),
        Column("name", pa.string(), "file name, with the member's name inside an archive", nullable=False),
        Column("format", pa.string(), "nmea, dma or marinecadastre", nullable=False),
        Column("size_bytes", pa.int64(), "size as stored on disk [bytes]", nullable=False),
        Column("content_hash", pa.string(), "BLAKE2b-256 of the stored bytes, hexadecimal", nullable=False),
        _instant("first_time", "earliest time in it", nullable=True),
        _instant("last_time", "latest time in it", nullable=True),
        Column("lines", pa.int64(), "non-empty lines: used + rejected + ignored", nullable=False),
        Column("used", pa.int64(), "lines that a decoded message used", nullable=False),
        Column("rejected", pa.string(), "rejected lines by reason, a JSON object", nullable=False),
        Column("ignored", pa.string(), "ignored lines by reason, a JSON object", nullable=False),
        Column("messages", pa.int64(), "complete messages", nullable=False),
        Column("positions", pa.int64(), "messages with a latitude and longitude in range", nullable=False),
        Column("duplicates", pa.int64(), "rows dropped as exact repeats", nullable=False),
        Column("vessels", pa.int64(), "different MMSI with a position", nullable=False),
        Column("status", pa.string(), "complete, partial or failed", nullable=False),
        Column("error", pa.string(), "why it is not complete"),
    ),
    key=("source_id",),
)

REJECTS: Final = Table(
    "rejects",
    "one rejected line",
    (
        *_SOURCE,
        Column("reason", pa.string(), "reason class", nullable=False),
        Column("raw", pa.string(), "its bytes, escaped and cut at 512", nullable=False),
    ),
    key=("source_id", "line"),
)

VESSELS: Final = Table(
    "vessels",
    "one physical vessel as far as can be told",
    (
        _VESSEL_ID,
        _MMSI,
        Column("name", pa.string(), "current name"),
        Column("imo", pa.int32(), "current IMO number"),
        Column("callsign", pa.string(), "current call sign"),
        Column("identities", pa.string(), "every identity sent, a JSON list of objects, oldest first", nullable=False),
        Column("flag", pa.string(), "flag state from the MID, ISO 3166 alpha-2"),
        Column("ais_class", pa.string(), "A or B"),
        Column("ship_type", pa.int16(), "ship type, raw code"),
        Column("ship_type_name", pa.string(), "ship type in words"),
        Column("length_m", pa.float32(), "length [m]"),
        Column("beam_m", pa.float32(), "beam [m]"),
        Column("draught_m", pa.float32(), "greatest draught sent [m]"),
        _instant("first_seen", "first position"),
        _instant("last_seen", "last position"),
        Column("n_positions", pa.int64(), "positions in its segments", nullable=False),
        *_place("", "of the last position"),
    ),
    key=("vessel_id",),
)

SEGMENTS: Final = Table(
    "segments",
    "one continuous stretch of one vessel",
    (
        Column("segment_id", pa.string(), "identifier from its first fix", nullable=False),
        _VESSEL_ID,
        _MMSI,
        _instant("start", "first fix"),
        _instant("end", "last fix"),
        *_place("start_", "of the first fix"),
        *_place("end_", "of the last fix"),
        Column("min_lat", pa.float64(), "southern edge [deg]", nullable=False),
        Column("min_lon", pa.float64(), "western edge; above max_lon across the date line [deg]", nullable=False),
        Column("max_lat", pa.float64(), "northern edge [deg]", nullable=False),
        Column("max_lon", pa.float64(), "eastern edge [deg]", nullable=False),
        Column("length_nm", pa.float64(), "distance sailed [nm]", nullable=False),
        Column("n_positions", pa.int64(), "fixes", nullable=False),
        Column("max_gap_h", pa.float64(), "longest time between two fixes [h]", nullable=False),
        Column("fix_ranges", FIX_RANGES, "which positions of the MMSI belong to it", nullable=False),
    ),
    key=("vessel_id", "start"),
)

PORT_CALLS: Final = Table(
    "port_calls",
    "one stay in a port",
    (
        Column("port_call_id", pa.string(), "identifier from vessel and first fix", nullable=False),
        _VESSEL_ID,
        _MMSI,
        Column("port", pa.string(), "port name in ASCII; null when none is near enough to name"),
        Column("locode", pa.string(), "UN/LOCODE"),
        _instant("arrival", "first fix of the stay"),
        _instant("departure", "last fix of the stay"),
        Column("is_open", pa.bool_(), "whether the data end while it lasts", nullable=False),
        Column("confidence", pa.int8(), "1 (weak) to 4 (sure)", nullable=False),
        *_place("", "of the first fix of the stay"),
        Column("measures", pa.string(), "what the rule saw, a JSON object", nullable=False),
    ),
    key=("vessel_id", "arrival"),
)

VOYAGES: Final = Table(
    "voyages",
    "one passage from port call to port call",
    (
        Column("voyage_id", pa.string(), "identifier from vessel and departure", nullable=False),
        _VESSEL_ID,
        _MMSI,
        Column("origin", pa.string(), "where it began"),
        Column("origin_locode", pa.string(), "UN/LOCODE of it"),
        Column("origin_by", pa.string(), "how that is known: call, declared or edge", nullable=False),
        Column("destination", pa.string(), "where it ended, or is bound"),
        Column("destination_locode", pa.string(), "UN/LOCODE of it"),
        Column("destination_by", pa.string(), "how that is known: call, declared or edge", nullable=False),
        _instant("start", "last fix in the origin"),
        _instant("end", "first fix in the destination, or the last one known"),
        Column("is_open", pa.bool_(), "whether it is still under way", nullable=False),
        *_place("start_", "of the start"),
        *_place("end_", "of the end"),
        Column("n_positions", pa.int64(), "fixes", nullable=False),
        Column("travelled_nm", pa.float64(), "distance sailed, without jitter [nm]", nullable=False),
        Column("removed_nm", pa.float64(), "plain sum of legs less travelled_nm [nm]", nullable=False),
        Column("shortest_nm", pa.float64(), "shortest sea route between its ends [nm]"),
        Column("excess_nm", pa.float64(), "travelled less shortest [nm]"),
        Column("detour_ratio", pa.float64(), "travelled over shortest"),
        Column("max_cross_track_nm", pa.float64(), "farthest from the shortest route [nm]"),
        Column("passages", pa.list_(pa.string()), "canals and straits of the shortest route", nullable=False),
        Column("coverage_frac", pa.float64(), "share of the time without a gap above 1 h", nullable=False),
    ),
    key=("vessel_id", "start"),
)

PORTS: Final = Table(
    "ports",
    "one listed port",
    (
        Column("port_id", pa.string(), "UN/LOCODE, or a content identifier without one", nullable=False),
        Column("name", pa.string(), "name in ASCII", nullable=False),
        Column("locode", pa.string(), "UN/LOCODE"),
        Column("country", pa.string(), "ISO 3166 alpha-2"),
        Column("is_large", pa.bool_(), "whether the searoute list carries it as a main port", nullable=False),
        *_place("", "of the port"),
        Column("source", pa.string(), "the lists it stands in, comma separated", nullable=False),
    ),
    key=("port_id",),
)

EVENTS: Final = Table(
    "events",
    "one behaviour of one vessel or pair",
    (
        Column("event_id", pa.string(), "identifier from kind, vessels and anchor", nullable=False),
        Column("kind", pa.string(), "one of `KINDS`", nullable=False),
        Column("status", pa.string(), "open, final or withdrawn", nullable=False),
        Column("revision", pa.int32(), "how often it was revised, from 0", nullable=False),
        _VESSEL_ID,
        _MMSI,
        Column("other_vessel_id", pa.string(), "the other vessel of a pair"),
        Column("other_mmsi", pa.int32(), "its MMSI"),
        _instant("start", "first fix that met the rule"),
        _instant("end", "last fix that met the rule"),
        Column("is_open", pa.bool_(), "whether it may still go on", nullable=False),
        *_place("", "that stands for it"),
        *_place("start_", "at its start"),
        *_place("end_", "at its end"),
        Column("cell", pa.int64(), "H3 cell of resolution 7 of lat, lon", nullable=False),
        Column("duration_h", pa.float64(), "end less start [h]", nullable=False),
        Column("preset", pa.string(), "the presets that it met, comma separated", nullable=False),
        Column("confidence", pa.float64(), "0 to 1", nullable=False),
        Column("measures", pa.string(), "what was measured, with threshold and margin, a JSON object", nullable=False),
        Column("innocent", pa.string(), 'JSON {"tested": [names], "holds": [names]}', nullable=False),
        Column("evidence", pa.string(), "position ranges, a JSON list of {mmsi, vessel_id, start, end, n}", nullable=False),
        Column("explanation", pa.string(), "one plain sentence", nullable=False),
    ),
    key=("kind", "start", "event_id"),
)

LEADS: Final = Table(
    "leads",
    "one vessel worth a look",
    (
        Column("lead_id", pa.string(), "identifier from the vessel and the window's start", nullable=False),
        Column("rank", pa.int32(), "1 is the first to look at", nullable=False),
        _VESSEL_ID,
        _MMSI,
        Column("name", pa.string(), "current name"),
        Column("score", pa.float64(), "0 to 1", nullable=False),
        _instant("window_start", "start of the first reason"),
        _instant("window_end", "end of the last reason"),
        Column("reasons", pa.string(), "JSON list of {event_id, kind, weight, confidence, share, explanation}, largest first", nullable=False),
        Column("sentence", pa.string(), "why, in one or two sentences", nullable=False),
        Column("what_would_clear_it", pa.string(), "what to check that would end the interest", nullable=False),
        Column("watch_list", pa.list_(pa.string()), "entries of the watch list that name it", nullable=False),
        *_place("", "of the weightiest reason"),
    ),
    key=("rank",),
)

# Every fix that tracks kept, in time order: what detectors read. Never stored.
FIXES: Final = Table(
    "fixes",
    "one position as part of a vessel's segment",
    (
        Column("vessel_key", pa.int64(), "the vessel as a number, see `core.identity`", nullable=False),
        _instant("timestamp", "when it was received, UTC"),
        *_place("", "of the fix"),
        Column("sog_kn", pa.float32(), "speed over ground [kn]"),
        Column("cog_deg", pa.float32(), "course over ground [deg]"),
        Column("heading_deg", pa.float32(), "true heading [deg]"),
        Column("nav_status", pa.int8(), "navigational status code"),
        Column("cell", pa.int64(), "H3 cell of resolution 7", nullable=False),
        Column("quality", pa.int32(), "bit flags of `Quality`", nullable=False),
        Column("segment", pa.int64(), "number that fixes of one segment share, from its first fix", nullable=False),
        Column("shore_m", pa.float32(), "distance to the nearest shore; 0 on land [m]", nullable=False),
        Column("port_m", pa.float32(), "distance to the nearest listed port [m]", nullable=False),
        Column("anchorage_m", pa.float32(), "distance to the nearest known anchorage [m]", nullable=False),
    ),
    key=("timestamp", "vessel_key"),
)

TABLES: Final[dict[str, Table]] = {
    table.name: table
    for table in (
        POSITIONS,
        STATICS,
        SOURCES,
        REJECTS,
        VESSELS,
        SEGMENTS,
        PORT_CALLS,
        VOYAGES,
        PORTS,
        EVENTS,
        LEADS,
    )
}
