import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives import ROOT
from vesseltrack.tracks import listed_ports, named_anchorages, resolve_destination

PORTS = listed_ports()


def locodes(text):
    return [PORTS["locode"][row].as_py() for row in resolve_destination(text).ports]


@pytest.mark.parametrize(
    ("text", "locode"),
    [
        ("NLRTM", "NLRTM"),
        ("NL RTM", "NLRTM"),
        ("nl-rtm", "NLRTM"),
        (">NL RTM", "NLRTM"),
        ("RULED VIA NOK", "RULED"),
        ("GBTEE VIA NOK", "GBTEE"),
        ("NLRTM>RULED", "RULED"),
        ("NL RTM > DE HAM", "DEHAM"),
        ("ROTTERDAM/ST.PETE", "RULED"),
        ("GDANSK-GDYNIA", "PLGDY"),
        ("DAKAR>-,", "SNDKR"),
        ("PG/RAB", "PGRAB"),
        ("CAPETOWN FOR ORDERS", "ZACPT"),
        ("GDYNIA,POLAND", "PLGDY"),
        ("RIGA LATVIA", "LVRIX"),
        ("IMMINGHAM,U.K.", "GBIMM"),
        ("ROTTERDAM NL", "NLRTM"),
        ("KOEBENHAVN", "DKCPH"),
        ("COPENHAGEN", "DKCPH"),
        ("HIRTSHALS PILOT", "DKHIR"),
        ("SANTA CRUZ DE TENERIFE", "ESSCT"),
    ],
)
def test_destinations_as_crews_type_them(text, locode):
    assert locodes(text) == ([] if locode is None else [locode])


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "   ",
        "FISHING",
        "HAPPY NEW YEAR!",
        "ANCHORAGE",
        "HOME",
        "FOR ORDERS",
        "><)))'>",
        "??",
    ],
)
def test_what_names_no_port_resolves_to_none(text):
    assert resolve_destination(text).ports == ()
    assert resolve_destination(text).confidence == 0.0


# What is read wrongly of the table, and how: none of them with a code or a name in full.
MISREAD = {
    "ROSARITO": ["ARROS"],  # Mexico; one letter from Rosario
    "SANTO TOMAS": ["VUSAN"],  # the port of Guatemala is listed under its longer name
    "SPETERBURG": [],  # two letters wrong
    "TALLIN": [],  # too short to be read as a slip
}


def test_real_texts_are_read_as_a_person_reads_them():
    path = ROOT / "fixtures" / "reference_cases" / "destinations.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    read = {row["text"]: locodes(row["text"]) for row in rows}
    meant = {row["text"]: [row["locode"]] if row["locode"] else [] for row in rows}

    assert len(rows) >= 60
    assert {text: found for text, found in read.items() if found != meant[text]} == MISREAD
    assert all(resolve_destination(text).confidence <= 0.6 for text in MISREAD)


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("NLRTM", 1.0),
        ("TEESPORT", 0.9),
        ("ROTTERDAM", 0.7),
        ("SKAGEN PEC 217", 0.6),
        ("HOUSTOM", 0.5),
    ],
)
def test_how_sure_a_reading_is(text, confidence):
    assert resolve_destination(text).confidence == confidence


def test_one_name_of_several_ports_gives_all_of_them_and_less_confidence():
    named = resolve_destination("ST PETERSBURG")

    assert {"RULED", "USSPG"} <= set(locodes("ST PETERSBURG"))
    assert named.confidence < resolve_destination("TEESPORT").confidence
    assert resolve_destination("TEESPORT").confidence < resolve_destination("GBTEE").confidence


@given(text=st.text(max_size=30))
def test_foreign_text_of_any_kind_gives_rows_of_the_list(text):
    assert all(0 <= row < PORTS.num_rows for row in resolve_destination(text).ports)


def test_every_listed_code_resolves_to_its_own_port():
    rows = [row for row, code in enumerate(PORTS["locode"].to_pylist()) if code]
    codes = PORTS["locode"].to_pylist()

    wrong = [codes[row] for row in rows if resolve_destination(codes[row]).ports != (row,)]
    assert wrong == []
    assert len(rows) > 3_000


def test_the_shipped_lists_are_those_of_the_world():
    lat, lon, names = named_anchorages()

    assert PORTS.num_rows > 5_000
    assert lat.shape == lon.shape == names.shape
    assert lat.size > 10_000
    assert abs(lat).max() <= 90
