"""How a voyage stands among its peers: those of its ports and class that ended earlier."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from vesseltrack.core.ship_class import ship_class

Row = Mapping[str, Any]
Standing = tuple[int, float | None]  # how many peers, and the share of them with a lower ratio
NO_PEERS: Final[Standing] = (0, None)


def standings(
    voyages: Sequence[Row], type_of: Mapping[str, int | None], wanted: set[str]
) -> dict[str, Standing]:
    """Return how voyages stand among those that ended before they did.

    Parameters
    ----------
    voyages : sequence of mapping
        Rows of VOYAGES with their ratios.
    type_of : mapping
        The ship type of each vessel, None where not known: then vessels of every class are peers.
    wanted : set of str
        The voyages asked about.

    Returns
    -------
    standing : dict
        By voyage; none for one whose ports are not both known.
    """
    groups: dict[tuple[str, str], list[Row]] = {}
    for voyage in voyages:
        ports = voyage["origin_locode"], voyage["destination_locode"]
        if None not in ports and voyage["detour_ratio"] is not None:
            groups.setdefault(ports, []).append(voyage)
    found: dict[str, Standing] = {}
    for group in groups.values():
        for one in group:
            if one["voyage_id"] in wanted:
                found[one["voyage_id"]] = _standing(one, group, type_of)
    return found


def _standing(one: Row, group: Sequence[Row], type_of: Mapping[str, int | None]) -> Standing:
    own = type_of.get(one["vessel_id"])
    ratios = np.array(
        [
            other["detour_ratio"]
            for other in group
            if not other["is_open"]
            and other["end"] < one["end"]
            and (own is None or _is_of_class(type_of.get(other["vessel_id"]), own))
        ]
    )
    if ratios.size == 0:
        return NO_PEERS
    return ratios.size, float(np.mean(ratios < one["detour_ratio"]))


def _is_of_class(other: int | None, own: int) -> bool:
    return other is not None and ship_class(other) is ship_class(own)
