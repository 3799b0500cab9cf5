"""Lines that are not plain, one by one: sentences, faults, and times told for the next line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from vesseltrack.ingest.nmea.checksum import is_right
from vesseltrack.ingest.nmea.sentence import (
    NAME,
    TAG_BLOCK_ALONE,
    Fault,
    Sentence,
    find_sentence,
    why_none,
)
from vesseltrack.ingest.nmea.tag_block import EMPTY, TagBlock, tag_of
from vesseltrack.ingest.nmea.times import gatehouse_us, trailing_us
from vesseltrack.ingest.text import BLANK

_GATEHOUSE: Final = re.compile(rb"\$(PGHP,[^*]*)(?:\*([0-9A-Fa-f]{2}))?")
_GATEHOUSE_NAME: Final = b"$PGHP"
TIME_LINE: Final = "time_line"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, what its tag block says, and the time behind it [us]."""

    sentence: Sentence
    tag: TagBlock
    behind_us: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a line holds.

    Attributes
    ----------
    found : list
        Sentences and reasons to reject it, in order.
    ignored : str or None
        Why it is ignored.
    told_us : int or None
        Time that it tells for the next line alone [us].
    """

    found: list[Said | Fault] = field(default_factory=list)
    ignored: str | None = None
    told_us: int | None = None


def read_line(raw: bytes, max_bytes: int) -> Reading:
    """Return what a line that is not blank holds; of one above `max_bytes` nothing is read."""
    text = raw.strip(BLANK)
    if len(raw) > max_bytes:
        return Reading([Fault("line_too_long")])
    if text.startswith(b"#"):
        return _ignored("comment")
    found = list(_sentences(text)) if NAME in text else []
    return Reading(found) if found else _other(text)


def _sentences(text: bytes) -> Iterator[Said | Fault]:
    start = 0
    found = find_sentence(text, 0)
    while found is not None:  # nearly always once: a lost line end glues two sentences
        sentence, match = found
        if isinstance(sentence, Fault):
            yield sentence
        else:
            before, after = text[start : match.start()], text[match.end() :]
            tag = tag_of(before) if b"\\" in before else EMPTY
            yield Said(sentence, tag, trailing_us(after))
        start = match.end()
        found = find_sentence(text, start) if start < len(text) else None


def _other(text: bytes) -> Reading:
    if text.startswith(_GATEHOUSE_NAME) and (gatehouse := _GATEHOUSE.match(text)):
        return _gatehouse(text, *gatehouse.groups())
    fault = why_none(text)
    if fault.is_rejected:
        return Reading([fault])
    told_us = tag_of(text).time_us if fault is TAG_BLOCK_ALONE else None
    return Reading([], fault.reason, told_us) if told_us is not None else _ignored(fault.reason)


@cache  # many lines are alike
def _ignored(reason: str) -> Reading:
    return Reading(ignored=reason)


def _gatehouse(text: bytes, body: bytes, written: bytes | None) -> Reading:
    if written is None:
        return Reading([Fault("no_checksum")])
    if not is_right(body, written):
        return Reading([Fault("checksum")])
    time_us = gatehouse_us(text)
    if time_us is None:
        return Reading([Fault("bad_time")])
    return Reading([], TIME_LINE, time_us)
