"""Sentences in their usual shape, of many lines at once.

A line is plain if it holds one sentence with a right checksum from its beginning, or from a tag
block on, and the sentence has the fields that the standard gives it. Of every other line nothing
is said here: it is read by itself.
"""

import re
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from vesseltrack.ingest.nmea.arrays import (
    UNKNOWN,
    Bools,
    Bytes,
    Ints,
    checks,
    digit,
    numbers_at,
    rows,
)
from vesseltrack.ingest.nmea.block import Lines
from vesseltrack.ingest.nmea.packing import in_alphabet
from vesseltrack.ingest.nmea.plain_tags import MAX_TAG_BYTES, LineTags, line_tags
from vesseltrack.ingest.nmea.sentence import Sentence
from vesseltrack.ingest.nmea.tag_block import EMPTY, TagBlock, tag_of
from vesseltrack.ingest.nmea.times import trailing_us
from vesseltrack.ingest.nmea.usual import BYTES as USUAL_BYTES
from vesseltrack.ingest.nmea.usual import Usual, usual_sentences
from vesseltrack.ingest.nmea.usual_tags import MAX_SOURCE_BYTES
from vesseltrack.units import US_PER_S

MAX_CHARACTERS: Final = 90
_BACKSLASH, _BANG, _DOLLAR, _COMMA, _STAR = b"\\!$,*"
_STARTS: Final = re.compile(rb"[!$]")
_HEADER_BYTES: Final = 16
_TAIL_WIDTH: Final = 128
_EPOCH_DIGITS: Final = 10
# `!AAVDM,t,n,` as two words: V D M , and the two commas behind the numbers; M and O are one bit
# apart.
_SHAPE: Final = np.frombuffer(b"\0\0\0VDM\x2c\0\x2c\0\x2c\0\0\0\0\0", "<u8")
_MASK: Final = np.frombuffer(b"\0\0\0\xff\xff\xfd\xff\0\xff\0\xff\0\0\0\0\0", "<u8")
_ALNUM: Final = np.zeros(256, np.bool_)
_ALNUM[[*range(48, 58), *range(65, 91), *range(97, 123)]] = True
_TALKER: Final = np.zeros(256, np.bool_)  # relays write more than letters
_TALKER[33:127] = True
_TALKER[[*b",*!$\\"]] = False


@dataclass(frozen=True)
class Framed:
    """Plain sentences that are not of the usual shape, in the order of their lines, (n,) each.

    Attributes
    ----------
    line : int64
        Index of the line in its block.
    first, payload, star : int64
        Where the sentence begins, its payload, and its asterisk.
    n_characters : int64
        Length of the payload.
    fill_bits, total, number : uint8
        As the sentence says.
    sequence, channel : uint8
        As characters; 0 for none.
    behind_us : int64
        Time behind the checksum [us].
    """

    line: Ints
    first: Ints
    payload: Ints
    star: Ints
    n_characters: Ints
    fill_bits: Bytes
    total: Bytes
    number: Bytes
    sequence: Bytes
    channel: Bytes
    behind_us: Ints

    def __getitem__(self, which: Ints | Bools) -> "Framed":
        """Return some of the sentences."""
        return Framed(*(getattr(self, field.name)[which] for field in fields(self)))

    def sentence(self, data: bytes, which: int) -> Sentence:
        """Return one sentence by itself."""
        first, payload = int(self.first[which]), int(self.payload[which])
        return Sentence(
            data[first + 1 : first + 3],
            int(self.total[which]),
            int(self.number[which]),
            bytes([self.sequence[which]]).strip(b"\0"),
            bytes([self.channel[which]]).strip(b"\0"),
            data[payload : payload + int(self.n_characters[which])],
            int(self.fill_bits[which]),
        )


@dataclass(frozen=True)
class Plain:
    """The plain sentences of a block, and what the tag blocks of its lines say.

    Attributes
    ----------
    usual, framed
        The sentences; no line is in both.
    tags : LineTags
        Of the plainest shape.
    said : dict
        By index of the line, the tag blocks that `tags` does not tell.
    broken : (n,) int64
        Indices of lines that would be plain if their checksum were right.
    """

    usual: Usual
    framed: Framed
    tags: LineTags
    said: dict[int, TagBlock]
    broken: Ints


def plain_sentences(lines: Lines, max_line_bytes: int) -> Plain:
    """Return the plain sentences of a block."""
    raw, start = lines.raw, lines.start
    tags, first, unusual = line_tags(lines)
    length = lines.end - first
    maybe_usual = length == USUAL_BYTES
    if max_line_bytes < USUAL_BYTES + MAX_TAG_BYTES:
        maybe_usual[:] = False
    maybe_usual[unusual] = False
    which = np.flatnonzero(maybe_usual)
    usual = usual_sentences(raw, which, first[which])
    is_left = np.ones(start.size, np.bool_)
    is_left[usual.line] = False
    left = np.flatnonzero(is_left)
    which, head = _headed(lines, left, first[left], max_line_bytes)
    if unusual.size:
        unusual = np.intersect1d(unusual, which)
    said, odd = _unusual_tags(lines, unusual, first)
    framed = _framed(lines, which, first[which], head)
    is_right, is_written = checks(raw, framed.first + 1, framed.star)
    good = in_alphabet(raw, framed.payload, framed.n_characters)
    if odd:
        good &= ~np.isin(framed.line, odd)
    broken = framed.line[good & is_written & ~is_right]
    framed = framed[np.flatnonzero(good & is_right)]
    if said:
        is_plain = set(framed.line.tolist())
        said = {at: tag for at, tag in said.items() if at in is_plain}
    return Plain(usual, framed, tags, said, broken)


