"""A browser, and the services that it visits."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from browser.planted import plant
from browser.visits import Visit, serving, visiting
from vesseltrack.store import Store
from vesseltrack_api.app import create_app

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS: Final = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Whatever the page tries, no other host has an address.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
VIEWPORT: Final = (1280, 640)
PHONE: Final = (390, 844)


@pytest.fixture(scope="session")
def planted_map_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("planted") / "store"
    plant(path)
    return path


@pytest.fixture(scope="session")
def map_address(planted_map_store: Path) -> Iterator[str]:
    """The address of the real application over the planted store."""
    with serving(create_app(planted_map_store)) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser; without one the tests that need it are skipped."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("no Chromium on this machine: install it with 'apt install chromium'")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def map_visit(chromium: Browser, map_address: str) -> Iterator[Visit]:
    """A desktop visit to the planted store."""
    with visiting(chromium, map_address, VIEWPORT) as visit:
        yield visit


@pytest.fixture(scope="module")
def lead_page(chromium: Browser, map_address: str) -> Iterator[Page]:
    """The page after a click on the first lead; to be looked at, not changed."""
    with visiting(chromium, map_address, VIEWPORT) as visit:
        page = visit.open()
        page.click(".lead")
        visit.at_rest(page)
        yield page


@pytest.fixture
def phone_visit(chromium: Browser, map_address: str) -> Iterator[Visit]:
    """The same on the screen of a phone."""
    with visiting(chromium, map_address, PHONE) as visit:
        yield visit


@pytest.fixture
def empty_visit(chromium: Browser, tmp_path: Path) -> Iterator[Visit]:
    """A visit to a store that nothing was ever put into."""
    store = Store.open(tmp_path / "store", create=True)
    with (
        serving(create_app(store.path)) as address,
        visiting(chromium, address, VIEWPORT) as visit,
    ):
        yield visit


@pytest.fixture
def prefixed_visit(chromium: Browser, planted_map_store: Path) -> Iterator[Visit]:
    """A visit to the planted store served below a prefix, as behind a proxy."""
    outer = FastAPI()
    outer.mount("/fleet", create_app(planted_map_store))
    with serving(outer) as address, visiting(chromium, address, VIEWPORT) as visit:
        yield visit


@pytest.fixture(scope="module")
def demo_address(demo_store: Store) -> Iterator[str]:
    with serving(create_app(demo_store.path)) as address:
        yield address


@pytest.fixture
def demo_visit(chromium: Browser, demo_address: str) -> Iterator[Visit]:
    """A visit to what `vesseltrack demo` makes."""
    with visiting(chromium, demo_address, VIEWPORT) as visit:
        yield visit
