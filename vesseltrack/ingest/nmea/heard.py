"""The sentences of a block in order, plain ones and others, with their times."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from vesseltrack.ingest.nmea.arrays import UNKNOWN, Bytes, Ints, carried, first_known
from vesseltrack.ingest.nmea.assembly import Heard, Line
from vesseltrack.ingest.nmea.block import Lines
from vesseltrack.ingest.nmea.gatehouse import TimeLines
from vesseltrack.ingest.nmea.odd import Reading, Said
from vesseltrack.ingest.nmea.plain import Plain
from vesseltrack.ingest.nmea.sentence import Sentence
from vesseltrack.ingest.nmea.tag_block import Groups, TagBlock
from vesseltrack.ingest.nmea.usual import usual_sentence
from vesseltrack.ingest.nmea.usual_tags import SOURCE_AT
from vesseltrack.ingest.saved import State
from vesseltrack.ingest.text import BLANK


@dataclass(frozen=True)
class Sentences:
    """The sentences of a block in order, (n,) each.

    Attributes
    ----------
    plain : Plain
        The plain ones.
    said : list of Said
        The others, in order.
    tags : dict
        By index of the line, the tag blocks of plain sentences that `plain.tags` does not tell.
    line : int64
        Index of the line in its block.
    which : int64
        Index in `plain.usual`, or, counted on from its end, in `plain.framed`; of others the index
        in `said`, less the length of it.
    total, number : uint8
        How many sentences the message has, and which of them this is.
    time_us, feed_us : int64
        Time of the sentence, and how far the feed has come [us].
    """

    lines: Lines
    plain: Plain
    said: list[Said]
    tags: Mapping[int, TagBlock]
    line: Ints
    which: Ints
    total: Bytes
    number: Bytes
    time_us: Ints
    feed_us: Ints

    def source(self, i: int) -> bytes | None:
        """Return the source that the tag block of a sentence names."""
        which, at = int(self.which[i]), int(self.line[i])
        if which < 0:
            return self.said[which].tag.source
        if at in self.tags:
            return self.tags[at].source
        first = int(self.lines.start[at]) + SOURCE_AT
        n_bytes = int(self.plain.tags.source_bytes[at])
        return self.lines.data[first : first + n_bytes] if n_bytes >= 0 else None

    def heard(self, i: int, line: Line) -> Heard:
        """Return a sentence by itself."""
        times = (_known(self.time_us[i]), _known(self.feed_us[i]))
        return Heard(self.sentence(i), line, *times, self.source(i))

    def line_at(self, at: int) -> Line:
        """Return a line that is to be settled."""
        return Line(int(self.lines.number[at]), self.lines.line(at).strip(BLANK))

    def sentence(self, i: int) -> Sentence:
        """Return what a sentence says by itself."""
        which = int(self.which[i])
        if which < 0:
            return self.said[which].sentence
        usual = self.plain.usual
        if which < usual.line.size:
            first = int(usual.first[which])
            return usual_sentence(self.lines.data, first, int(usual.fill_bits[which]))
        return self.plain.framed.sentence(self.lines.data, which - usual.line.size)


class Feed:
    """What lines say about the ones that follow."""

    def __init__(self) -> None:
        """Start before the first line."""
        self._groups = Groups()
        self._told_us = UNKNOWN  # time that the line before tells for the next one alone
        self._feed_us = UNKNOWN

    def state(self) -> State:
        """Return what has been said about lines to come."""
        return {
            "groups": self._groups.state(),
            "told_us": self._told_us,
            "feed_us": self._feed_us,
        }

    def restore(self, state: State) -> None:
        """Go on with what `state` returned."""
        self._groups.restore(state["groups"])
        self._told_us, self._feed_us = state["told_us"], state["feed_us"]

    def hear(
        self,
        lines: Lines,
        plain: Plain,
        readings: Mapping[int, Reading],
        told: TimeLines,
    ) -> Sentences:
        """Return the sentences of a block with their times.

        Parameters
        ----------
        lines, plain
            The block and its plain sentences.
        readings : mapping
            By line, in order, what was read from each line by itself.
        told : TimeLines
            What lines of times tell for the next line alone.
        """
        others = [
            (at, said)
            for at, reading in readings.items()
            for said in reading.found
            if isinstance(said, Said)
        ]
        line, which = _in_order(lines, plain, [at for at, _ in others])
        tags, said = self._with_groups(plain.said, others)
        framed = np.flatnonzero(which >= plain.usual.line.size)
        other = np.flatnonzero(which < 0)
        total, number = np.ones(line.size, np.uint8), np.ones(line.size, np.uint8)
        total[framed], number[framed] = plain.framed.total, plain.framed.number
        total[other] = [s.sentence.total for s in said]
        number[other] = [s.sentence.number for s in said]
        tag_us = plain.tags.time_us[line]
        tag_us[np.searchsorted(line, list(tags))] = [_time_of(tag) for tag in tags.values()]
        tag_us[other] = [_time_of(s.tag) for s in said]
        told_us = self._told(lines, readings, told)[line]
        behind_us = np.full(line.size, UNKNOWN)
        behind_us[framed] = plain.framed.behind_us
        behind_us[other] = [UNKNOWN if s.behind_us is None else s.behind_us for s in said]
        # What is said before a line is nearer to its receiver than what a relay writes behind it.
        # Parts are told apart by what each line says itself, as the time before is that of a first
        # part only; failing that, by how far the feed has come.
        time_us = first_known(tag_us, told_us, behind_us)
        own_us = time_us
        if (told_us != UNKNOWN).any():
            own_us = first_known(tag_us, behind_us, told_us)
        feed_us = self._feed(own_us)
        return Sentences(lines, plain, said, tags, line, which, total, number, time_us, feed_us)

    def _told(self, lines: Lines, readings: Mapping[int, Reading], told: TimeLines) -> Ints:
        """Return what the line before each line tells for it alone [us]."""
        told_by = np.full(lines.start.size + 1, UNKNOWN)
        told_by[0] = self._told_us
        told_by[told.line + 1] = told.time_us
        for at, reading in readings.items():
            if reading.told_us is not None:
                told_by[at + 1] = reading.told_us
        self._told_us = int(told_by[-1])
        return told_by

    def _feed(self, own_us: Ints) -> Ints:
        """Return times [us] with the last one known before in place of those that are not."""
        feed_us = carried(own_us, own_us != UNKNOWN, self._feed_us)
        if feed_us.size:
            self._feed_us = int(feed_us[-1])
        return feed_us

    def _with_groups(
        self, plain_tags: Mapping[int, TagBlock], others: list[tuple[int, Said]]
    ) -> tuple[dict[int, TagBlock], list[Said]]:
        """Return the tag blocks and sentences with what the first of their groups said."""
        tags, said = dict(plain_tags), [one for _, one in others]
        grouped = [(at, -1) for at, tag in tags.items() if tag.group]
        grouped += [(at, i) for i, (at, one) in enumerate(others) if one.tag.group]
        for at, i in sorted(grouped):
            if i < 0:
                tags[at] = self._groups.complete(tags[at])
            else:
                said[i] = replace(said[i], tag=self._groups.complete(said[i].tag))
        return tags, said


def _in_order(lines: Lines, plain: Plain, others: list[int]) -> tuple[Ints, Ints]:
    """Return lines and indices of all sentences in order, of others by the lines they are in."""
    which_of_line = np.full(lines.start.size, -1, np.int64)
    n_usual = plain.usual.line.size
    which_of_line[plain.usual.line] = np.arange(n_usual)
    which_of_line[plain.framed.line] = np.arange(n_usual, n_usual + plain.framed.line.size)
    line = np.flatnonzero(which_of_line >= 0)
    which = which_of_line[line]
    if not others:
        return line, which
    at = np.searchsorted(line, others)
    return np.insert(line, at, others), np.insert(which, at, np.arange(-len(others), 0))


def _time_of(tag: TagBlock) -> int:
    return UNKNOWN if tag.time_us is None else tag.time_us


def _known(time_us: np.int64) -> int | None:
    return None if time_us == UNKNOWN else int(time_us)
