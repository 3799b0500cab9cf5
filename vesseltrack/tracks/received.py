"""The stored positions as columns in their one order, and which of them take part in tracks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack import schema
from vesseltrack.config.tracks import AdmissionConfig
from vesseltrack.core.geodesy import Floats, unit_xyz, wrap_lon_deg
from vesseltrack.core.kinematics import cell_diagonal_m
from vesseltrack.core.ordering import content_order, nth_of_tie
from vesseltrack.core.repeats import originals
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.schema import Quality
from vesseltrack.units import E6, US_PER_S

_MID_MIN, _MID_MAX = 201, 775  # maritime identification digits in use (ITU-R M.585)
_SHIP_DIVISOR: Final = 1_000_000  # MIDxxxxxx
_AUXILIARY_PREFIX: Final = 98  # 98MIDxxxx: craft of a mother ship
_AUXILIARY_DIVISOR: Final = 10_000

REPEATED_CONTENT: Final = ("lat_e6", "lon_e6", "sog_kn", "cog_deg", "heading_deg")
UNKNOWN_STATUS: Final = 127  # after every code: stored rows have unknown values last

# In the order in which the store sorts rows of one MMSI and instant.
_CONTENT: Final = (
    "lat_e6",
    "lon_e6",
    "sog_kn",
    "cog_deg",
    "heading_deg",
    "rot_deg_min",
    "nav_status",
    "msg_type",
    "quality",
)


@dataclass(frozen=True)
class Received:
    """All positions given, in stored order: by MMSI and time, ties by content.

    Unknown numbers are NaN, an unknown `nav_status` is `UNKNOWN_STATUS`, an unknown time 0 with
    `has_time` False.
    """

    mmsi: Ints
    t_us: Ints
    has_time: Bools
    nth: Ints  # place among the MMSI's positions of one instant
    lat_e6: Ints
    lon_e6: Ints  # in [-180, 180) degrees
    lat: Floats
    lon: Floats
    xyz: Floats
    cell_m: Floats  # rounding that the digits show
    sog_kn: npt.NDArray[np.float32]
    cog_deg: npt.NDArray[np.float32]
    heading_deg: npt.NDArray[np.float32]
    nav_status: npt.NDArray[np.int8]
    msg_type: npt.NDArray[np.int8]
    cell: Ints
    quality: npt.NDArray[np.int32]
    source_id: Ints
    line: Ints

    @property
    def n(self) -> int:
        """How many positions there are."""
        return self.mmsi.size


def received(positions: pa.Table) -> Received:
    """Return a table of positions as columns in stored order.

    Parameters
    ----------
    positions : pyarrow.Table
        Columns of POSITIONS (others are left alone), in any order of rows.
    """
    raw: dict[str, Any] = {
        name: _numbers(positions[name])
        for name in (*_CONTENT, "mmsi", "timestamp", "cell", "source_id", "line")
    }
    has_time = positions["timestamp"].is_valid().to_numpy()
    raw["lon_e6"] = (raw["lon_e6"].astype(np.int64) + 180 * E6) % (360 * E6) - 180 * E6
    order = content_order((raw["mmsi"], raw["timestamp"]), tuple(raw[name] for name in _CONTENT))
    if np.any(np.diff(order) < 0):
        raw = {name: column[order] for name, column in raw.items()}
        has_time = has_time[order]
    lat_e6: Ints = raw["lat_e6"].astype(np.int64)
    lat, lon = lat_e6 / E6, wrap_lon_deg(raw["lon_e6"] / E6)
    return Received(
        mmsi=raw["mmsi"].astype(np.int64),
        t_us=raw["timestamp"],
        has_time=has_time,
        nth=nth_of_tie((raw["mmsi"], raw["timestamp"])),
        lat_e6=lat_e6,
        lon_e6=raw["lon_e6"],
        lat=lat,
        lon=lon,
        xyz=unit_xyz(lat, lon),
        cell_m=cell_diagonal_m(lat_e6, raw["lon_e6"]),
        sog_kn=raw["sog_kn"],
        cog_deg=raw["cog_deg"],
        heading_deg=raw["heading_deg"],
        nav_status=raw["nav_status"],
        msg_type=raw["msg_type"],
        cell=raw["cell"],
        quality=raw["quality"],
        source_id=raw["source_id"],
        line=raw["line"],
    )


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(schema.TIMESTAMP).cast(pa.int64())
    if pa.types.is_floating(column.type):
        return np.asarray(column.to_numpy())
    unknown = UNKNOWN_STATUS if pa.types.is_int8(column.type) else 0
    return np.asarray((column.fill_null(unknown) if column.null_count else column).to_numpy())


@dataclass(frozen=True)
class Admitted:
    """Which positions take part, and why the others do not."""

    rows: Ints  # of the stored order, rising
    original: Ints  # for each of `rows` the one (among them) that it repeats; itself: none
    discarded: dict[str, int]


def admit(all_received: Received, config: AdmissionConfig) -> Admitted:
    """Return the positions that take part in tracks.

    Left out, with one reason each, the first that holds: no time, a quarantined time, a sender
    that is no vessel (by message type or MMSI), an exact repeat of the position before it.
    """
    rows, discarded = fit_for_tracks(all_received, config)
    return Admitted(rows, _repeated(all_received, rows, config), discarded)


def fit_for_tracks(all_received: Received, config: AdmissionConfig) -> tuple[Ints, dict[str, int]]:
    """Return the positions that `admit` lets take part, and how many are left out by reason."""
    is_ship = is_ship_mmsi(all_received.mmsi, config.default_mmsi)
    return left_out(all_received, {"mmsi_not_a_ship": ~is_ship})


def left_out(
    all_received: Received, own_reasons: Mapping[str, Bools]
) -> tuple[Ints, dict[str, int]]:
    """Return the positions that take part, and how many do not for each reason.

    Parameters
    ----------
    all_received : Received
        The stored positions.
    own_reasons : mapping
        What a preset leaves out beside what none can use; shape (n,) each.
    """
    quality = all_received.quality
    reasons = {
        "no_time": ~all_received.has_time | ((quality & Quality.NO_TIME) != 0),
        "time_quarantined": (quality & Quality.TIME_QUARANTINED) != 0,
        "not_a_vessel": (quality & Quality.NOT_A_VESSEL) != 0,
        **own_reasons,
        "exact_repeat": _is_exact_repeat(all_received),
    }
    takes_part = np.ones(all_received.n, dtype=np.bool_)
    discarded = {}
    for reason, holds in reasons.items():
        n_new = int(np.count_nonzero(holds & takes_part))
        if n_new:
            discarded[reason] = n_new
        takes_part &= ~holds
    return np.flatnonzero(takes_part), discarded


def is_ship_mmsi(mmsi: Ints, default_mmsi: tuple[int, ...] = ()) -> Bools:
    """Return which MMSI can be a ship's: nine digits that begin with a MID, or 98 and a MID.

    Coast stations (00), group calls (0), search aircraft (111), hand-held sets (8), beacons (97)
    and aids to navigation (99) are none. Factory settings take part: real vessels send them.
    """
    mid = mmsi // _SHIP_DIVISOR
    is_auxiliary = mmsi // (_SHIP_DIVISOR * 10) == _AUXILIARY_PREFIX
    mid = np.where(is_auxiliary, mmsi // _AUXILIARY_DIVISOR % 1_000, mid)
    is_ship = (mid >= _MID_MIN) & (mid <= _MID_MAX)
    return np.asarray(is_ship | np.isin(mmsi, default_mmsi))


def _is_exact_repeat(all_received: Received) -> Bools:
    """Return which positions equal the one before them; equal rows are neighbours in the order."""
    repeats = np.zeros(all_received.n, dtype=np.bool_)
    tied = np.flatnonzero(all_received.nth > 0)
    same = np.ones(tied.size, dtype=np.bool_)
    for name in ("lat_e6", "lon_e6", "sog_kn", "cog_deg", "heading_deg", "nav_status", "msg_type"):
        column = getattr(all_received, name)
        now, before = column[tied], column[tied - 1]
        same &= (now == before) | ((now != now) & (before != before))  # noqa: PLR0124 - NaN is NaN
    repeats[tied] = same
    return repeats


def _repeated(all_received: Received, rows: Ints, config: AdmissionConfig) -> Ints:
    content = [getattr(all_received, name)[rows] for name in REPEATED_CONTENT]
    window_us = repeat_window_us(config)
    return originals(all_received.mmsi[rows], content, all_received.t_us[rows], window_us)


def repeat_window_us(config: AdmissionConfig) -> int:
    """Return within which time the same report is a repeat [us]."""
    return round(config.repeat_window_s * US_PER_S)
