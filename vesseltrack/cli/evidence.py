"""What a row rests on: positions, each down to the source and line that it came in."""

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from vesseltrack.cli.text import terminal_safe
from vesseltrack.errors import SourceError

if TYPE_CHECKING:
    import pyarrow as pa

    from vesseltrack.store import Store

Row = dict[str, Any]
_CITED: Final = ("source_id", "line")
MAX_RAW_LINES: Final = 1_000  # a screenful of an analyst's patience; the rest is counted


def evidence_spans(store: "Store", table: str, row: Row) -> list[Row]:
    """Return the spans of positions behind a row: mmsi, start, end."""
    from vesseltrack.schema.plain import plain_rows
    from vesseltrack.store import Filter

    if table == "leads":
        ids = [reason["event_id"] for reason in row["reasons"]]
        events = [store.select("events", Filter(equals={"event_id": one})) for one in ids]
        return [span for event in events for row in plain_rows(event) for span in row["evidence"]]
    if "evidence" in row:
        spans: list[Row] = row["evidence"]
        return spans
    ends = {
        "segments": ("start", "end"),
        "voyages": ("start", "end"),
        "port_calls": ("arrival", "departure"),
        "vessels": ("first_seen", "last_seen"),
    }
    if table not in ends:
        return []
    start, end = ends[table]
    whose = {name: row[name] for name in ("mmsi", "vessel_id")}
    return [{**whose, "start": row[start], "end": row[end]}]


def print_raw(store: "Store", table: str, row: Row) -> None:
    """Print the original lines behind a row, escaped, each with its source and line number.

    Raises
    ------
    SourceError
        If an archive is no longer where it was read, or is not the one that was read.
    """
    from vesseltrack.ingest import original_lines, unescaped

    wanted: dict[int, set[int]] = {}
    for span in evidence_spans(store, table, row):
        for source_id, line in zip(*_positions(store, span), strict=True):
            wanted.setdefault(source_id.as_py(), set()).add(line.as_py())
    for source_id, lines in sorted(wanted.items()):
        source = store.source(source_id)
        if source is None:
            msg = f"source {source_id} was not read to its end; run it again"
            raise SourceError(msg)
        shown = sorted(lines)[:MAX_RAW_LINES]
        name = terminal_safe(source["name"])
        for number, text in original_lines(source, shown):
            line = unescaped(text).decode("utf-8", "backslashreplace")
            print(f"{name}:{number}: {terminal_safe(line)}")
        if len(lines) > len(shown):
            print(f"... {len(lines) - len(shown):,} more lines of {name}")


def _positions(store: "Store", span: Row) -> "pa.Table":
    """Return source and line of the positions of a span.

    Of a vessel that shares its MMSI those of its own track, unless these are fewer than the
    evidence counts: reports that no track holds are those of the MMSI.
    """
    from vesseltrack.store import Filter

    start, end = (dt.datetime.fromisoformat(span[name]) for name in ("start", "end"))
    wanted = Filter(mmsi=span["mmsi"], since=start, until=end)
    of_mmsi = store.select("positions", wanted, columns=_CITED)
    n = span.get("n", 0)
    if of_mmsi.num_rows == n:
        return of_mmsi
    own = _of_track(store, span["vessel_id"], start, end)
    return own if own.num_rows >= max(n, 1) else of_mmsi


def _of_track(store: "Store", vessel_id: str, start: dt.datetime, end: dt.datetime) -> "pa.Table":
    import pyarrow.compute as pc

    from vesseltrack.store import Filter

    theirs = Filter(equals={"vessel_id": vessel_id}, since=start, until=end)
    segments = store.select("segments", theirs, columns=["segment_id"])
    fixes = store.fixes_of(segments["segment_id"].to_pylist())
    at = fixes["timestamp"]
    within = pc.and_(pc.greater_equal(at, start), pc.less_equal(at, end))
    return fixes.filter(within).select(_CITED)


def cited(store: "Store", span: Row) -> tuple[object, ...]:
    """Return a span of evidence as it is shown: whose, from when to when, which lines of what."""
    rows = _positions(store, span).to_pylist()
    sources: dict[int, list[int]] = {}
    for row in rows:
        sources.setdefault(row["source_id"], []).append(row["line"])
    names = [(store.source(source_id) or {}).get("name", source_id) for source_id in sources]
    lines = [f"{min(n):,} to {max(n):,} ({len(n):,})" for n in sources.values()]
    return (
        span["mmsi"],
        span["start"],
        span["end"],
        "\n".join(map(str, names)),
        "\n".join(lines),
    )
