"""Events held against what was planted: found or not, how surely, and how many alerts besides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vesseltrack.core.runs import Bools
from vesseltrack.planting.truth import Truth
from vesseltrack.units import h_to_us

_SLACK_US: Final = h_to_us(0.5)  # an event may begin or end so much off what was planted
_PER_VESSEL_DAYS: Final = 1000.0


@dataclass(frozen=True)
class Score:
    """How well one kind, or one scenario at one strength, was found.

    Attributes
    ----------
    name, strength : str
        The kind or scenario; the strength, empty for all.
    n_planted, n_found, n_flagged : int
        Plantings; those an event matches; those matched by one without an innocent explanation.
    """

    name: str
    strength: str
    n_planted: int
    n_found: int
    n_flagged: int

    @property
    def recall(self) -> float:
        """Share of the plantings found; NaN without any."""
        return self.n_found / self.n_planted if self.n_planted else float("nan")


@dataclass(frozen=True)
class Alerts:
    """The events of one kind.

    Attributes
    ----------
    kind : str
        The kind.
    n_events, n_matching : int
        Events without an innocent explanation, and how many of them match a planting.
    per_1000_vessel_days : float
        Those that match none, by the time that was watched; NaN where that is not known.
    curve : tuple of (float, float, float)
        Confidence from which on events count, their precision, and the recall, by confidence.
    """

    kind: str
    n_events: int
    n_matching: int
    per_1000_vessel_days: float
    curve: tuple[tuple[float, float, float], ...]

    @property
    def precision(self) -> float:
        """Share of the events that match a planting; NaN without any event."""
        return self.n_matching / self.n_events if self.n_events else float("nan")


@dataclass(frozen=True)
class Scores:
    """Events against a truth table."""

    by_strength: tuple[Score, ...]
    by_kind: tuple[Alerts, ...]


def score(
    events: Sequence[Mapping[str, Any]],
    truths: Sequence[Truth],
    vessel_days: float = float("nan"),
) -> Scores:
    """Return how well events find what was planted.

    An event matches a planting of its kind with the same vessels (of an encounter in either
    order; of one vessel's behaviour as either vessel of the event) whose times overlap, half an
    hour more or less.

    Parameters
    ----------
    events : sequence of mapping
        `kind`, `mmsi`, `other_mmsi`, `start_us`, `end_us`, `confidence` and `holds` (whether an
        innocent explanation does).
    truths : sequence of Truth
        What was planted.
    vessel_days : float
        Days on which a vessel was heard, added up over the vessels.
    """
    matches = [[_matches(event, truth) for truth in truths] for event in events]
    table = np.array(matches, dtype=np.bool_).reshape(len(events), len(truths))
    flagged = np.array([not event["holds"] for event in events], dtype=np.bool_)
    found: Bools = np.asarray(table.any(axis=0))
    found_flagged: Bools = np.asarray(table[flagged].any(axis=0))
    named = list(dict.fromkeys((truth.scenario, truth.strength) for truth in truths))
    # The weakest of a scenario first: `5 %` before `20 %`, `3 min` before `2 h`.
    scenarios = list(dict.fromkeys(scenario for scenario, _ in named))
    named.sort(key=lambda name: (scenarios.index(name[0]), _size_of(name[1])))
    by_strength = []
    for scenario, strength in named:
        its = [(t.scenario, t.strength) == (scenario, strength) for t in truths]
        by_strength.append(
            Score(
                scenario,
                strength,
                sum(its),
                int(found[its].sum()),
                int(found_flagged[its].sum()),
            )
        )
    kinds = sorted({truth.kind for truth in truths} | {str(event["kind"]) for event in events})
    return Scores(
        tuple(by_strength),
        tuple(
            _alerts(kind, events, truths, table & flagged[:, None], vessel_days) for kind in kinds
        ),
    )


def _size_of(strength: str) -> tuple[bool, float]:
    """Return an order of strengths of one scenario: minutes before hours, then by the number."""
    number, _, unit = strength.partition(" ")
    return unit == "h", float(number) if number.replace(".", "", 1).isdigit() else 0.0


def _matches(event: Mapping[str, Any], truth: Truth) -> bool:
    if event["kind"] != truth.kind:
        return False
    if (
        event["start_us"] > truth.end_us + _SLACK_US
        or event["end_us"] < truth.start_us - _SLACK_US
    ):
        return False
    who = {event["mmsi"], event["other_mmsi"]} - {None}
    planted = {truth.mmsi, truth.other_mmsi} - {None}
    return planted <= who


def _alerts(
    kind: str,
    events: Sequence[Mapping[str, Any]],
    truths: Sequence[Truth],
    table: Bools,
    vessel_days: float,
) -> Alerts:
    rows = [n for n, event in enumerate(events) if event["kind"] == kind and not event["holds"]]
    columns = [n for n, truth in enumerate(truths) if truth.kind == kind]
    confidence = np.array([events[row]["confidence"] for row in rows], dtype=np.float64)
    hits = table[np.ix_(rows, columns)]
    is_match: Bools = np.asarray(hits.any(axis=1))
    curve = []
    for least in np.unique(confidence)[::-1]:
        kept = confidence >= least
        recall = hits[kept].any(axis=0).mean() if columns else float("nan")
        curve.append((float(least), float(is_match[kept].mean()), float(recall)))
    n_besides = int((~is_match).sum())
    return Alerts(
        kind,
        len(rows),
        int(is_match.sum()),
        n_besides / vessel_days * _PER_VESSEL_DAYS if vessel_days > 0 else float("nan"),
        tuple(curve),
    )
