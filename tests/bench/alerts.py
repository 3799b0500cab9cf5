"""Alerts of each kind on untouched archives, as Markdown: `make bench ARGS=alerts`.

The shipped archives, or those named: `ARGS='alerts DAY.csv.gz ...'`. An alert is an event for
which no innocent explanation holds, and in which no known working craft takes part.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from archives import ARCHIVES
from vesseltrack import engine, planting
from vesseltrack.errors import VesseltrackError
from vesseltrack.schema import KINDS
from vesseltrack.store import Store

COLUMNS = ("", "vessel-days", "days heard", "events", "explained", "working craft", "alerts")
COLUMNS += ("by 100 vessel-days", "by 100 days heard")
Rates = Sequence[planting.AlertRate]


def print_alerts(paths: Sequence[Path] = ()) -> None:
    """Print a row for each archive, and one for all of them together."""
    shown = list(paths) or ARCHIVES
    found: list[tuple[str, planting.Watched, Rates]] = []
    for path in shown:
        with tempfile.TemporaryDirectory() as folder:
            try:
                engine.run(Store.open(Path(folder), create=True), [path])
            except VesseltrackError as error:
                print(f"{path.name}: {error}")
                continue
            watched = planting.watched_at(Path(folder))
            events = planting.events_at(Path(folder))[0]
            found.append((path.name, watched, planting.alert_rates(events, watched, KINDS)))
    days = sum(watched.vessel_days for _, watched, _ in found)
    heard = sum(watched.heard_days for _, watched, _ in found)
    kinds = [one.kind for one in found[0][2]]
    print(f"| {' | '.join(COLUMNS)} |")
    print(f"|---|{'--:|' * (len(COLUMNS) - 1)}")
    for name, watched, rates in found:
        row(name, watched.vessel_days, watched.heard_days, [rates[-1]])
    for nth, kind in enumerate(kinds):
        row(f"`{kind}`", days, heard, [one[2][nth] for one in found])


def row(name: str, days: float, heard: float, rates: Rates) -> None:
    """Print the sums of some rates as a row."""
    names = ("n_events", "n_explained", "n_working", "n_alerts")
    sums = [sum(getattr(rate, name) for rate in rates) for name in names]
    counts = " | ".join(map(str, sums))
    by_days = f"{100 * sums[-1] / max(days, 1e-9):.2f} | {100 * sums[-1] / max(heard, 1e-9):.1f}"
    print(f"| {name} | {days:,.0f} | {heard:,.1f} | {counts} | {by_days} |")
