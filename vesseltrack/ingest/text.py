"""Bytes of any public text archive as blocks of whole lines, in bounded memory.

A line ends at LF, CR LF or CR. UTF-16 becomes UTF-8 and a byte order mark is dropped; every other
byte is kept as it came, whatever it is. Blocks are cut by content alone, so that they do not
depend on how the bytes arrived.
"""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.ingest.archive import peek
from vesseltrack.ingest.marks import all_set

BLANK: Final = b" \t\v\f\0\x1a"  # 0x1a is the end of a file in old systems
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_LF: Final = 10


@dataclass(frozen=True)
class LineBlock:
    """Some whole lines of a source, LF between them."""

    first_line: int  # number of the first line, from 1
    data: bytes
    is_open: bool = False  # whether the last line came without an end of its own
    arrived_us: npt.NDArray[np.int64] | None = None  # of a live feed: of each line, blank or not

    def __len__(self) -> int:
        """Return how many lines it has."""
        return self.ends.size + 1

    @cached_property
    def ends(self) -> npt.NDArray[np.int64]:
        """Where the line ends lie in the data: looked for once, however many ask."""
        return all_set(np.frombuffer(self.data, np.uint8) == _LF)

    def parted(self) -> "tuple[LineBlock | None, LineBlock | None]":
        """Return the lines that have ended, and the last one if it has not."""
        if not self.is_open:
            return self, None
        whole, end, last = self.data.rpartition(b"\n")
        number = self.first_line + len(self) - 1
        return LineBlock(self.first_line, whole) if end else None, LineBlock(number, last)

    def lines(self) -> list[bytes]:
        """Return the lines without their ends; one that was too long is cut behind the limit."""
        return self.data.split(b"\n")


def normalised(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the text as bytes of one encoding with LF alone at line ends."""
    held = b""
    for chunk in _one_encoding(chunks):
        data = held + chunk
        # A CR at the edge may be half of a CR LF.
        held = b"\r" if data.endswith(b"\r") else b""
        data = data[: len(data) - len(held)]
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if data:
            yield data
    if held:
        yield b"\n"


def _one_encoding(chunks: Iterable[bytes]) -> Iterator[bytes]:
    head, chunks = peek(chunks, 4)
    mark, encoding = next(((m, e) for m, e in _BOMS if head.startswith(m)), (b"", _guess(head)))
    to_drop = len(mark)
    if encoding == "utf-8":
        for chunk in chunks:
            kept = chunk[to_drop:]
            to_drop = max(0, to_drop - len(chunk))
            yield kept
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for chunk in chunks:
        kept = chunk[to_drop:]
        to_drop = max(0, to_drop - len(chunk))
        yield decoder.decode(kept).encode()
    yield decoder.decode(b"", final=True).encode()


def _guess(head: bytes) -> str:
    """Tell UTF-16 without a mark by the zero half of its first two characters."""
    if len(head) < 4:  # noqa: PLR2004 - two characters of two bytes
        return "utf-8"
    low, high = head[0::2], head[1::2]
    if high == b"\0\0" and b"\0" not in low:
        return "utf-16-le"
    if low == b"\0\0" and b"\0" not in high:
        return "utf-16-be"
    return "utf-8"


def first_bytes(chunks: Iterable[bytes], n_bytes: int) -> bytes:
    """Return the beginning of a text: at least so many bytes of it, if there are."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= n_bytes:
            break
    return head


def behind(chunks: Iterable[bytes], n_lines: int) -> Iterator[bytes]:
    """Yield the text behind so many lines; nothing if there are not that many."""
    left = n_lines
    for chunk in chunks:
        if not left:
            yield chunk
            continue
        n_ends = _n_ends(chunk)
        if n_ends < left:
            left -= n_ends
            continue
        ends = np.flatnonzero(np.frombuffer(chunk, np.uint8) == _LF)
        rest = chunk[int(ends[left - 1]) + 1 :]
        left = 0
        if rest:
            yield rest


def line_blocks(
    chunks: Iterable[bytes], *, block_bytes: int, max_line_bytes: int, first_line: int = 1
) -> Iterator[LineBlock]:
    """Yield the lines in blocks of about one size.

    Parameters
    ----------
    chunks : iterable of bytes
        As `normalised` yields them.
    block_bytes : int
        A block ends with the line that reaches this size.
    max_line_bytes : int
        Of a longer line only one byte more is kept, by which it is known as too long.
    first_line : int
        Number of the first line.

    Yields
    ------
    block : LineBlock
        In order; the last line may come without an end of its own.
    """
    tail = b""
    pending: list[memoryview] = []  # views, so that a block's bytes are copied once
    size = 0
    for chunk in chunks:
        data = tail + chunk
        end = data.rfind(b"\n") + 1
        whole = shortened(data[:end], max_line_bytes)
        tail = data[end : end + max_line_bytes + 1]
        view, start = memoryview(whole), 0
        while (end := whole.find(b"\n", start + max(0, block_bytes - 1 - size))) >= 0:
            pending.append(view[start:end])
            block = LineBlock(first_line, b"".join(pending))
            yield block
            first_line += len(block)
            pending, size, start = [], 0, end + 1
        pending.append(view[start:])
        size += len(whole) - start
    rest = b"".join(pending) + tail
    if rest:
        yield LineBlock(first_line, rest.removesuffix(b"\n"), not rest.endswith(b"\n"))


def _n_ends(data: bytes) -> int:
    # Searching for one end after the other takes ten times as long.
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == _LF))


def shortened(whole: bytes, max_line_bytes: int) -> bytes:
    """Return complete lines with what is too long cut off one byte behind the limit."""
    if len(whole) <= max_line_bytes:
        return whole
    is_end = np.frombuffer(whole, np.uint8) == _LF
    # A line that is too long has a piece of half its length to itself.
    half = max(1, max_line_bytes // 2)
    n_pieces = is_end.size // half
    if is_end[: n_pieces * half].reshape(n_pieces, half).any(axis=1).all():
        return whole
    ends = np.flatnonzero(is_end)
    if np.diff(ends, prepend=-1).max() - 1 <= max_line_bytes:
        return whole
    return b"\n".join(line[: max_line_bytes + 1] for line in whole.split(b"\n"))
