import itertools
import json
import re
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import numpy as np
import pytest
import shapely

from vesseltrack.schema import PORTS
from vesseltrack_api.app import create_app
from vesseltrack_api.settings import ApiSettings

# GeoJSON as RFC 7946 has it, for what we serve.
POSITION = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
LINE = {"type": "array", "items": POSITION, "minItems": 2}


def geometry(kind, coordinates):
    return {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {"type": {"const": kind}, "coordinates": coordinates},
    }


FEATURE = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"const": "Feature"},
        "id": {"type": "string"},
        "geometry": {
            "oneOf": [
                {"type": "null"},
                geometry("Point", POSITION),
                geometry("LineString", LINE),
                geometry("MultiLineString", {"type": "array", "items": LINE, "minItems": 2}),
            ]
        },
        "properties": {"type": "object"},
    },
}
COLLECTION = {
    "type": "object",
    "required": ["type", "features", "links", "timeStamp", "numberMatched", "numberReturned"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {"type": "array", "items": FEATURE},
        "timeStamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
    },
}
NAMES = ["vessels", "tracks", "voyages", "port_calls", "events", "leads", "ports"]


def strict(response):
    """JSON as the standard has it: no NaN, no infinity."""

    def refuse(name):
        raise AssertionError(name)

    return json.loads(response.content, parse_constant=refuse)


def page(api, collection, /, **query):
    response = api.get(f"/collections/{collection}/items", params=query)
    assert response.status_code == 200, response.text
    return strict(response)


def ids(document):
    return [feature["id"] for feature in document["features"]]


@pytest.mark.parametrize("name", NAMES)
def test_items_are_geojson(api, name):
    response = api.get(f"/collections/{name}/items")
    assert response.headers["content-type"] == "application/geo+json"
    document = strict(response)
    jsonschema.Draft202012Validator(COLLECTION).validate(document)
    assert document["numberReturned"] == len(document["features"]) > 0
    for feature in document["features"]:
        if feature["geometry"] is not None:
            assert shapely.from_geojson(json.dumps(feature["geometry"])).is_valid


@pytest.mark.parametrize("name", NAMES)
def test_an_item_alone_is_the_item_of_the_page(api, name):
    for feature in page(api, name)["features"]:
        alone = strict(api.get(f"/collections/{name}/items/{feature['id']}"))
        assert alone.pop("links")[0]["href"].endswith(f"/{feature['id']}")
        assert alone == feature


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_item_is_a_problem(api, name):
    response = api.get(f"/collections/{name}/items/999999999")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert f"collection {name} has no item '999999999'" in response.json()["detail"]


def test_paging_gives_every_item_once(api):
    url, seen, sizes = "/collections/events/items?limit=10", [], []
    while url:
        document = strict(api.get(url))
        seen += ids(document)
        sizes.append(document["numberReturned"])
        assert document["numberMatched"] == 25
        links = {link["rel"]: link for link in document["links"]}
        assert links["self"]["type"] == "application/geo+json"
        url = links["next"]["href"] if "next" in links else None
        assert url is None or links["next"]["type"] == "application/geo+json"
    assert sizes == [10, 10, 5]
    assert sorted(seen) == [f"e-{i:02d}" for i in range(25)]


def test_a_limit_above_the_maximum_means_the_maximum(planted_store, serve):
    with serve(
        create_app(planted_store.path, ApiSettings(default_limit=5, max_limit=20))
    ) as client:
        assert page(client, "events")["numberReturned"] == 5
        document = page(client, "events", limit=10_000)
    assert document["numberReturned"] == 20
    assert "next" in {link["rel"] for link in document["links"]}


def test_pages_lead_back(api):
    document = page(api, "events", limit=10, offset=15, kind="loitering")
    previous = next(link["href"] for link in document["links"] if link["rel"] == "prev")
    assert "offset=5" in previous
    assert "kind=loitering" in previous
    before = strict(api.get(previous))
    assert ids(before) == ids(page(api, "events", limit=10, offset=5, kind="loitering"))


