"""An archive with lines added in their time, and lines taken away."""

import gzip
import heapq
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

import numpy as np
import zstandard

from vesseltrack.errors import InputError
from vesseltrack.planting.host import Host
from vesseltrack.planting.lines import Writer, lines_of
from vesseltrack.planting.scenarios import Planted, Silence

_NEWLINE: Final = b"\n"
_RECEIVED_AT: Final = re.compile(rb"c:\d+")  # in a tag block
_NOT_WRITTEN: Final = (".bz2", ".zip", ".xz")


def write_archive(host: Host, planted: Sequence[Planted], writer: Writer, output: Path) -> int:
    """Write the archive with everything planted; return how many lines it has.

    Lines of the archive stay as they are and in their order; each added one stands before the
    first line of a later time. Written beside the output first, so that a failure leaves none.

    Raises
    ------
    InputError
        If the output's suffix names a compression that cannot be written.
    """
    if output.suffix in _NOT_WRITTEN:
        msg = f"{output.name}: planting writes plain files, .gz and .zst; got {output.suffix}"
        raise InputError(msg)
    gone = _gone(host, [silence for one in planted for silence in one.silences])
    added = heapq.merge(
        *(lines_of(reports, writer) for one in planted for reports in one.added),
        key=lambda line: line[0],
    )
    draft = output.with_name(f".{output.name}.part")
    n_lines = 0
    try:
        with _opened(draft, output.suffix) as file:
            for line in _merged(host, gone, added):
                file.write(line + _NEWLINE)
                n_lines += 1
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)
    return n_lines


def _gone(host: Host, silences: Iterable[Silence]) -> set[int]:
    """Return the numbers of the lines that are taken away."""
    gone: set[int] = set()
    for silence in silences:
        is_gone = (
            (host.mmsi == silence.mmsi)
            & (host.t_us >= silence.start_us)
            & (host.t_us <= silence.end_us)
        )
        gone |= set(host.line[is_gone].tolist())
    return gone


def _merged(host: Host, gone: set[int], added: Iterator[tuple[int, bytes]]) -> Iterator[bytes]:
    order = np.argsort(host.line, kind="stable")
    lines, t_us = host.line[order], np.maximum.accumulate(host.t_us[order])
    due = next(added, None)
    taken: set[bytes] = set()
    for number, raw in host.source.lines():
        # The time of the last position up to this line: good enough to find a place for others.
        row = int(np.searchsorted(lines, number, side="right")) - 1
        now_us = int(t_us[row]) if row >= 0 else host.start_us - 1
        while due is not None and due[0] < now_us:
            yield due[1]
            due = next(added, None)
        if number in gone:
            taken.add(_said(raw))
        # Reading drops repeats of a line, so they are not among the numbers.
        elif _said(raw) not in taken:
            yield raw
    while due is not None:
        yield due[1]
        due = next(added, None)


def _said(raw: bytes) -> bytes:
    """Return a line without the station that heard it: two that hear one report repeat it."""
    tags, separator, sentence = raw.rpartition(b"\\")
    time = _RECEIVED_AT.search(tags)
    return time.group() + sentence if separator and time else raw


@contextmanager
def _opened(path: Path, suffix: str) -> Iterator[BinaryIO]:
    with path.open("wb") as file:
        if suffix == ".gz":
            with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
                yield cast("BinaryIO", packed)
        elif suffix == ".zst":
            with zstandard.ZstdCompressor().stream_writer(file, closefd=False) as packed_zst:
                yield cast("BinaryIO", packed_zst)
        else:
            yield file
