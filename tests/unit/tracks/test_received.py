import numpy as np
import pytest

from track_tables import positions
from vesseltrack.config.tracks import AdmissionConfig
from vesseltrack.schema import Quality
from vesseltrack.tracks.received import admit, is_ship_mmsi, received


@pytest.mark.parametrize(
    ("mmsi", "takes_part"),
    [
        (209515000, True),
        (201000000, True),
        (775999999, True),
        (200000010, False),  # no such MID
        (776000000, False),
        (982191234, True),  # craft of a Danish mother ship
        (989991234, False),
        (111219501, False),  # search and rescue aircraft
        (2190045, False),  # coast station
        (992191234, False),  # aid to navigation
        (970012345, False),  # search and rescue transmitter
        (812345678, False),  # hand-held set
        (567000000, True),
        (123456789, True),  # factory settings
        (1193046, True),
        (0, False),
    ],
)
def test_only_vessels_take_part(mmsi, takes_part):
    config = AdmissionConfig()

    assert is_ship_mmsi(np.array([mmsi]), config.default_mmsi).tolist() == [takes_part]


def test_every_position_is_admitted_or_left_out_for_one_reason():
    flags = [0, Quality.NO_TIME, Quality.TIME_QUARANTINED, Quality.NOT_A_VESSEL, Quality.REPEATED]
    table = positions(
        [209515000] * 5 + [992191234, 209515000],
        [0, 60, 120, 180, 240, 0, 0],
        55.0,
        [4.0, 4.1, 4.2, 4.3, 4.4, 4.0, 4.0],
        quality=np.array([*flags, Quality.NOT_A_VESSEL, 0], dtype=np.int32),
    )
    admitted = admit(received(table), AdmissionConfig())

    assert admitted.discarded == {
        "no_time": 1,
        "time_quarantined": 1,
        "not_a_vessel": 2,
        "exact_repeat": 1,
    }
    assert admitted.rows.size + sum(admitted.discarded.values()) == table.num_rows


def test_positions_stand_in_the_order_of_the_store():
    table = positions(
        209515000,
        [60, 0, 0, 0],
        [55.0, 55.2, 55.1, 55.1],
        4.0,
        nav_status=np.ma.masked_array([5, 5, 0, 0], mask=[0, 0, 0, 1]).tolist(),
    )
    got = received(table)

    assert got.lat.tolist() == [55.1, 55.1, 55.2, 55.0]
    assert got.line.tolist() == [3, 4, 2, 1]  # unknown comes last
    assert got.nth.tolist() == [0, 1, 2, 0]


def test_the_same_report_heard_again_is_a_repeat():
    table = positions(209515000, [0, 3, 9, 10], 55.0, 4.0, sog_kn=[1.0, 1.0, 1.0, 2.0])

    assert admit(received(table), AdmissionConfig()).original.tolist() == [0, 0, 2, 3]
