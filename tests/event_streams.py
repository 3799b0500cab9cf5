"""Streams of server-sent events, from a real server and read by the rules of the HTML standard."""

import threading
import time
from contextlib import contextmanager

import httpx

from vesseltrack_api.app import create_app
from vesseltrack_api.server import Server
from vesseltrack_api.settings import ApiSettings

MANY = 1 << 30


class Reader:
    """Server-sent events by the rules of the HTML standard."""

    def __init__(self, response):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        self.response = response
        self.comments = 0
        self._lines = response.iter_lines()

    def events(self, n):
        found = []
        event = {}
        while len(found) < n:
            line = next(self._lines)
            if not line:
                if "data" in event:
                    found.append(event)
                event = {}
                continue
            name, _, value = line.partition(":")
            self.comments += not name
            event[name] = value.removeprefix(" ")
        return found

    def numbers(self, n):
        return [int(event["id"]) for event in self.events(n)]


@contextmanager
def reading(client, **options):
    with client.stream("GET", "/live", **options) as response:
        yield Reader(response)


SERVERS = []


@contextmanager
def served(path, **settings):
    server = Server.of(create_app(path, ApiSettings(**settings)), host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    SERVERS[:] = [server]
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
