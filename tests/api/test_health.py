import pytest

from vesseltrack.schema import TABLES
from vesseltrack.store import Store
from vesseltrack_api.app import create_app


def test_alive_and_ready(api):
    assert api.get("/healthz").json() == {"status": "ok"}
    ready = api.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["tables"].keys() == TABLES.keys()
    assert ready.json()["tables"]["events"] == 25
    assert ready.headers["cache-control"] == "no-store"


def test_a_store_may_come_after_the_service(tmp_path, serve):
    path = tmp_path / "later"
    with serve(create_app(path)) as client:
        assert client.get("/healthz").status_code == 200
        for unready in (
            "/readyz",
            "/collections",
            "/collections/events/items",
            "/tiles/ports/0/0/0.mvt",
        ):
            response = client.get(unready)
            assert response.status_code == 503
            assert response.headers["content-type"] == "application/problem+json"
            assert str(tmp_path) not in response.text
        Store.open(path, create=True)
        assert client.get("/readyz").status_code == 200


def test_a_damaged_store_is_a_problem_and_no_fault_of_ours(tmp_path, serve, fill_store):
    store = fill_store(tmp_path / "store")
    for file in (store.path / "events").glob("*.parquet"):
        file.write_bytes(b"not parquet")
    with serve(create_app(store.path)) as client:
        response = client.get("/collections/events/items")
        assert response.status_code == 503
        assert str(tmp_path) not in response.text
        assert client.get("/collections/leads/items").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_parameters_are_refused_here_too(api, path):
    assert api.get(f"{path}?deep=true").status_code == 400
