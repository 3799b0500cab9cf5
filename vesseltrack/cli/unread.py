"""Lines for whoever reads our output, who may read slowly or not at all and never holds us up."""

import os
import select
import sys
import time
from collections import deque
from contextlib import suppress
from typing import Final, TextIO

_MAX_WAITING: Final = 1_000  # lines
_NEVER_BLOCKS: Final = 4096  # bytes that a pipe takes whole once it takes any (PIPE_BUF)
_LAST_S: Final = 0.5  # for what waits at the end
_POLL_S: Final = 0.01


class OutLines:
    """Lines on their way to standard output.

    A pipe or terminal that nobody reads is written to no more until it is read again; what does
    not wait for that is counted, and it is said how much is missing.

    Parameters
    ----------
    stream : text stream
        Standard output.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: deque[bytes] = deque()
        self._n_dropped = 0

    def put(self, line: str) -> None:
        """Write a line, or have it wait, or leave it out."""
        if len(self._waiting) >= _MAX_WAITING:
            self._n_dropped += 1
        else:
            self._waiting += _pieces(f"{line}\n")
        self.flush()

    def flush(self) -> None:
        """Write what is taken now."""
        self._stream.flush()  # what was printed otherwise stands before
        while self._waiting and is_read(self._stream.fileno()):
            self._write(self._waiting.popleft())
            if not self._waiting and self._n_dropped:
                self._waiting += _pieces(f"{self._missing()}\n")
                self._n_dropped = 0

    def close(self) -> None:
        """Write what is taken soon; of the rest, and all that is printed later, nothing is left.

        How much is missing is said on standard error, if anybody reads that.
        """
        until_s = time.monotonic() + _LAST_S
        while self._waiting and time.monotonic() < until_s:
            self.flush()
            time.sleep(_POLL_S)
        if not self._waiting and is_read(self._stream.fileno()):
            return
        self._n_dropped += len(self._waiting)
        self._waiting.clear()
        if is_read(sys.stderr.fileno()):
            print(self._missing(), file=sys.stderr, flush=True)
        nobody = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nobody, self._stream.fileno())
        os.close(nobody)

    def _write(self, piece: bytes) -> None:
        with suppress(BrokenPipeError):  # whoever looked on has gone; the feed has it all
            os.write(self._stream.fileno(), piece)

    def _missing(self) -> str:
        return (
            f"{self._n_dropped:,} alerts are not shown, as nobody read them; all are in the "
            "alert feed of the store"
        )


def is_read(descriptor: int) -> bool:
    """Return whether what is written next is taken at once."""
    return bool(select.select([], [descriptor], [], 0.0)[1])


def _pieces(text: str) -> list[bytes]:
    data = text.encode(errors="replace")
    return [data[at : at + _NEVER_BLOCKS] for at in range(0, len(data), _NEVER_BLOCKS)]
