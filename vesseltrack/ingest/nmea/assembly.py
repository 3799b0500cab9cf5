"""The parts of a message joined: only those of one station, in order and within seconds."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.ingest.nmea.sentence import Sentence
from vesseltrack.ingest.saved import State, of_text, to_text
from vesseltrack.units import US_PER_S

INCOMPLETE: Final = "incomplete_multipart"


@dataclass(slots=True)
class Line:
    """A line of the source; it is settled once it counts as used or rejected."""

    number: int
    raw: bytes
    is_settled: bool = False


Key = tuple[bytes, bytes | None, bytes, bytes]  # talker, source, sequence, channel
Reject = Callable[[Line, str], None]


@dataclass(slots=True)
class Heard:
    """A sentence with its line, times [us] and the station that heard it."""

    sentence: Sentence
    line: Line
    time_us: int | None = None
    feed_us: int | None = None  # how far the feed has come: by this, parts are near or far
    source: bytes | None = None


@dataclass(slots=True)
class Complete:
    """A whole payload, the sentences it came in, and the time of the first that has one [us]."""

    payload: bytes
    fill_bits: int
    parts: list[Heard] = field(default_factory=list)

    @property
    def line(self) -> int:
        """Number of the line of the first sentence."""
        return self.parts[0].line.number

    @property
    def time_us(self) -> int | None:
        """Time of the first sentence that has one [us]."""
        return next((p.time_us for p in self.parts if p.time_us is not None), None)


def complete_one(heard: Heard) -> Complete:
    """Return a message of one sentence."""
    return Complete(heard.sentence.payload, heard.sentence.fill_bits, [heard])


class Assembler:
    """Keeps messages whose parts are not all there, by station, tag source, sequence and channel.

    A part joins when it is the next of its message and neither too late nor too far away.
    Sequence ids return after ten messages, so anything looser welds two ships together.
    """

    def __init__(self, config: IngestConfig, reject: Reject) -> None:
        """Start with nothing open; `reject` hears of every part that stays alone."""
        self._config = config
        self._reject = reject
        self._open: OrderedDict[Key, list[Heard]] = OrderedDict()

    def displace(self, key: Key) -> None:
        """Give up what is open of a message whose first part has come; it is joined elsewhere."""
        self._give_up(self._open.pop(key, []))

    def add(self, heard: Heard) -> Complete | None:
        """Take in one part of several; return the message if it is complete now."""
        sentence = heard.sentence
        key = key_of(sentence, heard.source)
        parts = self._open.pop(key, [])
        if sentence.number == 1:
            self._give_up(parts)
            self._open[key] = [heard]
            if len(self._open) > self._config.max_open_messages:
                self._give_up(self._open.popitem(last=False)[1])
            return None
        if not parts or not self._follows(parts, heard):
            self._give_up([*parts, heard])
            return None
        parts.append(heard)
        if sentence.number < sentence.total:
            self._open[key] = parts
            return None
        payload = b"".join(part.sentence.payload for part in parts)
        return Complete(payload, sentence.fill_bits, parts)

    def open_keys(self) -> list[Key]:
        """Return the keys of the messages whose parts are not all there."""
        return list(self._open)

    def give_up_before(self, number: int) -> None:
        """Give up what began before a line."""
        late = [key for key, parts in self._open.items() if parts[0].line.number < number]
        for key in late:
            self._give_up(self._open.pop(key))

    def finish(self) -> None:
        """Give up what is still open."""
        for parts in self._open.values():
            self._give_up(parts)
        self._open.clear()

    def state(self) -> list[State]:
        """Return the parts of messages that are not all there, in order."""
        return [_state_of(part) for parts in self._open.values() for part in parts]

    def restore(self, state: list[State]) -> None:
        """Go on with the parts that `state` returned."""
        lines: dict[int, Line] = {}  # two parts may stand in one line
        for said in state:
            part = _of_state(said, lines)
            self._open.setdefault(key_of(part.sentence, part.source), []).append(part)

    def _follows(self, parts: list[Heard], heard: Heard) -> bool:
        first = parts[0]
        if heard.sentence.total != first.sentence.total:
            return False
        if heard.sentence.number != len(parts) + 1:
            return False
        if heard.line.number - first.line.number > self._config.max_part_lines:
            return False
        if heard.feed_us is None or first.feed_us is None:
            return True
        return abs(heard.feed_us - first.feed_us) <= self._config.max_part_age_s * US_PER_S

    def _give_up(self, parts: list[Heard]) -> None:
        for part in parts:
            self._reject(part.line, INCOMPLETE)


def _state_of(part: Heard) -> State:
    sentence, line = part.sentence, part.line
    return {
        "texts": [
            of_text(text)
            for text in (
                *(sentence.talker, sentence.sequence, sentence.channel, sentence.payload),
                *(part.source, line.raw),
            )
        ],
        "numbers": [sentence.total, sentence.number, sentence.fill_bits, line.number],
        "times_us": [part.time_us, part.feed_us],
        "is_settled": line.is_settled,
    }


def _of_state(state: State, lines: dict[int, Line]) -> Heard:
    talker, sequence, channel, payload, source, raw = map(to_text, state["texts"])
    total, number, fill_bits, at = state["numbers"]
    assert talker is not None
    assert sequence is not None
    assert channel is not None
    assert payload is not None
    assert raw is not None
    sentence = Sentence(talker, total, number, sequence, channel, payload, fill_bits)
    line = lines.setdefault(at, Line(at, raw, state["is_settled"]))
    time_us, feed_us = state["times_us"]
    return Heard(sentence, line, time_us, feed_us, source)


def key_of(sentence: Sentence, source: bytes | None) -> Key:
    """Return what tells the message of a sentence from others that are open."""
    return sentence.talker, source, sentence.sequence, sentence.channel
