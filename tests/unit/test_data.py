"""The shipped reference tables fit the schema and say what is so."""

import csv
import gzip
import hashlib
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from vesseltrack import schema
from vesseltrack.core.geodesy import great_circle_m

DATA = Path(__file__).parents[2] / "vesseltrack" / "data"


@pytest.fixture(scope="module")
def port_rows():
    with gzip.open(DATA / "ports.csv.gz", "rt", encoding="ascii", newline="") as handle:
        return list(csv.DictReader(handle))


def test_ports_fit_the_schema_and_stand_in_key_order(port_rows):
    options = pyarrow.csv.ConvertOptions(
        column_types=schema.PORTS.arrow, null_values=[""], strings_can_be_null=True
    )
    table = pyarrow.csv.read_csv(DATA / "ports.csv.gz", convert_options=options)
    ports = schema.PORTS.of({name: table[name] for name in table.column_names})
    assert table.column_names == list(schema.PORTS.names)
    ids = ports["port_id"].to_pylist()
    assert ids == sorted(set(ids))
    assert len(ids) == len(port_rows)
    assert f"{len(ids):,} ports" in (DATA / "README.md").read_text(encoding="utf-8")
    lat, lon = ports["lat"].to_numpy(), ports["lon"].to_numpy()
    assert np.all(np.abs(lat) <= 90)
    assert np.all((lon >= -180) & (lon < 180))


def test_port_codes_and_names_are_plain(port_rows):
    for row in port_rows:
        assert re.fullmatch(r"[A-Z]{2}", row["country"]), row
        assert re.fullmatch(r"([A-Z]{2}[A-Z2-9]{3})?", row["locode"]), row
        assert row["port_id"] == row["locode"] or row["port_id"].startswith("port-")
        assert re.fullmatch(r"[ -~]+", row["name"]), row
        assert not row["name"].isupper(), row


# Harbour places as charts and the ports' own pages have them; listed points may lie 16 km off.
@pytest.mark.parametrize(
    ("locode", "name", "place", "is_large"),
    [
        ("NLRTM", "Rotterdam", (51.90, 4.48), True),
        ("RULED", "Saint Petersburg", (59.88, 30.21), True),
        ("LVRIX", "Riga", (57.02, 24.10), True),
        ("GBTEE", "Teesport", (54.61, -1.16), True),
        ("SEGOT", "Goteborg", (57.69, 11.90), True),
        ("DKSKA", "Skagen", (57.72, 10.59), False),
        ("DKHIR", "Hirtshals", (57.59, 9.96), False),
        ("ALDRZ", "Durres", (41.31, 19.45), True),
        ("CDBOA", "Boma", (-5.85, 13.05), True),  # latitude and longitude exchanged in one list
        ("GBYAR", "Yarmouth", (50.70, -1.50), False),  # 50.42, -1.30 in one list
        ("USPWM", "Portland", (43.65, -70.25), True),  # in Oregon in one list
        ("USPDX", "Portland", (45.60, -122.75), False),
        ("MEBAR", "Bar", (42.09, 19.09), True),  # CSBAR in one list
        ("NAWVB", "Walvis Bay", (-22.95, 14.50), True),
    ],
)
def test_ports_lie_where_they_are(port_rows, locode, name, place, is_large):
    (port,) = (row for row in port_rows if row["locode"] == locode)
    assert (port["name"], port["is_large"]) == (name, str(is_large).lower())
    assert great_circle_m(float(port["lat"]), float(port["lon"]), *place) < 16_000


def test_no_port_is_listed_twice(port_rows):
    namesakes: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in port_rows:
        namesakes.setdefault((row["country"], row["name"].upper()), []).append(row)
    for group in namesakes.values():
        lat, lon = (np.array([float(row[name]) for row in group]) for name in ("lat", "lon"))
        apart_m = great_circle_m(lat[:, None], lon[:, None], lat, lon)
        assert np.all(apart_m[~np.eye(len(group), dtype=bool)] > 25_000), group


def test_anchorages_are_whole():
    options = pyarrow.csv.ConvertOptions(null_values=[], strings_can_be_null=False)
    table = pyarrow.csv.read_csv(DATA / "anchorages.csv.gz", convert_options=options)
    expected = {
        "lat": pa.float64(),
        "lon": pa.float64(),
        "label": pa.string(),
        "iso3": pa.string(),
    }
    assert dict(zip(table.column_names, table.schema.types, strict=True)) == expected
    assert table.num_rows == 60_409  # of 60,410 published, one is called REMOVE
    assert "REMOVE" not in table["label"].to_pylist()
    assert all(re.fullmatch(r"([A-Z]{3})?", code) for code in set(table["iso3"].to_pylist()))
    # First row published: 356ec741,34.839059469352883,128.42069569869818,TONGYEONG,,KOR
    assert {"lat": 34.83906, "lon": 128.4207, "label": "TONGYEONG", "iso3": "KOR"} in (
        table.filter(pa.compute.equal(table["label"], "TONGYEONG")).to_pylist()
    )


def test_flags_are_those_of_the_itu():
    with (DATA / "mid.csv").open(encoding="ascii", newline="") as handle:
        rows = list(csv.DictReader(handle))
    country = {int(row["mid"]): row["country"] for row in rows}
    assert list(country) == sorted(country)
    assert len(country) == len(rows) == 292
    assert all(201 <= mid <= 775 for mid in country)
    assert all(re.fullmatch("[A-Z]{2}", code) for code in country.values())
    assert all(row["name"].strip() for row in rows)
    # Table of maritime identification digits, ITU; the last three are younger than the list used.
    known = "209 CY,219 DK,273 RU,338 US,412 CN,416 TW,477 HK,538 MH,567 TH,636 LR,659 NA"
    for pair in f"{known},374 PA,471 AE,550 TL".split(","):
        mid, code = pair.split()
        assert country[int(mid)] == code


def test_land_is_that_of_natural_earth_without_the_island_that_is_none():
    content = (DATA / "land-10m.json").read_bytes()
    expected = "6bda0603c7ec0e0be76be6e1f131d1b1ef5574baa44387cdcbbff348233667a4"
    assert hashlib.sha256(content).hexdigest() == expected
