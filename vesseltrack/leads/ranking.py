"""The ranked list: one lead a vessel, its score a noisy-or of its reasons."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from vesseltrack.config.leads import LeadsConfig
from vesseltrack.core.identity import content_id
from vesseltrack.leads.clearing import what_would_clear
from vesseltrack.leads.reasons import Reason, reasons_by_vessel
from vesseltrack.leads.watching import hits_by_vessel
from vesseltrack.schema import LEADS

_DIGITS: Final = 6
_EVENT_COLUMNS: Final = (
    "event_id",
    "kind",
    "status",
    "vessel_id",
    "mmsi",
    "other_vessel_id",
    "start",
    "end",
    "lat",
    "lon",
    "confidence",
    "innocent",
    "explanation",
)


def rank_leads(events: pa.Table, vessels: pa.Table, *, config: LeadsConfig) -> pa.Table:
    """Return the vessels worth a look, the first to look at first.

    Parameters
    ----------
    events : pyarrow.Table
        `EVENTS`. Withdrawn ones, and those for which an innocent explanation holds, give no
        reason.
    vessels : pyarrow.Table
        `VESSELS`, for names and for the watch list. A vessel of an event may be missing.
    config : LeadsConfig
        Weights and watch list.

    Returns
    -------
    leads : pyarrow.Table
        `LEADS` by rank; of equal scores the smaller vessel identifier first. The same whatever
        order the rows come in.
    """
    known = {row["vessel_id"]: row for row in vessels.to_pylist()}
    reasons = reasons_by_vessel(events.select(_EVENT_COLUMNS).to_pylist(), config)
    hits = hits_by_vessel(known, config)
    leads = [
        _lead(vessel_id, known.get(vessel_id, {}), reasons.get(vessel_id, []), hits, config)
        for vessel_id in sorted({*reasons, *hits})
    ]
    leads.sort(key=lambda lead: (-lead["score"], lead["vessel_id"]))
    for rank, lead in enumerate(leads, start=1):
        lead["rank"] = rank
    return LEADS.of({name: [lead[name] for lead in leads] for name in LEADS.names})


def noisy_or(pulls: Sequence[float]) -> float:
    """Return 1 less the product of 1 less each; 0 for none."""
    return 1.0 - math.prod(1.0 - pull for pull in pulls)


def shares(pulls: Sequence[float]) -> list[float]:
    """Return which part of the score each reason carries; they add up to 1.

    A noisy-or is a sum of ``-log(1 - pull)``, so each one's part of that sum is its share.
    """
    parts = [-math.log1p(-pull) for pull in pulls]
    total = math.fsum(parts)
    return [part / total if total > 0 else 0.0 for part in parts]


def _lead(
    vessel_id: str,
    vessel: Mapping[str, Any],
    reasons: Sequence[Reason],
    hits: Mapping[str, list[str]],
    config: LeadsConfig,
) -> dict[str, Any]:
    watch_list = hits.get(vessel_id, [])
    pulls = [reason.pull for reason in reasons]
    if watch_list:
        pulls.append(config.watch_weight)
    start, end, lat, lon = _window(vessel, reasons)
    return {
        "lead_id": content_id("lead", vessel_id, start.isoformat()),
        "vessel_id": vessel_id,
        "mmsi": int(vessel_id.partition("-")[0]),
        "name": vessel.get("name"),
        "score": _rounded(noisy_or(pulls)),
        "window_start": start,
        "window_end": end,
        "reasons": _reasons_json(reasons, shares(pulls)),
        "sentence": _sentence(reasons, watch_list, config),
        "what_would_clear_it": what_would_clear(
            [reason.event["kind"] for reason in reasons], is_watched=bool(watch_list)
        ),
        "watch_list": watch_list,
        "lat": lat,
        "lon": lon,
    }


def _window(vessel: Mapping[str, Any], reasons: Sequence[Reason]) -> tuple[Any, Any, float, float]:
    """Return first and last time, and the place to look at."""
    if not reasons:
        return vessel["first_seen"], vessel["last_seen"], vessel["lat"], vessel["lon"]
    events = [reason.event for reason in reasons]
    first = min(event["start"] for event in events)
    return first, max(event["end"] for event in events), events[0]["lat"], events[0]["lon"]


def _reasons_json(reasons: Sequence[Reason], parts: Sequence[float]) -> str:
    # The watch list's own share comes last and is no event.
    listed = [
        {
            "event_id": reason.event["event_id"],
            "kind": reason.event["kind"],
            "weight": _rounded(reason.weight),
            "confidence": reason.event["confidence"],
            "share": _rounded(part),
            "explanation": reason.event["explanation"],
        }
        for reason, part in zip(reasons, parts, strict=False)
    ]
    return json.dumps(listed, ensure_ascii=False, allow_nan=False)


def _sentence(reasons: Sequence[Reason], watch_list: Sequence[str], config: LeadsConfig) -> str:
    shown = [reason.event["explanation"] for reason in reasons[: config.max_explanations]]
    if watch_list:
        shown.insert(0, f"On the watch list: {', '.join(watch_list)}.")
    more = len(reasons) - config.max_explanations
    if more > 0:
        shown.append(f"And {more} more event{'s' if more > 1 else ''}.")
    return " ".join(shown)


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
