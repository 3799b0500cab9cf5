"""`BOUND` as columns, and the stretches of it that lead away from the declared port."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.config.detect.destination_mismatch import DestinationMismatchDefault
from vesseltrack.core.records import Rows, is_change
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.units import US_PER_HOUR, h_to_us

Floats = npt.NDArray[np.float64]

NEVER_US: Final = np.iinfo(np.int64).min
_TIMES: Final = {"timestamp": "t_us", "declared": "declared_us", "left": "left_us"}
_TEXTS: Final = ("voyage_id", "text", "port", "changed_from", "called_at")
_NUMBERS: Final = (
    "lat",
    "lon",
    "port_lat",
    "port_lon",
    "certainty",
    "remaining_nm",
    "around_nm",
    "first_nm",
    "least_nm",
    "sailed_nm",
)


def bound_rows(bound: pa.Table | None) -> Rows:
    """Return `BOUND` as columns; unknown is NaN, an empty text, or `NEVER_US`."""
    if bound is None:
        return {}
    times = {**_TIMES, "arrival": "arrival_us"}
    return {
        "key": bound["vessel_key"].to_numpy(),
        **{
            short: bound[name].cast(pa.int64()).fill_null(NEVER_US).to_numpy()
            for name, short in times.items()
        },
        **{name: np.array(bound[name].fill_null("").to_pylist(), np.str_) for name in _TEXTS},
        **{name: bound[name].cast(pa.float64()).to_numpy() for name in _NUMBERS},
        "n": bound["n"].to_numpy(),
        "is_open": bound["is_open"].to_numpy(),
    }


def blocks_of(rows: Rows, max_leg_us: int) -> Ints:
    """Return the number of each row's block: one way under one declaration, without silences.

    Parameters
    ----------
    rows : Rows
        Rows on the way, by vessel and time.
    max_leg_us : int
        A longer silence ends a block [us].

    Returns
    -------
    block : (n,)
        From 0.
    """
    begins = is_change(rows["key"], rows["voyage_id"], rows["declared_us"])
    begins[1:] |= np.diff(rows["t_us"]) > max_leg_us
    return np.cumsum(begins) - 1


def away_runs(
    block: Ints, t_us: Ints, remaining_nm: Floats, rule: DestinationMismatchDefault
) -> tuple[Ints, Ints]:
    """Return the stretches on which the remaining distance grew for long enough.

    A leg leads from one row to the next of its block; a run begins and ends with legs on which
    the distance grew by `min_away_kn` and more, and has at most `max_other_legs` others in a row.

    Parameters
    ----------
    block, t_us, remaining_nm : (n,)
        Rows in order of block and time; an unknown distance (NaN) grows nowhere.
    rule : DestinationMismatchDefault
        The thresholds.

    Returns
    -------
    first, last : (n_runs,)
        Rows, both included.
    """
    grown_nm, passed_h = np.diff(remaining_nm), np.diff(t_us) / US_PER_HOUR
    grows = (block[1:] == block[:-1]) & (grown_nm >= rule.min_away_kn * passed_h)
    end = np.flatnonzero(grows) + 1
    begins: Bools = np.ones(end.size, dtype=np.bool_)
    begins[1:] = (np.diff(end) > rule.max_other_legs + 1) | (block[end[1:]] != block[end[:-1]])
    first = end[begins] - 1
    last = end[np.append(begins[1:], True)[: end.size]]
    is_long = t_us[last] - t_us[first] >= h_to_us(rule.min_away_h)
    is_far = remaining_nm[last] - remaining_nm[first] >= rule.min_grown_nm
    return first[is_long & is_far], last[is_long & is_far]


def change_runs(key: Ints, t_us: Ints, n_more: int, within_us: int) -> tuple[Ints, Ints]:
    """Return the stretches of changes that come so often.

    Parameters
    ----------
    key, t_us : (n,)
        Changes by vessel and time.
    n_more : int
        A change belongs to a stretch with so many others ...
    within_us : int
        ... within so long, its own time included [us].

    Returns
    -------
    first, last : (n_runs,)
        Rows, both included.
    """
    n = max(key.size - n_more, 0)
    dense = np.flatnonzero((key[n_more:] == key[:n]) & (t_us[n_more:] - t_us[:n] <= within_us))
    begins: Bools = np.ones(dense.size, dtype=np.bool_)
    begins[1:] = (np.diff(dense) > n_more) | (key[dense[1:]] != key[dense[:-1]])
    last = dense[np.append(begins[1:], True)[: dense.size]]
    return dense[begins], last + n_more