def test_beyond_the_last_item_is_an_empty_page(api):
    document = page(api, "events", offset=2**31 - 1)
    assert (document["numberMatched"], document["features"]) == (25, [])
    assert "next" not in {link["rel"] for link in document["links"]}


def test_a_page_of_long_lines_ends_before_its_limit_but_never_empty(planted_store, serve):

    with serve(create_app(planted_store.path, ApiSettings(max_page_fixes=10))) as client:
        url, seen = "/collections/tracks/items", []
        while url:
            document = strict(client.get(url))
            assert document["features"]
            seen.append(ids(document))
            url = next((link["href"] for link in document["links"] if link["rel"] == "next"), None)
    assert seen == [["s-111-0"], ["s-222-0"], ["s-333-0", "s-444-0", "s-555-0"], ["s-555-4"]]


def test_tracks_run_through_their_fixes(api, courses):
    features = {f["id"]: f for f in page(api, "tracks")["features"]}
    lat, lon, _ = courses[111]
    drawn = features["s-111-0"]["geometry"]
    assert drawn["type"] == "LineString"
    np.testing.assert_allclose(drawn["coordinates"], np.stack([lon, lat], axis=1), atol=1e-6)
    assert features["s-444-0"]["geometry"] is None  # one fix
    assert features["s-333-0"]["geometry"] is None  # in one place
    assert not {"fix_ranges", "times", "sog_kn"} & features["s-111-0"]["properties"].keys()


def test_tracks_are_cut_at_the_date_line(api):
    drawn = strict(api.get("/collections/tracks/items/s-222-0"))["geometry"]
    assert drawn["type"] == "MultiLineString"
    east, west = drawn["coordinates"]
    assert east[0] == [179.2, -17.0]
    assert east[-1] == [180.0, -17.0]
    assert west[0] == [-180.0, -17.0]
    assert west[-1] == [-179.2, -17.0]


def test_voyages_run_through_the_fixes_between_their_ends(api, courses):
    features = {f["id"]: f for f in page(api, "voyages")["features"]}
    lat, lon, _ = courses[111]
    expected = np.stack([lon[2:11], lat[2:11]], axis=1)
    np.testing.assert_allclose(features["v-111"]["geometry"]["coordinates"], expected, atol=1e-6)
    # A day without reception parts the voyage: no line is drawn through it.
    parted = features["v-555"]["geometry"]
    assert [len(part) for part in parted["coordinates"]] == [3, 3]


@pytest.mark.parametrize(
    ("name", "box", "expected"),
    [
        ("events", "5.9,54,6.1,55", ["e-11", "e-12", "e-13"]),
        ("events", "5.9,54,-100,6.1,55,100", ["e-11", "e-12", "e-13"]),
        ("ports", "170,-20,-170,-10", ["FJSUV"]),
        ("tracks", "179.5,-18,-179.5,-16", ["s-222-0"]),
        ("tracks", "-180,-18,-179.9,-16", ["s-222-0"]),
        ("tracks", "100,-18,110,-16", []),
        # The middle of a voyage, away from both its ends.
        ("voyages", "6,54.45,6.1,54.55", ["v-111"]),
        ("voyages", "179.7,-18,179.9,-16", ["v-222"]),
        ("voyages", "-44,30,-40,32", ["v-555"]),
        ("voyages", "100,30,101,32", []),
    ],
)
def test_boxes(api, name, box, expected):
    document = page(api, name, bbox=box)
    assert sorted(ids(document)) == expected
    assert document["numberMatched"] == len(expected)


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("2021-01-01T05:30:00Z", ["e-05"]),
        ("2021-01-01T05:00:00Z", ["e-04", "e-05"]),  # one ends a quarter of a second later
        ("2021-01-01T22:30:00Z/..", ["e-22", "e-23", "e-24"]),
        ("../2021-01-01T01:30:00Z", ["e-00", "e-01"]),
        ("2021-01-02", ["e-23", "e-24"]),
        ("2022-01-01/..", []),
    ],
)
def test_times(api, interval, expected):
    assert sorted(ids(page(api, "events", datetime=interval))) == expected


