"""How a full disk is told from any other failure, and what a user is told of both."""

import errno
import re
from pathlib import Path
from typing import Final

from vesseltrack.errors import StoreError, StoreFullError

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
# The log is written by a library that passes on the system's words and not its number.
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")  # that library writes for a terminal
_FULL_WORDS: Final = tuple(f"(os error {number})" for number in sorted(_FULL))


def is_disk_full(error: BaseException) -> bool:
    """Return whether an error says that the disk, or the user's share of it, is full."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    return any(words in str(error) for words in _FULL_WORDS)


def as_store_error(error: Exception, store: Path, n_rows: int) -> StoreError:
    """Return what a failure to write means to a user, after so many rows were committed."""
    then = f"{n_rows} rows committed, run again to resume"
    if is_disk_full(error):
        return StoreFullError(f"disk full, {then}")
    reason = " ".join(_COLOUR.sub("", str(error)).split())
    return StoreError(f"the store at {store} cannot be written ({reason}), {then}")
