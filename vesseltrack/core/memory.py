"""How freed memory is kept for the next step of long work."""

from functools import cache

import numpy as np

_LARGEST_KEPT_BYTES = (32 << 20) - (64 << 10)  # the C library learns from nothing above 32 MiB


@cache  # once a process
def keep_freed_memory() -> None:
    """Have the C library keep freed arrays of some megabytes for the next ones.

    Else it hands them back to the system, which clears them page by page when they come again:
    a fifth of the time of reading an archive in blocks. Where the C library is not glibc nothing
    changes.

    Notes
    -----
    glibc keeps what is smaller than the largest array that was freed so far (mallopt(3),
    M_MMAP_THRESHOLD), and at most twice as much of it in all, 64 MiB.
    """
    np.empty(_LARGEST_KEPT_BYTES, np.uint8)
