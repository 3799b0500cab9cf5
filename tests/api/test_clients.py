"""Programs that others wrote read the service: GDAL's driver for OGC API Features, OWSLib."""

import subprocess
import sys

import httpx
import numpy as np
import pyogrio
import pytest
from owslib.ogcapi.features import Features

NAMES = ["vessels", "tracks", "voyages", "port_calls", "events", "leads", "ports"]


# GDAL keeps the interpreter's lock while it waits for an answer: the server is a process apart.
SERVER = """
import socket, sys, uvicorn
from pathlib import Path
from vesseltrack_api.app import create_app

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
app, log = create_app(Path(sys.argv[1])), open(sys.argv[2], "ab", buffering=0)

async def logged(scope, receive, send):
    if scope["type"] == "http":
        log.write(scope["path"].encode() + b"?" + scope["query_string"] + b"\\n")
    await app(scope, receive, send)

uvicorn.Server(uvicorn.Config(logged, ws="none", log_level="critical")).run(sockets=[listener])
"""

# One planted event is damaged, and comes as the text it is beside the others' objects.
damaged = pytest.mark.filterwarnings(
    "ignore:Could not parse column 'measures' as JSON:UserWarning"
)


@pytest.fixture(scope="module")
def request_log(tmp_path_factory):
    return tmp_path_factory.mktemp("requests") / "log"


@pytest.fixture(scope="module")
def address(planted_store, request_log):
    command = [sys.executable, "-c", SERVER, str(planted_store.path), str(request_log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        server.terminate()


@pytest.fixture(scope="module")
def source(address):
    return f"OAPIF:{address}"


@pytest.fixture(scope="module")
def features(address):
    return Features(address)


def test_gdal_lists_the_collections(source):
    layers = pyogrio.list_layers(source)
    assert sorted(name for name, _ in layers) == sorted(NAMES)


@damaged
def test_gdal_reads_every_event_page_by_page(source):
    frame = pyogrio.read_dataframe(source, layer="events", PAGE_SIZE="10")
    assert sorted(frame["event_id"]) == [f"e-{i:02d}" for i in range(25)]
    assert frame.crs.to_epsg() == 4326
    np.testing.assert_allclose(sorted(frame.geometry.x), np.linspace(5, 7, 25), atol=1e-6)
    assert frame["confidence"].dtype == np.float64
    assert str(frame["start"].dtype).startswith("datetime64")


@damaged
@pytest.mark.parametrize("name", NAMES)
def test_gdal_reads_every_collection(source, address, name):
    expected = httpx.get(f"{address}/collections/{name}/items").json()["numberMatched"]
    assert len(pyogrio.read_dataframe(source, layer=name)) == expected


def test_gdal_draws_the_lines(source, courses):
    frame = pyogrio.read_dataframe(source, layer="tracks").set_index("segment_id")
    lat, lon, _ = courses[111]
    drawn = np.array(frame.loc["s-111-0"].geometry.coords)
    np.testing.assert_allclose(drawn, np.stack([lon, lat], axis=1), atol=1e-6)
    assert frame.loc["s-222-0"].geometry.geom_type == "MultiLineString"
    assert frame.geometry.dropna().is_valid.all()


def test_gdal_filters_by_box_and_by_attribute(source):
    box = pyogrio.read_dataframe(source, layer="events", bbox=(5.9, 54, 6.1, 55))
    assert sorted(box["event_id"]) == ["e-11", "e-12", "e-13"]
    kind = pyogrio.read_dataframe(
        source, layer="events", where="kind = 'encounter' AND status = 'final'"
    )
    assert len(kind) == 5
    name = pyogrio.read_dataframe(source, layer="vessels", where="name = 'O''NEIL'")
    assert list(name["vessel_id"]) == ["111"]


def test_gdal_lets_the_service_filter(source, request_log):
    """What it sends shows that it understood the description at /api."""
    pyogrio.read_dataframe(source, layer="voyages", where="origin_by = 'call' AND mmsi = 111")
    last = request_log.read_text().splitlines()[-1]
    assert last.startswith("/collections/voyages/items?")
    assert "origin_by=call" in last
    assert "mmsi=111" in last


def test_owslib_reads_the_service(features):
    assert features.feature_collections() == NAMES
    assert features.conformance()["conformsTo"]
    assert features.api()["openapi"] == "3.0.3"
    assert features.collection("events")["title"] == "Events"
    assert features.collection_queryables("events")["properties"]["kind"]["type"] == "string"


def test_owslib_pages_and_filters(features):
    first = features.collection_items("events", limit=20)
    second = features.collection_items("events", limit=20, offset=20)
    ids = [f["id"] for f in first["features"] + second["features"]]
    assert sorted(ids) == [f"e-{i:02d}" for i in range(25)]
    box = features.collection_items(
        "events", bbox=[5.9, 54, 6.1, 55], datetime_="2021-01-01T12:30:00Z"
    )
    assert [f["id"] for f in box["features"]] == ["e-12"]
    assert features.collection_item("events", "e-12")["properties"]["kind"] == "loitering"
