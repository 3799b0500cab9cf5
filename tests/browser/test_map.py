"""The map in a real browser, over the real application: what a user sees and can do."""

import io
import math
import re

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from playwright.sync_api import Page

from browser.planted import HOSTILE_NAME, LOITER_AT
from browser.visits import Visit

pytestmark = pytest.mark.browser

SEA, LAND = (10, 24, 38), (30, 44, 55)
ORANGE = (255, 138, 61)  # the shortest route
YELLOW = (255, 210, 63)  # loitering
WHITE = (255, 255, 255)  # what is chosen

Pixels = npt.NDArray[np.int16]


def chart_pixels(page: Page) -> Pixels:
    shot = Image.open(io.BytesIO(page.locator("#map canvas").screenshot())).convert("RGB")
    return np.asarray(shot, dtype=np.int16)


def around(page: Page, pixels: Pixels, lat: float, lon: float, reach: int = 3) -> Pixels:
    """The pixels around a place, found by the Mercator projection and the view in the address."""
    x, y = pixel_of(page, pixels, lat, lon)
    return pixels[y - reach : y + reach + 1, x - reach : x + reach + 1].reshape(-1, 3)


def pixel_of(page: Page, pixels: Pixels, lat: float, lon: float) -> tuple[int, int]:
    zoom, lat0, lon0 = (float(part) for part in view_of(page).split("/"))
    world_px = 512 * 2**zoom

    def northing(deg: float) -> float:
        return math.asinh(math.tan(math.radians(deg))) / (2 * math.pi)

    eastward_deg = (lon - lon0 + 180) % 360 - 180
    x = pixels.shape[1] / 2 + eastward_deg / 360 * world_px
    y = pixels.shape[0] / 2 - (northing(lat) - northing(lat0)) * world_px
    return round(x), round(y)


def view_of(page: Page) -> str:
    found = re.search(r"map=([\d./-]+)", page.url)
    assert found, page.url
    return found[1]


def near(pixels: Pixels, colour: tuple[int, int, int], within: int = 12) -> npt.NDArray[np.bool_]:
    return np.abs(pixels - np.array(colour)).max(axis=-1) <= within


def evidence(page: Page) -> str:
    return page.locator("#evidence").inner_text()


def test_land_sea_and_tracks_are_drawn_where_they_are(map_visit: Visit) -> None:
    page = map_visit.open("/map/#map=5.5/55.5/6.5")

    pixels = chart_pixels(page)

    assert near(around(page, pixels, 56.2, 9.2), LAND).all()  # Jutland
    assert near(around(page, pixels, 54.6, 4.0), SEA).all()  # the North Sea
    assert around(page, pixels, 56.45, 7.15).max() > 150  # half-way up the sailor's third leg
    assert near(around(page, pixels, *LOITER_AT, reach=6), YELLOW).any()  # the event


def test_a_lead_shows_its_evidence(lead_page: Page) -> None:
    text = evidence(lead_page)

    assert f"{HOSTILE_NAME} lay 12 hours in open water, 75 nm from shore." in text
    assert "2021-01-04 00:00 to 12:00 UTC" in text
    assert re.search(r"Mean speed\s+0\.6 kn\s+< 2 kn\s+\+1\.4 kn", text)
    assert re.search(r"Duration\s+12 h\s+≥ 1 h\s+\+11 h", text)
    assert re.search(r"Still\s+25 %", text)
    assert re.search(r"at anchor\s*does not hold\s*in port\s*does not hold", text)
    assert "73 positions of MMSI 219000001" in text
    assert "Orders to wait there." in text
    zoom, lat, lon = (float(part) for part in view_of(lead_page).split("/"))
    assert (zoom, lat, lon) == pytest.approx((9, *LOITER_AT), abs=0.6)  # it flew there


def test_every_link_in_the_evidence_is_answered(lead_page: Page) -> None:
    links = lead_page.locator("#evidence a[href^='http']").evaluate_all(
        "all => all.map(a => a.href)"
    )

    assert len(links) >= 5
    assert [lead_page.request.get(link).status for link in links] == [200] * len(links)


def test_a_hostile_name_is_text(lead_page: Page) -> None:
    assert lead_page.locator(".lead strong").inner_text() == HOSTILE_NAME
    assert lead_page.locator("#evidence h2").inner_text() == HOSTILE_NAME
    scripts = lead_page.locator("script").evaluate_all(
        "all => all.map(s => s.getAttribute('src'))"
    )
    assert [src.startswith("./assets/") for src in scripts] == [True]


def test_the_address_keeps_view_and_lead(lead_page: Page, map_visit: Visit) -> None:
    assert "lead=lead-1" in lead_page.url

    again = map_visit.open("/map/#map=6/54.5/7&lead=lead-1")

    assert evidence(again) == evidence(lead_page)
    assert view_of(again) == "6/54.5/7"


