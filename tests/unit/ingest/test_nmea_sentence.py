from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_text import CLASS_B, checked
from vesseltrack.ingest.nmea.checksum import checksum, is_right
from vesseltrack.ingest.nmea.sentence import Fault, Sentence, find_sentence, why_none

PAYLOAD = b"B3KWfJ0000LU2k`Vob:I9rP63P06"


@given(st.binary(max_size=300))
def test_checksum_is_the_exclusive_or_of_all_bytes(data):
    assert checksum(data) == reduce(xor, data, 0)


def test_checksums_are_two_hexadecimal_digits_of_either_case():
    assert is_right(b"\xaf", b"AF")
    assert is_right(b"\xaf", b"aF")
    assert not is_right(b"\xaf", b"AE")
    assert not is_right(b"\x05", b" 5")
    assert not is_right(b"", b"")


def found(line):
    result = find_sentence(line, 0)
    return None if result is None else result[0]


def test_a_sentence_is_read():
    assert found(CLASS_B) == Sentence(b"AI", 1, 1, b"", b"A", PAYLOAD, 0)
    part = checked(b"BSVDM,2,1,8,B,53Rab,0")
    assert found(part) == Sentence(b"BS", 2, 1, b"8", b"B", b"53Rab", 0)


@pytest.mark.parametrize(
    "talker",
    [*("AI", "AB", "AN", "AS", "AD", "AR", "AT", "AX", "BS", "SA"), *("BY", "SS", "--", "=I")],
)
@pytest.mark.parametrize("kind", ["VDM", "VDO"])
@pytest.mark.parametrize("start", [b"!", b"$"])
def test_talkers_kinds_and_starts(talker, kind, start):
    line = checked(f"{talker}{kind},1,1,,A,".encode() + PAYLOAD + b",0", start)
    assert isinstance(found(line), Sentence)


@pytest.mark.parametrize(
    "line",
    [
        b"~~x" + CLASS_B,
        b"2024-03-01 12:00:00 " + CLASS_B,
        b"\xff\xfe\x80" + CLASS_B + b",1709294400",
        b"!AIVDM,1,1,,A,B3KWf" + CLASS_B,
        b"\\s:x*00\\" + CLASS_B + b" trailing words",
    ],
)
def test_junk_around_a_sentence_does_no_harm(line):
    assert found(line).payload == PAYLOAD


def test_a_device_that_writes_a_field_too_many_is_understood():
    # Signal K's recording of a Gofree unit: the channel is empty and 0,0 follows the payload.
    sentence = found(b"!AIVDM,1,1,1,,13aI8e?P00PGpU:NR6s00?vT2000,0,0*1C")
    assert (sentence.sequence, sentence.channel, sentence.fill_bits) == (b"1", b"", 0)
    assert sentence.payload == b"13aI8e?P00PGpU:NR6s00?vT2000"


def test_two_sentences_in_one_line_are_found_one_after_the_other():
    line = CLASS_B + CLASS_B
    _, match = find_sentence(line, 0)
    second, _ = find_sentence(line, match.end())
    assert second.payload == PAYLOAD


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (CLASS_B.replace(b"*27", b"*28"), "checksum"),
        (CLASS_B.replace(b"*27", b""), "no_checksum"),
        (CLASS_B.replace(b"*27", b"*2"), "no_checksum"),
        (CLASS_B[:20], "no_checksum"),
        (checked(b"AIVDM,1,1,,A,B3KWf\xe9,0"), "bad_character"),
        (checked(b"AIVDM,1,1,,A,B3KWfX,0"), "bad_character"),
        (checked(b"AIVDM,1,1,,A,B3KWf ,0"), "bad_character"),
        (checked(b"AIVDM,1,1,,A," + PAYLOAD + b",6"), "bad_fill_bits"),
        (checked(b"AIVDM,2,3,1,A," + PAYLOAD + b",0"), "bad_fragment"),
        (checked(b"AIVDM,0,0,,A," + PAYLOAD + b",0"), "bad_fragment"),
        (checked(b"AIVDM,x,1,,A," + PAYLOAD + b",0"), "bad_fragment"),
        (checked(b"AIVDM,12,1,,A," + PAYLOAD + b",0"), "bad_fragment"),
        (checked(b"AIVDM,1,1,,A," + PAYLOAD), "bad_field"),
        (checked(b"AIVDM,1,1,,AB," + PAYLOAD + b",0"), "bad_field"),
        (CLASS_B[1:], "no_start"),
        (b"!AI" + CLASS_B[4:], "checksum"),
        (checked(b"AIVD") + b"x", "not_a_sentence"),
        (b"\x89PNG\x1a", "not_a_sentence"),
        (b"$81130.00,038,A", "not_a_sentence"),
    ],
)
def test_every_broken_line_has_a_reason(line, reason):
    fault = found(line) or why_none(line)
    assert isinstance(fault, Fault)
    assert (fault.reason, fault.is_rejected) == (reason, True)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"$GPGGA,195719,5310.8115,N,00525.7025,E,1,00,1.10,-2,M,,M,,*57", "not_ais"),
        (b"$PSHI,001,01.53524524,,01691,32611,114701.28,2,0057,-079*3B", "not_ais"),
        (b"$=IALR,,006,V,V,general failure*62", "not_ais"),
        (checked(b"AIABM,1,1,0,,8,5,0"), "not_ais"),
        (b"!AIPWR,UNIT=0,PWV", "not_ais"),
        (b"\\si:AISD*3F\\", "tag_block"),
    ],
)
def test_other_sentences_are_ignored_with_a_reason(line, reason):
    assert found(line) is None
    fault = why_none(line)
    assert (fault.reason, fault.is_rejected) == (reason, False)
