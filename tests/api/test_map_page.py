import json

import pytest

from vesseltrack_api.routes import map_page

LAND = "/map/land-10m.json"


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    """A small bundle in place of the built one."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>map</title>")
    (folder / "assets" / "main-1a2b.js").write_text("export {}")
    (folder / "assets" / "worker-3c4d.mjs").write_text("export {}")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(map_page, "BUNDLE", folder)
    return folder


@pytest.mark.usefixtures("bundle")
def test_the_page_and_its_files(api):
    page = api.get("/map/")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-cache"
    assert "worker-src 'self' blob:" in page.headers["content-security-policy"]
    assert api.get("/map/index.html").text == page.text
    for name in ("main-1a2b.js", "worker-3c4d.mjs"):
        script = api.get(f"/map/assets/{name}")
        assert "javascript" in script.headers["content-type"]
        assert "immutable" in script.headers["cache-control"]


@pytest.mark.usefixtures("bundle")
def test_the_page_leads_to_its_folder(api):
    response = api.get("/map")
    assert response.is_redirect
    assert response.headers["location"] == "map/"
    assert api.get("/map", follow_redirects=True).url.path == "/map/"


@pytest.mark.usefixtures("bundle")
@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "assets/../../secret.txt",
        "assets",
        "no.js",
        "%00",
        "a" * 5000,
    ],
)
def test_only_files_of_the_bundle_are_served(api, name):
    response = api.get(f"/map/{name}")
    assert response.status_code == 404
    assert "secret" not in response.text.replace("secret.txt", "")


def test_a_map_that_is_not_built_says_so(api, tmp_path, monkeypatch):
    monkeypatch.setattr(map_page, "BUNDLE", tmp_path / "nothing")
    response = api.get("/map/")
    assert response.status_code == 503
    assert response.json()["detail"].startswith("the map is not built in this installation")


def test_the_land_is_kept_long_and_sent_small(api):
    small = api.get(LAND, headers={"Accept-Encoding": "gzip"})
    whole = api.get(LAND, headers={"Accept-Encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < int(whole.headers["content-length"]) / 3
    assert small.content == whole.content
    assert json.loads(whole.content)["type"] == "Topology"
    assert "max-age=2592000" in small.headers["cache-control"]
