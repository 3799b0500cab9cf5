"""Every real recording against pyais, message by message."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyais
from figure import Figure

from vesseltrack.ingest import decode, open_sources

SENTENCE = re.compile(rb"[!$](..)VD[MO],(\d),(\d),(\d?),([^,]*),[^,]*,(?:\d,)?\d\*[0-9A-Fa-f]{2}")
IN_MINUTES = 17  # pyais gives places of reference stations in tenths of minutes
Message = tuple[int, list[bytes]]


def messages_of(path: Path) -> Iterator[Message]:
    """Yield the sentences of each message by the number of its first line.

    Parts are joined where they follow each other by talker, sequence and channel; what is looser
    is no message here, as it is none for us.
    """
    (source,) = open_sources(path)
    waiting: dict[tuple[bytes, ...], Message] = {}
    for number, line in source.lines():
        for match in SENTENCE.finditer(line):
            talker, total, place, sequence, channel = match.groups()
            key = (talker, total, sequence, channel)
            if place == b"1":
                waiting[key] = (number, [])
            if key not in waiting:
                continue
            sentences = waiting[key][1]
            sentences.append(match.group())
            if len(sentences) != int(place):
                del waiting[key]
            elif place == total:
                yield waiting.pop(key)


def theirs(sentences: list[bytes]) -> object:
    """Return what pyais makes of a message, or the reason why it makes nothing."""
    try:
        return pyais.decode(*sentences, error_if_checksum_invalid=True)
    except pyais.exceptions.AISBaseException as error:
        return type(error).__name__


def check(data: Path) -> Iterator[Figure]:
    """Yield a figure a recording."""
    for path in sorted((data / "nmea").iterdir()):
        yield compared(path)


def compared(path: Path) -> Figure:
    """Return how many positions are equal, and why messages are only one's."""
    (source,) = open_sources(path)
    reasons = {
        row["line"]: row["reason"] for b in source.batches() for row in b.rejects.to_pylist()
    }
    ours: dict[int, list[dict[str, object]]] = {}
    for message in decode(path, as_transmitted=True):
        ours.setdefault(message["line"], []).append(message)
    seen: Counter[str] = Counter()
    for line, sentences in messages_of(path):
        other = theirs(sentences)
        mine = ours[line].pop(0) if ours.get(line) else None
        if mine is None:
            why = reasons.get(line, "no reason")
            seen[f"only pyais: {why}" if not isinstance(other, str) else "neither"] += 1
        elif isinstance(other, str):
            seen[f"only ours: {other}"] += 1
        else:
            seen[verdict(mine, other)] += 1
    seen["ours in no sentence"] += sum(map(len, ours.values()))
    bad = ("differs", "only pyais: no reason", "ours in no sentence")
    said = ", ".join(f"{n} {what}" for what, n in seen.items() if n)
    return Figure(f"pyais on {path.name}", said, is_right=not any(seen[what] for what in bad))


def verdict(mine: dict[str, object], other: pyais.messages.ANY_MESSAGE) -> str:
    """Return how a message that both accept compares."""
    if (mine["type"], mine["mmsi"]) != (other.msg_type, other.mmsi):
        return "differs"
    if not hasattr(other, "lat"):
        return "equal without a place"
    if other.msg_type == IN_MINUTES:
        return "places of reference stations, which pyais gives in minutes"
    return "equal places" if (mine["lat"], mine["lon"]) == (other.lat, other.lon) else "differs"
