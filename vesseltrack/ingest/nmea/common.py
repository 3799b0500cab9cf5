"""Messages of the common types in plain sentences: which they are, and what they say."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.ingest.nmea import fields
from vesseltrack.ingest.nmea.arrays import Bytes, Ints, Words, rows, set_columns, taken
from vesseltrack.ingest.nmea.class_a import N_WORDS, as_class_a, placeless
from vesseltrack.ingest.nmea.heard import Sentences
from vesseltrack.ingest.nmea.lengths import BITS, MUTE
from vesseltrack.ingest.nmea.messages import Messages
from vesseltrack.ingest.nmea.packing import CHARACTERS_A_WORD, Bits, Payloads, bits_at, payloads_at
from vesseltrack.ingest.nmea.pairs import Pairs
from vesseltrack.ingest.nmea.sentence import ARMOUR
from vesseltrack.ingest.nmea.usual import CHARACTERS, PAYLOAD_AT

_STATION, _VOYAGE, _AIRCRAFT, _EXTENDED, _AID, _NAME = 4, 5, 9, 19, 21, 24
_CLASS_A: Final = (1, 2, 3)
_BITS_A_CHARACTER: Final = 6
# How many characters hold all that is used of a type, texts as wide as their codes.
_NAME_CHARACTERS: Final = 32
_LONG: Final = {_VOYAGE: 80, _EXTENDED: 56, _AID: 44}
_STATIC: Final = {_VOYAGE: fields.VOYAGE, _EXTENDED: fields.EXTENDED}
_WHOLE_VOYAGE_BITS: Final = 422  # below, the last character of the destination is cut in two
_WHOLE_PART_B_BITS: Final = 162
_LEAST: Final = np.full(64, 1 << 30)
_MOST: Final = np.zeros(64, np.int64)
for _type in (*_CLASS_A, *fields.LAYOUTS, _VOYAGE, _NAME, fields.LONG_RANGE, *MUTE):
    _LEAST[_type], _MOST[_type] = BITS[_type]
_LEAST[_VOYAGE] = _WHOLE_VOYAGE_BITS
_VALUE: Final = np.zeros(256, np.int64)
_VALUE[np.frombuffer(ARMOUR, np.uint8)] = np.arange(64)


@dataclass(frozen=True)
class Common:
    """Messages of the common types, as indices of sentences.

    Attributes
    ----------
    single : (n,) int64
        Messages of one sentence.
    payload : (n,) int64
        Where their payloads begin.
    words : (3, n) uint64
        Their first 144 bits, 48 a word.
    pairs : Pairs
        Voyage reports of two.
    """

    single: Ints
    payload: Ints
    words: Words
    pairs: Pairs

    @classmethod
    def none(cls) -> "Common":
        """Return no message at all."""
        nothing = np.zeros(0, np.int64)
        words = np.zeros((N_WORDS, 0), np.uint64)
        return cls(nothing, nothing, words, Pairs(nothing, nothing, np.zeros(0, np.bool_)))

    @classmethod
    def of(cls, sentences: Sentences, pairs: Pairs) -> "Common":
        """Choose the messages that need no look at their payloads one by one."""
        usual, framed, raw = sentences.plain.usual, sentences.plain.framed, sentences.lines.raw
        n_usual = usual.line.size
        alone = np.flatnonzero((sentences.which >= n_usual) & (sentences.total == 1))
        at = sentences.which[alone] - n_usual
        is_usual = (sentences.which >= 0) & (sentences.which < n_usual)
        single = np.concatenate([np.flatnonzero(is_usual), alone])
        payload = np.concatenate([usual.first + PAYLOAD_AT, framed.payload[at]])
        n_bits = np.concatenate(
            [
                CHARACTERS * _BITS_A_CHARACTER - usual.fill_bits.astype(np.int64),
                framed.n_characters[at] * _BITS_A_CHARACTER - framed.fill_bits[at],
            ]
        )
        head = bits_at(raw, framed.payload[at], N_WORDS * CHARACTERS_A_WORD)
        words = np.concatenate([usual.words, head.words], axis=1)
        type_ = (words[0] >> 42).view(np.int64)
        fits = (n_bits >= _LEAST[type_]) & (n_bits <= _MOST[type_])
        names = np.flatnonzero(type_ == _NAME)
        part = Bits(taken(words, names)).unsigned(38, 2)
        fits[names] &= (part == 0) | ((part == 1) & (n_bits[names] >= _WHOLE_PART_B_BITS))
        kept = np.flatnonzero(fits)
        voyages = _voyages(sentences, pairs)
        if kept.size == fits.size:
            return cls(single, payload, words, voyages)
        return cls(single[kept], payload[kept], taken(words, kept), voyages)

    def put(self, messages: Messages, sentences: Sentences, rank: Ints) -> None:
        """Enter what they say, at the ranks that sentences have as ends of messages."""
        row = rank[self.single]
        set_columns(messages.words, row, self.words)
        type_ = (self.words[0] >> 42).astype(np.uint8)
        others = np.flatnonzero((type_ < _CLASS_A[0]) | (type_ > _CLASS_A[-1]))
        others = others[np.argsort(type_[others], kind="stable")]
        ends = np.cumsum(np.bincount(type_[others])).tolist()
        for one_type, (begin, end) in enumerate(zip([0, *ends], ends, strict=False)):
            if begin == end:
                continue
            self._put_alike(messages, sentences.lines.raw, one_type, others[begin:end], row)
        if self.pairs.first.size:
            payloads = self._joined(sentences)
            bits = payloads.bits()
            row = rank[self.pairs.second]
            set_columns(messages.words, row, placeless(bits.words[0]))
            messages.statics.append(fields.static(row, payloads, bits, fields.VOYAGE))

    def _put_alike(
        self, messages: Messages, raw: Bytes, type_: int, which: Ints, rows_: Ints
    ) -> None:
        """Enter messages of one type that is not of class A, all of them at `rows_`."""
        row, payload = rows_[which], self.payload[which]
        bits = bits_at(raw, payload, _LONG[type_]) if type_ in _LONG else Bits(self.words)[which]
        set_columns(messages.words, row, as_class_a(type_, bits))
        if type_ == _STATION:
            messages.told_us[row] = fields.station_us(bits)
        elif type_ == _AIRCRAFT:
            knots = bits.unsigned(*fields.AIRCRAFT_SOG_KN).astype(np.float64)
            messages.read.append((row, {"sog": knots}))
        elif type_ == _NAME:
            _put_names(messages, row, payloads_at(raw, payload, _NAME_CHARACTERS))
        elif type_ in _STATIC:
            payloads = payloads_at(raw, payload, _LONG[type_])
            said = fields.static(row, payloads, payloads.bits(), _STATIC[type_])
            messages.statics.append(said)

    def _joined(self, sentences: Sentences) -> Payloads:
        """Return the payloads of pairs joined."""
        framed, raw = sentences.plain.framed, sentences.lines.raw
        first, second = _framed(sentences, self.pairs)
        width = _LONG[_VOYAGE]
        joined = np.full((first.size, width), ord("0"), np.uint8)
        lengths = framed.n_characters[first]
        for length in np.flatnonzero(
            np.bincount(lengths)
        ).tolist():  # few: devices cut at the same place
            which = np.flatnonzero(lengths == length)
            joined[which, :length] = rows(raw, framed.payload[first[which]], length)
            joined[which, length:] = rows(raw, framed.payload[second[which]], width - length)
        return Payloads.of(joined)


def _framed(sentences: Sentences, pairs: Pairs) -> tuple[Ints, Ints]:
    """Return the sentences of pairs as indices of the framed ones."""
    n_usual = sentences.plain.usual.line.size
    return sentences.which[pairs.first] - n_usual, sentences.which[pairs.second] - n_usual


def _voyages(sentences: Sentences, pairs: Pairs) -> Pairs:
    """Return the pairs that are voyage reports with all their fields."""
    framed = sentences.plain.framed
    first, second = _framed(sentences, pairs)
    n_characters = framed.n_characters[first] + framed.n_characters[second]
    n_bits = n_characters * _BITS_A_CHARACTER - framed.fill_bits[second]
    voyage = _VALUE[sentences.lines.raw[framed.payload[first]]] == _VOYAGE
    voyage &= (n_bits >= _WHOLE_VOYAGE_BITS) & (n_bits <= _MOST[_VOYAGE])
    return Pairs(pairs.first[voyage], pairs.second[voyage], pairs.displaces[voyage])


def _put_names(messages: Messages, row: Ints, payloads: Payloads) -> None:
    """Enter static fields of messages of type 24."""
    bits = payloads.bits()
    is_b = bits.unsigned(38, 2) == 1
    craft = is_b & fields.is_craft(bits.unsigned(8, 30))
    for is_one, layout in (
        (~is_b, fields.PART_A),
        (is_b & ~craft, fields.PART_B),
        (craft, fields.CRAFT),
    ):
        which = np.flatnonzero(is_one)
        if which.size:
            some = Payloads(payloads.values[which])
            messages.statics.append(fields.static(row[which], some, bits[which], layout))
