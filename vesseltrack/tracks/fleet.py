"""From MMSI numbers to vessels: which fixes one transmitter sent, and who it is."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.config.tracks import TransmitterConfig
from vesseltrack.core.identity import vessel_key
from vesseltrack.core.kinematics import Reach, impossible_steps
from vesseltrack.core.runs import Bools, Ints, block_of_row, offsets_of_sorted
from vesseltrack.core.transmitters import (
    STRAY,
    ChainRule,
    Report,
    are_several,
    believed_chains,
    chains,
)
from vesseltrack.tracks.received import Admitted, Received
from vesseltrack.units import SECONDS_PER_HOUR

CLASS_NAMES: Final = (None, "A", "B")  # by the numbers of `ais_class`
_CLASS_B_TYPES: Final = (18, 19)
_LONG_RANGE_TYPE: Final = 27


@dataclass(frozen=True)
class Fleet:
    """The fixes of all vessels, vessel after vessel, each in time order.

    A *repeat* (the same report again, or a second one of the same instant) belongs to its vessel
    but takes no part in anything that is measured.
    """

    keys: Ints  # (n_vessels,) see `core.identity`; by MMSI, then by first fix
    offsets: Ints  # (n_vessels + 1,)
    rows: Ints  # (n,) of the stored order
    chain: Ints  # (n,) stretch without an impossible step, numbered within the MMSI
    is_repeat: Bools  # (n,)
    is_aside: Bools  # (n,) in a segment of its own, and measured by nothing else (`gfw`)

    @property
    def vessel(self) -> Ints:
        """The number of each fix's vessel, shape (n,)."""
        return block_of_row(self.offsets)


