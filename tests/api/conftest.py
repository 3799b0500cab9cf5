"""A small store of planted vessels, and the service over it."""

import contextlib
import json
import threading
import time
from datetime import UTC, datetime, timedelta

import httpx
import numpy as np
import pytest
import uvicorn

from vesseltrack import hexgrid, schema
from vesseltrack.store import Store
from vesseltrack_api.app import create_app
from vesseltrack_api.settings import ApiSettings

T0 = datetime(2021, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=10)
# Names as senders have really transmitted, or could.
NAMES = {
    111: "O'NEIL",
    222: "<SCRIPT SRC=//X.YZ>",
    333: "100%",
    444: "ÅSGÅRD 漢字",
    555: None,
}
# What each vessel did: latitudes, longitudes and speeds, one fix every ten minutes.
COURSES = {
    111: (
        np.linspace(54.0, 55.0, 13),
        np.linspace(5.0, 7.0, 13),
        np.repeat([6.0, 6.2, 12.0], [5, 1, 7]),
    ),
    222: (
        np.full(9, -17.0),
        np.array([179.2, 179.4, 179.6, 179.8, -180.0, -179.8, -179.6, -179.4, -179.2]),
        np.full(9, 10.0),
    ),
    333: (np.full(4, 54.5), np.full(4, 6.0), np.array([0.0, np.nan, 0.1, 0.0])),
    444: (np.array([60.0]), np.array([20.0]), np.array([np.nan])),
    # Two segments: a gap of a day between them.
    555: (np.linspace(30.0, 32.0, 8), np.linspace(-40.0, -44.0, 8), np.full(8, np.nan)),
}
SEGMENTS_OF = {111: [(0, 13)], 222: [(0, 9)], 333: [(0, 4)], 444: [(0, 1)], 555: [(0, 4), (4, 8)]}


def fix_time(mmsi, i):
    gap = timedelta(days=1) if mmsi == 555 and i >= 4 else timedelta(0)
    return T0 + i * STEP + gap


def _positions():
    rows = [(m, i) for m, course in COURSES.items() for i in range(len(course[0]))]
    mmsi = [m for m, _ in rows]
    return schema.RECEIVED.of(
        {
            "mmsi": mmsi,
            "timestamp": [fix_time(m, i) for m, i in rows],
            "lat_e6": [round(float(COURSES[m][0][i]) * 1e6) for m, i in rows],
            "lon_e6": [round(float(COURSES[m][1][i]) * 1e6) for m, i in rows],
            "sog_kn": [COURSES[m][2][i] for m, i in rows],
            "msg_type": [1] * len(rows),
            "quality": [0] * len(rows),
            "source_id": [7] * len(rows),
            "line": list(range(1, len(rows) + 1)),
        }
    )


def _vessels():
    last = {m: (c[0][-1], c[1][-1]) for m, c in COURSES.items()}
    return schema.VESSELS.of(
        {
            "vessel_id": [str(m) for m in COURSES],
            "mmsi": list(COURSES),
            "name": list(NAMES.values()),
            "identities": [json.dumps([{"name": name}]) for name in NAMES.values()],
            "length_m": [7.4, None, float("nan"), 100.0, None],
            "first_seen": [fix_time(m, 0) for m in COURSES],
            "last_seen": [fix_time(m, len(c[0]) - 1) for m, c in COURSES.items()],
            "n_positions": [len(c[0]) for c in COURSES.values()],
            "lat": [p[0] for p in last.values()],
            "lon": [p[1] for p in last.values()],
        }
    )


def _segments():
    rows = [(m, a, b) for m, parts in SEGMENTS_OF.items() for a, b in parts]
    lats = [COURSES[m][0][a:b] for m, a, b in rows]
    lons = [COURSES[m][1][a:b] for m, a, b in rows]
    crosses = [bool((np.abs(np.diff(lon)) > 180).any()) for lon in lons]
    return schema.SEGMENTS.of(
        {
            "segment_id": [f"s-{m}-{a}" for m, a, _ in rows],
            "vessel_id": [str(m) for m, _, _ in rows],
            "mmsi": [m for m, _, _ in rows],
            "start": [fix_time(m, a) for m, a, _ in rows],
            "end": [fix_time(m, b - 1) for m, _, b in rows],
            "start_lat": [lat[0] for lat in lats],
            "start_lon": [lon[0] for lon in lons],
            "end_lat": [lat[-1] for lat in lats],
            "end_lon": [lon[-1] for lon in lons],
            "min_lat": [lat.min() for lat in lats],
            "max_lat": [lat.max() for lat in lats],
            "min_lon": [
                lon[lon > 0].min() if x else lon.min()
                for lon, x in zip(lons, crosses, strict=True)
            ],
            "max_lon": [
                lon[lon < 0].max() if x else lon.max()
                for lon, x in zip(lons, crosses, strict=True)
            ],
            "length_nm": [1.0] * len(rows),
            "n_positions": [b - a for _, a, b in rows],
            "max_gap_h": [1 / 6] * len(rows),
            "fix_ranges": [
                [
                    {
                        "start": fix_time(m, a),
                        "start_nth": 0,
                        "end": fix_time(m, b - 1),
                        "end_nth": 0,
                    }
                ]
                for m, a, b in rows
            ],
        }
    )


