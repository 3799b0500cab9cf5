"""How a voyage is judged against its route: flagged or not, and what explains it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vesseltrack.config.detect.route_deviation import RouteDeviationDefault
from vesseltrack.schema import Verdict

Row = Mapping[str, Any]
_BY_EXCESS: Final = {
    "passage_not_taken": "without",
    "port_stay": "via",
    "waiting_at_anchorage": "via",
    "bound_elsewhere": "so_far",
}


@dataclass(frozen=True)
class Judgement:
    """What a voyage is, and which innocent explanations were tested."""

    verdict: Verdict
    is_flagged: bool = False
    is_by_peers: bool = False  # flagged by its peers alone
    innocent: Mapping[str, bool] | None = None


def min_ratio(shortest_nm: float, rule: RouteDeviationDefault) -> float:
    """Return the detour ratio from which a voyage of some length is flagged.

    `min_ratio_short` up to `short_voyage_nm`, `min_ratio_long` from `long_voyage_nm` on, linear in
    between: the error of a reference route weighs more on a short voyage.
    """
    return float(
        np.interp(
            shortest_nm,
            [rule.short_voyage_nm, rule.long_voyage_nm],
            [rule.min_ratio_short, rule.min_ratio_long],
        )
    )


def is_deviation(excess_nm: float, shortest_nm: float, rule: RouteDeviationDefault) -> bool:
    """Return whether extra miles are flagged; an unknown distance (NaN) never is."""
    return bool(
        shortest_nm >= rule.min_shortest_nm
        and excess_nm >= rule.min_excess_nm
        and (shortest_nm + excess_nm) / shortest_nm >= min_ratio(shortest_nm, rule)
    )


def judge(
    voyage: Row, detour: Row | None, rule: RouteDeviationDefault, *, is_roaming: bool
) -> Judgement:
    """Return what a voyage is against its route.

    Parameters
    ----------
    voyage : mapping
        A row of VOYAGES with its route columns.
    detour : mapping or None
        Its row of DETOURS; without one, what it would tell is not tested.
    rule : RouteDeviationDefault
        The thresholds.
    is_roaming : bool
        Whether vessels of its class zig-zag for a living.
    """
    if is_round_trip(voyage):
        return Judgement(Verdict.ROUND_TRIP)
    if voyage["shortest_nm"] is None:
        return Judgement(Verdict.NO_ROUTE)
    shortest_nm, excess_nm = voyage["shortest_nm"], voyage["excess_nm"]
    if shortest_nm < rule.min_shortest_nm:
        returns = excess_nm >= rule.min_excess_nm
        return Judgement(Verdict.ROUND_TRIP if returns else Verdict.SHORT_TRIP)
    if shortest_nm + excess_nm < rule.too_long_ratio * shortest_nm:
        return Judgement(Verdict.REFERENCE_TOO_LONG)
    by_route = is_deviation(excess_nm, shortest_nm, rule)
    by_peers = _is_beyond_peers(excess_nm, detour, rule)
    if not by_route and not by_peers:
        return Judgement(Verdict.DIRECT)
    innocent = _explanations(voyage, detour, rule, is_roaming=is_roaming, by_peers=by_peers)
    holds = [name for name, is_so in innocent.items() if is_so]
    verdict = Verdict(holds[0].replace("_", " ")) if holds else Verdict.DETOUR
    return Judgement(verdict, is_flagged=True, is_by_peers=not by_route, innocent=innocent)


def is_round_trip(voyage: Row) -> bool:
    """Return whether origin and destination are one place, by code or else by name."""
    for name in ("{}_locode", "{}"):
        origin, destination = voyage[name.format("origin")], voyage[name.format("destination")]
        if origin is not None and destination is not None:
            return bool(origin == destination)
    return False


def seen_frac(voyage: Row, detour: Row | None) -> float:
    """Return the share of the time in which no silence may hide a call, as far as looked into."""
    return float(voyage["coverage_frac"] if detour is None else detour["seen_frac"])


def _is_beyond_peers(excess_nm: float, detour: Row | None, rule: RouteDeviationDefault) -> bool:
    return bool(
        detour is not None
        and detour["n_peers"] >= rule.min_peers
        and detour["percentile_frac"] > rule.min_percentile_frac
        and excess_nm >= rule.min_excess_nm
    )


def _explanations(
    voyage: Row,
    detour: Row | None,
    rule: RouteDeviationDefault,
    *,
    is_roaming: bool,
    by_peers: bool,
) -> dict[str, bool]:
    """Return each innocent explanation that can be tested, and whether it holds."""
    tested = {}
    if detour is not None:
        stays = {stay["kind"] for stay in detour["stays"]}
        for name, against in _BY_EXCESS.items():
            if against == "via" and name not in stays:
                tested[name] = False
            elif against != "so_far" or voyage["is_open"]:
                tested[name] = _explains(detour, against, rule, by_peers=by_peers)
    tested["sparse_reception"] = seen_frac(voyage, detour) < rule.min_seen_frac
    tested["working_craft"] = is_roaming
    tested["traffic_separation"] = voyage["max_cross_track_nm"] <= rule.lane_nm
    return tested


def _explains(detour: Row, against: str, rule: RouteDeviationDefault, *, by_peers: bool) -> bool:
    """Return whether against another route the voyage is no deviation any more."""
    shortest_nm, excess_nm = detour[f"shortest_{against}_nm"], detour[f"excess_{against}_nm"]
    if shortest_nm is None:
        return False
    if by_peers:
        return bool(excess_nm < rule.min_excess_nm)
    # A route too short to have a ratio explains nothing away.
    is_too_short = shortest_nm < rule.min_shortest_nm and excess_nm >= rule.min_excess_nm
    return not is_too_short and not is_deviation(excess_nm, shortest_nm, rule)
