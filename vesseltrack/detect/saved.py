"""Saved state: what a fold carries, as plain arrays by name."""

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from vesseltrack.core.records import Rows

State = dict[str, npt.NDArray[Any]]


def named(prefix: str, rows: Rows) -> State:
    """Return rows as a state under a prefix."""
    return {f"{prefix}.{name}": column for name, column in rows.items()}


def under(prefix: str, state: Mapping[str, npt.NDArray[Any]]) -> Rows:
    """Return the rows of a state under a prefix; the inverse of `named`."""
    start = f"{prefix}."
    return {
        name.removeprefix(start): column
        for name, column in state.items()
        if name.startswith(start)
    }
