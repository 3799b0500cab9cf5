"""How a full disk is told from any other failure."""

import errno
from typing import Final

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
# The log is written by a library that passes on the system's words and not its number.
_FULL_WORDS: Final = tuple(f"(os error {number})" for number in sorted(_FULL))


def is_disk_full(error: BaseException) -> bool:
    """Return whether an error says that the disk, or the user's share of it, is full."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    return any(words in str(error) for words in _FULL_WORDS)
