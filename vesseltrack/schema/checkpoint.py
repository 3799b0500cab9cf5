"""Where a source is read on from: what ingest hands to the store with each batch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Checkpoint:
    """Where a source is read on from, as its reader says.

    Attributes
    ----------
    about : mapping
        What tells the source again, JSON values; small, as those of all sources are looked at.
    state : bytes
        All else that its reader needs.
    """

    about: Mapping[str, Any] = field(default_factory=dict)
    state: bytes = b""
