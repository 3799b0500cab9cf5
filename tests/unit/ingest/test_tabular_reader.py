import datetime as dt

import pytest

from ingest_text import (
    DMA_HEADER,
    DMA_ROW,
    NEW_US_HEADER,
    US_HEADER,
    US_ROW,
    lines,
    read,
)
from vesseltrack.config.ingest import IngestConfig
from vesseltrack.schema import Quality

DMA_22 = ",".join(DMA_HEADER.split(",")[:22])


def dma_row(**changes):
    names = DMA_HEADER.split(",")
    fields = dict(zip(names, DMA_ROW.split(","), strict=True))
    assert set(changes) <= set(names)
    return ",".join((fields | changes).values())


def dma(*rows):
    return read(lines(DMA_HEADER, *rows), "dma")


def us(*rows):
    return read(lines(US_HEADER, *rows), "marinecadastre")


def only(table):
    (row,) = table.to_pylist()
    del row["source_id"]
    return row


def test_a_danish_row_becomes_a_position_and_a_static_report():
    batch, report = dma(DMA_ROW)
    position = only(batch.received)
    assert position.pop("sog_kn") == pytest.approx(10.1)
    assert position.pop("rot_deg_min") == pytest.approx(0.7)
    assert position == {
        "mmsi": 219123457,
        "timestamp": dt.datetime(2022, 3, 2, 4, tzinfo=dt.UTC),
        "lat_e6": 55_472_500,
        "lon_e6": 11_123_456,
        "cog_deg": 90.0,
        "heading_deg": 91.0,
        "nav_status": 0,
        "msg_type": 1,
        "quality": 0,
        "line": 2,
    }
    assert only(batch.statics) == {
        "mmsi": 219123457,
        "timestamp": dt.datetime(2022, 3, 2, 4, tzinfo=dt.UTC),
        "imo": 9074729,
        "name": "DEMO EXPRESS",
        "callsign": "OXXX",
        "ship_type": 71,
        "to_bow_m": 80.0,
        "to_stern_m": 20.0,
        "to_port_m": 8.0,
        "to_starboard_m": 8.0,
        "length_m": 100.0,
        "beam_m": 16.0,
        "draught_m": 5.5,
        "destination": "AARHUS",
        "eta": dt.datetime(2022, 3, 3, 12, 30, tzinfo=dt.UTC),
        "mothership_mmsi": None,
        "msg_type": 5,
        "line": 2,
    }
    assert (report.lines, report.used, report.ignored) == (2, 1, {"header": 1})


def test_the_older_danish_layout_lacks_the_antenna():
    row = ",".join(DMA_ROW.split(",")[:22])
    batch, report = read(lines(DMA_22, row), "dma")
    assert report.used == 1
    assert only(batch.statics)["to_bow_m"] is None
    assert only(batch.statics)["length_m"] == 100.0


@pytest.mark.parametrize("unknown", ["", "Unknown"])
def test_both_ways_of_unknown_are_null(unknown):
    names = ("ROT", "SOG", "COG", "Heading", "IMO", "Callsign", "Name", "Width", "Length")
    more = ("Draught", "Destination", "ETA", "A", "B", "C", "D", "Cargo type")
    batch, report = dma(dma_row(**dict.fromkeys((*names, *more), unknown)))
    position, static = only(batch.received), only(batch.statics)
    measured = ("rot_deg_min", "sog_kn", "cog_deg", "heading_deg")
    assert [position[name] for name in measured] == [None] * 4
    assert static["ship_type"] == 70
    said = {name for name, value in static.items() if value is not None}
    assert said == {"mmsi", "timestamp", "ship_type", "msg_type", "line"}
    assert report.used == 1


def test_a_static_row_has_no_place_and_is_used():
    batch, report = dma(dma_row(Latitude="91", Longitude="0"))
    assert (batch.received.num_rows, batch.statics.num_rows) == (0, 1)
    assert (report.used, report.messages, report.positions) == (1, 1, 0)


