"""The watch list: vessels that an analyst named by MMSI or IMO number."""

import json
from collections.abc import Mapping
from typing import Any

from vesseltrack.config.leads import LeadsConfig


def hits_by_vessel(
    vessels: Mapping[str, Mapping[str, Any]], config: LeadsConfig
) -> dict[str, list[str]]:
    """Return the entries of the watch list that name each vessel; vessels without one are absent.

    A vessel is named by its MMSI, or by any IMO number that it sent, now or before. One that was
    never seen is no lead.
    """
    watched_mmsi, watched_imo = frozenset(config.watch_mmsi), frozenset(config.watch_imo)
    if not watched_mmsi and not watched_imo:
        return {}
    hits = {}
    for vessel_id, vessel in vessels.items():
        entries = [f"MMSI {vessel['mmsi']:09d}"] if vessel["mmsi"] in watched_mmsi else []
        entries += [f"IMO {imo}" for imo in sorted(_imo_numbers(vessel) & watched_imo)]
        if entries and vessel["first_seen"] is not None:
            hits[vessel_id] = entries
    return hits


def _imo_numbers(vessel: Mapping[str, Any]) -> frozenset[int]:
    sent = (identity.get("imo") for identity in json.loads(vessel["identities"]))
    return frozenset(int(imo) for imo in (vessel["imo"], *sent) if imo is not None)
