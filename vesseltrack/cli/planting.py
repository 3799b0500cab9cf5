"""The commands that try the detectors: plant known behaviours, score what was found."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from vesseltrack.cli.console import print_table, progress_bar


def plant(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO...", help="all, or such as loiter, 'encounter:3 min', gap:12h."
        ),
    ],
    into: Annotated[Path, typer.Option("--into", help="The archive.", metavar="ARCHIVE")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The copy to write.", metavar="FILE")
    ],
    truth: Annotated[
        Path, typer.Option("--truth", help="What was planted, as CSV.", metavar="FILE.csv")
    ],
    count: Annotated[int, typer.Option("--count", min=1, max=1000, help="So many of each.")] = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, other places.")] = 0,
    hard: Annotated[
        bool,
        typer.Option(
            "--hard",
            help="Receivers' errors change with each report, and any vessel falls silent.",
        ),
    ] = False,
) -> None:
    """Plant known behaviours into a copy of a real archive.

    Example: vesseltrack plant encounter drop_buoyed:1h --into day.csv.gz -o planted.csv.gz
    --truth truth.csv
    """
    from vesseltrack import planting

    with progress_bar() as progress:
        done = planting.plant(
            planting.asked(scenarios),
            into=into,
            output=output,
            count=count,
            seed=seed,
            is_hard=hard,
            progress=progress,
        )
    planting.write_truth(truth, done.truths)
    typer.echo(f"{len(done.truths)} planted; {done.n_lines:,} lines in {output}, truth in {truth}")


def evaluate(
    events: Annotated[
        Path,
        typer.Argument(metavar="EVENTS", help="A store, or events exported as .csv or .jsonl."),
    ],
    truth: Annotated[
        Path | None,
        typer.Argument(metavar="TRUTH.csv", help="What was planted; none: count the alerts."),
    ] = None,
) -> None:
    """Score events against what was planted: recall by strength, precision and alerts by kind.

    Without a truth, of a store: how many events of each kind count as alerts, by vessel-days.

    Example: vesseltrack evaluate vesseltrack-store truth.csv
    """
    from vesseltrack import planting

    if truth is None:
        _print_alerts(events)
        return
    rows, vessel_days = planting.events_at(events)
    scores = planting.score(rows, planting.read_truth(truth), vessel_days)
    print_table(
        "Found of what was planted",
        [
            ("Scenario", "left"),
            ("Strength", "left"),
            ("Planted", "right"),
            ("Found", "right"),
            ("Flagged", "right"),
            ("Recall", "right"),
        ],
        [
            [
                one.name,
                one.strength,
                f"{one.n_planted}",
                f"{one.n_found}",
                f"{one.n_flagged}",
                _share(one.recall),
            ]
            for one in scores.by_strength
        ],
    )
    print_table(
        "Alerts by kind (without an innocent explanation)",
        [
            ("Kind", "left"),
            ("Alerts", "right"),
            ("Of planted", "right"),
            ("Precision", "right"),
            ("Others per 1,000 vessel-days", "right"),
            ("From confidence on: precision/recall", "text"),
        ],
        [
            [
                one.kind,
                f"{one.n_events}",
                f"{one.n_matching}",
                _share(one.precision),
                "-"
                if math.isnan(one.per_1000_vessel_days)
                else f"{one.per_1000_vessel_days:,.1f}",
                _curve(one.curve),
            ]
            for one in scores.by_kind
        ],
    )


def _print_alerts(store: Path) -> None:
    """Print how often an analyst is called by each kind."""
    from vesseltrack import planting
    from vesseltrack.schema import KINDS

    watched = planting.watched_at(store)
    rates = planting.alert_rates(planting.events_at(store)[0], watched, KINDS)
    print_table(
        f"Alerts in {watched.vessel_days:,.0f} vessel-days ({watched.heard_days:,.1f} d heard)",
        [
            ("Kind", "left"),
            ("Events", "right"),
            ("Explained", "right"),
            ("Of working craft", "right"),
            ("Alerts", "right"),
            ("Per 100 vessel-days", "right"),
            ("Per 100 days heard", "right"),
        ],
        [
            [
                one.kind,
                f"{one.n_events}",
                f"{one.n_explained}",
                f"{one.n_working}",
                f"{one.n_alerts}",
                _share(one.per_100_vessel_days),
                _share(one.per_100_heard_days),
            ]
            for one in rates
        ],
    )


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def _curve(points: Sequence[tuple[float, float, float]]) -> str:
    """Return a few points of a curve: confidence, then precision and recall from there on."""
    few = points[:: max(1, len(points) // 4)]
    return "  ".join(f">={c:.2f}: {_share(p)}/{_share(r)}" for c, p, r in few)
