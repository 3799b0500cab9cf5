"""Lines of a CSV archive sorted into whole rows and the rest, without a loop over good rows.

A row is one line: no field of the archives we read holds a line end, so a quote that stays open
spoils its own line and hides no other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from vesseltrack.ingest.text import BLANK, LineBlock

Ints = npt.NDArray[np.int64]

_LF: Final = 10
_COMMA: Final = 44
_QUOTE: Final = b'"'


@dataclass(frozen=True)
class Rows:
    """The lines of a block that have the right number of fields, and what is wrong with others."""

    data: bytes  # the good lines, each with its line end
    lines: Ints  # their numbers in the source, shape (n,)
    faults: tuple[tuple[int, str, bytes], ...]  # line, reason, raw bytes

    def numbered(self, lines: Ints) -> "Rows":
        """Return the rows of lines 1, 2, 3 ... as those of other lines."""
        faults = tuple((int(lines[i - 1]), reason, raw) for i, reason, raw in self.faults)
        return Rows(self.data, lines[self.lines - 1], faults)


def sorted_rows(block: LineBlock, *, n_fields: int, max_row_bytes: int) -> Rows:
    """Sort the lines of a block by whether they are rows of so many fields.

    Reasons of faults: `line_too_long`, `short_row`, `long_row`, `bad_quote`.
    """
    data = block.data + b"\n"
    chars = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(chars == _LF)
    starts = np.concatenate(([0], ends[:-1] + 1))
    commas = _counts(np.flatnonzero(chars == _COMMA), ends)
    is_good = (commas == n_fields - 1) & (ends - starts <= max_row_bytes)
    if _QUOTE in data:
        is_good &= _counts(np.flatnonzero(chars == _QUOTE[0]), ends) == 0
    faults: list[tuple[int, str, bytes]] = []
    changed: dict[int, bytes] = {}
    if not data.isascii():
        changed.update(_recoded(data, starts, ends, is_good))
    for i in np.flatnonzero(~is_good):
        raw = data[starts[i] : ends[i]]
        if not raw.strip(BLANK):
            continue
        if reason := why_no_row(raw, n_fields, max_row_bytes):
            faults.append((block.first_line + int(i), reason, raw))
        else:
            is_good[i] = True
            changed[int(i)] = _utf8(raw)
    lines = np.flatnonzero(is_good) + block.first_line
    if not is_good.all() or changed:
        data = b"".join(_kept(data, starts, ends, is_good, changed))
    return Rows(data, lines, tuple(faults))


def _counts(places: Ints, ends: Ints) -> Ints:
    """Return how many of the sorted places lie in each line."""
    return np.diff(np.searchsorted(places, ends), prepend=0)


def _kept(
    data: bytes,
    starts: Ints,
    ends: Ints,
    is_good: npt.NDArray[np.bool_],
    changed: dict[int, bytes],
) -> Iterator[bytes]:
    """Yield the good lines in runs, with the changed ones in place of what came."""
    special = is_good.copy()
    special[list(changed)] = False
    edges = np.flatnonzero(np.diff(special.astype(np.int8), prepend=0, append=0))
    runs = iter(edges.reshape(-1, 2).tolist())
    pieces = [(first, data[starts[first] : ends[last - 1] + 1]) for first, last in runs]
    pieces += [(i, line + b"\n") for i, line in changed.items()]
    yield from (piece for _, piece in sorted(pieces))


def _recoded(
    data: bytes, starts: Ints, ends: Ints, is_good: npt.NDArray[np.bool_]
) -> Iterator[tuple[int, bytes]]:
    """Yield good lines that are not UTF-8, read as Latin-1."""
    for i in np.flatnonzero(is_good).tolist():
        raw = data[starts[i] : ends[i]]
        if not raw.isascii() and (recoded := _utf8(raw)) != raw:
            yield i, recoded


def _utf8(raw: bytes) -> bytes:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1").encode("utf-8")
    return raw


def why_no_row(raw: bytes, n_fields: int, max_row_bytes: int) -> str | None:
    """Return why a line is no row of so many fields; None if it is one."""
    if len(raw) > max_row_bytes:
        return "line_too_long"
    if _QUOTE in raw:
        if _row_pattern(n_fields).fullmatch(raw):
            return None
        return "bad_quote"
    n_commas = raw.count(b",")
    if n_commas == n_fields - 1:
        return None
    return "short_row" if n_commas < n_fields - 1 else "long_row"


@lru_cache(maxsize=64)
def _row_pattern(n_fields: int) -> re.Pattern[bytes]:
    # Possessive, so that a hostile line cannot make it try every way to pair its quotes. Within a
    # field that does not begin with one a quote is a character like any other.
    field = rb'(?:"(?:[^"]|"")*+"|(?!")[^,]*+)'
    return re.compile(rb"%b(?:,%b){%d}" % (field, field, n_fields - 1))


def split_row(raw: bytes) -> list[str]:
    """Return the fields of one line, for a header; a line that is no row gives what it gives."""
    text = _utf8(raw).decode("utf-8")
    fields = re.findall(r'(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))', text)
    return [quoted.replace('""', '"') or plain for quoted, plain in fields]


def read_strings(rows: Rows, names: list[str], wanted: list[str]) -> pa.Table:
    """Return some columns of whole rows as text; what is empty is empty text."""
    if not rows.lines.size:
        return pa.table({name: pa.array([], pa.string()) for name in wanted})
    table = pa_csv.read_csv(
        pa.BufferReader(rows.data),
        read_options=pa_csv.ReadOptions(
            column_names=names, block_size=len(rows.data) + 1, use_threads=False
        ),
        parse_options=pa_csv.ParseOptions(newlines_in_values=False),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=wanted,
            strings_can_be_null=False,
        ),
    )
    assert table.num_rows == rows.lines.size, "a sorted line must be one row"
    return table.combine_chunks()
