"""Messages of the common types in plain sentences: which they are, and what they say."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.ingest.nmea import fields
from vesseltrack.ingest.nmea.arrays import Bools, Ints, rows
from vesseltrack.ingest.nmea.heard import Sentences
from vesseltrack.ingest.nmea.lengths import BITS, MUTE
from vesseltrack.ingest.nmea.messages import Messages
from vesseltrack.ingest.nmea.packing import CHARACTERS_A_WORD, Bits, Payloads, bits_at, payloads_at
from vesseltrack.ingest.nmea.pairs import Pairs
from vesseltrack.ingest.nmea.sentence import ARMOUR

_STATION, _VOYAGE, _EXTENDED, _AID, _NAME = 4, 5, 19, 21, 24
_ALIKE: Final = ((1, 3), (4, 4), (9, 9), (11, 11), (18, 18))  # short types of one layout
_BITS_A_CHARACTER: Final = 6
# How many characters hold all that is used of a type.
_ONE_SLOT_CHARACTERS: Final = 28
_CHARACTERS: Final = {_VOYAGE: 71, _EXTENDED: 52, _AID: 44}
_WHOLE_VOYAGE_BITS: Final = 422  # below, the last character of the destination is cut in two
_WHOLE_PART_B_BITS: Final = 162
_TYPES: Final = np.array([*fields.LAYOUTS, _VOYAGE, _NAME, fields.LONG_RANGE, *MUTE])
_LEAST: Final = np.full(64, 1 << 30)
_MOST: Final = np.zeros(64, np.int64)
for _type in _TYPES.tolist():
    _LEAST[_type], _MOST[_type] = BITS[_type]
_LEAST[_VOYAGE] = _WHOLE_VOYAGE_BITS
_IS_LONG: Final = np.zeros(64, np.bool_)
_IS_LONG[list(_CHARACTERS)] = True
_IS_MUTE: Final = np.zeros(64, np.bool_)
_IS_MUTE[list(MUTE)] = True
_VALUE: Final = np.zeros(256, np.int64)
_VALUE[np.frombuffer(ARMOUR, np.uint8)] = np.arange(64)


@dataclass(frozen=True)
class Common:
    """Messages of the common types, as indices of sentences.

    Attributes
    ----------
    single : (n,) int64
        Messages of one sentence.
    type : (n,) int64
        Their types.
    pairs : Pairs
        Voyage reports of two.
    """

    single: Ints
    type: Ints
    pairs: Pairs

    @classmethod
    def none(cls) -> "Common":
        """Return no message at all."""
        nothing = np.zeros(0, np.int64)
        return cls(nothing, nothing, Pairs(nothing, nothing, np.zeros(0, np.bool_)))

    @classmethod
    def of(cls, sentences: Sentences, pairs: Pairs) -> "Common":
        """Choose the messages that need no look at their payloads one by one."""
        plain, which = sentences.plain, sentences.which
        one = np.flatnonzero((sentences.total == 1) & (which >= 0))
        at = which[one]
        n_bits = plain.n_characters[at] * _BITS_A_CHARACTER - plain.fill_bits[at]
        type_ = _VALUE[sentences.lines.raw[plain.payload[at]]]
        usual = (n_bits >= _LEAST[type_]) & (n_bits <= _MOST[type_])
        names = np.flatnonzero(usual & (type_ == _NAME))
        if names.size:
            usual[names] = _is_usual_name(sentences, at[names], n_bits[names])
        first, second = which[pairs.first], which[pairs.second]
        n_characters = plain.n_characters[first] + plain.n_characters[second]
        n_bits = n_characters * _BITS_A_CHARACTER - plain.fill_bits[second]
        voyage = _VALUE[sentences.lines.raw[plain.payload[first]]] == _VOYAGE
        voyage &= (n_bits >= _WHOLE_VOYAGE_BITS) & (n_bits <= _MOST[_VOYAGE])
        voyages = Pairs(
            pairs.first[voyage],
            pairs.second[voyage],
            pairs.displaces[voyage],
        )
        return cls(one[usual], type_[usual], voyages)

    def put(self, messages: Messages, sentences: Sentences, rank: Ints) -> None:
        """Enter what they say, at the ranks that sentences have as ends of messages."""
        raw = sentences.lines.raw
        payload = sentences.plain.payload[sentences.which[self.single]]
        mute = np.flatnonzero(_IS_MUTE[self.type])
        if mute.size:
            head = bits_at(raw, payload[mute], CHARACTERS_A_WORD)
            _put_head(messages, rank[self.single[mute]], head)
        short = np.flatnonzero(~(_IS_LONG | _IS_MUTE)[self.type])
        # Alike types together are slices, which cost nothing.
        short = short[np.argsort(self.type[short].astype(np.uint8), kind="stable")]
        if short.size:
            bits = bits_at(raw, payload[short], _ONE_SLOT_CHARACTERS)
            self._put_short(messages, bits, short, rank)
            names = short[self.type[short] == _NAME]
            if names.size:
                payloads = payloads_at(raw, payload[names], _ONE_SLOT_CHARACTERS)
                _put_names(messages, rank[self.single[names]], payloads)
        for type_, n_characters in _CHARACTERS.items():
            which = np.flatnonzero(self.type == type_)
            if which.size:
                payloads = payloads_at(raw, payload[which], n_characters)
                _put(messages, rank[self.single[which]], type_, payloads)
        if self.pairs.first.size:
            _put(messages, rank[self.pairs.second], _VOYAGE, self._joined(sentences))

    def _put_short(self, messages: Messages, bits: Bits, short: Ints, rank: Ints) -> None:
        """Enter messages of one slot: their bits are packed together."""
        row, type_ = rank[self.single[short]], self.type[short]
        _put_head(messages, row, bits)
        for first, last in _ALIKE:
            which = _between(type_, first, last)
            if which.stop > which.start:
                said = fields.motion(bits[which], fields.LAYOUTS[first])
                messages.put_motion(row[which], said)
        stations = _between(type_, _STATION, _STATION)
        messages.told_us[row[stations]] = fields.station_us(bits[stations])
        far = _between(type_, fields.LONG_RANGE, fields.LONG_RANGE)
        messages.put_motion(row[far], fields.long_range(bits[far]))

    def _joined(self, sentences: Sentences) -> Payloads:
        """Return the payloads of pairs joined."""
        plain, raw = sentences.plain, sentences.lines.raw
        first, second = (sentences.which[i] for i in (self.pairs.first, self.pairs.second))
        width = _CHARACTERS[_VOYAGE] + 1
        joined = np.full((first.size, width), ord("0"), np.uint8)
        lengths = plain.n_characters[first]
        for length in np.flatnonzero(
            np.bincount(lengths)
        ).tolist():  # few: devices cut at the same place
            which = np.flatnonzero(lengths == length)
            joined[which, :length] = rows(raw, plain.payload[first[which]], length)
            joined[which, length:] = rows(raw, plain.payload[second[which]], width - length)
        return Payloads.of(joined)


def _is_usual_name(sentences: Sentences, which: Ints, n_bits: Ints) -> Bools:
    """Return whether messages of type 24 are a part A, or a part B with all its fields."""
    payload = sentences.plain.payload[which]
    part = (_VALUE[sentences.lines.raw[payload + 6]] >> 2) & 3
    return np.asarray((part == 0) | ((part == 1) & (n_bits >= _WHOLE_PART_B_BITS)))


def _between(type_: Ints, first: int, last: int) -> slice:
    """Return which of the types, in ascending order, are from the first to the last."""
    start, stop = np.searchsorted(type_, (first, last + 1)).tolist()
    return slice(start, stop)


def _put(messages: Messages, row: Ints, type_: int, payloads: Payloads) -> None:
    """Enter messages of one long type."""
    bits = payloads.bits()
    _put_head(messages, row, bits)
    if type_ in fields.LAYOUTS:
        messages.put_motion(row, fields.motion(bits, fields.LAYOUTS[type_]))
    layout = {_VOYAGE: fields.VOYAGE, _EXTENDED: fields.EXTENDED}.get(type_)
    if layout is not None:
        messages.statics.append({"row": row, **fields.static(payloads, bits, layout)})


def _put_head(messages: Messages, row: Ints, bits: Bits) -> None:
    messages.type[row] = bits.unsigned(0, 6)
    messages.repeat[row] = bits.unsigned(6, 2)
    messages.mmsi[row] = bits.unsigned(8, 30)


def _put_names(messages: Messages, row: Ints, payloads: Payloads) -> None:
    """Enter static fields of messages of type 24."""
    bits = payloads.bits()
    is_b = bits.unsigned(38, 2) == 1
    craft = is_b & fields.is_craft(bits.unsigned(8, 30))
    for which, layout in (
        (~is_b, fields.PART_A),
        (is_b & ~craft, fields.PART_B),
        (craft, fields.CRAFT),
    ):
        if which.any():
            some = Payloads(payloads.values[which])
            said = fields.static(some, bits[which], layout)
            messages.statics.append({"row": row[which], **said})
