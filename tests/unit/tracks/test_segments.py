import numpy as np
import pytest

from track_tables import BEGIN_US, HOUR_S, positions, tracks_of


def test_a_gap_ends_a_segment_only_when_longer_than_the_limit():
    t = np.array([0, 1, 9, 10, 18.001, 19]) * HOUR_S
    got = tracks_of(positions(209515000, t, 55.0, 4.0)).segments

    assert got["n_positions"].to_pylist() == [4, 2]
    assert got["max_gap_h"].to_pylist() == [8.0, pytest.approx(0.999)]


def test_a_box_across_the_date_line_has_its_west_above_its_east():
    lon = [178.0, 179.5, -179.0, -178.5]
    got = tracks_of(positions(503000000, np.arange(4) * 5 * HOUR_S, [-17, -16, -18, -17], lon))
    row = got.segments.to_pylist()[0]

    assert (row["min_lon"], row["max_lon"]) == (178.0, -178.5)
    assert (row["min_lat"], row["max_lat"]) == (-18.0, -16.0)


def test_a_box_right_round_the_world_is_all_longitudes():
    lon = (np.arange(0, 380, 2) + 180) % 360 - 180
    got = tracks_of(positions(503000000, np.arange(lon.size) * 4 * HOUR_S, -60.0, lon))
    row = got.segments.to_pylist()[0]

    assert (row["min_lon"], row["max_lon"]) == (-180.0, 180.0)


def test_ranges_name_the_positions_in_the_order_of_the_mmsi():
    # The aircraft's row is of another MMSI; the third row of the instant 60 is a stray one.
    t = np.array([0, 60, 60, 60, *range(120, 2400, 60)])
    lat = np.where(np.arange(t.size) == 3, 70.0, 55.0 + np.arange(t.size) * 1e-4)
    got = tracks_of(positions(209515000, t, lat, 4.0))
    ranges = got.segments["fix_ranges"][0].as_py()

    places = [
        (
            (one["start"].timestamp() * 1e6 - BEGIN_US) / 1e6,
            one["start_nth"],
            (one["end"].timestamp() * 1e6 - BEGIN_US) / 1e6,
            one["end_nth"],
        )
        for one in ranges
    ]
    assert places == [(0, 0, 60, 1), (120, 0, 2340, 0)]


def test_length_is_that_of_the_sleeve():
    lat = np.linspace(50, 52, 400)
    got = tracks_of(positions(209515000, np.arange(400) * 60, lat, 3.0)).segments

    assert got["length_nm"].to_pylist() == [pytest.approx(120.08, abs=0.01)]


def test_there_are_no_segments_without_positions():
    got = tracks_of(positions(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0)))

    tables = (got.vessels, got.segments, got.port_calls, got.voyages, got.fixes)
    assert [table.num_rows for table in tables] == [0] * 5
