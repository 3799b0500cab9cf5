"""The tables, one after the other in the order of the data flow."""

from typing import Final

import pyarrow as pa

from vesseltrack.schema.table import Column, Table

TIMESTAMP: Final = pa.timestamp("us", tz="UTC")

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


def _known(name: str, type_: pa.DataType, doc: str) -> Column:
    return Column(name, type_, doc, nullable=False)


_MMSI = _known("mmsi", pa.int32(), "Maritime Mobile Service Identity as transmitted")
_VESSEL_ID = _known("vessel_id", pa.string(), "the physical vessel")
_SOURCE = (
    _known("source_id", pa.int64(), "the file or feed it came from"),
    _known("line", pa.int32(), "line in that source, of the first sentence, from 1"),
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
        _known("lat_e6", pa.int32(), "latitude [millionths of a degree]"),
        _known("lon_e6", pa.int32(), "longitude [millionths of a degree]"),
        Column("sog_kn", pa.float32(), "speed over ground [kn]"),
        Column("cog_deg", pa.float32(), "course over ground [deg]"),
        Column("heading_deg", pa.float32(), "true heading [deg]"),
        Column("rot_deg_min", pa.float32(), "rate of turn, positive to starboard [deg/min]"),
        Column("nav_status", pa.int8(), "navigational status code, 0 to 14"),
        _known("msg_type", pa.int8(), "AIS message type, 1 to 27"),
        _known("cell", pa.int64(), "H3 cell of resolution 7"),
        _known("quality", pa.int32(), "bit flags of `Quality`; 0 is good"),
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
    "one static or voyage report, when it changed and when the next one confirmed it (19: each)",
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
        _known("msg_type", pa.int8(), "AIS message type: 5, 19 or 24"),
        *_SOURCE,
    ),
    key=("mmsi", "timestamp"),
)

SOURCES: Final = Table(
    "sources",
    "one file or feed",
    (
        _known(
            "source_id", pa.int64(), "63 bits of the hash of the content it was first read with"
        ),
        _known("name", pa.string(), "file name, with the member's name inside an archive"),
        _known("format", pa.string(), "nmea, dma, marinecadastre or gfw"),
        _known("size_bytes", pa.int64(), "size as stored on disk [bytes]"),
        _known("content_hash", pa.string(), "SHA-256 of the stored bytes, hexadecimal"),
        Column("path", pa.string(), "the file it was read from; - is standard input"),
        _instant("first_time", "earliest time in it", nullable=True),
        _instant("last_time", "latest time in it", nullable=True),
        _known("lines", pa.int64(), "non-empty lines: used + rejected + ignored"),
        _known("used", pa.int64(), "lines that a decoded message used"),
        _known("rejected", pa.string(), "rejected lines by reason, a JSON object"),
        _known("ignored", pa.string(), "ignored lines by reason, a JSON object"),
        _known("messages", pa.int64(), "complete messages"),
        _known("positions", pa.int64(), "messages with a latitude and longitude in range"),
        _known("duplicates", pa.int64(), "rows dropped as exact repeats"),
        _known("vessels", pa.int64(), "different MMSI with a position"),
        _known("status", pa.string(), "complete, partial or failed"),
        Column("error", pa.string(), "why it is not complete"),
    ),
    key=("source_id",),
)

REJECTS: Final = Table(
    "rejects",
    "one rejected line",
    (
        *_SOURCE,
        _known("reason", pa.string(), "reason class"),
        _known("raw", pa.string(), "its bytes, escaped and cut at 512"),
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
        _known(
            "identities", pa.string(), "every identity sent, a JSON list of objects, oldest first"
        ),
        Column("flag", pa.string(), "flag state from the MID, ISO 3166 alpha-2"),
        Column("ais_class", pa.string(), "A or B"),
        Column("ship_type", pa.int16(), "ship type, raw code"),
        Column("ship_type_name", pa.string(), "ship type in words"),
        Column("length_m", pa.float32(), "length [m]"),
        Column("beam_m", pa.float32(), "beam [m]"),
        Column("draught_m", pa.float32(), "greatest draught sent [m]"),
        Column("mothership_mmsi", pa.int32(), "mother ship of an auxiliary craft (message 24)"),
        _instant("first_seen", "first position"),
        _instant("last_seen", "last position"),
        _known("n_positions", pa.int64(), "positions in its segments"),
        *_place("", "of the last position"),
    ),
    key=("vessel_id",),
)

