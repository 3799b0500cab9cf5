"""One row in full: its values, its measures, and the evidence down to source and line."""

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from vesseltrack.cli.console import print_table, standard_output
from vesseltrack.cli.text import terminal_safe
from vesseltrack.errors import NotFoundError, SourceError

if TYPE_CHECKING:
    from vesseltrack.store import Filter, Store

Row = dict[str, Any]
_LOOKED_IN: Final = ("vessels", "leads", "events", "voyages", "segments", "port_calls", "ports")
_SHOWN_APART: Final = frozenset({"measures", "evidence", "reasons", "identities", "fix_ranges"})
MAX_RAW_LINES: Final = 1_000  # a screenful of an analyst's patience; the rest is counted


def find(store: "Store", identifier: str) -> tuple[str, Row]:
    """Return the table and the plain row that an identifier names.

    Raises
    ------
    NotFoundError
        If no table has it.
    """
    from vesseltrack.schema.plain import plain_rows

    for table in _LOOKED_IN:
        rows = plain_rows(store.select(table, _named(table, identifier)))
        if rows:
            return table, rows[0]
    msg = f"nothing in {store.path} is called {identifier!r}; `vesseltrack leads` lists some"
    raise NotFoundError(msg)


def _named(table: str, identifier: str) -> "Filter":
    from vesseltrack.schema import TABLES
    from vesseltrack.store import Filter

    return Filter(equals={TABLES[table].columns[0].name: identifier})


def print_row(store: "Store", table: str, row: Row) -> None:
    """Print a row, its measures or reasons, and where its evidence stands."""
    plain = [
        (name, _text(value))
        for name, value in row.items()
        if name not in _SHOWN_APART and value is not None
    ]
    print_table(table, (("", "left"), ("", "text")), plain)
    if "measures" in row:
        _print_measures(row["measures"])
    for reason in row.get("reasons", ()):
        heading = f"{reason['kind']} {reason['event_id']} (share {reason['share']:.2f})"
        standard_output().print(f"{heading}: {terminal_safe(reason['explanation'])}")
    for identity in row.get("identities", ()):
        standard_output().print(terminal_safe(f"identity: {_text(identity)}"))
    if table == "vessels":
        _print_related(store, row["vessel_id"])
    spans = evidence_spans(store, table, row)
    if spans:
        heads = ("MMSI", "From", "To", "Source", "Lines")
        columns = [(head, "left") for head in heads]
        print_table("Evidence", columns, [_cited(store, span) for span in spans])


_RELATED: Final = (
    ("leads", ("lead_id", "rank", "score")),
    ("events", ("event_id", "kind", "start", "confidence")),
    ("voyages", ("voyage_id", "origin", "destination", "start", "travelled_nm")),
    ("port_calls", ("port_call_id", "port", "arrival", "departure")),
)


def _print_related(store: "Store", vessel_id: str) -> None:
    """Print what else is known of a vessel, each row with the identifier to show it by."""
    from vesseltrack.schema.plain import plain_rows
    from vesseltrack.store import Filter

    theirs = Filter(equals={"vessel_id": vessel_id})
    for table, names in _RELATED:
        rows = plain_rows(store.select(table, theirs, columns=names))
        if rows:
            shown = [[_text(value) for value in row.values()] for row in rows]
            print_table(table, [(name, "left") for name in names], shown)


def evidence_spans(store: "Store", table: str, row: Row) -> list[Row]:
    """Return the spans of positions behind a row: mmsi, start, end."""
    from vesseltrack.schema.plain import plain_rows

    if table == "leads":
        ids = [reason["event_id"] for reason in row["reasons"]]
        events = [store.select("events", _named("events", event_id)) for event_id in ids]
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
    return [{"mmsi": row["mmsi"], "start": row[start], "end": row[end]}]


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
        rows = _positions(store, span)
        for source_id, line in zip(*rows.select(["source_id", "line"]), strict=True):
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


def _positions(store: "Store", span: Row) -> Any:  # noqa: ANN401 - an Arrow table
    from vesseltrack.store import Filter

    start, end = (_instant(span[name]) for name in ("start", "end"))
    wanted = Filter(mmsi=span["mmsi"], since=start, until=end)
    return store.select("positions", wanted, columns=["source_id", "line"])


def _cited(store: "Store", span: Row) -> tuple[object, ...]:
    rows = _positions(store, span).to_pylist()
    sources: dict[int, list[int]] = {}
    for row in rows:
        sources.setdefault(row["source_id"], []).append(row["line"])
    names = [(store.source(source_id) or {}).get("name", source_id) for source_id in sources]
    lines = [f"{min(n):,} to {max(n):,} ({len(n):,})" for n in sources.values()]
    return (
        span["mmsi"],
        _text(span["start"]),
        _text(span["end"]),
        "\n".join(map(str, names)),
        "\n".join(lines),
    )


def _print_measures(measures: Row) -> None:
    rows = [
        (
            name,
            _text(m.get("value") if isinstance(m, dict) else m),
            " ".join(str(m[k]) for k in ("rule", "threshold") if k in m)
            if isinstance(m, dict)
            else "",
            _text(m.get("margin")) if isinstance(m, dict) else "",
        )
        for name, m in measures.items()
    ]
    columns = (
        ("Measure", "left"),
        ("Value", "text"),
        ("Threshold", "right"),
        ("Margin", "right"),
    )
    print_table("Measures", columns, rows)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(item)}" for name, item in value.items())
    return str(value)


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
