import numpy as np

from track_tables import positions, tracks_of
from vesseltrack.core.identity import vessel_id, vessel_key


def two_hulls(mmsi=412331088):
    t = np.arange(0, 12 * 3600, 600)
    is_far = np.arange(t.size) % 2 == 1
    return positions(mmsi, t, np.where(is_far, 36.9, -51.4), np.where(is_far, 122.4, -67.0))


def test_the_first_transmitter_keeps_the_mmsi_and_the_next_is_named_by_its_first_fix():
    table = two_hulls()
    second = vessel_key(
        412331088,
        (table["timestamp"].cast("int64")[1].as_py(), 36_900_000, 122_400_000),
    )

    got = tracks_of(table).vessels["vessel_id"].to_pylist()
    assert got == ["412331088", vessel_id(second)]


def test_every_fix_of_two_hulls_lies_in_one_segment():
    got = tracks_of(two_hulls())

    assert got.segments["n_positions"].to_pylist() == [36, 36]
    assert got.discarded == {}


def test_stray_fixes_are_counted_and_left_out():
    t = np.arange(0, 6 * 3600, 600)
    table = positions(209515000, t, np.where(t == 7200, 40.0, 55.0), 4.0)
    got = tracks_of(table)

    assert got.discarded == {"spike": 1}
    assert got.segments["n_positions"].to_pylist() == [35]
    assert len(got.segments["fix_ranges"][0].as_py()) == 2


def test_a_jump_there_and_back_is_one_vessel_in_three_segments():
    t = np.arange(0, 15 * 3600, 600)
    away = (t >= 5 * 3600) & (t < 9 * 3600)
    got = tracks_of(positions(209515000, t, np.where(away, 40.0, 55.0), 4.0))

    assert got.vessels["vessel_id"].to_pylist() == ["209515000"]
    assert got.segments["n_positions"].to_pylist() == [30, 24, 36]


def test_a_second_report_of_one_instant_is_kept_but_not_measured():
    table = positions(209515000, [0, 60, 60, 120], [55.0, 55.001, 55.0012, 55.002], 4.0)
    got = tracks_of(table)

    assert got.segments["n_positions"].to_pylist() == [4]
    flagged = got.fixes.filter(got.fixes["quality"].to_numpy() != 0)
    assert flagged["lat"].to_pylist() == [55.0012]
