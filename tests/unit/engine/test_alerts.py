"""Each event is told under one identifier: open, revised, final or withdrawn."""

import numpy as np
import pyarrow as pa

from vesseltrack.engine.alerts import Alerts
from vesseltrack.schema import EVENTS

S = 1_000_000
T0 = 1_700_000_000 * S
HOUR = 3600 * S


def event(event_id="ev-1", *, end=T0, status="open", **columns):
    plain = {name: [None] for name in EVENTS.names}
    known = {
        "event_id": event_id,
        "kind": "loitering",
        "status": status,
        "revision": 0,
        "vessel_id": "211000001",
        "mmsi": 211000001,
        "start": T0,
        "end": end,
        "is_open": status == "open",
        "lat": 50.0,
        "lon": 4.0,
        "start_lat": 50.0,
        "start_lon": 4.0,
        "end_lat": 50.0,
        "end_lon": 4.0,
        "cell": 1,
        "duration_h": 1.0,
        "preset": "default",
        "confidence": 0.5,
        "measures": f'{{"n": {end}}}',
        "innocent": "{}",
        "evidence": "[]",
        "explanation": "",
        **columns,
    }
    return EVENTS.of(plain | {name: [value] for name, value in known.items()})


def told(table):
    rows = table.select(["event_id", "status", "revision", "is_open"]).to_pylist()
    return [tuple(row.values()) for row in rows]


def test_an_event_opens_goes_on_and_ends_under_one_number():
    alerts = Alerts(60 * S, HOUR)
    assert told(alerts.look("loitering", event(), T0)) == [("ev-1", "open", 1, True)]
    assert told(alerts.look("loitering", event(), T0 + 90 * S)) == []
    assert told(alerts.look("loitering", event(end=T0 + 30 * S), T0 + 30 * S)) == []
    late = event(end=T0 + 61 * S)
    assert told(alerts.look("loitering", late, T0 + 61 * S)) == [("ev-1", "open", 2, True)]
    other = event(end=T0 + 62 * S, innocent='{"holds": ["working_craft"]}')
    assert told(alerts.look("loitering", other, T0 + 62 * S)) == [("ev-1", "open", 3, True)]
    final = event(end=T0 + 63 * S, status="final")
    assert told(alerts.close(final)) == [("ev-1", "final", 4, False)]
    assert told(alerts.look("loitering", EVENTS.empty(), T0 + 64 * S)) == []


def test_one_that_was_never_seen_open_is_final_at_once():
    assert told(Alerts(S, HOUR).close(event(status="final"))) == [("ev-1", "final", 1, False)]


def test_what_is_no_event_any_more_is_withdrawn_and_may_return():
    alerts = Alerts(60 * S, HOUR)
    alerts.look("loitering", event(), T0)
    assert told(alerts.look("drifting", EVENTS.empty(), T0 + S)) == []
    gone = alerts.look("loitering", EVENTS.empty(), T0 + S)
    assert told(gone) == [("ev-1", "withdrawn", 2, False)]
    assert told(alerts.look("loitering", EVENTS.empty(), T0 + 2 * S)) == []
    assert told(alerts.look("loitering", event(), T0 + 3 * S)) == [("ev-1", "open", 3, True)]


def test_at_the_end_all_that_went_on_is_told():
    alerts = Alerts(60 * S, HOUR)
    alerts.look("loitering", event(), T0)
    grown = event(end=T0 + S)
    assert told(alerts.look("loitering", grown, T0 + S, all_news=True)) == [
        ("ev-1", "open", 2, True)
    ]


def test_a_restart_goes_on_counting_and_old_withdrawals_are_forgotten():
    alerts, restarted = Alerts(60 * S, HOUR), Alerts(60 * S, HOUR)
    alerts.look("loitering", pa.concat_tables([event("ev-2"), event()]), T0)
    restarted.restore(*alerts.parts())
    for one in (alerts, restarted):
        both = pa.concat_tables([event(status="final"), event("ev-3", status="final")])
        assert told(one.close(both)) == [("ev-1", "final", 2, False), ("ev-3", "final", 1, False)]
        assert told(one.look("loitering", EVENTS.empty(), T0)) == [("ev-2", "withdrawn", 2, False)]
        one.forget(T0 + 2 * HOUR)
        events, told_us = one.parts()
        assert events.num_rows == 0
        assert told_us.tolist() == np.zeros(0).tolist()
