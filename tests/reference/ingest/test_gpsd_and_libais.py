"""Every published decode of gpsd and libais, field by field.

Where we differ on purpose, the reason stands in `EXCEPTIONS`.
"""

import json
import math
import re
from collections import defaultdict

import pytest

from ingest_text import FIXTURES
from vesseltrack.ingest import decode

EXPECTED = FIXTURES / "nmea_expected"
OUR_NAME = {
    "speed": "sog",
    "course": "cog",
    "status": "nav_status",
    "shipname": "name",
    "shiptype": "ship_type",
    "alt": "altitude",
    "stationtype": "station_type",
    "part_num": "part",
}
COMPARED = {
    *("type", "repeat", "mmsi", "lat", "lon", "speed", "course", "heading", "second", "status"),
    *("accuracy", "raim", "maneuver", "radio", "alt", "imo", "callsign", "shipname", "shiptype"),
    *("to_bow", "to_stern", "to_port", "to_starboard", "draught", "destination", "epfd"),
    *("ais_version", "seqno", "dest_mmsi", "retransmit", "dac", "fid", "text", "aid_type", "name"),
    *("off_position", "virtual_aid", "part_num", "mmsi1", "mmsi2", "mmsi3", "mmsi4", "addressed"),
    *("structured", "app_id", "offset1", "offset2", "increment1", "increment2", "number1"),
    *(
        "timeout1",
        "number2",
        "timeout2",
        "type1_1",
        "offset1_1",
        "type1_2",
        "offset1_2",
        "type2_1",
    ),
    *("channel_a", "channel_b", "txrx", "power", "ne_lon", "ne_lat", "sw_lon", "sw_lat", "dest1"),
    *("dest2", "band_a", "band_b", "zonesize", "stationtype", "interval", "quiet", "offset2_1"),
    *("cs", "display", "dsc", "band", "msg22", "gnss", "data", "humidity", "wspeed", "wdir"),
    *("dte", "assigned", "increment3", "number3", "offset3", "timeout3", "increment4", "number4"),
    *("offset4", "timeout4", "mmsi2", "increment2"),
    *("airtemp", "pressure", "visibility", "waveheight", "waveperiod", "vin"),
}
# They print degrees of long-range and reference positions, and others, with fewer digits.
DIGITS_DEG = {17: 0.051, 27: 0.000051}

# Why a field may differ; each reason is used by a published decode, as a test makes sure.
FILLED = "the message ends before this field: they read zeros, we say unknown"
INLAND = "gpsd prints centimetres of draught of inland vessels, pyais gives metres"
RADIO = "gpsd does not read the radio status at the end of type 26"
AIRCRAFT = "libais reads the speed of aircraft in tenths of knots; gpsd and M.1371 say knots"
NEGATED = "libais gives the negation of this bit"
ALPHABET = "libais writes - and ` where table 47 of M.1371 has _ and '"
REASONS = {FILLED, INLAND, RADIO, AIRCRAFT, NEGATED, ALPHABET}


