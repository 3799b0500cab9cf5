import pytest
from fastapi import FastAPI

from vesseltrack.errors import (
    NotFoundError,
    RouteError,
    StoreDamagedError,
    StoreMissingError,
    VesseltrackError,
)
from vesseltrack_api import errors, middleware
from vesseltrack_api.settings import ApiSettings

PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ParameterError("limit", "0", "1"), 400),
        (NotFoundError("x"), 404),
        (RouteError("x"), 422),
        (StoreMissingError("x"), 503),
        (StoreDamagedError("x"), 503),
        (errors.MapNotBuiltError("x"), 503),
        (VesseltrackError("x"), 500),
    ],
)
def test_every_error_has_its_status(error, status):
    assert errors.status_of(error) == status


# The hostile requests that the design lists. The first service has no keys, so the case of the
# missing key is left out.
@pytest.mark.parametrize(
    ("name", "value", "statuses"),
    [
        ("bbox", "20,60,10,50", {400}),
        ("bbox", "1,2,3", {400}),
        ("limit", "0", {400}),
        ("limit", "100000000", {200}),
        ("limit", str(10**21), {400}),
        ("datetime", "2024-01-02/2024-01-01", {400}),
        ("time", "2024-01-02/2024-01-01", {400}),
        ("name", "O'NEIL", {200}),
        ("name", "%", {200}),
        ("offset", str(10**21), {400}),
        ("offset", "-1", {400}),
        ("mmsi", str(10**21), {400}),
        ("limit", "\ud800", {400}),
        ("limit", "\u0661\u0660", {400}),  # ten, in digits of another script
        ("crs", "http://www.opengis.net/def/crs/EPSG/0/3857", {400}),
        ("f", "xml", {400}),
    ],
)
def test_hostile_parameters(api, name, value, statuses):
    query = (
        name.encode()
        + b"="
        + "".join(f"%{byte:02X}" for byte in value.encode("utf-8", "surrogatepass")).encode()
    )
    response = api.get(f"/collections/vessels/items?{query.decode()}")
    assert response.status_code in statuses
    if response.status_code == 400:
        assert response.headers["content-type"] == PROBLEM
        document = response.json()
        assert document["parameter"] == name
        assert document["title"] == "Bad Request"
        assert {"type", "status", "detail", "value", "allowed"} <= document.keys()


@pytest.mark.parametrize(
    "path",
    [
        "/vessels/999999999",
        "/tiles/2/4/0",
        "/collections/vessels/items/999999999",
        "/%ED%A0%80",
        "/%00",
    ],
)
def test_what_is_not_there(api, path):
    response = api.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == PROBLEM


def test_a_parameter_given_twice_is_refused(api):
    response = api.get("/collections/events/items?limit=1&limit=2")
    assert response.status_code == 400
    assert response.json()["allowed"] == "given once"


def test_long_values_are_not_sent_back_whole(api):
    response = api.get("/collections/events/items", params={"limit": "9" * 5000})
    assert response.status_code == 400
    assert len(response.content) < 1000


def test_the_service_only_reads(api):
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        response = api.request(method, "/collections/events/items", content=b"{")
        assert response.status_code == 405
        assert response.headers["content-type"] == PROBLEM
        assert "GET" in response.headers["allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/collections/events/items",
        "/nothing",
        "/collections/events/items?limit=0",
        "/tiles/events/0/0/0.mvt",
    ],
)
def test_every_answer_carries_the_security_headers(api, path):
    headers = api.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"


def test_head_is_get_without_the_body(api):
    got, head = (
        api.request(method, "/collections/ports/items/DKEBJ") for method in ("GET", "HEAD")
    )
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == got.headers["etag"]


def test_other_pages_may_read(api):
    origin = {"Origin": "https://example.org"}
    response = api.get("/collections/events/items", headers=origin)
    assert response.headers["access-control-allow-origin"] == "*"
    assert "ETag" in response.headers["access-control-expose-headers"]
    asked = {**origin, "Access-Control-Request-Method": "DELETE"}
    assert api.options("/collections/events/items", headers=asked).status_code == 400


def test_answers_are_compressed_for_who_can_read_it(api):
    path = "/collections/events/items"
    assert api.get(path, headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in api.get(path, headers={"Accept-Encoding": "identity"}).headers


def test_an_unexpected_fault_tells_nothing_of_the_inside(serve):
    app, secret = FastAPI(), "/home/secret"
    errors.install(app)
    middleware.install(app, ApiSettings())

    @app.get("/fault")
    def fault():
        raise ZeroDivisionError(secret)

    @app.get("/house")
    def house():
        raise VesseltrackError(secret)

    with serve(app) as client:
        for path in ("/fault", "/house"):
            # The server ends the connection after a fault: it is not to be used again.
            response = client.get(path, headers={"Connection": "close"})
            assert response.status_code == 500
            assert response.headers["content-type"] == PROBLEM
            assert response.headers["x-content-type-options"] == "nosniff"
            assert "secret" not in response.text