def test_an_event_on_the_chart_opens_and_can_be_hidden(map_visit: Visit) -> None:
    page = map_visit.open("/map/#map=7/55.5/5")
    pixels = chart_pixels(page)
    x, y = pixel_of(page, pixels, *LOITER_AT)

    page.locator("#map canvas").click(position={"x": x, "y": y})
    map_visit.at_rest(page)
    assert "Moved at less than 2 kn for 12 hours" in evidence(page)
    assert "event=event-1" in page.url

    page.click("text=Close")
    page.get_by_role("checkbox", name="Loitering").uncheck()
    map_visit.at_rest(page)
    pixels = chart_pixels(page)
    assert not near(around(page, pixels, *LOITER_AT, reach=6), YELLOW).any()


def test_a_track_on_the_chart_opens_its_vessel_and_her_events(map_visit: Visit) -> None:
    page = map_visit.open("/map/#map=7/56.45/7.15")
    x, y = pixel_of(page, chart_pixels(page), 56.45, 7.15)

    page.locator("#map canvas").click(position={"x": x, "y": y})
    map_visit.at_rest(page)

    assert re.search(r"Vessel\s+NORDLYS\s+MMSI 219000002", evidence(page))
    assert re.search(r"Length . beam\s+80 m . 14 m", evidence(page))

    page.click("text=Drifted on the way.")
    map_visit.at_rest(page)
    assert re.search(r"at anchor\s*does not hold\s*in port\s*holds", evidence(page))


def test_a_voyage_is_drawn_beside_the_shortest_route(map_visit: Visit) -> None:
    page = map_visit.open()

    page.click("#tab-voyages")
    map_visit.at_rest(page)
    row = page.locator(".voyages tbody tr").inner_text()
    assert re.search(r"NORDLYS\s+219000002\s+Rotterdam → Skagen\s+437\s+428\s+1\.02", row)
    page.click(".voyages tbody tr")
    map_visit.at_rest(page)

    assert re.search(r"Extra miles\s+9 nm", evidence(page))
    assert "could not be drawn" not in evidence(page)
    pixels = chart_pixels(page)
    assert near(pixels, ORANGE).sum() > 100
    assert near(around(page, pixels, 56.45, 7.15), WHITE, within=40).any()


def test_the_keyboard_reaches_everything(map_visit: Visit) -> None:
    page = map_visit.open()
    page.focus("#tab-leads")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    map_visit.at_rest(page)
    assert page.evaluate("document.activeElement.id") == "evidence"

    page.keyboard.press("Escape")
    assert page.locator("#evidence").is_hidden()
    assert page.evaluate("document.activeElement.dataset.id") == "lead-1"


def test_a_phone_folds_the_list_away(phone_visit: Visit) -> None:
    page = phone_visit.open()
    assert page.locator(".lead").is_hidden()

    page.click("#toggle")
    page.click(".lead")
    phone_visit.at_rest(page)

    assert page.locator(".lead").is_hidden()
    assert "Orders to wait there." in evidence(page)


def test_an_empty_store_says_so(empty_visit: Visit) -> None:
    page = empty_visit.open()
    assert page.locator("#live-marker").is_hidden()  # nothing feeds it
    assert page.locator("#tab-live").is_hidden()

    assert "No leads in this store" in page.locator("#leads").inner_text()
    page.click("#tab-voyages")
    empty_visit.at_rest(page)
    assert "No voyages in this store" in page.locator("#voyages").inner_text()


def test_it_works_below_any_prefix(prefixed_visit: Visit) -> None:
    page = prefixed_visit.open("/fleet/map/#map=5.5/55.5/6.5")

    assert page.locator(".lead strong").inner_text() == HOSTILE_NAME
    pixels = chart_pixels(page)
    assert near(around(page, pixels, 56.2, 9.2), LAND).all()
    assert around(page, pixels, 56.45, 7.15).max() > 150


def test_the_demo_shows_one_number_on_two_sides_of_the_date_line(demo_visit: Visit) -> None:
    page = demo_visit.open()

    page.click(".lead:has-text('412331088')")
    demo_visit.at_rest(page)

    pixels = chart_pixels(page)
    for lat, lon in ((-45.308, -60.512), (36.9, 122.427)):  # where the two hulls were last heard
        ring = around(page, pixels, lat, lon, reach=16)
        assert near(ring, WHITE, within=30).sum() > 20


def test_the_demo_shows_the_voyage_to_st_petersburg(demo_visit: Visit) -> None:
    page = demo_visit.open()

    page.click("#tab-voyages")
    page.click(".voyages tr:has-text('Rotterdam')")
    demo_visit.at_rest(page)

    assert re.search(r"From\s+Rotterdam \(port call\)", evidence(page))
    assert re.search(r"Passages\s+Kiel", evidence(page))
    pixels = chart_pixels(page)
    rendsburg = around(page, pixels, 54.30, 9.67, reach=5)  # half-way through the canal
    assert near(rendsburg, WHITE, within=40).any()