@pytest.mark.parametrize(
    ("mobile", "msg_type", "is_vessel"),
    [
        ("Class A", 1, True),
        ("Class B", 18, True),
        ("Base Station", 4, False),
        ("AtoN", 21, False),
        ("SAR Airborne", 9, False),
        ("Search and Rescue Transponder", 1, True),
    ],
)
def test_types_of_mobile(mobile, msg_type, is_vessel):
    batch, _ = dma(dma_row(**{"Type of mobile": mobile}))
    row = only(batch.received)
    assert row["msg_type"] == msg_type
    assert (Quality.NOT_A_VESSEL in Quality(row["quality"])) is not is_vessel
    types = batch.statics["msg_type"].to_pylist()
    assert types == ([5 if msg_type == 1 else 24] if is_vessel else [])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"# Timestamp": "2022-03-02 04:00:00"}, "bad_time"),
        ({"# Timestamp": "31/02/2022 04:00:00"}, "bad_time"),
        ({"# Timestamp": ""}, "bad_time"),
        ({"MMSI": ""}, "bad_number"),
        ({"MMSI": "２１９１２３４５７"}, "bad_number"),  # noqa: RUF001 - full width
        ({"Latitude": "43.0_1"}, "bad_number"),
        ({"Longitude": "x"}, "bad_number"),
        ({"SOG": "fast"}, "bad_number"),
        ({"Heading": "9O"}, "bad_number"),
        ({"Draught": "5,5"}, "long_row"),
        ({"Length": "1OO"}, "bad_number"),
        ({"Name": '"DEMO'}, "bad_quote"),
    ],
)
def test_a_bad_row_is_rejected_with_its_bytes_and_no_other(changes, reason):
    bad = dma_row(**changes)
    batch, report = dma(DMA_ROW, bad, DMA_ROW.replace("04:00", "04:01"))
    assert report.rejected == {reason: 1}
    (found,) = batch.rejects.to_pylist()
    assert (found["line"], found["reason"]) == (3, reason)
    assert found["raw"].encode().decode("unicode_escape").encode("latin-1") == bad.encode()
    assert batch.received["line"].to_pylist() == [2, 4]


@pytest.mark.parametrize(
    "changes",
    [
        {"IMO": "none"},
        {"ETA": "soon"},
        {"Ship type": "Spaceship", "Cargo type": ""},
        {"Navigational status": "Unknown value"},
        {"Latitude": "95.0"},
        {"SOG": "102.3", "COG": "360.0", "Heading": "511"},
    ],
)
def test_a_value_that_means_nothing_is_null_and_the_row_is_used(changes):
    _, report = dma(dma_row(**changes))
    assert (report.used, report.rejected) == (1, {})


def test_statics_come_when_they_change_and_when_that_is_confirmed():
    rows = [
        dma_row(),
        dma_row(**{"# Timestamp": "02/03/2022 04:01:00"}),
        dma_row(**{"# Timestamp": "02/03/2022 04:02:00", "Destination": "ODENSE"}),
        dma_row(MMSI="219000002"),
        dma_row(**{"# Timestamp": "02/03/2022 04:03:00", "Destination": "ODENSE"}),
        *(dma_row(**{"# Timestamp": f"02/03/2022 04:0{minute}:00"}) for minute in (4, 5, 6)),
    ]
    for block_bytes in (1 << 20, 300):
        config = IngestConfig(block_bytes=block_bytes)
        batch, _ = read(lines(DMA_HEADER, *rows), "dma", config=config)
        assert batch.statics["line"].to_pylist() == [2, 3, 4, 5, 6, 7, 8]
        assert batch.received.num_rows == 8


