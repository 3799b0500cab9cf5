"""Tag blocks in their plainest shape, of many lines at once: `c:` alone, or `s:` before it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.ingest.nmea.arrays import (
    UNKNOWN,
    Bools,
    Bytes,
    Ints,
    any_of,
    inside,
    is_checked,
    numbers_at,
    rows,
)
from vesseltrack.ingest.nmea.block import Lines
from vesseltrack.ingest.nmea.gatehouse import TimeLines
from vesseltrack.ingest.nmea.usual import BYTES as USUAL_BYTES
from vesseltrack.ingest.nmea.usual_tags import MAX_SOURCE_BYTES, SOURCE_AT, usual_tags

MAX_TAG_BYTES: Final = 66  # with both backslashes
_WIDTH: Final = MAX_TAG_BYTES - 2
_BACKSLASH, _STAR, _COMMA, _COLON, _BANG, _DOLLAR, _C, _V, _D = b"\\*,:!$cVD"
_CHECKSUM_BYTES: Final = 3
_PREFIX_BYTES: Final = 2  # of `c:` and `s:`
# How many digits a time in seconds, milliseconds or microseconds has, and the step [us].
_TIMES: Final = ((10, 1_000_000), (13, 1000), (16, 1))
_SPACE: Final = 32


@dataclass(frozen=True)
class LineTags:
    """What the tag blocks at the beginning of lines say, (n_lines,) each.

    Attributes
    ----------
    time_us : int64
        Time [us]; UNKNOWN for none.
    source_bytes : int64
        Length of the source, which stands at `SOURCE_AT` of the line; negative for none.
    """

    time_us: Ints
    source_bytes: Ints


def line_tags(lines: Lines) -> tuple[LineTags, Ints, Ints]:
    """Read the tag blocks at the beginning of lines.

    Returns
    -------
    tags : LineTags
        Of those of a known shape.
    behind : (n,) int64
        Place behind the tag block; of lines without one the line's first.
    unusual : (n_unusual,) int64
        Indices of the lines whose tag block, if it is one, has another shape.
    """
    raw, start = lines.raw, lines.start
    tagged = np.flatnonzero(lines.mark == _BACKSLASH)
    behind = start.copy()
    tags = LineTags(np.full(start.size, UNKNOWN), np.full(start.size, -1, np.int64))
    # Most stand before a sentence of the usual length; where others end is searched for.
    end = lines.end[tagged] - USUAL_BYTES
    others = np.flatnonzero((raw[end - 1] != _BACKSLASH) | (end <= start[tagged]))
    end[others] = _end(raw, start[tagged[others]])
    is_usual, time_us, source_bytes = usual_tags(raw, start[tagged], end)
    behind[tagged], tags.time_us[tagged], tags.source_bytes[tagged] = end, time_us, source_bytes
    which = tagged[~is_usual]
    if not which.size:
        return tags, behind, which
    found = plain_tags(raw, start[which])
    behind[which] = found.behind
    tags.time_us[which], tags.source_bytes[which] = found.time_us, found.source_bytes
    return tags, behind, which[~found.is_plain]


@dataclass(frozen=True)
class PlainTags:
    """Tag blocks at the beginning of some lines, (n,) each.

    Attributes
    ----------
    behind : int64
        Place behind the block.
    is_plain : bool
        Whether the shape is known; of others `behind` alone holds, if there is a block at all.
    is_right : bool
        Whether the checksum is right: else it says nothing.
    time_us : int64
        What `c:` says [us].
    source_bytes : int64
        Length of the source, which stands at `SOURCE_AT`; -1 for none.
    """

    behind: Ints
    is_plain: Bools
    is_right: Bools
    time_us: Ints
    source_bytes: Ints


def plain_tags(raw: Bytes, start: Ints) -> PlainTags:
    """Read the tag blocks of lines that begin with a backslash at places in ascending order."""
    behind = _end(raw, start)
    end = behind - 1 - _CHECKSUM_BYTES  # the asterisk
    time_us = np.full(start.size, UNKNOWN)
    time_at = np.full(start.size, -1, np.int64)
    left = np.flatnonzero((end > start + 1) & (raw[end] == _STAR))
    for n_digits, step_us in _TIMES:
        label = end[left] - n_digits - _PREFIX_BYTES
        fits = (label > start[left]) & (raw[label] == ord("c")) & (raw[label + 1] == ord(":"))
        which, left = left[fits], left[~fits]
        if not which.size:
            continue
        label, at = label[fits], label[fits] + _PREFIX_BYTES
        count, is_number = numbers_at(raw, at + n_digits, n_digits)
        # A zero in front would make it another count of digits.
        is_number &= raw[at] != ord("0")
        time_us[which[is_number]] = count[is_number] * step_us
        time_at[which[is_number]] = label[is_number]
    is_plain = time_at >= 0
    alone = is_plain & (time_at == start + 1)
    source_at = start + SOURCE_AT
    source_bytes = time_at - 1 - source_at
    sourced = is_plain & ~alone & (source_bytes >= 1) & (source_bytes <= MAX_SOURCE_BYTES)
    sourced &= (raw[start + 1] == ord("s")) & (raw[start + 2] == ord(":"))
    sourced &= raw[time_at - 1] == _COMMA
    which = np.flatnonzero(sourced)
    sources = rows(raw, source_at[which], MAX_SOURCE_BYTES)
    within = inside(source_bytes[which], MAX_SOURCE_BYTES)
    odd = any_of(((sources == _COMMA) | (sources < _SPACE)) & within)
    sourced[which[odd]] = False
    is_plain = alone | sourced
    is_right = np.zeros(start.size, np.bool_)
    is_right[is_plain] = is_checked(raw, start[is_plain] + 1, end[is_plain])
    return PlainTags(
        behind,
        is_plain,
        is_right,
        np.where(is_right, time_us, UNKNOWN),
        np.where(sourced & is_right, source_bytes, -1),
    )


def _end(raw: Bytes, start: Ints) -> Ints:
    """Return the places behind the backslashes that end blocks; two behind the first for none.

    Most blocks are short, and it takes half the time to look at half as many bytes.
    """
    close = (rows(raw, start + 1, _WIDTH // 2) == _BACKSLASH).argmax(axis=1)
    farther = np.flatnonzero(close == 0)
    close[farther] = (rows(raw, start[farther] + 1, _WIDTH) == _BACKSLASH).argmax(axis=1)
    return np.asarray(start + close + _PREFIX_BYTES)


def lone_tags(lines: Lines, which: Ints, max_line_bytes: int) -> TimeLines:
    """Return which lines are a tag block and nothing else, and the times these tell [us].

    UNKNOWN where a block tells none; unusual lines are left out.
    """
    raw, start = lines.raw, lines.start[which]
    n_bytes = lines.end[which] - start
    alone = (lines.mark[which] == _BACKSLASH) & (n_bytes <= min(MAX_TAG_BYTES, max_line_bytes))
    which, start, n_bytes = which[alone], start[alone], n_bytes[alone]
    if not which.size:
        return TimeLines(which, which)
    tags = plain_tags(raw, start)
    window = rows(raw, start + 1, _WIDTH)
    within = inside(n_bytes - 1, _WIDTH)
    # What might begin a sentence, or be a time in another place.
    strange = (window == _BANG) | (window == _DOLLAR)
    pairs = (window[:, :-1] == _V) & (window[:, 1:] == _D)
    pairs |= ~tags.is_plain[:, None] & (window[:, :-1] == _C) & (window[:, 1:] == _COLON)
    strange[:, :-1] |= pairs
    ends = (tags.behind == start + n_bytes) & (raw[tags.behind - 1] == _BACKSLASH)
    usual = ends & ~any_of(strange & within)
    return TimeLines(which[usual], tags.time_us[usual])
