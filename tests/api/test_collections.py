import pytest

from vesseltrack import schema
from vesseltrack.store import Store
from vesseltrack_api.app import create_app
from vesseltrack_api.collections import COLLECTIONS

NAMES = ["vessels", "tracks", "voyages", "port_calls", "events", "leads", "ports"]


def test_all_collections_are_listed(api):
    listed = api.get("/collections").json()["collections"]
    assert [collection["id"] for collection in listed] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_collection_stands_alone_as_it_is_listed(api, name):
    alone = api.get(f"/collections/{name}").json()
    listed = api.get("/collections").json()["collections"]
    assert alone == next(collection for collection in listed if collection["id"] == name)
    assert alone["itemType"] == "feature"
    assert [link["rel"] for link in alone["links"]][:2] == ["self", "items"]
    assert (
        next(link for link in alone["links"] if link["rel"] == "items")["type"]
        == "application/geo+json"
    )


def test_extents_are_those_of_the_rows(api):
    events = api.get("/collections/events").json()["extent"]
    assert events["spatial"]["bbox"] == [[5.0, 54.0, 7.0, 55.0]]
    assert events["temporal"]["interval"] == [
        ["2021-01-01T00:00:00Z", "2021-01-02T01:00:00.250000Z"]
    ]
    # Something crosses the date line: every longitude.
    assert api.get("/collections/tracks").json()["extent"]["spatial"]["bbox"] == [
        [-180, -17, 180, 60]
    ]
    # Ports have no time.
    assert "temporal" not in api.get("/collections/ports").json()["extent"]


def test_an_empty_store_has_no_extents(tmp_path, serve):

    Store.open(tmp_path / "empty", create=True)
    with serve(create_app(tmp_path / "empty")) as client:
        assert all(c["extent"] == {} for c in client.get("/collections").json()["collections"])
        assert client.get("/collections/tracks/items").json()["numberMatched"] == 0
        assert client.get("/collections/voyages/items?bbox=0,0,1,1").json()["features"] == []
        assert client.get("/tiles/tracks/0/0/0.mvt").content == b""
        assert client.get("/tiles/events/0/0/0.mvt").content == b""
        assert client.get("/tiles/ports/tilejson.json").json()["bounds"][0] == -180


@pytest.mark.parametrize("name", NAMES)
def test_every_queryable_is_a_property_and_filters(api, name):
    """A feature is found by each of its own values, and by no other."""
    document = api.get(f"/collections/{name}/queryables").json()
    assert document["type"] == "object"
    queryables = [q for q in document["properties"] if q != "geometry"]
    feature = api.get(f"/collections/{name}/items?limit=1").json()["features"][0]
    assert set(queryables) <= feature["properties"].keys()
    for queryable in queryables:
        value = feature["properties"][queryable]
        if value is None:
            continue
        text = str(value).lower() if isinstance(value, bool) else str(value)
        found = api.get(f"/collections/{name}/items", params={queryable: text}).json()
        assert feature["id"] in [f["id"] for f in found["features"]], queryable
        assert all(f["properties"][queryable] == value for f in found["features"])


def test_no_json_column_can_be_asked_for():
    for collection in COLLECTIONS.values():
        said = {column.name for column in collection.table.columns if "JSON" in column.doc}
        assert not said & collection.queryables.keys()


def test_every_derived_table_is_served():

    raw = {"positions", "statics", "sources", "rejects", "anchorages"}  # no run's results
    assert {c.table.name for c in COLLECTIONS.values()} == schema.TABLES.keys() - raw


def test_an_unknown_collection_is_a_problem_that_lists_those_there_are(api):
    response = api.get("/collections/boats")
    assert response.status_code == 404
    assert "there are vessels, tracks" in response.json()["detail"]