SEGMENTS: Final = Table(
    "segments",
    "one continuous stretch of one vessel",
    (
        _known("segment_id", pa.string(), "identifier from its first fix"),
        _VESSEL_ID,
        _MMSI,
        _instant("start", "first fix"),
        _instant("end", "last fix"),
        *_place("start_", "of the first fix"),
        *_place("end_", "of the last fix"),
        _known("min_lat", pa.float64(), "southern edge [deg]"),
        _known("min_lon", pa.float64(), "western edge; above max_lon across the date line [deg]"),
        _known("max_lat", pa.float64(), "northern edge [deg]"),
        _known("max_lon", pa.float64(), "eastern edge [deg]"),
        _known("length_nm", pa.float64(), "distance sailed [nm]"),
        _known("n_positions", pa.int64(), "fixes"),
        _known("max_gap_h", pa.float64(), "longest time between two fixes [h]"),
        _known("fix_ranges", FIX_RANGES, "which positions of the MMSI belong to it"),
    ),
    key=("vessel_id", "start"),
)

PORT_CALLS: Final = Table(
    "port_calls",
    "one stay in a port",
    (
        _known("port_call_id", pa.string(), "identifier from vessel and first fix"),
        _VESSEL_ID,
        _MMSI,
        Column("port", pa.string(), "port name in ASCII; null when none is near enough to name"),
        Column("locode", pa.string(), "UN/LOCODE"),
        _instant("arrival", "first fix of the stay"),
        _instant("departure", "last fix of the stay"),
        _known("is_open", pa.bool_(), "whether the data end while it lasts"),
        _known("confidence", pa.int8(), "1 (weak) to 4 (sure)"),
        *_place("", "of the first fix of the stay"),
        _known("measures", pa.string(), "what the rule saw, a JSON object"),
    ),
    key=("vessel_id", "arrival"),
)

VOYAGES: Final = Table(
    "voyages",
    "one passage from port call to port call",
    (
        _known("voyage_id", pa.string(), "identifier from vessel and departure"),
        _VESSEL_ID,
        _MMSI,
        Column("origin", pa.string(), "where it began"),
        Column("origin_locode", pa.string(), "UN/LOCODE of it"),
        _known("origin_by", pa.string(), "how that is known: call, declared or edge"),
        Column("destination", pa.string(), "where it ended, or is bound"),
        Column("destination_locode", pa.string(), "UN/LOCODE of it"),
        _known("destination_by", pa.string(), "how that is known: call, declared or edge"),
        _instant("start", "last fix in the origin"),
        _instant("end", "first fix in the destination, or the last one known"),
        _known("is_open", pa.bool_(), "whether it is still under way"),
        *_place("start_", "of the start"),
        *_place("end_", "of the end"),
        _known("n_positions", pa.int64(), "fixes"),
        _known("travelled_nm", pa.float64(), "distance sailed, without jitter [nm]"),
        _known("removed_nm", pa.float64(), "plain sum of legs less travelled_nm [nm]"),
        _known("by_sea_nm", pa.float64(), "of it, shortest way by sea over gaps across land [nm]"),
        Column(
            "reckoned_nm",
            pa.float64(),
            "of it, beyond the lines across gaps, for turns reckoned from speed and course [nm]",
        ),
        Column(
            "shortest_nm",
            pa.float64(),
            "shortest sea route between its ends; under way to a declared port: to that port [nm]",
        ),
        Column("excess_nm", pa.float64(), "extra miles: the slack at its end [nm]"),
        Column("detour_ratio", pa.float64(), "shortest and excess over shortest; null: no ratio"),
        Column("max_cross_track_nm", pa.float64(), "farthest from the shortest route [nm]"),
        Column("verdict", pa.string(), "what it is against its route: one of `Verdict`"),
        _known("passages", pa.list_(pa.string()), "canals and straits of the shortest route"),
        _known("coverage_frac", pa.float64(), "share of the time without a gap above 1 h"),
    ),
    key=("vessel_id", "start"),
)

PORTS: Final = Table(
    "ports",
    "one listed port",
    (
        _known("port_id", pa.string(), "UN/LOCODE, or a content identifier without one"),
        _known("name", pa.string(), "name in ASCII"),
        Column("locode", pa.string(), "UN/LOCODE"),
        Column("country", pa.string(), "ISO 3166 alpha-2"),
        _known("is_large", pa.bool_(), "whether the searoute list carries it as a main port"),
        *_place("", "of the port"),
        _known("source", pa.string(), "the lists it stands in, comma separated"),
    ),
    key=("port_id",),
)

ANCHORAGES: Final = Table(
    "anchorages",
    "one cell in which many vessels stayed; made when asked for, frozen within a run",
    (
        _known("anchorage_id", pa.string(), "its H3 cell of resolution 8"),
        *_place("", "of the mean of the stays"),
        _known("n_vessels", pa.int64(), "different vessels that stayed"),
        _known("n_stays", pa.int64(), "stays"),
        _instant("first_seen", "start of the first stay"),
        _instant("last_seen", "end of the last stay"),
    ),
    key=("anchorage_id",),
)

