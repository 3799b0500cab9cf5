"""Which of several transmitters on one identity sent each fix: an exact, sequential rule.

Fixes are taken in time order. Each goes to the *chain* that it fits best among those from whose
end it can have been reached; where there is none it opens a chain of its own. A chain of enough
fixes over enough time is a transmitter's (or a stretch of one); shorter ones are stray fixes.
"""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.kinematics import Reach, impossible_steps
from vesseltrack.core.runs import Ints
from vesseltrack.units import EARTH_RADIUS_M, US_PER_S, kn_to_mps

Floats = npt.NDArray[np.float64]

STRAY: Final = -1
_TOLERANCE_SIGMAS: Final = 3.0


@dataclass(frozen=True)
class ChainRule:
    """When fixes follow one another, and when a chain of them is believed."""

    reach: Reach
    min_fixes: int  # a chain is believed from so many fixes on
    min_span_s: float  # that lie at least so far apart in time
    candidate_s: float  # a chain not believed yet is given up after so long a silence
    max_open: int  # chains that a fix may still join
    reckoning_s: float  # dead reckoning is trusted so long
    stray_kn: float  # how fast a vessel gets off its reckoned way
    min_interleaved: int  # fixes of each of two chains within the other's time: two transmitters


@dataclass(frozen=True)
class Report:
    """The fixes of one identity as columns in time order; speeds and courses may be NaN."""

    t_us: Ints
    lat: Floats
    lon: Floats
    xyz: Floats
    cell_m: Floats
    sog_kn: Floats
    cog_deg: Floats
    ais_class: Ints  # a number for each class of transmitter; 0 where a fix does not tell


@dataclass
class Chain:
    """Fixes that follow on one another, by the first and the last of them; speeds may be 0."""

    number: int
    n_fixes: int = 0
    first_us: int = 0
    first_lat: float = 0.0
    first_lon: float = 0.0
    is_believed: bool = False
    last_row: int = -1
    t_s: float = 0.0
    lat: float = 0.0
    lon: float = 0.0
    cell_m: float = 0.0
    speed_mps: float = 0.0
    course_rad: float = 0.0
    ais_class: int = 0


@dataclass
class OpenChains:
    """The chains that a fix may still join."""

    chains: list[Chain] = field(default_factory=list)
    n_opened: int = 0

    def begin(self, first: Chain, last: Report, rule: ChainRule) -> None:
        """Open a chain by what is known of it: how it began, how many fixes, and the last one."""
        _extend(first, last, 0, n_fixes=0, rule=rule)
        first.last_row = -1  # a fix of another batch
        self.chains.append(first)
        self.n_opened += 1

    def take(self, report: Report, row: int, rule: ChainRule, *, strict: bool) -> Chain:
        """Return the chain that a fix goes to, with the fix as its last."""
        chain = _best(self, report, row, rule, strict=strict)
        _extend(chain, report, row, n_fixes=1, rule=rule)
        _give_up(self, chain.t_s, rule)
        return chain


def chains(report: Report, rule: ChainRule, *, strict: bool = False) -> Ints:
    """Return the chain of each fix, numbered in order of their first fixes, shape (n,).

    `strict` also refuses fixes of another class of transmitter and those too far off a chain's
    reckoned way: on a shared identity another vessel is likelier than a passage in the dark. About
    6 us for each fix and open chain; as good as nothing while a single chain is open.
    """
    n = report.t_us.size
    number = np.full(n, STRAY, dtype=np.int64)
    is_first = np.arange(n) == 0
    jumps = np.flatnonzero(
        impossible_steps(report.t_us, report.xyz, report.cell_m, is_first, rule.reach)
    )
    state = OpenChains()
    row = 0
    while row < n:
        stop = row if strict else _unquestioned(state, row, jumps, n)
        if stop > row:
            _extend(state.chains[0], report, stop - 1, n_fixes=stop - row, rule=rule)
            number[row:stop] = state.chains[0].number
            row = stop
            continue
        number[row] = state.take(report, row, rule, strict=strict).number
        row += 1
    return number


def _unquestioned(state: OpenChains, row: int, jumps: Ints, n: int) -> int:
    """Return up to where all fixes follow the only chain there is, or `row` when any is open."""
    if len(state.chains) != 1 or state.chains[0].last_row != row - 1:
        return row
    following = int(np.searchsorted(jumps, row))
    return int(jumps[following]) if following < jumps.size else n


def _best(state: OpenChains, report: Report, row: int, rule: ChainRule, *, strict: bool) -> Chain:
    best: Chain | None = None
    best_misfit = math.inf
    for chain in state.chains:
        misfit = _misfit(chain, report, row, rule, strict=strict)
        if misfit < best_misfit:
            best, best_misfit = chain, misfit
    if best is None:
        best = Chain(number=state.n_opened)
        state.n_opened += 1
        state.chains.append(best)
    return best


def _misfit(chain: Chain, report: Report, row: int, rule: ChainRule, *, strict: bool) -> float:
    """Return minus twice the log-likelihood of a fix as the chain's next one; infinite: never.

    A normal density about the reckoned way, which widens with time: a fix near the end of a chain
    just heard fits better than one that a chain long silent could as well have reached.
    """
    dt_s = int(report.t_us[row]) / US_PER_S - chain.t_s
    lat, lon = float(report.lat[row]), float(report.lon[row])
    cells_m = chain.cell_m + float(report.cell_m[row])
    distance_m, bearing_rad = _polar(chain.lat, chain.lon, lat, lon)
    if distance_m > rule.reach.of_one_m(dt_s, cells_m):
        return math.inf
    off_m = _off_reckoned_way_m(chain, distance_m, bearing_rad, dt_s, rule)
    tolerance_m = _tolerance_m(dt_s, cells_m, rule)
    if strict and (off_m > tolerance_m or _is_other_class(chain, int(report.ais_class[row]))):
        return math.inf
    sigma_m = tolerance_m / _TOLERANCE_SIGMAS
    return (off_m / sigma_m) ** 2 + 4 * math.log(sigma_m)


