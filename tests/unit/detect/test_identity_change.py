"""Planted changes of identity, and what must not be taken for one."""

import itertools
import json
import pickle

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect_tables import DAY, HOUR, T0, fixes, said, slice_of, track
from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect import make_detector

MINUTE = HOUR // 60
SHIP, OTHER = "211000001", "538000001"
ALMA = {"name": "ALMA", "callsign": "DABC", "imo": 9_074_729}
BETA = {**ALMA, "name": "BETA"}


def sailing(vessel=SHIP, *, start_h=0.0, hours=20.0, knots=10.0, **columns):
    """Fixes every ten minutes on the way north from 50 N 4 W."""
    t_us = T0 + np.arange(start_h * HOUR, (start_h + hours) * HOUR, 10 * MINUTE).astype(np.int64)
    lat = 50 + (t_us - T0) / HOUR * knots / 60
    return track(vessel, t_us, lat, -4.0, **{"sog_kn": knots, "cog_deg": 0.0, **columns})


def reports(vessel, *spoken):
    """What a vessel said at each hour after T0."""
    return [(vessel, T0 + round(hour * HOUR), fields) for hour, fields in spoken]


def found(tracks, *spoken, cuts_h=()):
    """All events, final and open, of fixes and reports cut at some hours."""
    detector = make_detector("identity_change", DetectConfig())
    rows = []
    for piece, watermark in cut(tracks, spoken, cuts_h):
        rows += detector.push(piece, watermark).to_pylist()
    return rows + detector.flush().to_pylist()


def cut(tracks, spoken, cuts_h):
    table = fixes(*tracks)
    told = said(*(row for own in spoken for row in own))
    edges = [T0 - 1, *sorted(T0 + round(hour * HOUR) for hour in cuts_h), T0 + 40 * DAY]
    for low, high in itertools.pairwise(edges):
        parts = []
        for whole in (table, told):
            t_us = whole["timestamp"].cast("int64").to_numpy()
            parts.append(whole.filter(pa.array((t_us >= low) & (t_us < high))))
        last = T0 if high == edges[-1] else high
        yield slice_of(parts[0], said_table=parts[1]), last


def measures(event):
    return {name: m["value"] for name, m in json.loads(event["measures"]).items()}


def test_a_new_name_under_way_that_two_reports_agree_on():
    (event,) = found(
        [sailing()], reports(SHIP, (0.1, ALMA), (0.2, ALMA), (5.1, BETA), (5.2, BETA), (6, BETA))
    )
    (change,) = measures(event)["changes"]

    assert (event["vessel_id"], event["other_vessel_id"]) == (SHIP, None)
    assert (change["field"], change["before"], change["after"]) == ("name", "ALMA", "BETA")
    assert change["first"] == "2024-03-01T05:06:00Z"
    assert change["agreed"] == "2024-03-01T05:12:00Z"
    assert event["lat"] == pytest.approx(50 + 5 * 10 / 60)  # the fix of 05:00
    assert measures(event)["speed_kn"] == 10
    assert json.loads(event["innocent"])["holds"] == []
    assert json.loads(event["evidence"])[0]["n"] == 31
    assert "name ALMA to BETA" in event["explanation"]


def test_name_and_call_sign_changed_together_are_one_event():
    new = {"name": "BETA", "callsign": "V7XY", "imo": ALMA["imo"]}
    (event,) = found([sailing()], reports(SHIP, (0.1, ALMA), (0.2, ALMA), (5, new), (5.1, new)))
    assert [one["field"] for one in measures(event)["changes"]] == ["callsign", "name"]


@pytest.mark.parametrize(
    "spoken",
    [
        [(0.1, ALMA), (0.2, ALMA), (5, BETA), (6, ALMA), (7, BETA)],
        [(0.1, ALMA), (0.2, BETA), (5, BETA)],
        [(0.1, ALMA), (0.2, ALMA), (5, {"name": "ALMA."}), (6, {"name": "ALMA."})],
        [(0.1, ALMA), (0.2, ALMA), (5, {"name": None}), (6, {"name": None})],
        [(0.1, {"name": "ALMA"}), (0.2, {"name": "ALMA"}), (5, ALMA), (6, ALMA)],
    ],
    ids=["single reports", "not known before", "another spelling", "nothing said", "more said"],
)
def test_what_is_no_change(spoken):
    assert found([sailing()], reports(SHIP, *spoken)) == []


