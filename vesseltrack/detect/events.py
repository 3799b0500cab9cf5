"""From what a detector measured to rows of `EVENTS`: measures, margins, confidence, identifier."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa

from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.identity import content_id, mmsi_of_key, vessel_id
from vesseltrack.detect.words import iso
from vesseltrack.hexgrid import cells_of
from vesseltrack.schema import EVENTS
from vesseltrack.units import E6, US_PER_HOUR

_DIGITS: Final = 6  # of a measured number: more than any of them is good for


@dataclass(frozen=True)
class Measure:
    """One measured quantity and what it was held against."""

    value: Any  # a number, or plain JSON without a threshold
    rule: str | None = None  # ">=", ">", "<=" or "<"
    threshold: float | None = None
    zero: float = 0.0  # where nothing is to be seen: 1 for a ratio
    counts: bool = True  # whether confidence grows with its margin

    @property
    def margin(self) -> float:
        """How far the value lies on the right side of its threshold."""
        assert self.rule is not None
        assert self.threshold is not None
        above = float(self.value) - self.threshold
        return above if self.rule.startswith(">") else -above

    @property
    def strength(self) -> float:
        """0 at the threshold, towards 1 far beyond it."""
        assert self.rule is not None
        assert self.threshold is not None
        small, large = self.threshold - self.zero, float(self.value) - self.zero
        if self.rule.startswith("<"):
            small, large = large, small
        return 1.0 - max(small, 0.0) / large if large > small else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the measure as it stands in `events.measures`."""
        if self.rule is None:
            return {"value": _plain(self.value)}
        return {
            "value": _plain(self.value),
            "threshold": _plain(self.threshold),
            "rule": self.rule,
            "margin": _plain(self.margin),
        }


@dataclass(frozen=True)
class Fix:
    """A time [us] and a place [deg]."""

    t_us: int
    lat: float
    lon: float


@dataclass(frozen=True)
class Evidence:
    """The positions of one vessel that an event rests on."""

    key: int
    start_us: int
    end_us: int
    n: int


@dataclass(frozen=True)
class Draft:
    """One event before it becomes a row."""

    kind: str
    keys: tuple[int, ...]  # the vessel, or the two of a pair in any order, see `is_ordered`
    anchor: Fix  # first fix that met the rule: it names the event and never moves
    start: Fix
    end: Fix
    lat: float  # the place that stands for it
    lon: float
    measures: Mapping[str, Measure]
    innocent: Mapping[str, bool]  # each explanation tested, and whether it holds
    evidence: Sequence[Evidence]
    explanation: str
    is_open: bool
    presets: tuple[str, ...] = ("default",)
    quality: float = 1.0  # share of full confidence that the data allow
    anchor_parts: tuple[str, ...] = field(default=())  # tells apart events of one anchor
    is_ordered: bool = False  # the first of two keys did something first


def confidence(draft: Draft, config: ConfidenceConfig) -> float:
    """Return the confidence of an event, by the formula of `ConfidenceConfig`."""
    strengths = [m.strength for m in draft.measures.values() if m.rule is not None and m.counts]
    strength = math.prod(strengths) ** (1 / len(strengths))
    grown = config.at_threshold + (config.far_beyond - config.at_threshold) * strength
    factor = config.innocent_factor if any(draft.innocent.values()) else 1.0
    return _rounded(grown * draft.quality * factor)


def event_table(drafts: Sequence[Draft], config: ConfidenceConfig) -> pa.Table:
    """Return drafts as `EVENTS`, in the order of its key."""
    if not drafts:
        return EVENTS.empty()
    rows = [_row(draft, config) for draft in drafts]
    rows.sort(key=lambda row: (row["kind"], row["start"], row["event_id"]))
    columns = {name: [row[name] for row in rows] for name in EVENTS.names if name != "cell"}
    columns["cell"] = cells_of(np.array(columns["lat"]), np.array(columns["lon"])).tolist()
    return EVENTS.of(columns)


def _row(draft: Draft, config: ConfidenceConfig) -> dict[str, Any]:
    # The smaller identifier stands first, so a pair is one row however it was found.
    keys = draft.keys if draft.is_ordered else sorted(draft.keys, key=vessel_id)
    vessels = [vessel_id(key) for key in keys]
    anchor = (draft.anchor.t_us, round(draft.anchor.lat * E6), round(draft.anchor.lon * E6))
    has_other = len(keys) > 1
    return {
        "event_id": content_id("ev", draft.kind, *vessels, *anchor, *draft.anchor_parts),
        "kind": draft.kind,
        "status": "open" if draft.is_open else "final",
        "revision": 0,
        "vessel_id": vessels[0],
        "mmsi": mmsi_of_key(keys[0]),
        "other_vessel_id": vessels[1] if has_other else None,
        "other_mmsi": mmsi_of_key(keys[1]) if has_other else None,
        "start": draft.start.t_us,
        "end": draft.end.t_us,
        "is_open": draft.is_open,
        "lat": draft.lat,
        "lon": draft.lon,
        "start_lat": draft.start.lat,
        "start_lon": draft.start.lon,
        "end_lat": draft.end.lat,
        "end_lon": draft.end.lon,
        "duration_h": (draft.end.t_us - draft.start.t_us) / US_PER_HOUR,
        "preset": ",".join(draft.presets),
        "confidence": confidence(draft, config),
        "measures": _json({name: m.as_json() for name, m in draft.measures.items()}),
        "innocent": _json(
            {
                "tested": list(draft.innocent),
                "holds": [name for name, holds in draft.innocent.items() if holds],
            }
        ),
        "evidence": _json([_evidence(item) for item in draft.evidence]),
        "explanation": draft.explanation,
    }


def _evidence(item: Evidence) -> dict[str, Any]:
    return {
        "mmsi": mmsi_of_key(item.key),
        "vessel_id": vessel_id(item.key),
        "start": iso(item.start_us),
        "end": iso(item.end_us),
        "n": item.n,
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any plain JSON
    if isinstance(value, float):  # numpy's float64 is one
        return _rounded(value) if math.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    return value


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