def _is_other_class(chain: Chain, ais_class: int) -> bool:
    return 0 not in (chain.ais_class, ais_class) and chain.ais_class != ais_class


def _tolerance_m(dt_s: float, cells_m: float, rule: ChainRule) -> float:
    """Return how far off the reckoned way a fix may be: linear in time at first, then its root."""
    reckoned_s = min(dt_s, rule.reckoning_s)
    if dt_s > reckoned_s:
        reckoned_s = math.sqrt(dt_s * rule.reckoning_s)
    widening_m = kn_to_mps(rule.stray_kn) * (reckoned_s + rule.reach.clock_slack_s)
    return max(cells_m, rule.reach.min_m) + widening_m


def _off_reckoned_way_m(
    chain: Chain, distance_m: float, bearing_rad: float, dt_s: float, rule: ChainRule
) -> float:
    """Return the distance from the stretch where a vessel holding its course would be.

    For a while that is the one place dead reckoning gives; later the vessel may have slowed down,
    and any place from there on along its course will do.
    """
    turn_rad = bearing_rad - chain.course_rad
    along_m, across_m = distance_m * math.cos(turn_rad), distance_m * math.sin(turn_rad)
    near_m = chain.speed_mps * min(dt_s, rule.reckoning_s)
    far_m = chain.speed_mps * dt_s
    return math.hypot(across_m, max(near_m - along_m, along_m - far_m, 0.0))


def _polar(lat1: float, lon1: float, lat2: float, lon2: float) -> tuple[float, float]:
    """Return distance [m] and bearing [rad]: one pair without the overhead of arrays."""
    phi1, phi2, dlam = math.radians(lat1), math.radians(lat2), math.radians(lon2 - lon1)
    east = math.sin(dlam) * math.cos(phi2)
    north = math.cos(phi1) * math.sin(phi2) - math.sin(phi1) * math.cos(phi2) * math.cos(dlam)
    h = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(dlam / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, h))), math.atan2(east, north)


def _extend(chain: Chain, report: Report, row: int, *, n_fixes: int, rule: ChainRule) -> None:
    chain.t_s = int(report.t_us[row]) / US_PER_S
    if chain.n_fixes == 0:
        chain.first_us = int(report.t_us[row])
        chain.first_lat, chain.first_lon = float(report.lat[row]), float(report.lon[row])
    chain.n_fixes += n_fixes
    chain.last_row = row
    chain.lat, chain.lon = float(report.lat[row]), float(report.lon[row])
    chain.cell_m = float(report.cell_m[row])
    chain.ais_class = int(report.ais_class[row]) or chain.ais_class
    sog_kn, cog_deg = float(report.sog_kn[row]), float(report.cog_deg[row])
    has_motion = math.isfinite(sog_kn) and math.isfinite(cog_deg)
    # A reported speed beyond belief must not carry the reckoning away.
    believed_kn = min(sog_kn, rule.reach.burst_kn) if has_motion else 0.0
    chain.speed_mps = kn_to_mps(believed_kn)
    chain.course_rad = math.radians(cog_deg) if has_motion else 0.0
    span_s = chain.t_s - chain.first_us / US_PER_S
    if chain.n_fixes >= rule.min_fixes and span_s >= rule.min_span_s:
        chain.is_believed = True


def _give_up(state: OpenChains, now_s: float, rule: ChainRule) -> None:
    state.chains = [
        chain
        for chain in state.chains
        if chain.is_believed or now_s - chain.t_s <= rule.candidate_s
    ]
    if len(state.chains) > rule.max_open:
        state.chains.remove(min(state.chains, key=lambda chain: (chain.is_believed, chain.t_s)))


def believed_chains(chain: Ints, t_us: Ints, rule: ChainRule) -> Ints:
    """Return the numbers of the chains that are transmitters, in order of their first fixes.

    Parameters
    ----------
    chain, t_us : (n,)
        Chain and time of each fix, in time order.
    rule : ChainRule
        How many fixes over how long a chain must have; of an identity that has none such, the
        chain of the most fixes is believed (of equal ones the first).
    """
    if chain.size == 0:
        return np.zeros(0, dtype=np.int64)
    n_fixes = np.bincount(chain)
    numbers, first = np.unique(chain, return_index=True)
    last = chain.size - 1 - np.unique(chain[::-1], return_index=True)[1]
    span_s = (t_us[last] - t_us[first]) / US_PER_S
    is_believed = (n_fixes >= rule.min_fixes) & (span_s >= rule.min_span_s)
    if not is_believed.any():
        is_believed[np.argmax(n_fixes)] = True
    return numbers[is_believed].astype(np.int64)


def are_several(chain: Ints, believed: Ints, min_interleaved: int) -> bool:
    """Return whether two believed chains were sent at the same time, so by two transmitters.

    A vessel whose receiver is led astray for a while and returns is silent at its true place
    meanwhile; two transmitters each report while the other does.
    """
    rows = [np.flatnonzero(chain == number) for number in believed]
    return any(
        min(_n_within(one, other), _n_within(other, one)) >= min_interleaved
        for i, one in enumerate(rows)
        for other in rows[:i]
    )


def _n_within(rows: Ints, span: Ints) -> int:
    return int(np.searchsorted(rows, span[-1]) - np.searchsorted(rows, span[0]))
