"""The map while a feed or a replay goes on: what moves, what stays, and what is said of it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Locator, Page, Request

from alert_tables import T0, told
from archives import DMA_ARCHIVE
from browser.planted import HOSTILE_NAME
from browser.test_map import YELLOW, around, chart_pixels, near, pixel_of
from browser.visits import Visit, serving, visiting
from live_shown import REPLAYING, latest, leads
from vesseltrack import engine
from vesseltrack.config import Config
from vesseltrack.schema import LiveState
from vesseltrack.store import Store
from vesseltrack_api.app import create_app
from vesseltrack_api.context import context_of

pytestmark = pytest.mark.browser

VIEWPORT = (1280, 640)
LOITERER = 566948000  # of the archive: from midnight, told an hour later
MANY = 1 << 30
WAIT_S = 60.0


def until(page: Page, holds: Callable[[], Any]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


def entries(page: Page) -> Locator:
    return page.locator("#live .lead")


def marker(page: Page) -> str:
    return page.locator("#live-marker").inner_text()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "store", create=True)


@pytest.fixture
def app(store: Store) -> FastAPI:
    return create_app(store.path)


@pytest.fixture
def visit(chromium: Browser, app: FastAPI) -> Iterator[Visit]:
    with serving(app) as address, visiting(chromium, address, VIEWPORT) as visit:
        yield visit


@pytest.fixture
def replay(store: Store) -> Iterator[engine.Replay]:
    """A replay of a day of an archive, held before its first position."""
    player = engine.Replay(
        store,
        [DMA_ARCHIVE],
        lambda: engine.LiveEngine(Config(), kinds=("loitering",)),
        play=engine.Play(speed=7200.0),
    )
    player.pause()
    thread = threading.Thread(target=player.run)
    thread.start()
    yield player
    player.stop()
    thread.join(WAIT_S)
    assert not thread.is_alive()


@pytest.mark.slow
def test_a_replay_is_seen_from_its_first_position_to_its_record(
    store: Store, replay: engine.Replay, visit: Visit
) -> None:
    page = visit.open("/map/#map=8/55.57/4.62")
    page.locator("#live-marker[data-state=paused]").wait_for()
    assert "Nothing flagged so far; 0 vessels heard" in page.locator("#live").inner_text()

    replay.resume()
    entries(page).wait_for()
    replay.pause()
    page.locator("#live-marker[data-state=paused]").wait_for()
    at = store.live_status().at
    until(page, lambda: f"{at:%Y-%m-%d %H:%M:%S} UTC" in marker(page))
    assert "Replay 7,200" in marker(page)
    assert page.get_by_role("slider").count() == 0  # nobody may move it here
    assert f"MMSI {LOITERER}" in entries(page).inner_text()
    assert "goes on" in entries(page).inner_text()
    (row,) = store.live_leads().to_pylist()
    until(
        page,
        lambda: near(around(page, chart_pixels(page), row["lat"], row["lon"], 8), YELLOW).any(),
    )

    entries(page).click()
    page.locator("#evidence h2").wait_for()
    assert "Apparent loitering" in page.locator("#evidence").inner_text()
    replay.resume()
    page.get_by_text("More has been told of this since.").wait_for()
    assert page.locator("#live .lead[aria-current=true]").count() == 1

    replay.stop()
    page.locator("#live-marker[data-state=ended]").wait_for()
    replay.say(LiveState.ANALYSING)
    page.locator("#live-marker[data-state=analysing]").wait_for()
    engine.analyse(store, kinds=("loitering",))
    replay.say(LiveState.ENDED)
    page.get_by_text("To the leads").click()
    page.locator("#leads .lead").wait_for()
    assert f"MMSI {LOITERER}" in page.locator("#leads .lead").inner_text()


def test_a_replay_is_held_and_moved_where_the_operator_allows_it(
    chromium: Browser, store: Store
) -> None:
    store.show_live(replace(REPLAYING, n_leads=1))
    app = create_app(store.path, may_steer=True)
    with serving(app) as address, visiting(chromium, address, VIEWPORT) as visit:
        page = visit.open()
        page.get_by_role("button", name="Pause").click()
        until(page, store.replay_requests)
        store.show_live(replace(REPLAYING, state=LiveState.PAUSED))
        page.get_by_role("button", name="Play").wait_for()

        slider = page.get_by_role("slider")
        slider.focus()
        slider.press("End")
        until(page, lambda: len(store.replay_requests()) == 2)
        held, moved = store.replay_requests()
        assert held.is_paused is True
        assert moved.at == REPLAYING.until


def fleet(n: int, *first: dict[str, Any]) -> list[dict[str, Any]]:
    return [*first, *({"mmsi": 219_000_000 + i, "name": f"SHIP {i}"} for i in range(n))]


def test_the_list_keeps_choice_place_and_order_while_it_changes(
    store: Store, visit: Visit
) -> None:
    store.show_live(replace(REPLAYING, n_leads=1), leads=leads(*fleet(40)))
    page = visit.open()
    chosen = page.locator("#live .lead", has_text="SHIP 20")
    chosen.wait_for()
    chosen.scroll_into_view_if_needed()
    chosen.click()
    page.locator("#evidence h2").wait_for()
    page.mouse.move(900, 300)
    before = chosen.bounding_box()
    assert before is not None

    arrived = [{"mmsi": 257_000_000 + i, "name": f"NEW {i}"} for i in range(5)]
    store.show_live(replace(REPLAYING, n_leads=2), leads=leads(*fleet(40, *arrived)))
    until(page, lambda: entries(page).count() == 45)

    after = chosen.bounding_box()
    assert after is not None
    assert after["y"] == pytest.approx(before["y"], abs=2)
    assert chosen.get_attribute("aria-current") == "true"
    assert entries(page).first.locator("strong").inner_text() == "NEW 0"
    assert chosen.locator(".rank").inner_text() == "26"

    # Nothing changes places under the pointer.
    entries(page).first.hover()
    turned = leads(*reversed(fleet(40, *arrived)))
    store.show_live(replace(REPLAYING, n_leads=3), leads=turned)
    until(page, lambda: entries(page).first.locator(".rank").inner_text() == "45")
    assert entries(page).first.locator("strong").inner_text() == "NEW 0"
    page.mouse.move(900, 300)
    until(page, lambda: entries(page).first.locator("strong").inner_text() == "SHIP 39")


def test_what_is_withdrawn_leaves_list_and_chart(store: Store, visit: Visit) -> None:
    store.append_alerts(told({"event_id": "a"}), max_bytes=MANY)
    store.show_live(replace(REPLAYING, n_leads=1), leads=leads({"mmsi": 219_000_001}))
    page = visit.open("/map/#map=8/54.5/5.25")
    entries(page).wait_for()

    def is_marked() -> bool:
        return bool(near(around(page, chart_pixels(page), 54.5, 5.25, 8), YELLOW).any())

    until(page, is_marked)
    gone = told({"event_id": "a", "status": "withdrawn", "revision": 2})
    store.append_alerts(gone, max_bytes=MANY)
    store.show_live(replace(REPLAYING, n_leads=2), leads=leads({"mmsi": 1}).slice(0, 0))
    page.get_by_text("Nothing flagged so far").wait_for()
    until(page, lambda: not is_marked())


def test_vessels_move_and_their_hostile_names_are_text(store: Store, visit: Visit) -> None:
    ship = {"mmsi": 219_000_007, "name": HOSTILE_NAME, "sog_kn": 12.0, "cog_deg": 90.0}
    store.show_live(replace(REPLAYING, n_latest=1, n_vessels=1), latest({**ship, "lon": 5.0}))
    page = visit.open("/map/#map=9/54.5/5.25")

    def is_at(lon: float) -> bool:
        return bool(around(page, chart_pixels(page), 54.5, lon, 3).max() > 150)

    until(page, lambda: is_at(5.0))
    assert not is_at(5.5)
    moved = latest({**ship, "lon": 5.5, "timestamp": T0 + timedelta(hours=3)})
    store.show_live(replace(REPLAYING, n_latest=2, n_vessels=1), moved)
    until(page, lambda: is_at(5.5) and not is_at(5.0))

    x, y = pixel_of(page, chart_pixels(page), 54.5, 5.5)
    page.locator("#map canvas").click(position={"x": x, "y": y})
    page.locator("#evidence h2").wait_for()
    assert page.locator("#evidence h2").inner_text() == HOSTILE_NAME
    assert "2021-01-01 03:00:00 UTC" in page.locator("#evidence").inner_text()


def test_a_lost_server_is_said_and_what_was_missed_is_told(
    chromium: Browser, store: Store
) -> None:
    asked: list[str | None] = []
    store.append_alerts(told({"event_id": "a"}), max_bytes=MANY)
    store.show_live(replace(REPLAYING, n_leads=1), leads=leads({"mmsi": 219_000_001}))
    port = free_port()
    with visiting(chromium, f"http://127.0.0.1:{port}", VIEWPORT) as visit:
        with serving(create_app(store.path), port):
            page = visit.open("/map/#map=8/54.5/5.25")
            entries(page).wait_for()

        until(page, lambda: "connection lost, next try in" in marker(page))
        page.on("request", lambda request: note_number(request, asked))
        store.append_alerts(told({"event_id": "b", "lat": 54.3}), max_bytes=MANY)
        with serving(create_app(store.path), port):
            until(page, lambda: "connection lost" not in marker(page))
            until(
                page,
                lambda: near(around(page, chart_pixels(page), 54.3, 5.25, 8), YELLOW).any(),
            )
            page.close()
        # The browser itself says that it found nobody there; nothing else was wrong.
        visit.problems[:] = [text for text in visit.problems if "net::ERR_" not in text]
    assert asked
    assert set(asked) == {"1"}


def note_number(request: Request, asked: list[str | None]) -> None:
    if request.url.endswith("/live"):
        asked.append(request.headers.get("last-event-id"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_page_that_is_not_seen_asks_for_nothing(
    store: Store, app: FastAPI, visit: Visit
) -> None:
    store.show_live(replace(REPLAYING, n_leads=1), leads=leads({"mmsi": 219_000_001}))
    page = visit.open("/map/#map=8/54.5/5.25")
    entries(page).wait_for()
    streams = context_of(app).streams
    until(page, lambda: streams.n_open == 1)
    asked: list[str] = []

    see(page, is_hidden=True)
    until(page, lambda: streams.n_open == 0)
    page.on("request", lambda request: asked.append(request.url))
    for n in range(2, 5):
        store.append_alerts(told({"event_id": f"e-{n}", "lat": 54.3}), max_bytes=MANY)
        store.show_live(replace(REPLAYING, n_leads=n), leads=leads(*fleet(n)))
    assert asked == []

    see(page, is_hidden=False)
    until(page, lambda: entries(page).count() == 4)
    until(page, lambda: near(around(page, chart_pixels(page), 54.3, 5.25, 8), YELLOW).any())
    assert len([url for url in asked if url.endswith("/live")]) == 1


def see(page: Page, *, is_hidden: bool) -> None:
    """Have the page believe that its tab was hidden, or shown again."""
    page.evaluate(
        "is => { Object.defineProperty(document, 'hidden', { value: is, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        is_hidden,
    )


def test_a_feed_that_was_killed_is_no_feed_and_one_that_went_silent_is_said(
    store: Store, visit: Visit
) -> None:
    now = datetime.now(UTC)
    store.show_live(replace(REPLAYING, written=now - timedelta(hours=1)))
    page = visit.open()
    assert page.locator("#live-marker").is_hidden()
    store.show_live(replace(REPLAYING, written=now - timedelta(minutes=3)))
    page.locator("#live-marker[data-state=trouble]").wait_for()
    assert "nothing heard of it for 3 min" in marker(page)
