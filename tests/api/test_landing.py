import httpx
import pytest

from vesseltrack_api.app import create_app
from vesseltrack_api.settings import ApiSettings

LINKS = {"self", "alternate", "service-desc", "service-doc", "conformance", "data"}


def test_landing_page_links_to_what_the_standard_asks_for(api):
    document = api.get("/").json()
    assert {link["rel"] for link in document["links"]} >= LINKS
    assert {"title", "description"} <= document.keys()
    assert "map" in " ".join(link["href"] for link in document["links"])


def test_every_link_of_the_landing_page_leads_somewhere(api):
    for link in api.get("/").json()["links"]:
        # Only the map may be missing: it is built apart, and says so.
        expected = (200, 503) if link["href"].endswith("/map/") else (200,)
        response = api.get(link["href"])
        assert response.status_code in expected, link
        if response.status_code == 200:
            kind = link["type"].split(";")[0]
            assert response.headers["content-type"].startswith(kind), link


def test_a_browser_gets_a_page_without_scripts(api):
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    page = api.get("/", headers=browser)
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["vary"].lower().startswith("accept")
    assert 'href="' + str(api.base_url).rstrip("/") + '/map/"' in page.text
    assert "<script" not in page.text
    assert api.get("/?f=html").text == page.text
    assert api.get("/?f=json", headers=browser).json()["title"]
    assert api.get("/style.css").headers["content-type"].startswith("text/css")


def test_conformance_names_the_classes(api):
    classes = api.get("/conformance").json()["conformsTo"]
    for name in ("core", "oas30", "geojson"):
        assert f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" in classes


def test_links_follow_the_host_that_was_asked(api):
    document = api.get("/", headers={"Host": "ais.example.org:8443"}).json()
    assert document["links"][0]["href"] == "http://ais.example.org:8443/"


@pytest.mark.parametrize("host", ["[", "a b", "x:99999999", '"><b>'])
def test_a_broken_host_harms_nothing(api, host):
    for path in ("/", "/?f=html", "/collections"):
        response = api.get(path, headers={"Host": host})
        assert response.status_code in (200, 400)
        assert "<b>" not in response.text


def test_a_public_address_takes_the_place_of_the_host(planted_store, serve):

    settings = ApiSettings(public_url="https://example.org/ais/")
    with serve(create_app(planted_store.path, settings)) as client:
        links = client.get("/").json()["links"]
        page = client.get("/collections/events/items?limit=1").json()
    assert {httpx.URL(link["href"]).path for link in links} >= {"/ais/collections", "/ais/api"}
    assert page["links"][1]["href"].startswith("https://example.org/ais/collections/events/items?")
