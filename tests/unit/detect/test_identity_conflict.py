import json

import numpy as np
import pytest

from detect_tables import DAY, HOUR, T0, cut_at, events_of, fixes, slice_of, track, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect import make_detector
from vesseltrack.schema import Quality

MINUTE = HOUR // 60
FIRST, SECOND, THIRD = "412331088", "412331088-0000000a", "412331088-0000000b"


def hull(vessel, lat=36.9, lon=122.4, *, start=T0, hours=12.0, every_min=20.0, **columns):
    t_us = start + np.arange(0, hours * HOUR, every_min * MINUTE).astype(np.int64)
    return track(vessel, t_us, lat, lon, **columns)


def far_hull(vessel=SECOND, **changes):
    return hull(vessel, **{"lat": -51.4, "lon": -67.0, "start": T0 + 7 * MINUTE, **changes})


def found(*tracks, vessels_table=None):
    detector = make_detector("identity_conflict", DetectConfig())
    final, open_ = events_of(detector, cut_at(fixes(*tracks), []), vessels_table)
    return final + open_


def test_two_hulls_at_once_are_one_event():
    (event,) = found(hull(FIRST), far_hull())
    measures = {name: m["value"] for name, m in json.loads(event["measures"]).items()}
    assert (event["vessel_id"], event["other_vessel_id"]) == (FIRST, SECOND)
    assert event["mmsi"] == event["other_mmsi"] == 412331088
    assert measures["n_transmitters"] == 2
    assert measures["n_changes"] == 71  # 72 reports by turns
    assert measures["max_separation_nm"] > 9000
    assert [h["n_positions"] for h in measures["hulls"]] == [36, 36]
    assert [item["n"] for item in json.loads(event["evidence"])] == [36, 36]
    assert "sent by 2 transmitters at once" in event["explanation"]
    assert event["duration_h"] == pytest.approx(12, abs=0.5)


def test_one_hull_or_two_mmsi_are_none():
    assert found(hull(FIRST)) == []
    assert found(hull(FIRST), far_hull("412331089")) == []


def test_places_that_one_hull_can_reach_are_none():
    # 4 nm apart by turns: whatever the speed, a late clock can make it so.
    assert found(hull(FIRST), hull(SECOND, lat=36.9 + 4 / 60, start=T0 + MINUTE)) == []
    # 40 nm apart, an hour between the reports: sailed.
    near = hull(SECOND, lat=36.9 + 40 / 60, start=T0 + HOUR, every_min=120)
    assert found(hull(FIRST, every_min=120), near) == []
    assert len(found(hull(FIRST), hull(SECOND, lat=36.9 + 40 / 60, start=T0 + 7 * MINUTE))) == 1


def test_a_handover_without_return_is_none():
    before, after = hull(FIRST, hours=6), far_hull(start=T0 + 6 * HOUR, hours=6)
    assert found(before, after) == []


def test_stray_positions_are_no_transmitter():
    strays = far_hull(hours=0.5)  # two of them
    assert strays["timestamp"].size == 2
    assert found(hull(FIRST), strays) == []
    assert len(found(hull(FIRST), far_hull(hours=1.0))) == 1
    doubtful = far_hull(quality=int(Quality.SPIKE))
    assert found(hull(FIRST), doubtful) == []


def test_more_than_two_are_one_event_named_by_the_first_pair():
    third = hull(THIRD, lat=9.0, lon=99.9, start=T0 + 3 * HOUR + 3 * MINUTE, hours=6)
    (event,) = found(hull(FIRST), far_hull(), third)
    (of_two,) = found(hull(FIRST), far_hull())
    measures = json.loads(event["measures"])
    assert measures["n_transmitters"]["value"] == 3
    assert [h["vessel_id"] for h in measures["hulls"]["value"]] == [FIRST, SECOND, THIRD]
    assert event["event_id"] == of_two["event_id"]
    assert "3 transmitters, several at once" in event["explanation"]


def test_a_day_without_a_change_ends_it():
    again = T0 + 3 * DAY
    events = found(
        hull(FIRST, hours=12),
        far_hull(hours=12),
        hull(FIRST, start=again),
        far_hull(start=again + 7 * MINUTE),
    )
    assert [event["status"] for event in sorted(events, key=lambda e: e["start"])] == [
        "final",
        "open",
    ]


def test_the_names_that_were_sent_stand_in_it():
    table = vessels(
        {"vessel_id": FIRST, "name": "LUYANYUANYU 017"},
        {"vessel_id": SECOND, "identities": '[{"name": "LU HUANG\\u202e 118"}]'},
    )
    (event,) = found(hull(FIRST), far_hull(), vessels_table=table)
    assert json.loads(event["measures"])["names"]["value"] == ["LUYANYUANYU 017", "LU HUANG 118"]
    assert event["explanation"].endswith("names sent: LUYANYUANYU 017, LU HUANG 118.")


def test_across_batches_each_hull_in_its_own():
    tables = [fixes(hull(FIRST, hours=6)), fixes(far_hull(start=T0 + 6 * HOUR, hours=6))]
    tables += [fixes(hull(FIRST, start=T0 + 12 * HOUR, hours=6))]
    detector = make_detector("identity_conflict", DetectConfig())
    for table in tables:
        assert detector.push(slice_of(table), T0).num_rows == 0
    assert detector.flush().num_rows == 0  # there and back: two changes are not enough
    detector.push(slice_of(fixes(far_hull(start=T0 + 18 * HOUR))), T0)
    (event,) = detector.flush().to_pylist()
    assert json.loads(event["measures"])["n_changes"]["value"] == 3


def test_a_change_that_leads_from_within_the_pause_goes_on_with_the_event():
    """However the fixes are cut: the fix that it leads from was there before it could be seen."""
    table = fixes(
        hull(FIRST, hours=12),
        far_hull(hours=12),
        far_hull(start=T0 + 30 * HOUR, hours=1),  # no change of transmitter, within the pause
        hull(FIRST, start=T0 + 40 * HOUR, hours=6),  # the change from there, beyond it
        far_hull(start=T0 + 40 * HOUR + MINUTE, hours=6),
        track("211000001", T0 + np.arange(60) * HOUR, 10.0, 20.0),
    )
    cut = int(np.searchsorted(table["timestamp"].cast("int64").to_numpy(), T0 + 38 * HOUR))
    one, other = (make_detector("identity_conflict", DetectConfig()) for _ in range(2))
    whole = events_of(one, cut_at(table, []))
    assert len(whole[0] + whole[1]) == 1
    assert events_of(other, cut_at(table, [cut])) == whole