EVENTS: Final = Table(
    "events",
    "one behaviour of one vessel or pair",
    (
        _known("event_id", pa.string(), "identifier from kind, vessels and anchor"),
        _known("kind", pa.string(), "one of `KINDS`"),
        _known("status", pa.string(), "open, final or withdrawn"),
        _known("revision", pa.int32(), "how often it was revised, from 0"),
        _VESSEL_ID,
        _MMSI,
        Column("other_vessel_id", pa.string(), "the other vessel of a pair"),
        Column("other_mmsi", pa.int32(), "its MMSI"),
        _instant("start", "first fix that met the rule"),
        _instant("end", "last fix that met the rule"),
        _known("is_open", pa.bool_(), "whether it may still go on"),
        *_place("", "that stands for it"),
        *_place("start_", "at its start"),
        *_place("end_", "at its end"),
        _known("cell", pa.int64(), "H3 cell of resolution 7 of lat, lon"),
        _known("duration_h", pa.float64(), "end less start [h]"),
        _known("preset", pa.string(), "the presets that it met, comma separated"),
        _known("confidence", pa.float64(), "0 to 1"),
        _known(
            "measures", pa.string(), "what was measured, with threshold and margin, a JSON object"
        ),
        _known("innocent", pa.string(), 'JSON {"tested": [names], "holds": [names]}'),
        _known(
            "evidence",
            pa.string(),
            "position ranges, a JSON list of {mmsi, vessel_id, start, end, n}",
        ),
        _known("explanation", pa.string(), "one plain sentence"),
    ),
    key=("kind", "start", "event_id"),
)

# What the live engine said of events, and when. In a file of its own and no table of the store.
ALERTS: Final = Table(
    "alerts",
    "one revision of an event, as the live engine told it",
    (
        _known("sequence", pa.int64(), "rises by one with every alert of the store, from 1"),
        _instant("appended", "when it was told, by the clock of the machine, UTC"),
        *EVENTS.columns,
    ),
    key=("sequence",),
)

LEADS: Final = Table(
    "leads",
    "one vessel worth a look",
    (
        _known("lead_id", pa.string(), "identifier from the vessel and the window's start"),
        _known("rank", pa.int32(), "1 is the first to look at"),
        _VESSEL_ID,
        _MMSI,
        Column("name", pa.string(), "current name"),
        _known("score", pa.float64(), "0 to 1"),
        _instant("window_start", "start of the first reason"),
        _instant("window_end", "end of the last reason"),
        _known(
            "reasons",
            pa.string(),
            "JSON list of {event_id, kind, weight, confidence, share, explanation}, largest first",
        ),
        _known("sentence", pa.string(), "why, in one or two sentences"),
        _known("what_would_clear_it", pa.string(), "what to check that would end the interest"),
        _known("watch_list", pa.list_(pa.string()), "entries of the watch list that name it"),
        *_place("", "of the weightiest reason"),
    ),
    key=("rank",),
)

# Every fix that tracks kept, in time order: what detectors read. Never stored.
FIXES: Final = Table(
    "fixes",
    "one position as part of a vessel's segment",
    (
        _known("vessel_key", pa.int64(), "the vessel as a number, see `core.identity`"),
        _instant("timestamp", "when it was received, UTC"),
        *_place("", "of the fix"),
        Column("sog_kn", pa.float32(), "speed over ground [kn]"),
        Column("cog_deg", pa.float32(), "course over ground [deg]"),
        Column("heading_deg", pa.float32(), "true heading [deg]"),
        Column("nav_status", pa.int8(), "navigational status code"),
        _known("cell", pa.int64(), "H3 cell of resolution 7"),
        _known("quality", pa.int32(), "bit flags of `Quality`"),
        _known(
            "segment", pa.int64(), "number that fixes of one segment share, from its first fix"
        ),
        _known("shore_m", pa.float32(), "distance to the nearest shore; 0 on land [m]"),
        _known("port_m", pa.float32(), "distance to the nearest listed port [m]"),
        _known("anchorage_m", pa.float32(), "distance to the nearest known anchorage [m]"),
    ),
    key=("timestamp", "vessel_key"),
)

# What each vessel reported of itself, in time order: what `identity_change` reads, and what
# `BOUND` is made of. Never stored.
SAID: Final = Table(
    "said",
    "who one vessel said it was, in one report",
    (
        _known("vessel_key", pa.int64(), "the vessel as a number, see `core.identity`"),
        _instant("timestamp", "when it was received, UTC"),
        Column("imo", pa.int32(), "IMO number"),
        Column("name", pa.string(), "name as transmitted"),
        Column("callsign", pa.string(), "call sign as transmitted"),
        Column("length_m", pa.float32(), "length as transmitted [m]"),
        Column("beam_m", pa.float32(), "beam as transmitted [m]"),
        Column("destination", pa.string(), "destination as transmitted"),
    ),
    key=("timestamp", "vessel_key"),
)

