"""The sentences of a block in order, plain ones and others, with their times."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from vesseltrack.ingest.nmea.arrays import UNKNOWN, Bytes, Ints, first_known
from vesseltrack.ingest.nmea.assembly import Heard, Line
from vesseltrack.ingest.nmea.block import Lines
from vesseltrack.ingest.nmea.gatehouse import TimeLines
from vesseltrack.ingest.nmea.odd import Reading, Said
from vesseltrack.ingest.nmea.plain import Plain
from vesseltrack.ingest.nmea.sentence import Sentence
from vesseltrack.ingest.nmea.tag_block import Groups, TagBlock
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
        By index of the plain sentence, the tag blocks that `plain` does not tell.
    line : int64
        Index of the line in its block.
    which : int64
        Index in `plain`; of others the index in `said`, less the length of it.
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
        which = int(self.which[i])
        if which < 0:
            return self.said[which].tag.source
        if which in self.tags:
            return self.tags[which].source
        at, n_bytes = int(self.plain.source_at[which]), int(self.plain.source_bytes[which])
        return self.lines.data[at : at + n_bytes] if n_bytes >= 0 else None

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
        plain, data = self.plain, self.lines.data
        first, payload = int(plain.first[which]), int(plain.payload[which])
        return Sentence(
            data[first + 1 : first + 3],
            int(plain.total[which]),
            int(plain.number[which]),
            bytes([plain.sequence[which]]).strip(b"\0"),
            bytes([plain.channel[which]]).strip(b"\0"),
            data[payload : payload + int(plain.n_characters[which])],
            int(plain.fill_bits[which]),
        )


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
        tags: Mapping[int, TagBlock],
        readings: Mapping[int, Reading],
        told: TimeLines,
    ) -> Sentences:
        """Return the sentences of a block with their times.

        Parameters
        ----------
        lines, plain, tags
            The block, its plain sentences, and by line the tag blocks these do not tell.
        readings : mapping
            By line, in order, what was read from each line by itself.
        told : TimeLines
            What lines of times tell for the next line alone.
        """
        told_by = np.full(lines.start.size + 1, UNKNOWN)
        told_by[0] = self._told_us
        told_by[told.line + 1] = told.time_us
        for at, reading in readings.items():
            if reading.told_us is not None:
                told_by[at + 1] = reading.told_us
        self._told_us = int(told_by[-1])
        others = [
            (at, said)
            for at, reading in readings.items()
            for said in reading.found
            if isinstance(said, Said)
        ]
        kept = {
            which: tags[at]
            for which, at in enumerate(plain.line.tolist() if tags else ())
            if at in tags
        }
        kept, said = self._with_groups(plain, kept, others)
        line = np.concatenate([plain.line, np.array([at for at, _ in others], np.int64)])
        which = np.arange(line.size)
        which[plain.line.size :] -= line.size
        tag_us, behind_us = _times(plain, kept, said)
        total = np.array([s.sentence.total for s in said], np.uint8)
        number = np.array([s.sentence.number for s in said], np.uint8)
        columns = (
            line,
            which,
            np.concatenate([plain.total, total]),
            np.concatenate([plain.number, number]),
            tag_us,
            behind_us,
        )
        if said:
            order = np.argsort(line, kind="stable")
            columns = tuple(column[order] for column in columns)  # type: ignore[assignment]
        line, which, total, number, tag_us, behind_us = columns
        told_us = told_by[line] if (told_by != UNKNOWN).any() else np.full(line.size, UNKNOWN)
        # What is said before a line is nearer to its receiver than what a relay writes behind it.
        # Parts are told apart by what each line says itself, as the time before is that of a first
        # part only; failing that, by how far the feed has come.
        time_us = first_known(tag_us, told_us, behind_us)
        feed_us = self._feed(first_known(tag_us, behind_us, told_us))
        return Sentences(lines, plain, said, kept, line, which, total, number, time_us, feed_us)

    def _feed(self, own_us: Ints) -> Ints:
        """Return times [us] with the last one known before in place of those that are not."""
        at = np.where(own_us == UNKNOWN, 0, np.arange(1, own_us.size + 1))
        feed_us = np.concatenate([[self._feed_us], own_us])[np.maximum.accumulate(at)]
        if feed_us.size:
            self._feed_us = int(feed_us[-1])
        return feed_us

    def _with_groups(
        self, plain: Plain, tags: dict[int, TagBlock], others: list[tuple[int, Said]]
    ) -> tuple[dict[int, TagBlock], list[Said]]:
        """Return the tag blocks and sentences with what the first of their groups said."""
        said = [one for _, one in others]
        grouped = [(int(plain.line[i]), i, True) for i, tag in tags.items() if tag.group]
        grouped += [(at, i, False) for i, (at, one) in enumerate(others) if one.tag.group]
        for _, i, is_plain in sorted(grouped):
            if is_plain:
                tags[i] = self._groups.complete(tags[i])
            else:
                said[i] = replace(said[i], tag=self._groups.complete(said[i].tag))
        return tags, said


def _times(plain: Plain, tags: Mapping[int, TagBlock], said: list[Said]) -> tuple[Ints, Ints]:
    """Return the times of tag blocks and those behind the sentences [us]."""
    tag_us = np.concatenate([plain.tag_us, _as_times([s.tag.time_us for s in said])])
    tag_us[list(tags)] = _as_times([tag.time_us for tag in tags.values()])
    behind_us = np.concatenate([plain.behind_us, _as_times([s.behind_us for s in said])])
    return tag_us, behind_us


def _as_times(times_us: list[int | None]) -> Ints:
    return np.array([UNKNOWN if t is None else t for t in times_us], np.int64)


def _known(time_us: np.int64) -> int | None:
    return None if time_us == UNKNOWN else int(time_us)
