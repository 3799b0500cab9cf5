"""One line to the AIS sentence in it, or to the reason why there is none."""

import re
from dataclasses import dataclass
from typing import Final

from vesseltrack.ingest.nmea.checksum import is_right

# Talkers are AI, AB, AN, AS, BS, SA and more; relays overwrite them (BY, SS, --, =I), and with a
# right checksum the message behind is whole, so any two characters will do.
_SENTENCE: Final = re.compile(
    rb"[!$]([^,*!$\\]{2})VD[MO],"
    rb"([1-9]),([1-9]),(\d?),([0-9A-Za-z]?),"  # sentences, number, sequence id, channel
    rb"([^,*]*),(?:\d,)?(\d)"  # payload, fill bits; some devices insert a field between
    rb"\*([0-9A-Fa-f]{2})"
)
_LOOKS_LIKE_AIS: Final = re.compile(rb"[!$]([^,*!$\\]{2}VD[MO],[^*]*)(?:\*([0-9A-Fa-f]{2})?)?")
_ENCAPSULATED: Final = re.compile(rb"!([^,*]{3,},[^*]*)(?:\*([0-9A-Fa-f]{2})?)?")
_WHOLE_ADDRESS: Final = re.compile(rb"[A-Z]{5},")
_OTHER: Final = re.compile(rb"\$[A-Z0-9=-]{2,}[,*]")
NAME: Final = b"VD"  # a line without it has no AIS sentence, which is quick to see
_NUMBERS: Final = re.compile(rb"[1-9],[1-9],\d?")
_TAGS_ALONE: Final = re.compile(rb"(?:\\[^\\]*\\)+")
ARMOUR: Final = bytes([*range(48, 88), *range(96, 120)])  # the alphabet of payloads
_MAX_FILL_BITS: Final = 5
CHECKSUM: Final = "checksum"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with a right checksum."""

    talker: bytes
    total: int
    number: int
    sequence: bytes
    channel: bytes
    payload: bytes
    fill_bits: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line holds no AIS sentence: rejected, or else ignored, for a reason."""

    reason: str
    is_rejected: bool = True


NOT_AIS: Final = Fault("not_ais", is_rejected=False)
TAG_BLOCK_ALONE: Final = Fault("tag_block", is_rejected=False)


def find_sentence(line: bytes, start: int) -> "tuple[Sentence | Fault, re.Match[bytes]] | None":
    """Return the first complete AIS sentence at or behind a place in a line, and its match.

    Returns
    -------
    found : (Sentence or Fault, Match), or None
        A Fault where the sentence is complete but its checksum, alphabet or numbers are wrong.
    """
    match = _SENTENCE.search(line, start)
    if match is None:
        return None
    talker, total, number, sequence, channel, payload, fill, written = match.groups()
    if not is_right(line[match.start() + 1 : match.end() - 3], written):
        return Fault(CHECKSUM), match
    if payload.translate(None, ARMOUR):
        return Fault("bad_character"), match
    sentence = Sentence(talker, int(total), int(number), sequence, channel, payload, int(fill))
    if sentence.number > sentence.total:
        return Fault("bad_fragment"), match
    if sentence.fill_bits > _MAX_FILL_BITS:
        return Fault("bad_fill_bits"), match
    return sentence, match


def why_none(line: bytes) -> Fault:
    """Return why a line without a complete AIS sentence is rejected, or ignored."""
    has_name = NAME in line
    if has_name and (looks := _LOOKS_LIKE_AIS.search(line)):
        return _broken_ais(*looks.groups())
    if b"!" in line and (other := _ENCAPSULATED.search(line)):
        return _other_encapsulated(*other.groups())
    if has_name and (b"VDM," in line or b"VDO," in line):
        return Fault("no_start")
    if _OTHER.search(line):
        return NOT_AIS
    return TAG_BLOCK_ALONE if _TAGS_ALONE.fullmatch(line) else Fault("not_a_sentence")


def _other_encapsulated(body: bytes, written: bytes | None) -> Fault:
    if written is None:
        return NOT_AIS if _WHOLE_ADDRESS.match(body) else Fault("no_checksum")
    return NOT_AIS if is_right(body, written) else Fault(CHECKSUM)


def _broken_ais(body: bytes, written: bytes | None) -> Fault:
    if written is None:
        return Fault("no_checksum")
    if not is_right(body, written):
        return Fault(CHECKSUM)
    numbers = body.split(b",", 1)[1]
    return Fault("bad_field") if _NUMBERS.match(numbers) else Fault("bad_fragment")