def test_a_row_without_statics_is_no_change():
    blank = dma_row(
        **dict.fromkeys(("IMO", "Callsign", "Name", "Ship type", "Cargo type", "Width"), ""),
        **dict.fromkeys(("Length", "Draught", "Destination", "ETA", "A", "B", "C", "D"), ""),
    )
    later = [dma_row(**{"# Timestamp": f"02/03/2022 04:{minute}:00"}) for minute in (10, 11)]
    batch, _ = dma(DMA_ROW, blank, *later)
    assert batch.statics["line"].to_pylist() == [2, 4]


def test_exact_repeats_are_dropped_and_counted():
    batch, report = dma(DMA_ROW, DMA_ROW, DMA_ROW)
    assert batch.received["line"].to_pylist() == [2]
    assert (report.used, report.positions, report.duplicates) == (3, 3, 2)


def test_an_american_row_becomes_a_position_and_a_static_report():
    batch, _ = us(US_ROW)
    position, static = only(batch.received), only(batch.statics)
    assert position["timestamp"] == dt.datetime(2023, 1, 11, tzinfo=dt.UTC)
    assert (position["lat_e6"], position["lon_e6"]) == (43_079_170, -70_757_330)
    assert (position["sog_kn"], position["nav_status"], position["msg_type"]) == (5.0, 0, 1)
    names = ("imo", "name", "callsign", "ship_type", "length_m", "beam_m", "destination", "eta")
    assert [static[name] for name in names] == [
        *(9074729, "DEMO", "WDI9818", 31, 30.0, 9.0, None, None)
    ]


def test_the_newer_american_layout_has_longitude_first():
    row = "366123458,2026-03-31 00:00:00,-70.75733,43.07917,5.0,180.0,179,DEMO,,WDI9818,31,0,,,,,B"
    batch, _ = read(lines(NEW_US_HEADER, row), "marinecadastre")
    position = only(batch.received)
    assert (position["lat_e6"], position["lon_e6"]) == (43_079_170, -70_757_330)
    assert position["timestamp"] == dt.datetime(2026, 3, 31, tzinfo=dt.UTC)
    assert position["msg_type"] == 18


def test_the_oldest_american_layout_has_no_class():
    header = ",".join(US_HEADER.split(",")[:16])
    batch, _ = read(lines(header, ",".join(US_ROW.split(",")[:16])), "marinecadastre")
    assert only(batch.received)["msg_type"] == 1


@pytest.mark.parametrize(
    ("sent", "imo"),
    [
        ("IMO9074729", 9074729),
        ("9074729", 9074729),
        ("IMO0000000", None),
        ("IMO1001301448", 1001301448),
        ("IMO9999999999", None),
        ("IMO", None),
        ("", None),
    ],
)
def test_imo_numbers(sent, imo):
    batch, _ = us(US_ROW.replace("IMO9074729", sent))
    assert only(batch.statics)["imo"] == imo


def test_a_header_in_the_middle_is_ignored():
    # Daily files put one behind the other.
    _, report = us(US_ROW, US_HEADER, US_ROW.replace("00:00:00", "00:01:00"))
    assert (report.used, report.ignored, report.rejected) == (2, {"header": 2}, {})


def test_a_time_in_the_future_is_quarantined():
    batch, report = us(US_ROW.replace("2023", "2123"), US_ROW)
    assert batch.received["quality"].to_pylist() == [int(Quality.TIME_QUARANTINED), 0]
    assert report.last_time == dt.datetime(2023, 1, 11, tzinfo=dt.UTC)
    assert batch.statics["line"].to_pylist() == [3]


def test_nothing_but_a_header_gives_nothing():
    batch, report = us()
    assert (batch.received.num_rows, batch.statics.num_rows) == (0, 0)
    assert (report.status, report.lines, report.used) == ("complete", 1, 0)


def test_remembered_vessels_are_bounded():
    config = IngestConfig(max_remembered_vessels=1, block_bytes=300)
    rows = [dma_row(MMSI=str(219000000 + n % 3)) for n in range(9)]
    batch, _ = read(lines(DMA_HEADER, *rows), "dma", config=config)
    assert batch.statics.num_rows > 3  # repeated where they were forgotten
