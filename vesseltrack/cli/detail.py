"""One row in full: its values, its measures, and the evidence down to source and line."""

from typing import TYPE_CHECKING, Any, Final

from vesseltrack.cli.console import print_table, standard_output
from vesseltrack.cli.evidence import cited, evidence_spans
from vesseltrack.cli.text import terminal_safe
from vesseltrack.errors import NotFoundError

if TYPE_CHECKING:
    from vesseltrack.store import Filter, Store

Row = dict[str, Any]
_LOOKED_IN: Final = ("vessels", "leads", "events", "voyages", "segments", "port_calls", "ports")
_SHOWN_APART: Final = frozenset({"measures", "evidence", "reasons", "identities", "fix_ranges"})


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
    if row.get("identities"):
        _print_identities(row["identities"])
    if table == "vessels":
        _print_related(store, row["vessel_id"])
    spans = evidence_spans(store, table, row)
    if spans:
        heads = ("MMSI", "From", "To", "Source", "Lines")
        columns = [(head, "left") for head in heads]
        print_table("Evidence", columns, [cited(store, span) for span in spans])


_RELATED: Final = (
    ("leads", ("lead_id", "rank", "score")),
    ("events", ("event_id", "kind", "start", "end", "confidence", "innocent")),
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
            shown = [[_brief(name, row[name]) for name in names] for row in rows]
            print_table(table, [(name, "left") for name in names], shown)


def _brief(name: str, value: Any) -> str:  # noqa: ANN401 - any plain JSON
    """Return a value in a list; of innocent explanations only those that hold."""
    return ", ".join(value["holds"]) if name == "innocent" else _text(value)


def _print_identities(identities: list[Row]) -> None:
    """Print who a vessel said it was, one identity a line."""
    names = dict.fromkeys(name for identity in identities for name in identity)
    rows = [[_text(one.get(name)) for name in names] for one in identities]
    print_table("identities", [(name, "left") for name in names], rows)


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
