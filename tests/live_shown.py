"""What a feed shows of itself, planted: its status, latest positions and leads."""

import json
from datetime import UTC, datetime, timedelta

from alert_tables import T0
from vesseltrack.schema import LATEST, LEADS, LiveState, LiveStatus

REPLAYING = LiveStatus(
    "replay",
    LiveState.PLAYING,
    begun=T0,
    written=datetime.now(UTC),
    at=T0 + timedelta(hours=2),
    since=T0,
    until=T0 + timedelta(hours=4),
    speed=600.0,
    behind_s=0.0,
)


def latest(*rows):
    """Return LATEST rows from what differs from a plain one; in order of MMSI."""
    plain = {"timestamp": T0 + timedelta(hours=2), "lat": 54.5, "lon": 5.25}
    full = [{**plain, **row} for row in rows]
    return LATEST.of({name: [row.get(name) for row in full] for name in LATEST.names})


def leads(*rows):
    """Return LEADS by rank; each row needs its `mmsi`."""
    full = [
        {
            "lead_id": f"lead-{row['mmsi']}",
            "rank": rank,
            "vessel_id": str(row["mmsi"]),
            "score": 0.5,
            "window_start": T0,
            "window_end": T0 + timedelta(hours=1),
            "reasons": json.dumps(
                [
                    {
                        "event_id": f"e-{row['mmsi']}",
                        "kind": "loitering",
                        "weight": 0.5,
                        "confidence": 0.5,
                        "share": 1.0,
                        "explanation": "it lay still",
                    }
                ]
            ),
            "sentence": "it lay still",
            "what_would_clear_it": "Orders to wait.",
            "watch_list": [],
            "lat": 54.5,
            "lon": 5.25,
            **row,
        }
        for rank, row in enumerate(rows, start=1)
    ]
    return LEADS.of({name: [row.get(name) for row in full] for name in LEADS.names})