def _headed(lines: Lines, line: Ints, first: Ints, max_line_bytes: int) -> tuple[Ints, Bytes]:
    """Return which of some lines have a sentence with a usual header, and its first bytes."""
    raw = lines.raw
    mark = raw[first]
    fits = (mark == _BANG) | (mark == _DOLLAR)
    fits &= lines.end[line] - lines.start[line] <= max_line_bytes
    head = rows(raw, first, _HEADER_BYTES)
    words = head.view("<u8")
    fits &= (words[:, 0] & _MASK[0]) == _SHAPE[0]
    fits &= (words[:, 1] & _MASK[1]) == _SHAPE[1]
    fits &= _TALKER[head[:, 1]] & _TALKER[head[:, 2]]
    total, count = digit(head[:, 7]), digit(head[:, 9])
    fits &= (count >= 1) & (count <= total) & (total <= 9)  # noqa: PLR2004 - digits
    if fits.all():
        return line, head
    which = np.flatnonzero(fits)
    return line[which], head[which]


def _framed(lines: Lines, which: Ints, first: Ints, head: Bytes) -> Framed:
    """Return the sentences of some lines, without those whose fields are not the usual ones."""
    raw, end = lines.raw, lines.end[which]
    flat, base = head.reshape(-1), np.arange(which.size) * _HEADER_BYTES
    has_sequence = head[:, 11] != _COMMA
    after_sequence = base + 11 + has_sequence
    channel = flat[after_sequence + 1]
    has_channel = channel != _COMMA
    fits = ~has_sequence | (digit(head[:, 11]) < 10)  # noqa: PLR2004 - digits
    fits &= (flat[after_sequence] == _COMMA) & (~has_channel | _ALNUM[channel])
    fits &= flat[after_sequence + 1 + has_channel] == _COMMA
    payload = first + (after_sequence - base) + 2 + has_channel
    star, behind_us = _ends(lines, which, first)
    payload_end = star - 2
    fits &= (star > payload) & (star + 3 <= end) & (raw[payload_end] == _COMMA)
    fill_bits = digit(raw[star - 1])
    fits &= fill_bits <= 5  # noqa: PLR2004 - a character has six
    # Some devices insert a field of one digit behind the payload.
    inserted = (payload_end - 2 >= payload) & (raw[payload_end - 2] == _COMMA)
    inserted &= digit(raw[payload_end - 1]) < 10  # noqa: PLR2004 - digits
    n_characters = payload_end - 2 * inserted - payload
    fits &= (n_characters >= 1) & (n_characters <= MAX_CHARACTERS)
    framed = Framed(
        which,
        first,
        payload,
        star,
        n_characters,
        fill_bits,
        digit(head[:, 7]),
        digit(head[:, 9]),
        head[:, 11] * has_sequence,
        channel * has_channel,
        behind_us,
    )
    return framed if fits.all() else framed[np.flatnonzero(fits)]


def _ends(lines: Lines, which: Ints, first: Ints) -> tuple[Ints, Ints]:
    """Return where the asterisks of some lines stand, and the times behind their checksums.

    The place is that of the line's first byte where there is no usual end.
    """
    raw, end = lines.raw, lines.end[which]
    star = np.maximum(end - 3, first)
    behind_us = np.full(which.size, UNKNOWN)
    more = np.flatnonzero(raw[star] != _STAR)
    if not more.size:
        return star, behind_us
    star[more] = first[more] + (rows(raw, first[more], _TAIL_WIDTH) == _STAR).argmax(axis=1)
    behind = star[more] + 3
    n_bytes = end[more] - behind
    count, is_number = numbers_at(raw, behind + 1 + _EPOCH_DIGITS, _EPOCH_DIGITS)
    is_number &= (n_bytes == _EPOCH_DIGITS + 1) & (raw[behind] == _COMMA)
    is_number &= raw[behind + 1] != ord("0")
    behind_us[more[is_number]] = count[is_number] * US_PER_S
    for i, begin in zip(more[~is_number].tolist(), behind[~is_number].tolist(), strict=True):
        text = lines.data[begin : end[i]]
        if text[-1:].isalnum() and not _STARTS.search(text):
            behind_us[i] = _or_unknown(trailing_us(text))
        else:
            star[i] = first[i]
    return star, behind_us


def _unusual_tags(lines: Lines, which: Ints, first: Ints) -> tuple[dict[int, TagBlock], list[int]]:
    """Return what the tag blocks of some lines say, and which lines are not plain after all."""
    said, odd = {}, []
    for i in which.tolist():
        prefix = lines.data[lines.start[i] : first[i]]
        tag = tag_of(prefix)
        if b"VD" in prefix or len(tag.source or b"") > MAX_SOURCE_BYTES:
            odd.append(i)
        elif tag is not EMPTY:
            said[i] = tag
    return said, odd


def _or_unknown(time_us: int | None) -> int:
    return UNKNOWN if time_us is None else time_us
