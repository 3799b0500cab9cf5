"""Vessel keys of `core.identity` in bulk, and back from their text."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from vesseltrack.core.runs import Ints

_SUFFIX_BITS: Final = 32  # the layout of `core.identity.vessel_key`; a test holds them together


def mmsis_of(keys: Ints) -> Ints:
    """Return the MMSI of each vessel key, shape (n,)."""
    return keys >> _SUFFIX_BITS


def keys_of(vessel_ids: Iterable[str]) -> Ints:
    """Return the vessel key of each `<mmsi>` or `<mmsi>-<8 hex>`, shape (n,)."""
    parts = (text.partition("-") for text in vessel_ids)
    keys = [(int(mmsi) << _SUFFIX_BITS) | int(suffix or "0", 16) for mmsi, _, suffix in parts]
    return np.array(keys, dtype=np.int64)