@pytest.mark.parametrize(
    "one",
    [
        sailing(knots=0.4),
        sailing(start_h=4.5),
        sailing(sog_kn=np.nan),
        sailing(hours=1.5),
    ],
    ids=["lying", "heard for half an hour", "speed unknown", "silent since hours"],
)
def test_a_change_that_is_not_seen_under_way_is_none(one):
    spoken = reports(SHIP, (0.1, ALMA), (0.2, ALMA), (10, BETA), (10.2, BETA))
    if one["timestamp"][0] > T0:
        spoken = reports(SHIP, (4.6, ALMA), (4.7, ALMA), (5, BETA), (5.2, BETA))
    assert found([one], spoken) == []


def test_beside_a_port_and_on_a_shared_mmsi_it_is_innocent():
    shared = sailing(f"{SHIP}-0000000a", port_m=1e6)
    shared["lat"] = shared["lat"] - 60
    (event,) = found(
        [sailing(port_m=4_000.0), shared],
        reports(SHIP, (0.1, ALMA), (0.2, ALMA), (5, BETA), (5.2, BETA)),
    )
    assert json.loads(event["innocent"])["holds"] == ["in_port", "shared_mmsi"]


def test_another_mmsi_goes_on_with_the_track_and_the_name():
    (event,) = found(
        [sailing(hours=5), sailing(OTHER, start_h=6, hours=5)],
        reports(SHIP, (0.1, ALMA), (0.2, ALMA)),
        reports(OTHER, (6.1, ALMA), (6.3, ALMA)),
    )
    (change,) = measures(event)["changes"]

    assert (event["vessel_id"], event["other_vessel_id"]) == (SHIP, OTHER)
    assert (change["field"], change["before"], change["after"]) == ("mmsi", SHIP, OTHER)
    assert measures(event)["silence_h"] == pytest.approx(7 / 6, rel=1e-5)
    assert [item["n"] for item in json.loads(event["evidence"])] == [30, 2]


def test_of_many_namesakes_the_one_that_fell_silent_near_by_is_found():
    """Some of a common name send on, others fell silent far off: none of them is the new one."""
    namesakes = [str(219_000_001 + number) for number in range(60)]
    others = [
        {**one, "lat": one["lat"] - 20.0 - number / 2}
        for number, vessel in enumerate(namesakes)
        for one in [sailing(vessel, hours=20.0 if number % 2 else 5.0)]
    ]
    tracks = [sailing(hours=5.0), sailing(OTHER, start_h=5.5, hours=14.0), *others]
    spoken = [
        *(reports(vessel, (1, ALMA), (2, ALMA)) for vessel in (SHIP, *namesakes)),
        reports(OTHER, (6, ALMA), (6.5, ALMA)),
    ]
    for cuts_h in ((), (5.75, 6.25), np.arange(0.1, 19, 0.3)):
        (event,) = [one for one in found(tracks, *spoken, cuts_h=cuts_h) if one["other_mmsi"]]
        assert (event["mmsi"], event["other_mmsi"]) == (int(SHIP), int(OTHER))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (sailing(hours=9), sailing(OTHER, start_h=6, hours=5)),
        (sailing(hours=5), sailing(OTHER, start_h=14, hours=5)),
        (sailing(hours=5), {**sailing(OTHER, start_h=6, hours=5), "lon": np.full(30, 30.0)}),
    ],
    ids=["both at once", "too long after", "too far off"],
)
def test_a_namesake_is_no_change_of_mmsi(old, new):
    begun_h = (new["timestamp"][0] - T0) / HOUR
    spoken = reports(OTHER, (begun_h + 0.1, ALMA), (begun_h + 0.3, ALMA))
    assert found([old, new], reports(SHIP, (0.1, ALMA), (0.2, ALMA)), spoken) == []


