"""Which events give which vessel a reason, and how much it weighs."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vesseltrack.config.leads import LeadsConfig, LeadWeights


@dataclass(frozen=True)
class Reason:
    """One event as a reason to look at a vessel."""

    event: Mapping[str, Any]
    weight: float

    @property
    def pull(self) -> float:
        """How much it adds by itself: weight times confidence."""
        return self.weight * float(self.event["confidence"])


def gives_reason(event: Mapping[str, Any]) -> bool:
    """Return whether an event counts: not withdrawn, and no innocent explanation holds."""
    return event["status"] != "withdrawn" and not json.loads(event["innocent"])["holds"]


def vessels_of(event: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the vessels that an event is a reason to look at.

    Both of a pair; of transmitters that share an MMSI only the first one, `<mmsi>`: which of them
    is the true one is what has to be found out.
    """
    if event["kind"] == "identity_conflict":
        return (str(event["mmsi"]),)
    other = event["other_vessel_id"]
    return (event["vessel_id"],) if other is None else (event["vessel_id"], other)


def reasons_by_vessel(
    events: Iterable[Mapping[str, Any]], config: LeadsConfig
) -> dict[str, list[Reason]]:
    """Return the reasons of each vessel, the weightiest first."""
    events_of: dict[str, list[Mapping[str, Any]]] = {}
    for event in events:
        if gives_reason(event):
            for vessel_id in vessels_of(event):
                events_of.setdefault(vessel_id, []).append(event)
    return {vessel_id: _weighed(found, config) for vessel_id, found in events_of.items()}


def _weighed(events: list[Mapping[str, Any]], config: LeadsConfig) -> list[Reason]:
    n_of_kind: dict[str, int] = {}
    reasons = []
    for event in sorted(events, key=lambda event: (-event["confidence"], event["event_id"])):
        nth = n_of_kind.setdefault(event["kind"], 0)
        n_of_kind[event["kind"]] += 1
        weight = weight_of(event["kind"], config.weights) * config.repeat_factor**nth
        reasons.append(Reason(event, weight))
    return sorted(reasons, key=lambda reason: (-reason.pull, reason.event["event_id"]))


def weight_of(kind: str, weights: LeadWeights) -> float:
    """Return the weight of a kind."""
    return float(getattr(weights, kind))
