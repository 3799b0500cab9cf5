"""Visits to a served map by a real browser that may go nowhere else."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route

from vesseltrack_api.server import Server

READY_S: Final = 60.0


@contextmanager
def serving(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Serve an application on a port of this machine, by default a free one; gives its address."""
    if hasattr(app.state, "context"):
        server: uvicorn.Server = Server.of(app, host="127.0.0.1", port=port)
    else:  # ours is mounted in another
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Visit:
    """One browser context on one service, with everything that went wrong in it."""

    address: str
    context: BrowserContext
    outside: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def open(self, place: str = "/map/") -> Page:
        """Open a page and wait until it has come to rest."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        page.on("console", self._heard)
        page.goto(self.address + place)
        self.at_rest(page)
        return page

    def at_rest(self, page: Page) -> None:
        """Wait until nothing is loading or moving any more."""
        deadline = time.monotonic() + READY_S
        # Not wait_for_function: the page's policy forbids the eval behind it.
        while not page.evaluate("window.vesseltrackReady === true"):
            assert time.monotonic() < deadline, f"the map did not come to rest within {READY_S} s"
            page.wait_for_timeout(50)

    def refuse_outside(self, route: Route) -> None:
        """Let requests to the service pass, and no other."""
        if route.request.url.startswith((f"{self.address}/", "data:", "blob:")):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"console {message.type}: {message.text}")


@contextmanager
def visiting(browser: Browser, address: str, viewport: tuple[int, int]) -> Iterator[Visit]:
    """Visit a service: nothing may be asked of others, and nothing may go wrong."""
    width, height = viewport
    context = browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    visit = Visit(address, context)
    context.route("**/*", visit.refuse_outside)
    yield visit
    context.close()
    assert visit.outside == []
    assert visit.problems == []