def fleet(seed):
    rng = np.random.default_rng(seed)
    names = ["ALMA", "BETA", "GAMMA", None]
    tracks, spoken = [], []
    for vessel in (SHIP, OTHER, f"{SHIP}-0000000a"):
        one = sailing(vessel, start_h=float(rng.uniform(0, 20)), hours=60.0)
        keep = np.sort(rng.choice(360, 200, replace=False))
        tracks.append({name: column[keep] for name, column in one.items()})
        hours = np.sort(rng.uniform(0, 90, 40)).round(2)
        said_names = np.repeat(rng.integers(0, 4, 14), 3)[:40]
        spoken.append(
            reports(
                vessel,
                *(
                    (h, {"name": names[n], "callsign": "DABC"})
                    for h, n in zip(hours, said_names, strict=True)
                ),
            )
        )
    return tracks, spoken


cuts = st.lists(st.floats(0, 100), max_size=8)


def as_seen(detector, pieces, *, restart):
    final = []
    for piece, watermark in pieces:
        final += detector.push(piece, watermark).to_pylist()
        detector.flush()
        if restart:
            saved = pickle.dumps(detector.state())
            detector = make_detector("identity_change", DetectConfig())
            detector.restore(pickle.loads(saved))  # noqa: S301 - our own
    rows = (final, detector.flush().to_pylist())
    return [sorted(own, key=lambda row: row["event_id"]) for own in rows]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), cuts_h=cuts, restart=st.booleans())
def test_any_cut_and_any_restart_give_the_identical_events(seed, cuts_h, restart):
    tracks, spoken = fleet(seed)
    new = [make_detector("identity_change", DetectConfig()) for _ in range(2)]
    whole = as_seen(new[0], cut(tracks, spoken, [100.0]), restart=False)
    pieces = cut(tracks, spoken, [*cuts_h, 100.0])
    assert as_seen(new[1], pieces, restart=restart) == whole


def test_the_fleet_of_the_test_above_changes_its_names():
    tracks, spoken = fleet(7)
    assert found(tracks, *spoken)


LONG = {**ALMA, "length_m": 180.0, "beam_m": 30.0}


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ((120.0, 20.0), "180 x 30 to 120 x 20"),
        ((180.0, 36.0), "180 x 30 to 180 x 36"),
        ((162.0, 27.0), None),  # a tenth
        ((185.0, 33.0), None),
        ((None, None), None),
        ((120.0, None), None),
    ],
)
def test_another_length_or_beam_under_way(size, told):
    new = {**ALMA, "length_m": size[0], "beam_m": size[1]}
    spoken = reports(SHIP, (0.1, LONG), (0.2, LONG), (5.1, new), (5.2, new))
    events = found([sailing()], spoken)
    assert [told in event["explanation"] for event in events] == [True] * (told is not None)


def test_two_boats_of_one_size_are_not_one():
    size = {"length_m": 12.0, "beam_m": 4.0}
    assert (
        found(
            [sailing(hours=5), sailing(OTHER, start_h=6, hours=5)],
            reports(SHIP, (0.1, size), (0.2, size)),
            reports(OTHER, (6.1, size), (6.3, size)),
        )
        == []
    )


@pytest.mark.parametrize(("imo", "is_valid"), [(9_074_729, True), (9_074_728, False)])
def test_a_new_imo_number_is_checked(imo, is_valid):
    old, new = {**ALMA, "imo": 9_176_187}, {**ALMA, "imo": imo}
    spoken = reports(SHIP, (0.1, old), (0.2, old), (5.1, new), (5.2, new))
    (event,) = found([sailing()], spoken)
    (change,) = measures(event)["changes"]
    assert (change["field"], change["is_valid"]) == ("imo", is_valid)
    assert ("check digit is wrong" in event["explanation"]) is not is_valid


def test_sizes_that_two_sets_aboard_send_in_turn_are_no_change():
    other = {**ALMA, "length_m": 74.0, "beam_m": 10.0}
    turns = [LONG, LONG, other, LONG, other, other, LONG, LONG, other, other]
    spoken = reports(SHIP, *((2 + 0.2 * nth, said_) for nth, said_ in enumerate(turns)))
    assert found([sailing()], spoken) == []
