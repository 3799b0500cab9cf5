"""How often an analyst is called: the events of a store that count as flagged, by kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_PER_DAYS: Final = 100.0


@dataclass(frozen=True)
class Watched:
    """How long vessels were watched.

    Attributes
    ----------
    vessel_days : float
        Days on which each vessel was heard, added up.
    heard_days : float
        The time from the first to the last position of each segment, added up [d]: of an archive
        of half an hour a fiftieth of the other.
    """

    vessel_days: float
    heard_days: float


@dataclass(frozen=True)
class AlertRate:
    """The events of one kind, or of all.

    Attributes
    ----------
    kind : str
        The kind.
    n_events : int
        All of its events but withdrawn ones.
    n_explained : int
        Those for which an innocent explanation holds.
    n_working : int
        Of the others, those in which a known working craft takes part.
    n_alerts : int
        What is left.
    per_100_vessel_days, per_100_heard_days : float
        Alerts by how long was watched; NaN where nothing was.
    """

    kind: str
    n_events: int
    n_explained: int
    n_working: int
    n_alerts: int
    per_100_vessel_days: float
    per_100_heard_days: float


def alert_rates(
    events: Sequence[Mapping[str, Any]], watched: Watched, kinds: Sequence[str]
) -> tuple[AlertRate, ...]:
    """Return the alerts of each kind, and last of all kinds together.

    Parameters
    ----------
    events : sequence of mapping
        `kind`, `holds` (whether an innocent explanation does) and `is_working` (whether a known
        working craft takes part).
    watched : Watched
        How long.
    kinds : sequence of str
        Those asked about; one without events has none.
    """
    return (
        *(_rate(kind, [one for one in events if one["kind"] == kind], watched) for kind in kinds),
        _rate("all", [one for one in events if one["kind"] in kinds], watched),
    )


def _rate(name: str, events: Sequence[Mapping[str, Any]], watched: Watched) -> AlertRate:
    unexplained = [event for event in events if not event["holds"]]
    n_working = sum(bool(event["is_working"]) for event in unexplained)
    n_alerts = len(unexplained) - n_working
    return AlertRate(
        name,
        len(events),
        len(events) - len(unexplained),
        n_working,
        n_alerts,
        _per_100(n_alerts, watched.vessel_days),
        _per_100(n_alerts, watched.heard_days),
    )


def _per_100(n: int, days: float) -> float:
    return n / days * _PER_DAYS if days > 0 else float("nan")
