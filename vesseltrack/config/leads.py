"""Settings of the leads stage: how much each behaviour weighs, and the watch list."""

from dataclasses import dataclass

from vesseltrack.config.settings import section, setting

_WEIGHT = "fraction"


@dataclass(frozen=True)
class LeadWeights:
    """How much one sure event of a kind makes a vessel worth a look.

    The score of a vessel is 1 less the product of ``1 - weight * confidence`` over its events:
    the chance that at least one of them is more than it seems, if each were so by itself with its
    weight. The weights are judgements, each with its reason; none is 1.
    """

    route_deviation: float = setting(
        0.5,
        unit=_WEIGHT,
        source="OFAC, State, Coast Guard, May 2020: indirect routing, a red flag",
    )
    loitering: float = setting(
        0.35,
        unit=_WEIGHT,
        source="ours: waiting for orders or weather is common and looks the same",
    )
    encounter: float = setting(
        0.6, unit=_WEIGHT, source="ours: meeting for hours at sea has few ordinary reasons"
    )
    drop_pickup: float = setting(
        0.7, unit=_WEIGHT, source="ours: flagged at a likelihood ratio of 20 or more"
    )
    ais_gap: float = setting(
        0.4,
        unit=_WEIGHT,
        source="Welch et al. 2022: most gaps are reception, held against it here",
    )
    drifting: float = setting(
        0.2, unit=_WEIGHT, source="ours: a matter of safety, and ships wait adrift to save fuel"
    )
    sudden_speed_change: float = setting(
        0.3, unit=_WEIGHT, source="ours: a matter of safety more often than of intent"
    )
    position_spoofing: float = setting(
        0.7, unit=_WEIGHT, source="ours: few faults look like it, jamming is told apart"
    )
    identity_conflict: float = setting(
        0.6, unit=_WEIGHT, source="ours: a copied identity, or a transponder never set up"
    )
    identity_change: float = setting(
        0.5, unit=_WEIGHT, source="ours: sales and new flags are public and rare under way"
    )
    zone_entry: float = setting(0.2, unit=_WEIGHT, source="ours: a fact, not a behaviour")
    zone_exit: float = setting(0.1, unit=_WEIGHT, source="ours: a fact, known from the entry")
    shore_approach: float = setting(
        0.4, unit=_WEIGHT, source="ours: flagged for vessels that normally do not"
    )
    sortie: float = setting(0.4, unit=_WEIGHT, source="ours: anglers and crew boats do it as well")
    destination_mismatch: float = setting(
        0.2, unit=_WEIGHT, source="ours: destinations are typed by hand and forgotten"
    )
    unusual_for_type: float = setting(
        0.3, unit=_WEIGHT, source="ours: ship types are often set wrong"
    )


@dataclass(frozen=True)
class LeadsConfig:
    """Settings of the leads stage."""

    weights: LeadWeights = section(LeadWeights)
    repeat_factor: float = setting(
        0.5,
        unit=_WEIGHT,
        source="ours: a further event of one kind has mostly the cause of the first, so it weighs "
        "half of the one before",
    )
    watch_mmsi: tuple[int, ...] = setting((), unit="MMSI", source="the analyst's own list")
    watch_imo: tuple[int, ...] = setting((), unit="IMO number", source="the analyst's own list")
    watch_weight: float = setting(
        0.5, unit=_WEIGHT, source="ours: who is listed is worth a look without a further reason"
    )
    max_explanations: int = setting(
        2, unit="explanations", source="ours: what fits one line of a list; the rest is counted"
    )