def _voyages():
    rows = [(111, 2, 10), (222, 0, 8), (555, 1, 6)]
    return schema.VOYAGES.of(
        {
            "voyage_id": [f"v-{m}" for m, _, _ in rows],
            "vessel_id": [str(m) for m, _, _ in rows],
            "mmsi": [m for m, _, _ in rows],
            "origin_by": ["call", "edge", "declared"],
            "destination_by": ["call", "edge", "edge"],
            "start": [fix_time(m, a) for m, a, _ in rows],
            "end": [fix_time(m, b) for m, _, b in rows],
            "is_open": [False, False, True],
            "start_lat": [COURSES[m][0][a] for m, a, _ in rows],
            "start_lon": [COURSES[m][1][a] for m, a, _ in rows],
            "end_lat": [COURSES[m][0][b] for m, _, b in rows],
            "end_lon": [COURSES[m][1][b] for m, _, b in rows],
            "n_positions": [b - a + 1 for _, a, b in rows],
            "travelled_nm": [80.0, 90.0, 100.0],
            "removed_nm": [0.0, 0.0, 0.0],
            "by_sea_nm": [0.0, 0.0, 0.0],
            "detour_ratio": [1.25, float("nan"), None],
            "passages": [["kiel"], [], []],
            "coverage_frac": [1.0, 1.0, 0.5],
        }
    )


def _port_calls():
    return schema.PORT_CALLS.of(
        {
            "port_call_id": ["c-1"],
            "vessel_id": ["333"],
            "mmsi": [333],
            "port": ["Esbjerg"],
            "locode": ["DKEBJ"],
            "arrival": [fix_time(333, 0)],
            "departure": [fix_time(333, 3)],
            "is_open": [True],
            "confidence": [4],
            "lat": [54.5],
            "lon": [6.0],
            "measures": [json.dumps({"duration_h": {"value": 0.5}})],
        }
    )


N_EVENTS = 25


def _events():
    n = N_EVENTS
    lat, lon = np.linspace(54.0, 55.0, n), np.linspace(5.0, 7.0, n)
    measures = [json.dumps({"speed_kn": {"value": i / 10}}) for i in range(n)]
    measures[3] = '{"speed_kn": NaN, "text": "half \\ud800", "\\udfff": ["\\ud800"]}'
    measures[4] = '{"cut short'
    return schema.EVENTS.of(
        {
            "event_id": [f"e-{i:02d}" for i in range(n)],
            "kind": ["loitering" if i % 5 else "encounter" for i in range(n)],
            "status": ["withdrawn" if i == 24 else "final" for i in range(n)],
            "revision": [0] * n,
            "vessel_id": ["111"] * n,
            "mmsi": [111] * n,
            "start": [T0 + timedelta(hours=i) for i in range(n)],
            "end": [T0 + timedelta(hours=i + 1, microseconds=250_000) for i in range(n)],
            "is_open": [i == 0 for i in range(n)],
            "lat": lat,
            "lon": lon,
            "start_lat": lat,
            "start_lon": lon,
            "end_lat": lat,
            "end_lon": lon,
            "cell": hexgrid.cells_of(lat, lon),
            "duration_h": [1.0] * n,
            "preset": ["default"] * n,
            "confidence": np.linspace(0.1, 0.9, n),
            "measures": measures,
            "innocent": ['{"tested": [], "holds": []}'] * n,
            "evidence": ["[]"] * n,
            "explanation": ["it lay still"] * n,
        }
    )


REASON = {
    "event_id": "e-01",
    "kind": "loitering",
    "weight": 1.0,
    "confidence": 0.5,
    "share": 1.0,
    "explanation": "it lay still",
}


def _leads():
    return schema.LEADS.of(
        {
            "lead_id": ["l-1", "l-2"],
            "rank": [1, 2],
            "vessel_id": ["111", "222"],
            "mmsi": [111, 222],
            "name": [NAMES[111], NAMES[222]],
            "score": [0.9, float("inf")],
            "window_start": [T0, T0],
            "window_end": [T0 + STEP, T0 + STEP],
            "reasons": [json.dumps([REASON]), "[]"],
            "sentence": ["why", "because"],
            "what_would_clear_it": ["a call", "a log"],
            "watch_list": [[], ["listed"]],
            "lat": [54.0, -17.0],
            "lon": [5.0, 179.9],
        }
    )


def _ports():
    return schema.PORTS.of(
        {
            "port_id": ["DKEBJ", "FJSUV"],
            "name": ["Esbjerg", "Suva"],
            "locode": ["DKEBJ", "FJSUV"],
            "country": ["DK", "FJ"],
            "is_large": [True, False],
            "lat": [55.47, -18.13],
            "lon": [8.42, 178.42],
            "source": ["test", "test"],
        }
    )


def fill(path):
    """Write the planted store."""
    store = Store.open(path, create=True)
    store.land(7, 0, _positions(), schema.STATICS.empty(), schema.REJECTS.empty())
    store.fold_days()
    store.replace_all(
        {
            "vessels": _vessels(),
            "segments": _segments(),
            "voyages": _voyages(),
            "port_calls": _port_calls(),
            "events": _events(),
            "leads": _leads(),
            "ports": _ports(),
        }
    )
    return store


@pytest.fixture(scope="session")
def planted_store(tmp_path_factory):
    return fill(tmp_path_factory.mktemp("api") / "store")


@contextlib.contextmanager
def serving(app):
    """Serve an application on a free port of this machine and yield a client of it."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield client
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def api(planted_store):
    """A client of the service over the planted store."""
    with serving(create_app(planted_store.path, ApiSettings())) as client:
        yield client


@pytest.fixture(scope="session")
def serve():
    """The context manager that serves an application of the test's own."""
    return serving


@pytest.fixture
def fill_store():
    """The function that writes the planted store into a folder."""
    return fill


@pytest.fixture
def courses():
    """What each planted vessel did: latitudes, longitudes, speeds."""
    return COURSES
