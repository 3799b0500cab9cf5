"""Events as a live engine tells them, for tests of the feed and of what follows it."""

from datetime import UTC, datetime, timedelta

from vesseltrack import hexgrid
from vesseltrack.schema import EVENTS

T0 = datetime(2021, 1, 1, tzinfo=UTC)
DEFAULTS = {
    "kind": "loitering",
    "status": "open",
    "revision": 1,
    "vessel_id": "219000001",
    "mmsi": 219_000_001,
    "start": T0,
    "end": T0 + timedelta(hours=1, microseconds=250_000),
    "is_open": True,
    "lat": 54.5,
    "lon": 5.25,
    "start_lat": 54.5,
    "start_lon": 5.25,
    "end_lat": 54.5,
    "end_lon": 5.25,
    "duration_h": 1.0,
    "preset": "default",
    "confidence": 0.5,
    "measures": "{}",
    "innocent": '{"tested": [], "holds": []}',
    "evidence": "[]",
    "explanation": "it lay still",
}


def told(*rows):
    """Return EVENTS rows from what differs from a plain one; each needs its `event_id`."""
    full = [{**DEFAULTS, **row} for row in rows]
    cells = hexgrid.cells_of([row["lat"] for row in full], [row["lon"] for row in full])
    columns = {name: [row.get(name) for row in full] for name in EVENTS.names if name != "cell"}
    return EVENTS.of({**columns, "cell": cells})


def numbered(first, n):
    """Return n events whose identifiers say their place."""
    return told(*({"event_id": f"e-{i}"} for i in range(first, first + n)))
