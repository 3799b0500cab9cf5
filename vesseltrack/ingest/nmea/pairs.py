"""Messages of two sentences that follow each other, found for a whole block at once.

Each pair is what `Assembler` would join, and nothing of its key is open behind it; every other
part is left to the assembler, which also hears where a pair displaces what was open of its key.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.ingest.nmea.arrays import (
    UNKNOWN,
    Bools,
    Ints,
    Words,
    inside,
    rows,
    set_columns,
    taken,
)
from vesseltrack.ingest.nmea.assembly import Key
from vesseltrack.ingest.nmea.heard import Sentences
from vesseltrack.ingest.nmea.usual_tags import MAX_SOURCE_BYTES, SOURCE_AT
from vesseltrack.units import US_PER_S

_PAIR: Final = 2
_HALF: Final = MAX_SOURCE_BYTES // 2
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd: spreads bits


@dataclass(frozen=True)
class Pairs:
    """Messages of two sentences, in the order of the second.

    Attributes
    ----------
    first, second : (n,) int64
        Indices of the sentences.
    displaces : (n,) bool
        Whether parts of the same key may be open, which the first sentence displaces.
    """

    first: Ints
    second: Ints
    displaces: Bools


def find_pairs(sentences: Sentences, open_keys: Collection[Key], config: IngestConfig) -> Pairs:
    """Return the messages of two plain sentences that need no look at any other line.

    Parameters
    ----------
    sentences : Sentences
        Of one block.
    open_keys : collection
        Keys of the messages that are open before it.
    config : IngestConfig
        How far parts may be apart, and how many messages may be open.
    """
    parts = np.flatnonzero(sentences.total > 1)
    none = Pairs(parts[:0], parts[:0], np.zeros(0, np.bool_))
    if parts.size < _PAIR:
        return none
    keys = _keys(sentences, parts)
    mixed = _mixed(keys)
    order = _in_order(mixed)
    parts, keys, mixed = parts[order], taken(keys, order), mixed[order]
    joined = _follows(sentences, parts[:-1], parts[1:], config)
    for word in keys:
        joined &= word[1:] == word[:-1]
    # A second sentence that is joined leaves nothing open; a key that begins must not be open.
    # Should two keys be mixed to one, their parts are not told apart and none of them is clean.
    begins = np.concatenate([[True], mixed[1:] != mixed[:-1]])
    clean = begins & ~_are_open(mixed, open_keys)
    clean[2:] |= joined[:-1] & (keys[:, 2:] == keys[:, 1:-1]).all(axis=0)
    plain = sentences.which[parts] >= 0
    at = np.flatnonzero(joined & plain[:-1] & plain[1:])
    at = at[np.argsort(parts[at + 1])]
    pairs = Pairs(parts[at], parts[at + 1], ~clean[at])
    n_others = int((sentences.number[parts] == 1).sum()) - at.size
    most = len(open_keys) + n_others + _most_at_once(pairs)
    return pairs if most <= config.max_open_messages else none


def _follows(sentences: Sentences, first: Ints, second: Ints, config: IngestConfig) -> Bools:
    """Return whether sentences of one key are the two of one message."""
    total, number = sentences.total, sentences.number
    follows = (total[first] == _PAIR) & (total[second] == _PAIR)
    follows &= (number[first] == 1) & (number[second] == _PAIR)
    number_of = sentences.lines.number
    n_lines = number_of[sentences.line[second]] - number_of[sentences.line[first]]
    follows &= n_lines <= config.max_part_lines
    one_us, other_us = sentences.feed_us[first], sentences.feed_us[second]
    near = np.abs(other_us - one_us) <= config.max_part_age_s * US_PER_S
    return np.asarray(follows & (near | (one_us == UNKNOWN) | (other_us == UNKNOWN)))


def _most_at_once(pairs: Pairs) -> int:
    """Return how many of the pairs are open at one time at most."""
    first = np.sort(pairs.first)
    closed = np.searchsorted(pairs.second, first)
    return int((np.arange(1, first.size + 1) - closed).max(initial=0))


def _keys(sentences: Sentences, parts: Ints) -> Words:
    """Return what tells messages apart as three words each, shape (3, n)."""
    keys = np.zeros((3, parts.size), np.uint64)
    which, line = sentences.which[parts], sentences.line[parts]
    usual = np.flatnonzero(which >= 0)
    set_columns(keys, usual, _plain_keys(sentences, which[usual], line[usual]))
    special = []
    if sentences.tags:
        special = [i for i in usual.tolist() if int(line[i]) in sentences.tags]
    for i in [*special, *np.flatnonzero(which < 0).tolist()]:
        sentence = sentences.sentence(int(parts[i]))
        source = sentences.source(int(parts[i]))
        keys[:, i] = _words(sentence.talker, source, sentence.sequence, sentence.channel)
    return keys


def _plain_keys(sentences: Sentences, which: Ints, line: Ints) -> Words:
    framed, raw = sentences.plain.framed, sentences.lines.raw
    which = which - sentences.plain.usual.line.size  # none of the usual ones is a part
    keys = np.zeros((3, which.size), np.uint64)
    n_bytes = sentences.plain.tags.source_bytes[line]
    sourced = np.flatnonzero(n_bytes >= 0)
    if sourced.size:
        source = rows(raw, sentences.lines.start[line[sourced]] + SOURCE_AT, MAX_SOURCE_BYTES)
        source = source * inside(n_bytes[sourced], MAX_SOURCE_BYTES)
        set_columns(keys[1:], sourced, source.view("<u8").T)
    first = framed.first[which]
    for column in (raw[first + 1], raw[first + 2], framed.sequence[which], framed.channel[which]):
        keys[0] = (keys[0] << np.uint64(8)) | column
    keys[0] = (keys[0] << np.uint64(8)) | (n_bytes + 1).astype(np.uint64)
    return keys


def _words(
    talker: bytes, source: bytes | None, sequence: bytes, channel: bytes
) -> tuple[int, int, int]:
    """Return a key as three words; those of longer sources may be equal."""
    names = talker + (sequence or b"\0") + (channel or b"\0")
    names += bytes([0 if source is None else min(len(source) + 1, 255)])
    padded = (source or b"")[:MAX_SOURCE_BYTES].ljust(MAX_SOURCE_BYTES, b"\0")
    low, high = padded[:_HALF], padded[_HALF:]
    return (
        int.from_bytes(names, "big"),
        int.from_bytes(low, "little"),
        int.from_bytes(high, "little"),
    )


def _are_open(mixed: Words, open_keys: Collection[Key]) -> Bools:
    """Return whether messages of these keys may be open: never False for one that is."""
    if not open_keys:
        return np.zeros(mixed.size, np.bool_)
    words = [_words(*key) for key in open_keys]
    opened = np.sort(_mixed(np.array(words, np.uint64).T))
    at = np.minimum(np.searchsorted(opened, mixed), opened.size - 1)
    return np.asarray(opened[at] == mixed)


def _in_order(mixed: Words) -> Ints:
    """Return the order of mixed keys, keeping that of equal ones."""
    # Numbers of 16 bits are sorted by counting, which takes a tenth of the time.
    low, high = (mixed & np.uint64(0xFFFF)).astype(np.uint16), (mixed >> 16).astype(np.uint16)
    order = np.argsort(low, kind="stable")
    return order[np.argsort(high[order], kind="stable")]


def _mixed(keys: Words) -> Words:
    """Return keys as numbers of 32 bits."""
    mixed = keys[0]
    for word in keys[1:]:
        mixed = (mixed * _SPREAD) ^ word
    return np.asarray((mixed * _SPREAD) >> np.uint64(32))
