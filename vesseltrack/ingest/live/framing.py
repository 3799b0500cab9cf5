"""Bytes that arrive in any pieces to whole lines, in bounded memory."""

from typing import Final

from vesseltrack.ingest.text import shortened

_CR: Final = b"\r"
_LF: Final = b"\n"


class Framer:
    r"""Finds the lines of one sender, however its bytes are cut.

    A line ends at LF, CR LF or CR, as in a file, but a CR ends it at once: the LF behind it may
    never come. Of a line that is too long one byte more than allowed is kept, which tells it.
    """

    def __init__(self, max_line_bytes: int) -> None:
        """Start before the first byte."""
        self._max_line_bytes = max_line_bytes
        self._unfinished = bytearray()
        self._is_after_cr = False

    def push(self, data: bytes) -> bytes:
        """Return the lines that some bytes complete, each with LF at its end."""
        if self._is_after_cr and data.startswith(_LF):
            data = data[1:]
            self._is_after_cr = False
        if not data:
            return b""
        self._is_after_cr = data.endswith(_CR)
        if _CR in data:
            data = data.replace(_CR + _LF, _LF).replace(_CR, _LF)
        end = data.rfind(_LF) + 1
        if not end:
            room = self._max_line_bytes + 1 - len(self._unfinished)
            self._unfinished += data[: max(room, 0)]
            return b""
        whole = shortened(bytes(self._unfinished) + data[:end], self._max_line_bytes)
        self._unfinished[:] = data[end : end + self._max_line_bytes + 1]
        return whole

    def end(self) -> bytes:
        """Return what the sender left unfinished, as a line."""
        rest = bytes(self._unfinished)
        self._unfinished.clear()
        return rest + _LF if rest else b""
