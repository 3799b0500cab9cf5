"""Vessel keys of `core.identity` in bulk, and back from their text."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.runs import Ints

_SUFFIX_BITS: Final = 32  # the layout of `core.identity.vessel_key`; a test holds them together


def mmsis_of(keys: Ints) -> Ints:
    """Return the MMSI of each vessel key, shape (n,)."""
    return keys >> _SUFFIX_BITS


def plain_keys(mmsi: Ints) -> Ints:
    """Return the vessel key of the first transmitter on each MMSI, shape (n,)."""
    return mmsi << _SUFFIX_BITS


def keys_of(vessel_ids: Iterable[str]) -> Ints:
    """Return the vessel key of each `<mmsi>` or `<mmsi>-<8 hex>`, shape (n,)."""
    parts = (text.partition("-") for text in vessel_ids)
    keys = [(int(mmsi) << _SUFFIX_BITS) | int(suffix or "0", 16) for mmsi, _, suffix in parts]
    return np.array(keys, dtype=np.int64)


def pair_keys(first: Ints, second: Ints) -> Ints:
    """Return one number for each pair of vessel keys, shape (n,).

    The order of the two matters. 64 bits mixed from 126: two pairs of a thousand million share a
    number with a chance of 1 in 40.
    """
    mixed = _mixed(first.astype(np.uint64)) ^ second.astype(np.uint64)
    return _mixed(mixed).astype(np.int64)


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the finalizer of splitmix64 (Steele et al. 2014) of each number."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