def test_filters_are_exact_and_harmless(api):
    assert ids(page(api, "vessels", name="O'NEIL")) == ["111"]
    assert ids(page(api, "vessels", name="%")) == []
    assert ids(page(api, "vessels", name="100%")) == ["333"]
    assert ids(page(api, "vessels", name="' OR 1=1 --")) == []
    assert ids(page(api, "vessels", name="\0")) == []
    assert ids(page(api, "vessels", length_m="7.4")) == ["111"]
    assert ids(page(api, "voyages", detour_ratio="1.25", is_open="false")) == ["v-111"]
    assert len(ids(page(api, "events", kind="encounter", status="final"))) == 5


def test_properties_keep_their_types(api):
    properties = strict(api.get("/collections/events/items/e-01"))["properties"]
    assert properties["measures"] == {"speed_kn": {"value": 0.1}}
    assert re.fullmatch("87[0-9a-f]{13}", properties["cell"])
    assert properties["start"] == "2021-01-01T01:00:00Z"
    assert properties["end"] == "2021-01-01T02:00:00.250000Z"
    vessels = {f["id"]: f["properties"] for f in page(api, "vessels")["features"]}
    assert vessels["111"]["length_m"] == 7.4
    assert vessels["222"]["name"] == "<SCRIPT SRC=//X.YZ>"
    assert vessels["444"]["identities"] == [{"name": "ÅSGÅRD 漢字"}]


def test_what_is_unknown_or_endless_is_null(api):
    voyages = {f["id"]: f["properties"] for f in page(api, "voyages")["features"]}
    assert voyages["v-222"]["detour_ratio"] is None
    leads = {f["id"]: f["properties"] for f in page(api, "leads")["features"]}
    assert leads["l-2"]["score"] is None


def test_half_characters_and_nan_in_json_columns_are_served_as_json_can(api):
    measures = strict(api.get("/collections/events/items/e-03"))["properties"]["measures"]
    assert measures == {"speed_kn": None, "text": "half ?", "?": ["?"]}


def test_a_damaged_json_column_is_served_as_its_text(api):
    measures = strict(api.get("/collections/events/items/e-04"))["properties"]["measures"]
    assert measures == '{"cut short'


def test_an_unchanged_page_is_not_sent_again(tmp_path, serve, fill_store):

    store = fill_store(tmp_path / "store")
    with serve(create_app(store.path)) as client:
        paths = (
            "/collections/ports/items",
            "/collections/ports/items/DKEBJ",
            "/tiles/ports/0/0/0.mvt",
        )
        tags = [client.get(path).headers["etag"] for path in paths]
        assert len(set(tags)) == 3
        for path, tag in zip(paths, tags, strict=True):
            again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
        store.replace("ports", PORTS.empty())
        changed = [
            client.get(p, headers={"If-None-Match": t}) for p, t in zip(paths, tags, strict=True)
        ]
        assert [response.status_code for response in changed] == [200, 404, 200]
        assert changed[2].content == b""


def test_readers_at_once_each_get_their_own_answer(api):

    def ask(i):
        return ids(page(api, "events", event_id=f"e-{i % 25:02d}"))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(100)))
    assert answers == [[f"e-{i % 25:02d}"] for i in range(100)]


def test_every_order_is_the_tables_own(api):
    ranks = [f["properties"]["rank"] for f in page(api, "leads")["features"]]
    assert ranks == sorted(ranks)
    kinds = [f["properties"]["kind"] for f in page(api, "events")["features"]]
    assert [kind for kind, _ in itertools.groupby(kinds)] == ["encounter", "loitering"]
