"""Two vessels together, step by step: samples on a grid, pairs, runs, meetings. Arrays only."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.neighbours import Near, OpenBins
from vesseltrack.core.records import Rows, is_change, n_rows, take
from vesseltrack.core.resample import on_grid
from vesseltrack.core.runs import Bools, Ints, offsets_of_sorted
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.units import US_PER_S, mps_to_kn

Floats = npt.NDArray[np.float64]

_OF_SAMPLE: Final = {
    "key": np.int64,
    "lat": np.float64,
    "lon": np.float64,
    "density": np.float64,
    "fix_from": np.int64,
    "fix_to": np.int64,
    "anchorage_m": np.float64,
}
_BEFORE_ALL: Final = np.iinfo(np.int64).min
SIDES: Final = ("1", "2")  # suffixes of the columns of each vessel of a pair


@dataclass(frozen=True)
class MeetingRule:
    """When samples of two vessels are a meeting, in the units of the kernels."""

    step_us: int
    max_interpolation_us: int
    max_distance_m: float
    min_run_us: int
    merge_gap_us: int


def samples_of(rows: Rows, is_new: Bools, rule: MeetingRule) -> Rows:
    """Return where vessels were at the grid times, as far as their fixes tell.

    Parameters
    ----------
    rows : Rows
        `key`, `t_us`, `lat`, `lon`, `segment`, `nth` and `anchorage_m` by vessel and time.
    is_new : (n,)
        What ends in a carried row was sampled before.
    rule : MeetingRule
        The step, and across how long an interval to interpolate.

    Returns
    -------
    samples : Rows
        `key`, `t_us`, `lat`, `lon`, `density`, `fix_from` and `fix_to` (the numbers of the first
        fix not before it and of the last not after it) and `anchorage_m` (the lesser of both
        ends), in no particular order. A fix on the grid that no interval leads to is a sample of
        its own.
    """
    key, t_us, segment = rows["key"], rows["t_us"], rows["segment"]
    is_leg = is_new.copy()
    is_leg[:1] = False
    is_leg[1:] &= (
        (key[1:] == key[:-1])
        & (segment[1:] == segment[:-1])
        & (np.diff(t_us) <= rule.max_interpolation_us)
    )
    alone = np.flatnonzero(is_new & ~is_leg)
    alone = alone[t_us[alone] % rule.step_us == 0]
    found = on_grid(t_us, rows["lat"], rows["lon"], is_leg, rule.step_us)
    end, start = np.append(found.end, alone), np.append(found.end - 1, alone)
    sampled_us, nth, anchorage_m = (
        np.append(found.t_us, t_us[alone]),
        rows["nth"],
        rows["anchorage_m"],
    )
    return {
        "key": key[end],
        "t_us": sampled_us,
        "lat": np.append(found.lat, rows["lat"][alone]),
        "lon": np.append(found.lon, rows["lon"][alone]),
        "density": np.append(found.density, np.ones(alone.size)),
        "fix_from": nth[end],
        "fix_to": np.where(sampled_us == t_us[end], nth[end], nth[start]),
        "anchorage_m": np.minimum(anchorage_m[start], anchorage_m[end]),
    }


class OpenSamples:
    """Samples of grid times to which more may come, and every two that lie within the distance.

    Two transmitters on one MMSI are no pair: telling them apart may have been the mistake.
    """

    def __init__(self, rule: MeetingRule) -> None:
        self._rule = rule
        self._bins = OpenBins(rule.max_distance_m)

    @property
    def rows(self) -> Rows:
        """All of them."""
        return self._bins.rows

    @rows.setter
    def rows(self, rows: Rows) -> None:
        self._bins = OpenBins(self._rule.max_distance_m)
        if n_rows(rows):
            self.add(rows)

    def add(self, samples: Rows) -> None:
        """Take in rows of `samples_of`."""
        self._bins.add(samples, samples["t_us"] // self._rule.step_us)

    def pairs(self, stop_us: int) -> Rows:
        """Return the pairs before a time [us], the smaller key as vessel 1."""
        near = self._bins.pairs(_BEFORE_ALL, -(-stop_us // self._rule.step_us))
        return _pairs_of(near)

    def forget(self, stop_us: int) -> None:
        """Drop the samples before a time [us]."""
        self._bins.forget(-(-stop_us // self._rule.step_us))


def _pairs_of(near: Near) -> Rows:
    if not near.n:
        return _no_pairs()
    swap = near.first["key"] > near.second["key"]
    pairs = {"t_us": near.first["t_us"], "distance_m": near.distance_m}
    for suffix, one, other in (("1", near.first, near.second), ("2", near.second, near.first)):
        for name in _OF_SAMPLE:
            pairs[f"{name}_{suffix}"] = np.where(swap, other[name], one[name])
    return take(pairs, mmsis_of(pairs["key_1"]) != mmsis_of(pairs["key_2"]))


def _no_pairs() -> Rows:
    none = {"t_us": np.zeros(0, dtype=np.int64), "distance_m": np.zeros(0)}
    for name, dtype in _OF_SAMPLE.items():
        none |= {f"{name}_{suffix}": np.zeros(0, dtype=dtype) for suffix in SIDES}
    return none


def sorted_pairs(pairs: Rows) -> Rows:
    """Return pairs by vessels and time."""
    return take(pairs, np.lexsort((pairs["t_us"], pairs["key_2"], pairs["key_1"])))


@dataclass(frozen=True)
class Runs:
    """Unbroken stretches of one pair as half-open ranges of its rows, shape (n_runs,)."""

    start: Ints
    stop: Ints
    is_finished: Bools  # whether the next grid time is known not to continue it
    is_long: Bools  # whether it is long enough to count


def runs_of(pairs: Rows, next_us: int, rule: MeetingRule) -> Runs:
    """Return the runs of sorted pairs.

    Parameters
    ----------
    pairs : Rows
        Pairs by vessels and time.
    next_us : int
        The first grid time that is not known yet [us].
    rule : MeetingRule
        Step, and least length of a run.
    """
    breaks = is_change(pairs["key_1"], pairs["key_2"])
    t_us = pairs["t_us"]
    breaks[1:] |= np.diff(t_us) != rule.step_us
    start = np.flatnonzero(breaks)
    stop = np.append(start[1:], t_us.size)[: start.size]
    first_us, last_us = t_us[start], t_us[stop - 1]
    return Runs(
        start,
        stop,
        is_finished=last_us + rule.step_us < next_us,
        is_long=last_us - first_us >= rule.min_run_us,
    )


def without_short(pairs: Rows, next_us: int, rule: MeetingRule) -> Rows:
    """Return sorted pairs without the runs that ended before they were long enough."""
    runs = runs_of(pairs, next_us, rule)
    kept = runs.is_long | ~runs.is_finished
    return take(pairs, np.repeat(kept, runs.stop - runs.start))


@dataclass(frozen=True)
class Meetings:
    """Runs of one pair less than the merge gap apart, as half-open ranges of runs."""

    runs: Runs
    start: Ints
    stop: Ints
    is_finished: Bools


def meetings_of(pairs: Rows, next_us: int, rule: MeetingRule) -> Meetings:
    """Return the meetings among sorted pairs; a short run that may yet grow holds its place.

    See `runs_of` for the parameters. A meeting is finished once no run can be added to it.
    """
    runs = runs_of(pairs, next_us, rule)
    first_us, last_us = pairs["t_us"][runs.start], pairs["t_us"][runs.stop - 1]
    key_1, key_2 = pairs["key_1"][runs.start], pairs["key_2"][runs.start]
    parts = is_change(key_1, key_2)
    parts[1:] |= first_us[1:] - last_us[:-1] >= rule.merge_gap_us
    offsets = offsets_of_sorted(np.cumsum(parts))
    start, stop = offsets[:-1], offsets[1:]
    last = stop - 1
    # The next run could begin at the first unknown grid time.
    is_over = next_us - last_us[last] >= rule.merge_gap_us
    is_finished = is_over & runs.is_finished[last]
    has_later = np.zeros(start.size, dtype=np.bool_)
    has_later[:-1] = ~is_change(key_1[start], key_2[start])[1:]
    return Meetings(runs, start, stop, is_finished | has_later)


@dataclass(frozen=True)
class Side:
    """One vessel's part in a stretch of a meeting."""

    key: int
    mean_lat: float
    mean_lon: float
    speeds_kn: Floats  # from sample to sample within runs
    n_points: int  # fixes, as the density of the samples tells
    n_fixes: int  # fixes from its first to its last sample

    @property
    def median_speed_kn(self) -> float:
        """Median over its steps; NaN without any."""
        return float(np.median(self.speeds_kn)) if self.speeds_kn.size else np.nan


def side_of(pairs: Rows, suffix: str, step_us: int) -> Side:
    """Return one vessel's part in the rows of one meeting or run.

    Means of longitudes are taken as seen from the first sample, so the date line is no border.
    """
    lat, lon = pairs[f"lat_{suffix}"], pairs[f"lon_{suffix}"]
    within = np.flatnonzero(np.diff(pairs["t_us"]) == step_us)
    moved_m = great_circle_m(lat[within], lon[within], lat[within + 1], lon[within + 1])
    offset = (lon - lon[0] + 180.0) % 360.0 - 180.0
    mean_lon = (lon[0] + float(np.mean(offset)) + 180.0) % 360.0 - 180.0
    return Side(
        key=int(pairs[f"key_{suffix}"][0]),
        mean_lat=float(np.mean(lat)),
        mean_lon=float(mean_lon),
        speeds_kn=mps_to_kn(moved_m / (step_us / US_PER_S)),
        n_points=int(np.sum(pairs[f"density_{suffix}"])),
        n_fixes=int(pairs[f"fix_to_{suffix}"][-1] - pairs[f"fix_from_{suffix}"][0]) + 1,
    )
