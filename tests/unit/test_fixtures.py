"""The shipped files are what their README says, and hold what was published."""

import csv
import gzip
import hashlib
import importlib.resources
import importlib.util
import io
import math
import re
import sys
from collections import Counter
from functools import reduce
from operator import xor
from pathlib import Path
from types import ModuleType

import numpy as np
import pyais
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from vesseltrack.core.geodesy import great_circle_m

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures"
DEMO = FIXTURES / "demo"
README = (FIXTURES / "README.md").read_text(encoding="utf-8")
GFW, SOLENT = "gfw_2021-01-01_09.nmea.gz", "solent_2016-01-12.nmea.zst"
DMA, MARINECADASTRE = "dma_2021-01-08.csv.gz", "marinecadastre_2022-01-03.csv.zst"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"make_{name}", FIXTURES / "make" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


ais = script("ais_encoding")


def text_of(name: str) -> str:
    content = (DEMO / name).read_bytes()
    if name.endswith(".gz"):
        return gzip.decompress(content).decode("ascii")
    with zstandard.ZstdDecompressor().stream_reader(content) as reader:
        return reader.read().decode("ascii")


def rows_of(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of(name), newline="")))


def messages_of(name: str) -> list[tuple[str, pyais.messages.Payload]]:
    """Every message with the tag block of its last sentence, decoded by pyais."""
    messages, parts = [], []
    for line in text_of(name).splitlines()[1:]:
        _, tag, sentence = line.split("\\")
        parts.append(sentence)
        if sentence.split(",")[1] == sentence.split(",")[2]:
            messages.append((tag, pyais.decode(*parts, error_if_checksum_invalid=True)))
            parts = []
    assert not parts
    return messages


@pytest.fixture(scope="module")
def gfw_messages():
    return messages_of(GFW)


@pytest.fixture(scope="module")
def solent_messages():
    return messages_of(SOLENT)


def stated(name: str) -> dict[str, str]:
    """The row of the README's table."""
    columns = ("name", "rows", "mmsi", "bytes", "sha256")
    (row,) = re.findall(rf"^\| {re.escape(name)} (\|.*\|)$", README, re.MULTILINE)
    return dict(zip(columns[1:], (cell.strip() for cell in row.split("|")[1:-1]), strict=True))


@pytest.mark.parametrize("name", [GFW, SOLENT, DMA, MARINECADASTRE])
def test_files_are_those_of_the_readme(name):
    content = (DEMO / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == stated(name)["sha256"]
    assert str(len(content)) == stated(name)["bytes"]


def test_no_file_is_left_out_and_all_are_small():
    assert {path.name for path in DEMO.iterdir()} == {GFW, SOLENT, DMA, MARINECADASTRE}
    total = sum(path.stat().st_size for path in FIXTURES.rglob("*") if path.is_file())
    assert total < 8_000_000


def test_the_library_sees_them_as_package_data():
    demo = importlib.resources.files("vesseltrack") / "data" / "demo"
    assert {path.name for path in demo.iterdir()} == {path.name for path in DEMO.iterdir()}


@pytest.mark.parametrize("name", [GFW, SOLENT])
def test_raw_messages_are_counted_in_the_readme(name, request):
    messages = request.getfixturevalue("gfw_messages" if name == GFW else "solent_messages")
    assert str(len(messages)) == stated(name)["rows"]
    assert str(len({message.mmsi for _, message in messages})) == stated(name)["mmsi"]


@pytest.mark.parametrize(("name", "column"), [(DMA, "MMSI"), (MARINECADASTRE, "MMSI")])
def test_rows_are_counted_in_the_readme(name, column):
    rows = rows_of(name)
    assert str(len(rows)) == stated(name)["rows"]
    assert str(len({row[column] for row in rows})) == stated(name)["mmsi"]


def test_messages_are_counted_by_type_in_the_readme(gfw_messages):
    (types,) = re.findall(r"^\| type \|(.*)\|$", README, re.MULTILINE)
    (counts,) = re.findall(r"^\| messages \|(.*)\|$", README, re.MULTILINE)
    table = dict(zip(map(int, types.split("|")), map(int, counts.split("|")), strict=True))
    assert Counter(message.msg_type for _, message in gfw_messages) == table


@pytest.mark.parametrize("name", [GFW, SOLENT])
def test_raw_files_say_that_they_are_re_encoded_and_keep_to_nmea(name):
    label, *lines = text_of(name).splitlines()
    assert label.startswith("# Re-encoded from published values, not as received")
    tags, sentences = zip(*(line.split("\\")[1:] for line in lines), strict=True)
    assert max(map(len, sentences)) + len("\r\n") <= 82
    for body, _, checksum in (tag.partition("*") for tag in tags):
        assert f"{reduce(xor, body.encode()):02X}" == checksum
    times = [int(tag.split("c:")[1].split("*")[0]) for tag in tags]
    assert times == sorted(times)


def test_sequence_numbers_roll(gfw_messages):
    lines = text_of(GFW).splitlines()[1:]
    fields = [line.split("\\")[2].split(",") for line in lines]
    numbers = [f[3] for f in fields if f[1:3] == ["2", "1"]]
    assert numbers == [str(i % 10) for i in range(len(numbers))]
    assert len(numbers) == sum(message.msg_type == 5 for _, message in gfw_messages)


# Lines of the published tracks, copied by hand.
@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        (
            "s:rORBCOMM000,c:1609459393",
            {
                "msg_type": 5,
                "mmsi": 209515000,
                "shipname": "CONTAINERSHIPS POLAR",
                "callsign": "5BEG5",
                "destination": "HAPPY NEW YEAR!",
                "imo": 9814002,
                "ship_type": 71,
            },
        ),
        (
            "s:rORBCOMM000,c:1609459531",
            {
                "msg_type": 3,
                "mmsi": 209515000,
                "lat": 51.87917,
                "lon": 4.40891,
                "speed": 0.0,
                "course": 181.4,
                "heading": 289,
                "status": 5,
            },
        ),
        (
            "s:rORBCOMM999,c:1609459462",
            {
                "msg_type": 1,
                "mmsi": 412331088,
                "lat": -51.423218,
                "lon": -67.034702,
                "speed": 9.3,
                "course": 37.0,
                "heading": 44,
                "status": 15,
            },
        ),
        (
            "s:rORBCOMM999,c:1609497840",
            {"msg_type": 27, "mmsi": 567000000, "lat": 9.02, "lon": 99.908333, "speed": 0},
        ),
    ],
)
def test_published_values_come_back(gfw_messages, tag, expected):
    of_ship = [m for found, m in gfw_messages if found.startswith(tag + "*")]
    found = [m.asdict() for m in of_ship if m.mmsi == expected["mmsi"]]
    assert expected in [{name: message[name] for name in expected} for message in found]