# What tracks left out of a vessel's track as impossible to reach, in time order: what
# `position_spoofing` reads. Never stored.
STRAYS: Final = Table(
    "strays",
    "one position that cannot be of its vessel's track",
    (
        _known("vessel_key", pa.int64(), "the vessel as a number, see `core.identity`"),
        _instant("timestamp", "when it was received, UTC"),
        *_place("", "of the fix"),
    ),
    key=("timestamp", "vessel_key"),
)

# What a voyage's way is known by: thinned to a point a kilometre sailed. Never stored.
WAYS: Final = Table(
    "ways",
    "one point on the way of a voyage",
    (
        _known("voyage_id", pa.string(), "the voyage"),
        _instant("timestamp", "when it was there, UTC"),
        *_place("", "of the fix"),
        _known("sailed_nm", pa.float64(), "distance sailed since its start, without jitter [nm]"),
        _known("max_gap_h", pa.float64(), "longest silence since the point before [h]"),
        _known("is_bridged", pa.bool_(), "whether it came over land: the way by sea counts"),
    ),
    key=("voyage_id", "timestamp"),
)

# Where voyages went against what was declared, in time order: what `destination_mismatch` reads.
# Rows on the way are those of a port that a vessel got farther from, and the first under another
# declaration; a call has one, of its last fix. Never stored.
BOUND: Final = Table(
    "bound",
    "one vessel on its way to a declared port, or calling elsewhere",
    (
        _known("vessel_key", pa.int64(), "the vessel as a number, see `core.identity`"),
        _instant("timestamp", "when it was there, UTC; of a call: when it was there last"),
        *_place("", "of the fix"),
        _known("voyage_id", pa.string(), "the voyage"),
        _known("text", pa.string(), "destination as transmitted"),
        _known("port", pa.string(), "the listed port that it means"),
        *_place("port_", "of that port"),
        _known("certainty", pa.float64(), "how sure that is, 0 to 1"),
        _instant("declared", "since when it was declared, UTC"),
        _instant("left", "when the vessel last left that port, UTC", nullable=True),
        Column("changed_from", pa.string(), "the port declared before on the same way, at first"),
        Column("remaining_nm", pa.float64(), "how far remained by sea, through any passage [nm]"),
        Column("around_nm", pa.float64(), "the same without canals and sounds [nm]"),
        Column("first_nm", pa.float64(), "what remained when the declaration first counted [nm]"),
        Column("least_nm", pa.float64(), "least that remained since then [nm]"),
        _known("sailed_nm", pa.float64(), "distance sailed since then [nm]"),
        _known("n", pa.int64(), "fixes since the row before; of a call: in it"),
        _instant("arrival", "of a call, its first fix; null under way", nullable=True),
        Column("called_at", pa.string(), "the port called at, where one is near enough to name"),
        _known("is_open", pa.bool_(), "of a call, whether the data end while it lasts"),
    ),
    key=("timestamp", "vessel_key"),
)

# What may be a detour, measured along its way. Never stored.
DETOURS: Final = Table(
    "detours",
    "one voyage that may be a detour",
    (
        _known("voyage_id", pa.string(), "the voyage"),
        *_place("", "where most of its extra miles arose"),
        _known("legs", pa.string(), "where they arose, a JSON list, most miles first"),
        Column("frechet_nm", pa.float64(), "Fréchet distance from the shortest route [nm]"),
        _known("passages_not_taken", pa.list_(pa.string()), "of the shortest route"),
        Column("shortest_without_nm", pa.float64(), "shortest route without them [nm]"),
        Column("excess_without_nm", pa.float64(), "extra miles against that [nm]"),
        _known("seen_frac", pa.float64(), "share of the time without a gap that may hide a call"),
        _known("stays", pa.string(), "stays on the way at ports and anchorages, a JSON list"),
        Column("shortest_via_nm", pa.float64(), "shortest route over these stays [nm]"),
        Column("excess_via_nm", pa.float64(), "extra miles against that, theirs left out [nm]"),
        Column("excess_so_far_nm", pa.float64(), "under way: against the last position [nm]"),
        Column("shortest_so_far_nm", pa.float64(), "under way: to the last position [nm]"),
        _known("n_peers", pa.int32(), "voyages of its ports and class that ended earlier"),
        Column("percentile_frac", pa.float64(), "share of them with a lower ratio"),
    ),
    key=("voyage_id",),
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
        ANCHORAGES,
        EVENTS,
        LEADS,
    )
}