def published(name):
    lines = (EXPECTED / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def ours(name, **options):
    """Our messages by type and MMSI, in order."""
    found = defaultdict(list)
    for message in decode(EXPECTED / name, as_transmitted=True, **options):
        found[message["type"], message["mmsi"]].append(message)
    return found


def same(theirs, our, tolerance):
    if isinstance(our, bool | str) or our is None:
        return theirs == our or (isinstance(our, str) and str(theirs) == our)
    return math.isclose(float(theirs), float(our), rel_tol=1e-6, abs_tol=tolerance)


def same_data(theirs, our):
    """`bits:hex` against hex: gpsd leaves in the last byte what follows the bits."""
    n_bits, _, digits = theirs.partition(":")
    surplus = 4 * len(digits) - int(n_bits)
    return len(digits) == len(our) and int(digits, 16) >> surplus == int(our, 16) >> surplus


def reason(name, theirs, our, type_):
    """Why two values differ, or None."""
    known = {
        FILLED: our is None,
        RADIO: (type_, name) == (26, "radio"),
        INLAND: (type_, name) == (8, "draught") and float(theirs) == 100 * our,
        AIRCRAFT: (type_, name) == (9, "sog") and 10 * theirs == pytest.approx(our),
        NEGATED: (type_, name) in ((6, "retransmit"), (27, "gnss")),
        ALPHABET: name == "name" and theirs.translate(str.maketrans("-`", "_'")) == our,
    }
    return next((why for why, holds in known.items() if holds), None)


def differences(theirs, message):
    """Fields that differ: name, their value, ours, and why if we know."""
    type_ = message["type"]
    for name in sorted(COMPARED & set(theirs)):
        if name in ("status", "shiptype", "speed") and type_ in (6, 8):
            continue  # inner fields of application messages keep the names of pyais
        our_name = OUR_NAME.get(name, name)
        if our_name not in message:
            continue
        value, our = theirs[name], message[our_name]
        if name == "data":
            agrees = same_data(value, our)
        else:
            agrees = same(value, our, DIGITS_DEG.get(type_, 5.1e-7))
        if not agrees:
            yield our_name, value, our, reason(our_name, value, our, type_)


def pairs(expected, found):
    """Each published decode with our message of that type and MMSI, in order."""
    taken = defaultdict(int)
    for theirs in expected:
        key = theirs["type"], theirs["mmsi"]
        assert taken[key] < len(found[key]), f"not decoded: {theirs}"
        yield theirs, found[key][taken[key]]
        taken[key] += 1


FILES = {
    "gpsd_sample.aivdm": ("gpsd_sample.aivdm.js.chk", 97),
    "libais_typeexamples.nmea": ("libais_typeexamples.json", 26),
    "libais_tagblock.nmea": ("libais_tagblock.json", 4),
}


@pytest.fixture(scope="module")
def all_differences():
    return [
        (theirs["type"], theirs["mmsi"], *difference)
        for sentences, (decodes, _) in FILES.items()
        for theirs, message in pairs(published(decodes), ours(sentences))
        for difference in differences(theirs, message)
    ]


def test_every_published_decode_agrees_or_differs_for_a_known_reason(all_differences):
    for decodes, n in FILES.values():
        assert len(published(decodes)) == n
    assert [difference for difference in all_differences if difference[-1] is None] == []


def test_every_reason_to_differ_is_needed(all_differences):
    assert {difference[-1] for difference in all_differences} == REASONS


@pytest.mark.parametrize(("sentences", "decodes"), [(s, d) for s, (d, _) in FILES.items()])
def test_places_agree_without_exception(sentences, decodes):
    n = 0
    for theirs, message in pairs(published(decodes), ours(sentences)):
        if "lat" in theirs and message["type"] not in (6, 8):
            tolerance = DIGITS_DEG.get(message["type"], 4e-6)  # libais prints single precision
            assert message["lat"] == pytest.approx(theirs["lat"], rel=1e-7, abs=tolerance)
            assert message["lon"] == pytest.approx(theirs["lon"], rel=1e-7, abs=tolerance)
            n += 1
    assert n > 2


def test_rates_of_turn_agree_with_the_unscaled_decodes():
    expected = published("gpsd_sample.aivdm.ju.chk")
    turns = [
        (theirs["turn"], message["rot_raw"])
        for theirs, message in pairs(expected, ours("gpsd_sample.aivdm"))
        if "turn" in theirs
    ]
    assert len(turns) > 4
    assert all(theirs == our for theirs, our in turns)


def test_both_parts_of_a_static_report_agree_with_what_gpsd_joins():
    found = ours("gpsd_sample.aivdm")
    joined = [theirs for theirs in published("gpsd_sample.aivdm.js.chk") if theirs["type"] == 24]
    assert len(joined) == 2
    for theirs in joined:
        parts = {message["part"]: message for message in found[24, theirs["mmsi"]]}
        assert parts[0]["name"] == theirs["shipname"]
        for name in ("callsign", "to_stern", "to_starboard", "model", "serial"):
            assert parts[1][name] == theirs[name]
        assert parts[1]["ship_type"] == theirs["shiptype"]


def test_every_sentence_of_the_sample_is_accounted_for():
    decoding = decode(EXPECTED / "gpsd_sample.aivdm")
    n = sum(1 for _ in decoding)
    (report,) = decoding.reports
    # 97 decodes, of which two join two parts each, and three lone parts of type 24.
    assert n == report.messages == 97 + 2 + 3
    assert report.rejected == {"no_start": 1}  # a second part that lost its first character
    assert report.ignored == {"comment": 1001}


def test_times_of_tag_blocks_agree():
    found = ours("libais_tagblock.nmea")
    for theirs, message in pairs(published("libais_tagblock.json"), found):
        assert message["timestamp"] == theirs["tagblock_timestamp"].replace(".000000Z", "Z")


@pytest.mark.parametrize(
    ("name", "ours_name", "types"), [("eta", "eta", {5}), ("timestamp", "utc", {4, 11})]
)
def test_arrivals_and_clocks_agree(name, ours_name, types):
    n = 0
    for sentences, (decodes, _) in FILES.items():
        for theirs, message in pairs(published(decodes), ours(sentences)):
            if message["type"] in types and name in theirs:
                numbers = [int(number) for number in re.findall(r"\d+", theirs[name])]
                assert numbers == message[ours_name]
                n += 1
    assert n > 2
