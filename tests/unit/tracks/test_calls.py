import json

import numpy as np
import pytest

from track_tables import port_place, positions, statics, steam, tracks_of

MMSI = 209515000
TEES = port_place("GBTEE")
AT_SEA = (56.0, 3.0)  # 190 nm off, over 100 km from any listed anchorage


def calls_of(*stops, said=None, **how):
    t_s, lat, lon = steam(*stops, **how)
    return tracks_of(positions(MMSI, t_s, lat, lon), said=said).port_calls.to_pylist()


def off(place, north_km=0.0, east_km=0.0):
    lat, lon = place
    return lat + north_km / 111.2, lon + east_km / 111.2 / np.cos(np.radians(lat))


def test_a_stop_at_a_listed_port_is_a_call():
    (call,) = calls_of((*AT_SEA, 1), (*TEES, 5), (*AT_SEA, 1))

    assert (call["port"], call["locode"]) == ("Teesport", "GBTEE")
    assert (call["confidence"], call["is_open"]) == (4, False)
    measures = json.loads(call["measures"])
    assert measures["rule"]["value"] == "stop"
    assert measures["longest_stay_h"]["threshold"] == 3
    assert measures["longest_stay_h"]["value"] == pytest.approx(5, abs=0.4)
    assert measures["port_km"]["value"] < 1


def test_less_than_three_hours_is_no_stop():
    assert calls_of((*AT_SEA, 1), (*TEES, 2.6), (*off(TEES, -60, 60), 0)) == []


def test_a_stop_at_sea_is_no_call():
    assert calls_of((*TEES, 0), (*AT_SEA, 24), (*TEES, 0)) == []


def test_work_on_one_spot_is_no_stop():
    # Round and round at 3 kn, 450 m from the middle.
    t_s = np.arange(0, 8 * 3600, 60)
    angle = t_s * 3 * 1852 / 3600 / 450
    lat, lon = off(TEES, 0.45 * np.sin(angle), 0.45 * np.cos(angle))

    assert tracks_of(positions(MMSI, t_s, lat, lon)).port_calls.num_rows == 0


def test_data_that_begin_and_end_in_port_say_so():
    (call,) = calls_of((*TEES, 6))
    assert (call["confidence"], call["is_open"]) == (2, True)
    (call,) = calls_of((*TEES, 6), (*AT_SEA, 0))
    assert (call["confidence"], call["is_open"]) == (3, False)


@pytest.mark.parametrize(
    ("declared", "km", "port"),
    [
        ("GBTEE", 20, "Teesport"),  # declared within 35 km, though another is nearer
        ("NLRTM", 20, "Hartlepool"),  # declared elsewhere: the nearest
        (None, 20, "Hartlepool"),
        (None, 1, "Teesport"),
    ],
)
def test_a_call_is_named_by_the_destination_declared_else_by_what_is_near(declared, km, port):
    # Towards Hartlepool, 14 km to the north of Teesport.
    berth = off(TEES, km * 0.7, -km * 0.35)
    said = None if declared is None else statics(MMSI, [0], destination=[declared])
    (call,) = calls_of((*AT_SEA, 1), (*berth, 6), (*AT_SEA, 1), said=said)

    assert call["port"] == port


def test_where_no_port_is_near_enough_the_call_has_no_name_but_the_nearest_is_told():
    # A bay of Chiloe, beside the shore, 16 km from the nearest listed port.
    (call,) = calls_of((-41.95, -73.40, 1), (-41.951475, -73.554912, 15), (-41.95, -73.40, 1))

    assert (call["port"], call["locode"]) == (None, None)
    measures = json.loads(call["measures"])
    assert measures["nearest_port"]["value"] == "Quemchi"
    assert measures["port_km"]["value"] == pytest.approx(16, abs=0.5)


def test_a_shift_of_berth_is_one_call_and_a_trip_to_sea_makes_two():
    (call,) = calls_of((*AT_SEA, 1), (*TEES, 5), (*off(TEES, 3), 5), (*AT_SEA, 1))
    assert json.loads(call["measures"])["n_stays"]["value"] == 2

    two = calls_of((*AT_SEA, 1), (*TEES, 5), (*off(TEES, 15, 15), 0), (*TEES, 5), (*AT_SEA, 1))
    assert [call["port"] for call in two] == ["Teesport", "Teesport"]


def ferry(back_to, minutes=30, said=None):
    start = off(TEES, 0, 60)
    return calls_of(
        (*start, 0), (*TEES, minutes / 60), (*back_to, 0), said=said, speed_kn=18, step_s=120
    )


def test_a_ferry_that_turns_round_calls():
    (call,) = ferry(off(TEES, 10, 60))

    assert call["port"] == "Teesport"
    assert json.loads(call["measures"])["rule"]["value"] == "turn_round"


def test_a_lock_is_passed_straight_and_is_no_call():
    assert ferry(off(TEES, 0, -60)) == []


def test_a_short_halt_before_turning_is_no_call():
    assert ferry(off(TEES, 10, 60), minutes=15) == []


def test_a_fishing_vessel_turns_for_a_living():
    said = statics(MMSI, [0, 60], ship_type=np.array([30, 30], dtype=np.int16))

    assert ferry(off(TEES, 10, 60), said=said) == []
