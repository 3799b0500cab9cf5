import ctypes
from pathlib import Path

import numpy as np
import pytest

from vesseltrack.engine.memory import give_back_memory

N_BLOCKS, BLOCK = 2_000, 60_000  # bytes: too small for the C library to map each by itself


def held_mib():
    return int(Path("/proc/self/status").read_text().split("RssAnon:")[1].split()[0]) / 1024


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="glibc's allocator")
def test_what_was_freed_between_what_is_kept_goes_back():
    give_back_memory()
    blocks = [np.ones(BLOCK, np.uint8) for _ in range(N_BLOCKS)]
    kept = blocks[::20]
    del blocks
    before_mib = held_mib()
    give_back_memory()

    assert held_mib() < before_mib - 50
    assert len(kept) == N_BLOCKS // 20
