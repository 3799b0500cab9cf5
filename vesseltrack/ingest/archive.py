"""Compressed bytes expanded piece by piece, within limits, with a cut-off end noticed."""

import bz2
import itertools
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import zstandard

from vesseltrack.config.ingest import ArchiveConfig
from vesseltrack.errors import SourceError

Chunks = Iterable[bytes]

_PIECE_BYTES: Final = 1 << 20
# Four bytes of Zstandard may stand for 128 KiB: pieces this small keep a bomb's step in bounds.
_ZSTD_INPUT_BYTES: Final = 4096
_ZSTD_WINDOW_BYTES: Final = 1 << 27  # the default limit of the zstd tool
_BZIP2: Final = "bzip2"
_ZSTD: Final = "Zstandard"
_GZIP_MAGIC: Final = b"\x1f\x8b"
_ZIP_MAGIC: Final = b"PK\x03\x04"


@dataclass
class Meter:
    """Counts what went into a decompressor and what came out, and stops a bomb.

    Attributes
    ----------
    limits : ArchiveConfig
        Where to stop.
    n_in, n_out : int
        What went in and came out so far [bytes].
    begun_s : float
        When reading began, by the clock of the process [s].
    """

    limits: ArchiveConfig
    n_in: int = 0
    n_out: int = 0
    begun_s: float = field(default_factory=time.monotonic)

    def input(self, chunks: Chunks) -> Iterator[bytes]:
        """Yield what goes in, counted."""
        for chunk in chunks:
            self.n_in += len(chunk)
            yield chunk

    def output(self, chunks: Chunks) -> Iterator[bytes]:
        """Yield what comes out, up to a limit.

        Raises
        ------
        SourceError
            Naming the limit and its setting.
        """
        limits = self.limits
        for chunk in chunks:
            left = limits.max_expanded_bytes - self.n_out
            self.n_out += len(chunk)
            if self.n_out > limits.min_ratio_bytes and self.n_out > limits.max_ratio * self.n_in:
                msg = (
                    f"stopped at the limit of {limits.max_ratio:g} expanded bytes for each stored "
                    "one (setting ingest.archive.max_ratio)"
                )
                raise SourceError(msg)
            if time.monotonic() - self.begun_s > limits.max_s:
                msg = f"stopped at the limit of {limits.max_s:g} s (setting ingest.archive.max_s)"
                raise SourceError(msg)
            yield chunk[:left]
            if len(chunk) > left:
                msg = (
                    f"stopped at the limit of {limits.max_expanded_bytes} expanded bytes "
                    "(setting ingest.archive.max_expanded_bytes)"
                )
                raise SourceError(msg)


def expanded(chunks: Chunks, limits: ArchiveConfig, *, layer: int = 1) -> Iterator[bytes]:
    """Yield the bytes inside gzip, bzip2 or Zstandard, by content, however often they are packed.

    Parameters
    ----------
    chunks : iterable of bytes
        What is stored; other bytes pass unchanged.
    limits : ArchiveConfig
        Where to stop.
    layer : int
        How many packings there would be.

    Yields
    ------
    chunk : bytes
        In order; none is empty.

    Raises
    ------
    SourceError
        After all that could be read: if the end is missing ("truncated"), the bytes are damaged,
        or a limit is reached.
    """
    head, chunks = peek(chunks, len(_ZIP_MAGIC))
    expand = next((f for magic, f in _EXPANDERS.items() if head.startswith(magic)), None)
    if expand is None:
        if layer > 1 and head.startswith(_ZIP_MAGIC):
            msg = "holds a zip inside another archive: unpack it first"
            raise SourceError(msg)
        yield from (chunk for chunk in chunks if chunk)
        return
    if layer > limits.max_layers:
        msg = f"packed more than {limits.max_layers} times (setting ingest.archive.max_layers)"
        raise SourceError(msg)
    meter = Meter(limits)
    inside = meter.output(expand(meter.input(chunks)))
    yield from expanded(inside, limits, layer=layer + 1)


def peek(chunks: Chunks, n_bytes: int) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes, as many as asked for if there are, and the chunks with them."""
    rest = iter(chunks)
    head = b""
    while len(head) < n_bytes and (chunk := next(rest, None)) is not None:
        head += chunk
    return head[:n_bytes], itertools.chain([head], rest)


def inflated(
    chunks: Chunks, *, wbits: int = -zlib.MAX_WBITS, kind: str = "deflate"
) -> Iterator[bytes]:
    """Yield the bytes of one deflate stream, or of all members of a gzip (wbits 31).

    Raises
    ------
    SourceError
        If the stream does not end, or is damaged.
    """
    decoder = zlib.decompressobj(wbits)
    try:
        for chunk in chunks:
            data = chunk
            while data:
                if decoder.eof:
                    data = data.lstrip(b"\0")  # tapes and some tools pad the end with zeros
                    if not data:
                        break
                    _check_next_member(data)
                    decoder = zlib.decompressobj(wbits)
                piece = decoder.decompress(data, _PIECE_BYTES)
                data = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
                if piece:
                    yield piece
        if not decoder.eof and (piece := decoder.flush()):
            yield piece
    except zlib.error as error:
        raise _damaged(kind, error) from error
    if not decoder.eof:
        raise _truncated(kind)


def _check_next_member(data: bytes) -> None:
    if not data.startswith(_GZIP_MAGIC[:1]):
        msg = "damaged: bytes that are not gzip follow the end of the gzip stream"
        raise SourceError(msg)


def _gunzipped(chunks: Chunks) -> Iterator[bytes]:
    return inflated(chunks, wbits=16 + zlib.MAX_WBITS, kind="gzip")


def _bunzipped(chunks: Chunks) -> Iterator[bytes]:
    decoder = bz2.BZ2Decompressor()
    try:
        for chunk in chunks:
            data = chunk
            while data or not (decoder.needs_input or decoder.eof):
                if decoder.eof:
                    decoder = bz2.BZ2Decompressor()
                if piece := decoder.decompress(data, _PIECE_BYTES):
                    yield piece
                data = decoder.unused_data if decoder.eof else b""
    except (OSError, ValueError) as error:
        raise _damaged(_BZIP2, error) from error
    if not decoder.eof:
        raise _truncated(_BZIP2)


def _unzstd(chunks: Chunks) -> Iterator[bytes]:
    # The library's own stream reader returns short data on a cut-off frame without an error.
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES)
    decoder = decompressor.decompressobj()
    try:
        for chunk in chunks:
            for start in range(0, len(chunk), _ZSTD_INPUT_BYTES):
                data = chunk[start : start + _ZSTD_INPUT_BYTES]
                while data:
                    if decoder.eof:
                        decoder = decompressor.decompressobj()
                    if piece := decoder.decompress(data):
                        yield piece
                    data = decoder.unused_data if decoder.eof else b""
    except zstandard.ZstdError as error:
        raise _damaged(_ZSTD, error) from error
    if not decoder.eof:
        raise _truncated(_ZSTD)


def _truncated(kind: str) -> SourceError:
    return SourceError(f"truncated: the {kind} stream ends before its end marker")


def _damaged(kind: str, error: Exception) -> SourceError:
    return SourceError(f"damaged {kind} stream: {error}")


_EXPANDERS: Final[dict[bytes, Callable[[Chunks], Iterator[bytes]]]] = {
    _GZIP_MAGIC: _gunzipped,
    b"BZh": _bunzipped,
    b"\x28\xb5\x2f\xfd": _unzstd,
    b"\x50\x2a\x4d\x18": _unzstd,  # a skippable frame, which parallel tools write first
}
