"""The tables that tell what was found."""

from typing import TYPE_CHECKING, Final

import typer

from vesseltrack.cli.console import print_table, standard_output
from vesseltrack.cli.text import one_line

if TYPE_CHECKING:
    from vesseltrack.engine import RunSummary
    from vesseltrack.store import Store

DEMO_LEADS: Final = 10
MIN_SHORTEST_NM: Final = 20.0  # below it a ratio says nothing (`route_deviation`)


def print_voyages(store: "Store") -> None:
    """Print the voyages between two known ports, held against the shortest sea route."""
    from vesseltrack.store import Filter

    name_of = _names(store)
    voyages = store.select("voyages", Filter()).to_pylist()
    known = [
        v
        for v in voyages
        if v["origin"]
        and v["destination"]
        and v["shortest_nm"] is not None
        and v["shortest_nm"] >= MIN_SHORTEST_NM
    ]
    known.sort(key=lambda v: -v["travelled_nm"])
    columns = (
        ("MMSI", "left"),
        ("Name", "left"),
        ("From", "left"),
        ("To", "left"),
        ("Sailed nm", "right"),
        ("Shortest nm", "right"),
        ("Ratio", "right"),
        ("Passages", "text"),
    )
    rows = [
        (
            v["mmsi"],
            name_of.get(v["vessel_id"]),
            _port(v, "origin"),
            _port(v, "destination"),
            f"{v['travelled_nm']:,.0f}",
            f"{v['shortest_nm']:,.0f}",
            f"{v['detour_ratio']:.2f}",
            ", ".join(v["passages"]),
        )
        for v in known
    ]
    print_table("Voyages against the shortest route", columns, rows)
    others = len(voyages) - len(known)
    standard_output().print(
        f"{others:,} other voyages begin or end at the edge of the data, or are round trips.\n"
    )


def _port(voyage: dict[str, object], end: str) -> str:
    how = voyage[f"{end}_by"]
    under_way = " (under way)" if end == "destination" and voyage["is_open"] else ""
    declared = " (declared)" if how == "declared" and not under_way else ""
    return f"{voyage[end]}{under_way}{declared}"


def print_leads(store: "Store", *, top: int) -> None:
    """Print the ranked leads, the first to look at first."""
    from vesseltrack.store import Filter

    total = store.count("leads", Filter())
    leads = store.select("leads", Filter(), limit=top).to_pylist()
    if not leads:
        standard_output().print("Ranked leads: none. Nothing in this store was flagged.")
        return
    columns = (
        ("#", "right"),
        ("MMSI", "left"),
        ("Name", "left"),
        ("Score", "right"),
        ("Why", "text"),
    )
    rows = [
        (lead["rank"], lead["mmsi"], lead["name"], f"{lead['score']:.2f}", lead["sentence"])
        for lead in leads
    ]
    print_table("Ranked leads", columns, rows)
    if total > len(leads):
        standard_output().print(f"{total - len(leads):,} more: vesseltrack leads --top {total}")


def print_counts(summary: "RunSummary") -> None:
    """Print how many rows of each derived table a run left."""
    rows = [(name, f"{count:,}") for name, count in summary.counts.items()]
    print_table("Tables", (("Table", "left"), ("Rows", "right")), rows)
    for note in summary.notes:
        typer.echo(f"note: {one_line(note)}")


def _names(store: "Store") -> dict[str, str | None]:
    from vesseltrack.store import Filter

    vessels = store.select("vessels", Filter(), columns=["vessel_id", "name"])
    return dict(zip(*vessels.to_pydict().values(), strict=True))
