"""The words of the tables: quality flags and kinds of behaviour."""

import enum
from typing import Final


class Quality(enum.IntFlag):
    """Why a position is doubtful, or where its time comes from; 0 is a plain good one."""

    NO_TIME = 1 << 0  # no time in the source and none given
    TIME_ASSUMED = 1 << 1  # counted on from `--start`
    TIME_FROM_BASE_STATION = 1 << 2  # the last type 4 report before it
    TIME_QUARANTINED = 1 << 3  # in the future, or before the archive's own span
    REPEATED = 1 << 4  # came through a repeater (repeat indicator above 0)
    NOT_A_VESSEL = 1 << 5  # base station, aid to navigation, aircraft
    SPIKE = 1 << 6  # off the track by an impossible speed (judged in tracks)
    NEAR_REPEAT = 1 << 7  # the same report again within seconds (judged in tracks)
    BAD_SPEED = 1 << 8  # speed over ground denied by the positions around it (judged in tracks)
    TIME_OF_ARRIVAL = 1 << 9  # of a live feed without times: when the line reached us
    SET_ASIDE = 1 << 10  # in a segment of its own by the `gfw` preset (judged in tracks)


DOUBTFUL: Final = (
    Quality.TIME_QUARANTINED | Quality.SPIKE | Quality.NEAR_REPEAT | Quality.SET_ASIDE
)
OUTSIDE_TRACKS: Final = Quality.NO_TIME | Quality.TIME_QUARANTINED | Quality.NOT_A_VESSEL

KINDS: Final = (
    "route_deviation",
    "loitering",
    "encounter",
    "drop_pickup",
    "ais_gap",
    "drifting",
    "sudden_speed_change",
    "position_spoofing",
    "identity_conflict",
    "identity_change",
    "zone_entry",
    "zone_exit",
    "shore_approach",
    "sortie",
    "destination_mismatch",
    "unusual_for_type",
)


class Verdict(enum.StrEnum):
    """What a voyage is against the shortest route between its ends.

    From `PASSAGE_NOT_TAKEN` on: longer than the thresholds allow, with the innocent explanation
    that holds.
    """

    DIRECT = "direct"
    DETOUR = "detour"
    ROUND_TRIP = "round trip"
    SHORT_TRIP = "short trip"
    NO_ROUTE = "no route"
    REFERENCE_TOO_LONG = "reference too long"
    PASSAGE_NOT_TAKEN = "passage not taken"
    WAITING_AT_ANCHORAGE = "waiting at anchorage"
    PORT_STAY = "port stay"
    BOUND_ELSEWHERE = "bound elsewhere"
    TRAFFIC_SEPARATION = "traffic separation"
    SPARSE_RECEPTION = "sparse reception"
    WORKING_CRAFT = "working craft"
