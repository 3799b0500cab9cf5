import numpy as np
import pytest

from track_tables import port_place, positions, tracks_of
from vesseltrack.core.identity import vessel_key
from vesseltrack.schema import FIXES, Quality, validate
from vesseltrack.sea import shore_distance_m


def test_fixes_stand_by_time_and_vessel_and_name_their_segment():
    t_s = [0, 60, 40_000, 40_060]
    table = tracks_of(positions(209515000, t_s, 55.0, 4.0), positions(219000001, t_s, 56.0, 5.0))
    fixes = table.fixes

    validate(fixes, FIXES)
    assert fixes["timestamp"].to_pylist() == sorted(fixes["timestamp"].to_pylist())
    assert fixes["vessel_key"].to_pylist() == [vessel_key(209515000), vessel_key(219000001)] * 4
    segment = np.array(fixes["segment"].to_pylist()).reshape(4, 2)
    assert (segment[0] == segment[1]).all()
    assert (segment[2] == segment[3]).all()
    assert np.unique(segment).size == 4


def test_distances_are_those_to_shore_port_and_anchorage():
    lat, lon = port_place("DKEBJ")
    places = np.array([lat, 56.0, 0.0]), np.array([lon, 3.0, -30.0])
    fixes = tracks_of(positions([219000001, 219000002, 219000003], [0, 1, 2], *places)).fixes

    assert fixes["port_m"][0].as_py() == pytest.approx(0, abs=8)
    np.testing.assert_allclose(fixes["shore_m"], shore_distance_m(*places), atol=20)
    assert min(fixes["anchorage_m"].to_pylist()[1:]) > 50_000


def test_a_false_speed_at_anchor_is_flagged():
    sog_kn = np.array([0.1, 0.0, 102.2, 0.1], dtype=np.float32)
    fixes = tracks_of(positions(219165000, [0, 180, 360, 540], 54.5, 11.0, sog_kn=sog_kn)).fixes

    assert fixes["quality"].to_pylist() == [0, 0, int(Quality.BAD_SPEED), 0]


def test_an_unknown_status_stays_unknown():
    table = positions(219165000, [0, 180], 54.5, 11.0, nav_status=[None, 1])

    assert tracks_of(table).fixes["nav_status"].to_pylist() == [None, 1]


def test_repeats_are_flagged_and_belong_to_the_segment_of_their_original():
    table = positions(219165000, [0, 3, 600], [54.5, 54.5, 54.6], 11.0)
    built = tracks_of(table)

    assert built.fixes["quality"].to_pylist() == [0, int(Quality.NEAR_REPEAT), 0]
    assert len(set(built.fixes["segment"].to_pylist())) == 1
    assert built.segments["n_positions"].to_pylist() == [3]


@pytest.mark.parametrize("lon", [-179.9999, 179.9999, -0.00001, 0.0, 0.00001])
@pytest.mark.parametrize("lat", [-89.9999, -0.00001, 0.0, 72.1])
def test_no_place_on_earth_is_mistaken_for_another(lat, lon):
    fixes = tracks_of(positions(219165000, [0], lat, lon)).fixes

    expected_m = shore_distance_m(np.array([lat]), np.array([lon]))
    np.testing.assert_allclose(fixes["shore_m"], expected_m, atol=20)
