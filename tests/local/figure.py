"""What a check says: what was looked at, what came out, and whether that is as it must be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """The outcome of one check."""

    what: str
    figure: str
    is_right: bool
