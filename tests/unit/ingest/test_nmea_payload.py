import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_text import bits_of, sentences, text_bits
from vesseltrack.ingest.available import available
from vesseltrack.ingest.nmea.lengths import BITS, MUTE, PayloadError
from vesseltrack.ingest.nmea.payload import decode_for_rows, decode_payload


def decoded(bits):
    (line,) = sentences(bits)
    fields = line.split(b",")
    return decode_payload(fields[5], int(fields[6][:1]))


def head(type_, mmsi=257000001, repeat=0):
    return bits_of((type_, 6), (repeat, 2), (mmsi, 30))


CLASS_A = head(1) + bits_of(
    *((5, 4), (-20, 8), (123, 10), (1, 1), (-1_200_001, 28), (35_000_002, 27)),
    *((900, 12), (91, 9), (33, 6), (0, 2), (0, 3), (0, 1), (4321, 19)),
)
VOYAGE = (
    head(5)
    + bits_of((0, 2), (9074729, 30))
    + text_bits("OXXX", 7)
    + text_bits("DEMO EXPRESS", 20)
    + bits_of((39, 8), (80, 9), (20, 9), (8, 6), (9, 6), (1, 4), (11, 4), (14, 5), (3, 5), (0, 6))
    + bits_of((55, 8))
    + text_bits("AARHUS", 20)
    + bits_of((0, 1), (0, 1))
)


def test_a_position_report_is_read_field_by_field():
    fields = decoded(CLASS_A)
    expected = {
        "type": 1,
        "repeat": 0,
        "mmsi": 257000001,
        "nav_status": 5,
        "rot_raw": -20,
        "sog": 12.3,
        "accuracy": True,
        "lon": -2.000002,  # -1,200,001 / 600,000
        "lat": 58.333337,
        "cog": 90.0,
        "heading": 91,
        "second": 33,
        "maneuver": 0,
        "raim": False,
        "radio": 4321,
    }
    assert fields == expected


def test_a_voyage_report_keeps_its_raw_ship_type():
    fields = decoded(VOYAGE)  # 39 is reserved
    assert fields["ship_type"] == 39
    names = ("imo", "callsign", "name", "destination", "draught", "eta", "to_bow", "to_starboard")
    assert [fields[name] for name in names] == [
        *(9074729, "OXXX", "DEMO EXPRESS", "AARHUS", 5.5, [11, 14, 3, 0], 80, 9)
    ]


def test_text_ends_at_its_mark():
    assert decoded(head(24) + bits_of((0, 2)) + text_bits("ABC@DEF  G", 20))["name"] == "ABC"
    assert decoded(head(24) + bits_of((0, 2)) + text_bits("@DEF", 20))["name"] == ""
    assert decoded(head(24) + bits_of((0, 2)) + text_bits("ABC  ", 20))["name"] == "ABC"


def test_a_character_that_is_cut_in_two_is_none():
    # 420 bits, as some transmitters send: the last of 20 characters lacks two of its bits.
    full = VOYAGE[:302] + text_bits("TWENTY CHARACTERS XY", 20) + "00"
    assert decoded(full)["destination"] == "TWENTY CHARACTERS XY"
    assert decoded(full[:420])["destination"] == "TWENTY CHARACTERS X"


def test_fields_behind_the_end_are_unknown():
    fields = decoded(CLASS_A[:163])
    assert fields["radio"] is None
    assert fields["lat"] == 58.333337
    part_b = head(24) + bits_of((1, 2), (36, 8)) + text_bits("ABC", 3) + bits_of((0, 24))
    part_b += text_bits("LA1234", 7) + bits_of((10, 9), (5, 9), (2, 6), (63, 6))
    assert decoded(part_b)["to_starboard"] == 63
    assert decoded(part_b[:160])["to_starboard"] is None
    assert decoded(part_b[:160])["to_port"] == 2


def test_an_auxiliary_craft_names_its_mother_ship():
    craft = head(24, mmsi=982570001) + bits_of((1, 2), (36, 8)) + text_bits("ABC", 3)
    craft += bits_of((0, 24)) + text_bits("LA1234", 7) + bits_of((257000009, 30), (0, 6))
    fields = decoded(craft)
    assert fields["mothership_mmsi"] == 257000009
    assert "to_bow" not in fields


@pytest.mark.parametrize(
    ("type_", "first", "bits"),
    [(17, 40, 80), (22, 69, 168), (23, 40, 160)],
)
def test_places_in_tenths_of_minutes_become_degrees(type_, first, bits):
    # 151.79833 E and 32.91667 S, a place in Australia: 91,079 and -19,750 tenths of a minute.
    message = head(type_).ljust(first, "0") + bits_of((91_079, 18), (-19_750, 17))
    fields = decoded(message.ljust(bits, "0"))
    east, north = ("lon", "lat") if type_ == 17 else ("ne_lon", "ne_lat")
    assert (fields[east], fields[north]) == (151.798333, -32.916667)


def test_a_long_name_of_an_aid_goes_on_behind_the_message():
    def aid(name, extension):
        message = head(21) + bits_of((30, 5)) + text_bits(name, 20) + bits_of((0, 1))
        return decoded(message.ljust(272, "0") + text_bits(extension, 14))["name"]

    assert aid("CHINA ROSE MURPHY EX", "PRESS ALERT") == "CHINA ROSE MURPHY EXPRESS ALERT"
    assert aid("NORTH CARDINAL BUOY ", "NO 5") == "NORTH CARDINAL BUOY NO 5"
    assert aid("BUOY", "JUNK") == "BUOY"