@dataclass(frozen=True)
class Strays:
    """Fixes that no vessel's track can have reached."""

    n: int  # how many, repeats and those of shared MMSIs among them
    keys: Ints  # (n_told,) the vessel each was heard as
    rows: Ints  # (n_told,) of the stored order, without repeats

    @classmethod
    def none(cls) -> "Strays":
        """Return no strays."""
        return cls(0, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


def ais_class(msg_type: npt.NDArray[np.int8]) -> Ints:
    """Return the class of transmitter that sends each type of message, shape (n,).

    1 for class A, 2 for class B, 0 for long-range reports (27), which both may send.
    """
    is_b = np.isin(msg_type, _CLASS_B_TYPES)
    return np.where(msg_type == _LONG_RANGE_TYPE, 0, np.where(is_b, 2, 1)).astype(np.int64)


def reach_of(config: TransmitterConfig) -> Reach:
    """Return how far a vessel is believed to get, as the settings say."""
    return Reach(
        burst_kn=config.burst_kn,
        sustained_kn=config.sustained_kn,
        burst_h=config.burst_h,
        clock_slack_s=config.clock_slack_s,
        min_m=config.min_reach_m,
    )


def chain_rule(config: TransmitterConfig) -> ChainRule:
    """Return the rule that tells transmitters apart, as the settings say."""
    return ChainRule(
        reach=reach_of(config),
        min_fixes=config.min_fixes,
        min_span_s=config.min_span_h * SECONDS_PER_HOUR,
        candidate_s=config.candidate_h * SECONDS_PER_HOUR,
        max_open=config.max_open,
        reckoning_s=config.reckoning_h * SECONDS_PER_HOUR,
        stray_kn=config.stray_kn,
        min_interleaved=config.min_interleaved,
    )


def fleet(
    all_received: Received, admitted: Admitted, config: TransmitterConfig
) -> tuple[Fleet, Strays]:
    """Return the fixes of every vessel, and those left out as stray.

    An MMSI without an impossible step between successive fixes is one vessel. The others are
    separated fix by fix: two transmitters heard at the same time are two vessels, and stray
    fixes are left out.
    """
    rows, original = admitted.rows, admitted.original
    is_own = original == np.arange(rows.size)
    own = np.flatnonzero(is_own)
    chain = np.zeros(rows.size, dtype=np.int64)
    vessel = np.zeros(rows.size, dtype=np.int64)  # number within the MMSI
    for block in _suspect_blocks(all_received, rows[own], config):
        chain[own[block]], vessel[own[block]] = _separated(all_received, rows[own[block]], config)
    is_stray = vessel[original] == STRAY
    n_stray = int(np.count_nonzero(is_stray))
    strays = _strays(all_received, rows[is_stray & is_own], rows[vessel > 0], n_stray)
    found = assembled(
        all_received,
        rows[~is_stray],
        vessel=vessel[original][~is_stray],
        chain=chain[original][~is_stray],
        is_repeat=~is_own[~is_stray],
        is_aside=np.zeros(rows.size - n_stray, dtype=np.bool_),
    )
    return found, strays


def _strays(all_received: Received, rows: Ints, of_second: Ints, n: int) -> Strays:
    """Return stray fixes by vessel; on a shared MMSI there is no telling which one sent them."""
    mmsi = all_received.mmsi[rows]
    is_told = ~np.isin(mmsi, all_received.mmsi[of_second])
    heard_as = np.unique(mmsi[is_told])
    keys = np.array([vessel_key(int(one)) for one in heard_as], dtype=np.int64)
    return Strays(n, keys[np.searchsorted(heard_as, mmsi[is_told])], rows[is_told])


def assembled(
    all_received: Received,
    rows: Ints,
    *,
    vessel: Ints,
    chain: Ints,
    is_repeat: Bools,
    is_aside: Bools,
) -> Fleet:
    """Return a fleet of columns in stored order.

    Parameters
    ----------
    all_received : Received
        The stored positions.
    rows : (n,)
        Those that take part.
    vessel : (n,)
        Number of each one's vessel within its MMSI, 0 the first in time.
    chain, is_repeat, is_aside : (n,)
        As in `Fleet`.
    """
    # Rows stand in (MMSI, time) order and the sort is stable, so time order stays within vessels.
    if vessel.any():
        order = np.lexsort((vessel, all_received.mmsi[rows]))
        rows, vessel, chain = rows[order], vessel[order], chain[order]
        is_repeat, is_aside = is_repeat[order], is_aside[order]
    offsets = _vessel_offsets(all_received.mmsi[rows], vessel)
    is_repeat = is_repeat | is_second_of_instant(all_received.t_us[rows], is_repeat, offsets)
    keys = np.array(
        [_key(all_received, rows[start], int(vessel[start])) for start in offsets[:-1]],
        dtype=np.int64,
    )
    return Fleet(keys, offsets, rows, chain, is_repeat, is_aside)


def _vessel_offsets(mmsi: Ints, vessel: Ints) -> Ints:
    is_first = np.ones(mmsi.size, dtype=np.bool_)
    is_first[1:] = (mmsi[1:] != mmsi[:-1]) | (vessel[1:] != vessel[:-1])
    return np.append(np.flatnonzero(is_first), mmsi.size).astype(np.int64)


def _suspect_blocks(all_received: Received, rows: Ints, config: TransmitterConfig) -> list[Ints]:
    """Return the places (in `rows`) of each MMSI that made an impossible step."""
    mmsi = all_received.mmsi[rows]
    offsets = offsets_of_sorted(mmsi)
    is_first = np.zeros(rows.size, dtype=np.bool_)
    is_first[offsets[:-1][: rows.size]] = True
    jumps = impossible_steps(
        all_received.t_us[rows],
        all_received.xyz[rows],
        all_received.cell_m[rows],
        is_first,
        reach_of(config),
    )
    blocks = np.unique(np.searchsorted(offsets, np.flatnonzero(jumps), side="right") - 1)
    return [np.arange(offsets[block], offsets[block + 1]) for block in blocks]


def _separated(all_received: Received, rows: Ints, config: TransmitterConfig) -> tuple[Ints, Ints]:
    """Return chain and vessel number of the fixes of one MMSI; stray ones have vessel -1."""
    rule = chain_rule(config)
    report = Report(
        all_received.t_us[rows],
        all_received.lat[rows],
        all_received.lon[rows],
        all_received.xyz[rows],
        all_received.cell_m[rows],
        all_received.sog_kn[rows].astype(np.float64),
        all_received.cog_deg[rows].astype(np.float64),
        ais_class(all_received.msg_type[rows]),
    )
    chain = chains(report, rule)
    believed = believed_chains(chain, report.t_us, rule)
    several = are_several(chain, believed, rule.min_interleaved)
    if several:
        chain = chains(report, rule, strict=True)
        believed = believed_chains(chain, report.t_us, rule)
    vessel = np.full(rows.size, STRAY, dtype=np.int64)
    for number, believed_chain in enumerate(believed):
        vessel[chain == believed_chain] = number if several else 0
    return chain, vessel


def is_second_of_instant(t_us: Ints, is_repeat: Bools, offsets: Ints) -> Bools:
    """Return which fixes share their instant with one before them that is not a repeat."""
    own = np.flatnonzero(~is_repeat)
    second = np.zeros(t_us.size, dtype=np.bool_)
    vessel = block_of_row(offsets)[own]
    same = (t_us[own][1:] == t_us[own][:-1]) & (vessel[1:] == vessel[:-1])
    second[own[1:][same]] = True
    return second


def _key(all_received: Received, first_row: int, number: int) -> int:
    mmsi = int(all_received.mmsi[first_row])
    if number == 0:
        return vessel_key(mmsi)
    first_fix = (
        int(all_received.t_us[first_row]),
        int(all_received.lat_e6[first_row]),
        int(all_received.lon_e6[first_row]),
    )
    return vessel_key(mmsi, first_fix)
