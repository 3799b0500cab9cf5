"""Bytes of any public text archive as blocks of whole lines, in bounded memory.

A line ends at LF, CR LF or CR. UTF-16 becomes UTF-8 and a byte order mark is dropped; every other
byte is kept as it came, whatever it is. Blocks are cut by content alone, so that they do not
depend on how the bytes arrived.
"""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.ingest.archive import peek
from vesseltrack.ingest.marks import all_set

BLANK: Final = b" \t\v\f\0\x1a"  # 0x1a is the end of a file in old systems
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_LF: Final = 10

Ints = npt.NDArray[np.int64]

_NO_ENDS: Final = np.zeros(0, np.int64)


@dataclass(frozen=True)
class LineBlock:
    """Some whole lines of a source, LF between them."""

    first_line: int  # number of the first line, from 1
    data: bytes
    is_open: bool = False  # whether the last line came without an end of its own
    arrived_us: Ints | None = None  # of a live feed: of each line, blank or not
    found_ends: Ints | None = field(default=None, compare=False)  # by who cut the block

    def __len__(self) -> int:
        """Return how many lines it has."""
        return self.ends.size + 1

    @cached_property
    def ends(self) -> Ints:
        """Where the line ends lie in the data: looked for once, however many ask."""
        return line_ends(self.data) if self.found_ends is None else self.found_ends

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
    begun = _Begun()
    for chunk in chunks:
        whole, ends, tail = _lines_of(tail, chunk, max_line_bytes, begun)
        view, start = memoryview(whole), 0
        while True:
            # The end of the line that reaches the size.
            nth = int(np.searchsorted(ends, start + max(0, block_bytes - 1 - begun.size)))
            if nth == ends.size:
                break
            stop = int(ends[nth])
            begun.add(view[start:stop], ends[:nth] - start)
            block = begun.block(first_line)
            yield block
            first_line += len(block)
            begun, start, ends = _Begun(), stop + 1, ends[nth + 1 :]
        if ends.size:
            begun.add(view[start : int(ends[-1]) + 1], ends - start)
    rest = b"".join([*begun.pieces, tail])
    if rest:
        yield LineBlock(first_line, rest.removesuffix(b"\n"), not rest.endswith(b"\n"))


def _lines_of(
    tail: bytes, chunk: bytes, max_line_bytes: int, begun: "_Begun"
) -> tuple[bytes, Ints, bytes]:
    """Return text with the lines that end in a chunk, where they end, and the one that does not.

    The line begun before is put in front of the text, or into the block that is begun: then it
    is not copied, nor anything else.
    """
    ends = line_ends(chunk)
    if ends.size:
        longest = max(len(tail) + int(ends[0]), int(np.diff(ends).max(initial=0)) - 1)
        if longest <= max_line_bytes:
            begun.add(memoryview(tail), _NO_ENDS)
            behind = int(ends[-1]) + 1
            return chunk, ends, chunk[behind : behind + max_line_bytes + 1]
    data = tail + chunk
    end = data.rfind(b"\n") + 1
    return *_shortened(data[:end], max_line_bytes), data[end : end + max_line_bytes + 1]


@dataclass
class _Begun:
    """A block that is not full: views of its pieces, which are copied once, and its line ends."""

    pieces: list[memoryview] = field(default_factory=list)
    ends: list[Ints] = field(default_factory=list)
    size: int = 0

    def add(self, piece: memoryview, ends: Ints) -> None:
        """Add a piece and where lines end in it."""
        self.pieces.append(piece)
        self.ends.append(ends + self.size)
        self.size += len(piece)

    def block(self, first_line: int) -> LineBlock:
        """Return it, full."""
        return LineBlock(first_line, b"".join(self.pieces), found_ends=np.concatenate(self.ends))


def line_ends(data: bytes) -> Ints:
    """Return where the line ends lie, rising."""
    return all_set(np.frombuffer(data, np.uint8) == _LF)


def _n_ends(data: bytes) -> int:
    # Searching for one end after the other takes ten times as long.
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == _LF))


def shortened(whole: bytes, max_line_bytes: int) -> bytes:
    """Return complete lines with what is too long cut off one byte behind the limit."""
    return _shortened(whole, max_line_bytes)[0] if len(whole) > max_line_bytes else whole


def _shortened(whole: bytes, max_line_bytes: int) -> tuple[bytes, Ints]:
    """Return complete lines as `shortened` does, and where they end."""
    ends = line_ends(whole)
    if np.diff(ends, prepend=-1).max(initial=0) - 1 <= max_line_bytes:
        return whole, ends
    cut = b"\n".join(line[: max_line_bytes + 1] for line in whole.split(b"\n"))
    return cut, line_ends(cut)
