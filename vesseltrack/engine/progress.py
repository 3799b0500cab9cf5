"""How long work tells how far it has come."""

from typing import Protocol


class Progress(Protocol):
    """Is told how far a long piece of work has come."""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Take `done` of `total` (None when that is not known) pieces of `what`."""


def silent(what: str, done: int, total: int | None) -> None:
    """Report progress to nobody."""