def test_the_solent_keeps_its_milliseconds(solent_messages):
    # First row published: 2016-01-12 13:02:11.218,235070762,50.7730133333333,-1.092935,157.8,5.9
    tag, message = solent_messages[0]
    assert tag.startswith("c:1452603731218*")
    found = (message.mmsi, message.lat, message.lon, message.course, message.speed)
    assert found == (235070762, 50.773013, -1.092935, 157.8, 5.9)
    assert {message.msg_type for _, message in solent_messages} == {1}
    # Last row published at 14:26:41.924.
    assert solent_messages[-1][0].startswith("c:1452608801924*")


def test_the_danish_day_has_the_26_columns_and_the_vessel_that_lay_still():
    rows = rows_of(DMA)
    assert len(rows[0]) == 26
    assert rows[0]["# Timestamp"] == "08/01/2021 00:00:00"
    still = [row for row in rows if row["MMSI"] == "566948000"]
    lat, lon = (np.array([float(row[n]) for row in still]) for n in ("Latitude", "Longitude"))
    # The whole day about 55.57 N 4.60 E, in the middle of the North Sea.
    assert (still[0]["# Timestamp"][-8:-3], still[-1]["# Timestamp"][-8:-3]) == ("00:00", "23:59")
    distance_m = great_circle_m(lat, lon, 55.57, 4.60)
    assert np.quantile(distance_m, 0.7) < 2_000  # then she drifts off
    assert np.max(distance_m) < 11_000


def test_marinecadastre_rows_are_as_published_and_in_the_gulf():
    rows = rows_of(MARINECADASTRE)
    assert ",".join(rows[0]) == (
        "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,"
        "Length,Width,Draft,Cargo,TransceiverClass"
    )
    # The first row of the published file that lies in the box, copied by hand.
    assert ",".join(rows[0].values()) == (
        "367379190,2022-01-03T00:00:00,30.3706,-88.56408,0.0,336.2,511,EAGLE,IMO8207721,WTD4583,"
        "31,0,28,11,3.3,52,A"
    )
    assert all(18 <= float(row["LAT"]) <= 31 for row in rows)
    assert all(-98 <= float(row["LON"]) <= -80 for row in rows)