def test_binary_messages_of_several_slots_end_with_radio_status():
    message = head(26) + bits_of((1, 1), (0, 1), (257000002, 30)) + "10" * 20 + bits_of((77, 20))
    fields = decoded(message)
    assert (fields["dest_mmsi"], fields["data"], fields["radio"]) == (257000002, "aa" * 5, 77)
    assert "app_id" not in fields


def test_application_messages_keep_their_inner_fields_apart():
    # A weather warning on inland waters (DAC 200, FID 23) has a field that is called type.
    message = head(8) + bits_of((0, 2), (200, 10), (23, 6))
    fields = decoded(message.ljust(256, "0"))
    assert fields["type"] == 8
    assert fields["warning_type"] == 0


@pytest.mark.parametrize("type_", BITS)
def test_messages_that_are_too_short_or_too_long_are_refused(type_):
    least, most = BITS[type_]
    for n_bits in (38, least - 1, most + 1, most + 8):
        with pytest.raises(PayloadError, match=r"^bad_length$"):
            decoded(head(type_).ljust(n_bits, "0"))
    for n_bits in (least, most):
        assert decoded(head(type_).ljust(n_bits, "0"))["mmsi"] == 257000001


def test_a_position_is_never_made_from_missing_bits():
    # E007 of the hostile inputs: 120 bits of a type 3.
    with pytest.raises(PayloadError, match="bad_length"):
        decode_payload(b"34RtK250000D7mfME9Wd", 0)


@pytest.mark.parametrize(("type_", "reason"), [(0, "type"), (28, "type"), (63, "type")])
def test_unknown_types_are_refused(type_, reason):
    with pytest.raises(PayloadError, match=f"^unsupported_{reason}$"):
        decoded(head(type_).ljust(168, "0"))


@pytest.mark.parametrize("part", [2, 3])
def test_unknown_parts_are_refused(part):
    with pytest.raises(PayloadError, match=r"^unsupported_variant$"):
        decoded((head(24) + bits_of((part, 2))).ljust(168, "0"))


def test_an_empty_payload_is_refused():
    with pytest.raises(PayloadError, match="bad_length"):
        decode_payload(b"", 0)


# ITU-R M.1371-5, tables 48, 51, 52, 66, 70, 84.
@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        (1, {"lat": 91.0, "lon": 181.0, "sog": 102.3, "cog": 360.0, "heading": 511, "second": 60}),
        (2, {"rot_raw": -128}),
        (4, {"utc": [0, 0, 0, 24, 60, 60], "lat": 91.0}),
        (5, {"imo": 0, "callsign": "", "name": "", "ship_type": 0, "draught": 0.0}),
        (5, {"destination": "", "eta": [0, 0, 24, 60]}),
        (9, {"altitude": 4095, "sog": 1023.0}),
        (17, {"lat": 91.0, "lon": 181.0}),
        (19, {"name": "", "ship_type": 0, "heading": 511}),
        (24, {"name": "", "mothership_mmsi": 0}),
        (27, {"sog": 63.0, "cog": 511.0, "lat": 91.0}),
    ],
)
def test_what_is_not_available_becomes_none(type_, fields):
    shown = available({"type": type_, **fields})
    assert shown == {"type": type_, **dict.fromkeys(fields)}


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        (
            1,
            {"lat": 90.5, "lon": -181.0, "sog": 102.2, "cog": 360.1, "heading": 360, "second": 61},
        ),
        (1, {"lat": 0.0, "lon": 0.0, "nav_status": 15, "rot_raw": -127}),
        (5, {"eta": [0, 0, 0, 0], "to_bow": 0}),
        (9, {"sog": 102.3}),
        (27, {"sog": 62.0, "cog": 360.0}),
        (8, {"sog": 102.3}),
    ],
)
def test_what_is_only_strange_stays(type_, fields):
    assert available({"type": type_, **fields}) == {"type": type_, **fields}


@settings(max_examples=400)
@given(st.sampled_from(MUTE), st.data())
def test_whatever_a_mute_message_says_it_is_one(type_, data):
    # Its type, repeat indicator and MMSI are read without decoding it: the rest must never fail.
    n_bits = data.draw(st.integers(*BITS[type_]))
    application = data.draw(st.sampled_from([(0, 0), (1, 11), (1, 22), (1, 31), (200, 10)]))
    said = data.draw(st.integers(0, (1 << n_bits) - 1))
    bits = head(type_, repeat=1) + "00" + bits_of((application[0], 10), (application[1], 6))
    bits = (bits + f"{said:0{n_bits}b}")[:n_bits]
    (line,) = sentences(bits)
    payload, fill = line.split(b",")[5:7]
    fields = decode_payload(payload, int(fill[:1]))
    counted = decode_for_rows(payload, int(fill[:1]))
    assert counted == {name: fields[name] for name in ("type", "repeat", "mmsi")}


@pytest.mark.parametrize("type_", MUTE)
def test_a_mute_message_of_a_wrong_length_is_none(type_):
    (line,) = sentences(head(type_).ljust(BITS[type_][0] - 1, "0")[: BITS[type_][0] - 1])
    payload, fill = line.split(b",")[5:7]
    with pytest.raises(PayloadError, match="bad_length"):
        decode_for_rows(payload, int(fill[:1]))
