"""A process that sorts into days what has landed in a store, for the writer of the store.

It is started with the writer's lock and gives the memory that sorting takes back by ending, which
no allocator within a process that goes on does. It may be killed at any time.
"""

import json
import os
import sys
import threading
from pathlib import Path
from typing import Final

from vesseltrack.errors import StoreError
from vesseltrack.store.store import Store

SORTED: Final = 0  # what it ends with
REFUSED: Final = 3  # having said why: the error's class and text as JSON
_ORPHANED: Final = 4


def main() -> int:
    """Sort the days of the store in a folder, with the lock of a descriptor, as nice as told."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    path, descriptor, nice = sys.argv[1:]
    os.nice(int(nice))
    try:
        store = Store.open(Path(path))
        with store.borrowed(int(descriptor)):
            store.fold_days(may_part=True)
    except StoreError as error:
        sys.stdout.write(json.dumps([type(error).__name__, str(error)]))
        sys.stdout.flush()
        return REFUSED
    return SORTED


def _end_with_parent() -> None:
    """Wait for the end of a parent that says nothing: what it did not sort the next one does."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(_ORPHANED)


if __name__ == "__main__":
    code = main()
    os._exit(code)  # beside a thread that waits, libraries would complain of what is left