# Sentences that real transponders sent, from the test data of gpsd, libais and AISdb. The encoder
# must give the same bits in every field that it was told; the others hold "not available".
BITS_OF_CLASS_A = [(0, 6), (8, 42), (50, 60), (61, 137)]
BITS_OF_CLASS_B = [(0, 6), (8, 38), (46, 56), (57, 133)]
REAL = [
    pytest.param(
        ["15N1R5PP00rlhF0GQ8M00?wL28KP"],
        ais.class_a_position(1, 367026710, ais.Motion(41.10014, -72.3614933, 0.0, 0.0), 0),
        BITS_OF_CLASS_A,
        id="type 1, libais uscg_test.py",
    ),
    pytest.param(
        ["34RtK250000D7mfME9WdGDhvP>`<"],
        ais.class_a_position(3, 305077000, ais.Motion(51.2587167, 4.395825, 0.0, 316.5, 152), 5),
        BITS_OF_CLASS_A,
        id="type 3, gpsd ais-nmea-type6-fid55.log",
    ),
    pytest.param(
        ["5815AD`2D9C5KLPkL004j0p5=8UT4P0000000017ASTDO>4TNKhCU5iD", "T1CP00000000000"],
        ais.static_and_voyage(
            538005842,
            imo=9708849,
            callsign="V7HL7",
            name="AL NASRIYAH",
            hull=ais.Hull(71, 368.0, 51.0),
            destination="ANTWERPEN",
        ),
        [(0, 6), (8, 38), (40, 240), (302, 422)],
        id="type 5, gpsd ais-nmea-type6-fid55.log",
    ),
    pytest.param(
        ["B3KWfJ0000LU2k`Vob:I9rP63P06"],
        ais.class_b_position(230289000, ais.Motion(60.1696567, 24.972545, 0.0, 245.0, 245)),
        [*BITS_OF_CLASS_B, (148, 168)],
        id="type 18, gpsd ais-18-27.log",
    ),
    pytest.param(
        ["C5NMbDQl0NNJC7VNuC<v`7NF4T28V@2g0J6F::00000", "0J70<RRS0"],
        ais.class_b_extended(
            367487570,
            ais.Motion(45.3244583, -85.2746417, 0.1, 100.2, 14),
            "BRADSHAW MCKEE",
            ais.Hull(52, 137.0, 10.0),
        ),
        [*BITS_OF_CLASS_B, (143, 271)],
        id="type 19, libais ais19_test.cpp",
    ),
    pytest.param(
        ["H3HU761@uDhtpp4U>1QHTT00000"],
        ais.static_part_a(227100440, "TOULONNAIS XVII"),
        [(0, 160)],
        id="type 24 part A, gpsd ais-nmea-type6-fid55.log",
    ),
    pytest.param(
        ["Kqjghg40AQhCPQ4T"],
        ais.long_range(657191100, ais.Motion(4.1616667, 7.4783333, 2.0, 73.0), 0),
        [(0, 6), (8, 38), (40, 94)],
        id="type 27, AISdb test_data_20211101.nm4",
    ),
]


@pytest.mark.parametrize(("payloads", "bits", "told"), REAL)
def test_the_encoder_gives_the_bits_that_real_transponders_sent(payloads, bits, told):
    values = (ord(char) - 48 for char in "".join(payloads))
    real = "".join(f"{value if value < 40 else value - 8:06b}" for value in values)
    for first, stop in told:
        assert bits[first:stop] == real[first:stop], (first, stop)


six_bit = st.text(st.characters(min_codepoint=32, max_codepoint=95), max_size=20)


def decoded(bits: str) -> dict[str, object]:
    return pyais.decode(*ais.sentences(bits, 3), error_if_checksum_invalid=True).asdict()


@settings(deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 1022), st.integers(0, 3599))
def test_positions_come_back_at_the_resolution_of_ais(lat, lon, sog_tenths, cog_tenths):
    motion = ais.Motion(lat, lon, sog_tenths / 10, cog_tenths / 10)
    for bits, per_degree in (
        (ais.class_a_position(1, 123456789, motion, math.nan), 600_000),
        (ais.class_b_position(123456789, motion), 600_000),
    ):
        found = decoded(bits)
        assert round(found["lat"] * per_degree) == round(lat * per_degree)
        assert round(found["lon"] * per_degree) == round(lon * per_degree)
        assert (found["speed"], found["course"]) == (sog_tenths / 10, cog_tenths / 10)
        assert found["heading"] == 511


@settings(deadline=None)
@given(six_bit, st.integers(0, 255), st.integers(0, 511), st.integers(0, 63))
def test_static_reports_come_back(name, ship_type, length_m, beam_m):
    hull = ais.Hull(ship_type, float(length_m), float(beam_m))
    part_b = decoded(ais.static_part_b(123456789, name[:7], hull))
    # pyais takes blanks off both ends of a text.
    assert part_b["callsign"].strip("@ ") == name[:7].strip("@ ")
    assert (part_b["to_stern"], part_b["to_starboard"]) == (length_m, beam_m)
    assert decoded(ais.static_part_a(1, name))["shipname"].strip("@ ") == name.strip("@ ")


def test_what_is_not_known_is_written_as_not_available():
    nowhere = ais.Motion(math.nan, math.nan, math.nan, math.nan)
    found = decoded(ais.class_a_position(1, 1, nowhere, math.nan))
    names = ("lat", "lon", "speed", "course", "heading", "status", "turn", "second")
    # Rec. ITU-R M.1371-5, table 48.
    assert [found[name] for name in names] == [91, 181, 102.3, 360, 511, 15, -128, 60]


@pytest.mark.parametrize(
    "encode",
    [
        lambda: ais.static_part_a(1, "TOO LONG FOR TWENTY CH"),
        lambda: ais.static_part_a(1, "lower case"),
        lambda: ais.static_part_b(1, None, ais.Hull(256, 0.0, 0.0)),
    ],
)
def test_what_does_not_fit_is_refused(encode):
    with pytest.raises(ValueError, match=r"six-bit ASCII|does not fit"):
        encode()
