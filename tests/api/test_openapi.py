import pytest

from vesseltrack_api.collections import COLLECTIONS
from vesseltrack_api.tiles.tileset import LAYERS


@pytest.fixture(scope="module")
def described(api):
    response = api.get("/api")
    assert response.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    return response.json()


def every_node(node):
    yield node
    for child in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from every_node(child)


def test_it_is_openapi_3_0_without_what_only_3_1_has(described):
    assert described["openapi"] == "3.0.3"
    assert {"info", "paths"} <= described.keys()
    for node in every_node(described):
        if isinstance(node, dict):
            assert not isinstance(node.get("type"), list)
            assert {"type": "null"} not in node.get("anyOf", ())
            assert "const" not in node
            assert not isinstance(node.get("exclusiveMinimum"), float)
            if "$ref" in node:
                assert (
                    node["$ref"].removeprefix("#/components/schemas/")
                    in described["components"]["schemas"]
                )


def test_operations_are_named_once_and_parameters_too(described):
    operations = [operations["get"] for operations in described["paths"].values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    for operation in operations:
        assert operation["responses"].keys() == {"200", "default"}
        parameters = [(p["in"], p["name"]) for p in operation["parameters"]]
        assert len(set(parameters)) == len(parameters)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_each_collection_declares_every_parameter_it_takes(described, api, name):
    declared = {
        p["name"]: p for p in described["paths"][f"/collections/{name}/items"]["get"]["parameters"]
    }
    taken = api.get(f"/collections/{name}/items?what=x").json()["allowed"].removeprefix("one of ")
    assert declared.keys() | {"f"} == set(taken.split(", "))
    assert declared["limit"]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 10_000,
        "default": 100,
    }
    assert declared["bbox"]["explode"] is False


def test_every_path_is_there(described, api):
    for path in described["paths"]:
        url = path.format(item="none", layer=LAYERS[0], z=0, x=0, y=0)
        query = {"from": "54,5", "to": "55,6"} if path == "/routes" else {}
        ask = api.head if path == "/live" else api.get  # its answer has no end
        assert ask(url, params=query).status_code == (404 if "{item}" in path else 200), path


def test_the_page_shows_every_path_and_loads_nothing_foreign(described, api):
    page = api.get("/api.html")
    assert page.headers["content-type"].startswith("text/html")
    for path in described["paths"]:
        assert f"<h2>{path}</h2>" in page.text
    assert "<script" not in page.text
    assert "://" not in page.text
