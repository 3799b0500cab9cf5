"""Zone entry and exit: a vessel seen on both sides of the edge of an area."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np

from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.config.detect.zones import ZoneCrossingDefault
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Rows, is_change, joined, n_rows, take
from vesseltrack.core.runs import Bools, Ints, offsets_of_sorted
from vesseltrack.detect.base import Carries, Fold, Held
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure
from vesseltrack.detect.fold import Slice
from vesseltrack.detect.words import iso, number, place
from vesseltrack.units import US_PER_HOUR, US_PER_S, h_to_us, mps_to_kn
from vesseltrack.zones import Zone, read_zones

_COLUMNS: Final = ("key", "t_us", "lat", "lon")
_WORDS: Final = {"zone_entry": "entered", "zone_exit": "left"}
_NEVER: Final = np.iinfo(np.int64).min // 2


class ZoneCrossing(Fold):
    """The `default` preset of `zone_entry`, or of `zone_exit`."""

    def __init__(
        self,
        kind: Literal["zone_entry", "zone_exit"],
        rule: ZoneCrossingDefault,
        confidence: ConfidenceConfig,
    ) -> None:
        super().__init__(confidence)
        self.kind = kind
        self._rule = rule
        self._zones = read_zones(Path(rule.file)) if rule.file else ()
        # For each zone the last fix of each vessel, whether it was in then, and since when.
        self._last = [Held() for _ in self._zones]

    def _parts(self) -> Mapping[str, Carries]:
        return {f"zone{number}": held for number, held in enumerate(self._last)}

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        rows = batch.columns.rows(_COLUMNS) if self._zones else {}
        if not n_rows(rows):
            return []
        drafts = []
        for zone, held in zip(self._zones, self._last, strict=True):
            seen = _with_state(rows, zone, held.rows, self._rule)
            crossed = _crossings(seen, is_in=self.kind == "zone_entry", rule=self._rule)
            drafts += [self._draft(seen, int(row), zone) for row in crossed]
            last = take(seen, offsets_of_sorted(seen["key"])[1:] - 1)
            if held.rows:
                others = ~np.isin(held.rows["key"], last["key"])
                last = joined(take(held.rows, others), last)
            oldest_us = self._frontier_us - h_to_us(self._rule.max_gap_h)
            last = take(last, last["t_us"] >= oldest_us)
            held.rows = take(last, np.argsort(last["key"], kind="stable"))
        return drafts

    def _if_ended(self) -> Sequence[Draft]:
        return []  # a crossing is over the moment it is seen

    def _draft(self, seen: Rows, row: int, zone: Zone) -> Draft:
        key = int(seen["key"][row])
        start, end = (
            Fix(int(seen["t_us"][at]), float(seen["lat"][at]), float(seen["lon"][at]))
            for at in (row - 1, row)
        )
        seconds = max((end.t_us - start.t_us) / US_PER_S, 1.0)
        moved_m = float(great_circle_m(start.lat, start.lon, end.lat, end.lon))
        speed_kn = mps_to_kn(moved_m / seconds)
        measures = {
            "zone": Measure(zone.name),
            "gap_h": Measure((end.t_us - start.t_us) / US_PER_HOUR, "<=", self._rule.max_gap_h),
            "speed_kn": Measure(speed_kn),
            "vessel_class": Measure(self._fleet.class_of(key)),
        }
        since_us = int(seen["since_us"][row - 1])
        if self.kind == "zone_exit" and since_us != _NEVER:
            measures["stay_h"] = Measure((start.t_us - since_us) / US_PER_HOUR)
        return Draft(
            kind=self.kind,
            keys=(key,),
            anchor=start,
            start=start,
            end=end,
            lat=end.lat,
            lon=end.lon,
            measures=measures,
            innocent={},
            evidence=[Evidence(key, start.t_us, end.t_us, 2)],
            explanation=(
                f"Zone {zone.name} {_WORDS[self.kind]} between {iso(start.t_us)} and "
                f"{iso(end.t_us)} at {place(end.lat, end.lon)}, at {number(speed_kn)} kn."
            ),
            is_open=False,
            anchor_parts=(zone.name,),
        )


def _with_state(rows: Rows, zone: Zone, carried: Rows, rule: ZoneCrossingDefault) -> Rows:
    """Return fixes, each vessel's last one before them, and for each whether it is in the zone.

    A fix within is in; one farther than the hysteresis off is out; one in between is what the fix
    before it was, and out where there is none or a long silence. `since_us` is the first fix in of
    a stay that was seen to begin, `_NEVER` of any other.
    """
    lat, lon = rows["lat"], rows["lon"]
    inside = zone.inside(lat, lon)
    is_told = inside | ~zone.within_m(lat, lon, rule.leave_m)
    new = {**rows, "is_in": inside, "is_told": is_told, "since_us": np.full(lat.size, _NEVER)}
    if carried:
        known = take(carried, np.isin(carried["key"], rows["key"]))
        new = joined({**known, "is_told": np.ones(n_rows(known), dtype=np.bool_)}, new)
        new = take(new, np.lexsort((new["t_us"], new["key"])))
    is_first = is_change(new["key"])
    # What was before a long silence counts for nothing, as it is not carried either.
    is_first[1:] |= np.diff(new["t_us"]) > h_to_us(rule.max_gap_h)
    source = np.maximum.accumulate(
        np.where(new["is_told"] | is_first, np.arange(is_first.size), 0)
    )
    is_in = np.asarray(new["is_in"][source])
    return {
        **{name: new[name] for name in _COLUMNS},
        "is_in": is_in,
        "since_us": _since_us(new, is_in, is_first),
    }


def _since_us(seen: Rows, is_in: Bools, is_first: Bools) -> Ints:
    entered = np.zeros(is_in.size, dtype=np.bool_)
    entered[1:] = is_in[1:] & ~is_in[:-1] & ~is_first[1:]
    starts = np.where(entered, seen["t_us"], seen["since_us"])
    source = np.maximum.accumulate(np.where(entered | is_first, np.arange(is_in.size), 0))
    return np.where(is_in, starts[source], _NEVER)


def _crossings(seen: Rows, *, is_in: bool, rule: ZoneCrossingDefault) -> Ints:
    """Return the rows of the first fixes in (or out) after one that was not, soon enough."""
    crossed = ~is_change(seen["key"]) & (seen["is_in"] == is_in)
    crossed[1:] &= (seen["is_in"][:-1] != is_in) & (
        np.diff(seen["t_us"]) <= h_to_us(rule.max_gap_h)
    )
    return np.flatnonzero(crossed)
