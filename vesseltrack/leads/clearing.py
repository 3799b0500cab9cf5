"""What would end the interest in a vessel: for each behaviour what to check."""

from collections.abc import Sequence
from typing import Final

CLEARED_BY: Final[dict[str, str]] = {
    "route_deviation": "the voyage orders, weather routing or ice reports for the leg",
    "loitering": "orders to wait, work at a site there, or a fault reported to the coast station",
    "encounter": "a notified transfer, bunkering or assistance between the two",
    "drop_pickup": "what the later visitor took on board, or gear that is known to lie there",
    "ais_gap": "reception by other networks in the gap, or a transponder fault on record",
    "drifting": "a report of engine failure, or a drift agreed with the coast station",
    "sudden_speed_change": "a log entry for the manoeuvre, or other receivers that saw none",
    "position_spoofing": "radar or satellite imagery that shows the vessel where it said it was",
    "identity_conflict": "the MMSI's register entry, and each transponder's true MMSI",
    "identity_change": "a register entry for the new name, flag or call sign",
    "zone_entry": "a permit for the zone",
    "zone_exit": "a permit for the zone",
    "shore_approach": "a known errand at that shore: pilotage, crew change, fishing ground",
    "sortie": "a customer, catch or crew that explains the trip",
    "destination_mismatch": "the destination in the agent's or the port's papers",
    "unusual_for_type": "the vessel's true type in the register",
}
_WATCHED: Final = "its removal from the watch list"


def what_would_clear(kinds: Sequence[str], *, is_watched: bool) -> str:
    """Return in one sentence what to check, the weightiest kind first, each once."""
    checks = [CLEARED_BY[kind] for kind in dict.fromkeys(kinds)]
    if is_watched:
        checks.append(_WATCHED)
    text = "; ".join(checks)
    return f"{text[0].upper()}{text[1:]}."
