"""The lines of archives in the order and at the times at which they are to be played again."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.errors import SourceError
from vesseltrack.ingest.nmea.arrays import UNKNOWN, Bools, Ints
from vesseltrack.ingest.nmea.assembly import Key
from vesseltrack.ingest.nmea.block import Lines
from vesseltrack.ingest.nmea.heard import Sentences
from vesseltrack.ingest.nmea.tag_block import tag_of
from vesseltrack.ingest.nmea.times import gatehouse_us
from vesseltrack.ingest.source import Source
from vesseltrack.units import US_PER_S

NMEA: Final = "nmea"
NEVER_SAID: Final = int(UNKNOWN)  # the time of lines before the first that tells one
# Parts that lie farther apart than this are played as far apart as they were.
_MAX_TOGETHER_US: Final = 1 * US_PER_S
_MAX_TOGETHER_LINES: Final = 250
# Archives are written in the order of receipt, nearly: a time that the next line takes back by
# more than this is wrong, and waiting for it would hold up all that follows.
_MAX_DISORDER_US: Final = 60 * US_PER_S

Part = tuple[Key, int, int]  # of which message, number, total


@dataclass(frozen=True, slots=True)
class Unit:
    """Lines that are played together, such as the parts of a message.

    Attributes
    ----------
    time_us : int
        When they were received [us], never before the unit in front; `NEVER_SAID` as long as no
        line has told a time.
    lines : list of bytes
        As they came, without their ends.
    """

    time_us: int
    lines: list[bytes]


def units(source: Source) -> Iterator[Unit]:
    """Yield the lines of an NMEA source in their order, every line that is not blank.

    Lines without a time of their own are played with the one before them, a line that tells the
    time of the next one together with that.

    Raises
    ------
    SourceError
        If the source holds no sentences.
    """
    if source.format != NMEA:
        msg = f"{source.name} is {source.format}: only NMEA archives hold sentences to play"
        raise SourceError(msg)
    bundle = _Bundle()
    last_us = NEVER_SAID
    for sentences in source.sentences():
        lines = sentences.lines
        times_us = _played_us(sentences, last_us)
        parts = _parts(sentences)
        for at, time_us in enumerate(times_us.tolist()):
            if bundle.is_closed_before(time_us) and bundle.lines:
                yield bundle.take()
            bundle.add(lines.line(at), time_us, parts.get(at, ()))
            last_us = time_us
    if bundle.lines:
        yield bundle.take()


def in_time(sources: Sequence[Source]) -> Iterator[Unit]:
    """Yield the lines of several NMEA sources, merged by their times; raises as `units` does."""
    yield from heapq.merge(*map(units, sources), key=lambda unit: unit.time_us)


class _Bundle:
    """Collects the lines of one unit after the other."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self._time_us = NEVER_SAID
        self._open: set[Key] = set()  # messages whose parts are not all there
        self._tells_next = False

    def is_closed_before(self, time_us: int) -> bool:
        """Return whether a line of some time [us] belongs to another unit."""
        holds = self._tells_next or self._open
        is_near = time_us - self._time_us <= _MAX_TOGETHER_US
        return not (holds and is_near and len(self.lines) < _MAX_TOGETHER_LINES)

    def add(self, line: bytes, time_us: int, parts: Sequence[Part]) -> None:
        if not self.lines:
            self._time_us = time_us
        self.lines.append(line)
        for key, number, total in parts:
            if number == total:
                self._open.discard(key)
            elif number == 1:
                self._open.add(key)
        self._tells_next = _told_us(line) is not None if not parts else False

    def take(self) -> Unit:
        unit = Unit(self._time_us, self.lines)
        self.lines = []
        self._open.clear()
        return unit


def _played_us(sentences: Sentences, last_us: int) -> Ints:
    """Return when each line of a block is to be played [us]: never before the one in front."""
    lines = sentences.lines
    own_us = np.full(lines.start.size, UNKNOWN)
    begins = np.flatnonzero(sentences.number <= 1)  # other parts go with their first
    own_us[sentences.line[begins]] = sentences.time_us[begins]
    silent = np.ones(lines.start.size, np.bool_)
    silent[sentences.line] = False
    for at in np.flatnonzero(silent & _may_tell(lines)).tolist():
        told_us = _told_us(lines.line(at))
        own_us[at] = UNKNOWN if told_us is None else told_us
    says = np.flatnonzero(own_us != UNKNOWN)
    said_us = own_us[says]
    taken_back = np.flatnonzero(said_us[:-1] - said_us[1:] > _MAX_DISORDER_US)
    own_us[says[taken_back]] = UNKNOWN
    played: Ints = np.maximum.accumulate(np.concatenate([[last_us], own_us]))[1:]
    return played


def _may_tell(lines: Lines) -> Bools:
    begin = lines.raw[lines.start]
    return np.asarray((begin == ord("$")) | (begin == ord("\\")))


def _told_us(line: bytes) -> int | None:
    """Return the time that a line tells for the next one [us]."""
    if line.startswith(b"$PGHP"):
        return gatehouse_us(line)
    if line.startswith(b"\\") and line.endswith(b"\\"):
        return tag_of(line).time_us
    return None


def _parts(sentences: Sentences) -> dict[int, list[Part]]:
    """Return, by index of the line, the parts of messages in it."""
    parts: dict[int, list[Part]] = {}
    for i in np.flatnonzero(sentences.total > 1).tolist():
        sentence = sentences.sentence(i)
        key = (sentence.talker, sentences.source(i), sentence.sequence, sentence.channel)
        part = (key, sentence.number, sentence.total)
        parts.setdefault(int(sentences.line[i]), []).append(part)
    return parts
