"""The distance still to go: continuous along tracks, and what slack makes of it."""

from itertools import pairwise

import numpy as np
import pytest

from vesseltrack.core.geodesy import great_circle_m, unit_xyz
from vesseltrack.core.paths import densify
from vesseltrack.core.slack import close_tracks, slack
from vesseltrack.errors import RouteError
from vesseltrack.routing import distance_field, shortest_route
from vesseltrack.routing.graph import open_sea
from vesseltrack.routing.passages import closed_to
from vesseltrack.units import nm_to_m

ROTTERDAM, SINGAPORE, ISTANBUL = (51.95, 4.05), (1.25, 103.85), (40.95, 28.9)


def sailed_m(lat, lon):
    legs = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    return np.concatenate([[0.0], np.cumsum(legs)])


def wandering(lat, lon, amplitude_km):
    """A track with smooth noise to its sides."""
    rng = np.random.default_rng(0)
    hill = np.hanning(60)
    noise = [np.convolve(rng.normal(size=lat.size + 59), hill, "valid") / hill.sum() for _ in "ab"]
    scale = amplitude_km / 111.0 / np.std(noise)
    return lat + scale * noise[0], lon + scale * noise[1] / np.cos(np.radians(lat))


@pytest.mark.parametrize(
    ("start", "end"),
    [(ROTTERDAM, SINGAPORE), ((35.4, 25.2), ISTANBUL), ((53.98, 8.5), (59.9, 29.7))],
    ids=["suez", "aegean", "kiel"],
)
@pytest.mark.parametrize("amplitude_km", [0.0, 1.0])
def test_no_steps_along_tracks(start, end, amplitude_km):
    route = shortest_route(start, end)
    lat, lon = densify(route.lat[1:-1], route.lon[1:-1], 2_000.0)
    lat, lon = wandering(lat, lon, amplitude_km)
    remaining_m = nm_to_m(distance_field(end).remaining_nm(lat, lon))
    travelled_m = sailed_m(lat, lon)
    points = unit_xyz(lat, lon)
    with open_sea(closed_to()) as sea:
        clear = sea.water.sees(points[:-1], points[1:])
    assert clear.mean() > 0.8
    step_m = np.abs(np.diff(remaining_m)) - np.diff(travelled_m)
    assert step_m[clear].max() < 3_000
    # The noise takes the track over capes: nobody can have sailed there.
    offsets = np.concatenate([[0], np.flatnonzero(~clear) + 1, [lat.size]])
    closed_m = close_tracks(travelled_m, remaining_m, offsets)
    found_m = slack(travelled_m, closed_m, offsets)
    assert np.diff(found_m)[clear].min() > -0.01
    assert np.percentile(remaining_m - closed_m, 99) < 3_000


def test_the_field_agrees_with_single_routes():
    lat, lon = np.array([35.4, 43.2, 57.6, -33.9]), np.array([25.2, 5.2, 11.6, 18.3])
    found_nm = distance_field(SINGAPORE).remaining_nm(lat, lon)
    single = [shortest_route(point, SINGAPORE).distance_nm for point in zip(lat, lon, strict=True)]
    np.testing.assert_allclose(found_nm, single, rtol=0.004)


def test_a_dog_leg_is_found_where_it_was_sailed():
    start, end = (48.5, -6.0), (40.3, -70.0)
    route = shortest_route(start, end)
    lat, lon = densify(route.lat, route.lon, 5_000.0)
    first, last = lat.size // 3, lat.size // 2
    out = densify(
        [lat[first], 36.0, lat[last]],
        [lon[first], (lon[first] + lon[last]) / 2, lon[last]],
        5_000.0,
    )
    lat = np.concatenate([lat[:first], out[0], lat[last + 1 :]])
    lon = np.concatenate([lon[:first], out[1], lon[last + 1 :]])
    travelled_m, offsets = sailed_m(lat, lon), np.array([0, lat.size])
    extra_m = travelled_m[-1] - nm_to_m(route.distance_nm)
    assert extra_m > 300_000
    remaining_m = nm_to_m(distance_field(end).remaining_nm(lat, lon))
    found_m = slack(travelled_m, close_tracks(travelled_m, remaining_m, offsets), offsets)
    assert found_m[-1] == pytest.approx(extra_m, rel=0.01)
    inside = found_m[first + out[0].size - 1] - found_m[first]
    assert inside == pytest.approx(extra_m, rel=0.02)


def test_along_a_track_is_as_everywhere():
    route = shortest_route(ROTTERDAM, SINGAPORE)
    lat, lon = densify(route.lat, route.lon, 2_000.0)
    field = distance_field(SINGAPORE)
    off_km = 1.852 * np.abs(field.remaining_along_nm(lat, lon) - field.remaining_nm(lat, lon))
    assert np.percentile(off_km, 99) < 0.2
    assert field.remaining_along_nm([], []).shape == (0,)


def test_tracks_end_to_end_are_as_each_alone():
    field = distance_field(SINGAPORE)
    starts = [(36.0, 15.0), (12.5, 48.0), (-20.0, 60.0)]
    tracks = []
    for start in starts:
        route = shortest_route(start, (5.8, 80.0))
        tracks.append(densify(route.lat, route.lon, 3_000.0))
    lat, lon = (np.concatenate(column) for column in zip(*tracks, strict=True))
    offsets = np.cumsum([0] + [track[0].size for track in tracks])
    offsets = np.insert(offsets, 2, offsets[2])  # and one without a fix
    together_nm = field.remaining_along_nm(lat, lon, offsets=offsets)
    assert np.percentile(1.852 * np.abs(together_nm - field.remaining_nm(lat, lon)), 99) < 0.2
    for start, stop in pairwise(offsets):
        alone_nm = field.remaining_along_nm(lat[start:stop], lon[start:stop])
        np.testing.assert_allclose(together_nm[start:stop], alone_nm, rtol=0.003)
    assert together_nm[offsets[1] - 1] - together_nm[offsets[1]] < -1_000  # a leap, not a slope


def test_unknown_points_and_no_points():
    field = distance_field(ISTANBUL)
    found = field.remaining_nm(
        [np.nan, 48.2, 91.0, 40.3, 40.9], [0.0, 16.4, 0.0, 50.1, 28.8 + 360]
    )
    assert np.isnan(found).tolist() == [True, True, True, True, False]
    assert field.remaining_nm([], []).shape == (0,)
    assert field.remaining_nm(*ISTANBUL) == pytest.approx([0], abs=1e-6)


def test_a_field_needs_a_destination_at_the_water():
    with pytest.raises(RouteError, match="water that ships reach"):
        distance_field((48.2, 16.4))


def test_a_closed_canal_lengthens_the_field():
    open_nm = distance_field(SINGAPORE).remaining_nm(36.0, 15.0)[0]
    shut_nm = distance_field(SINGAPORE, avoid=["suez"]).remaining_nm(36.0, 15.0)[0]
    assert shut_nm > open_nm + 4_000
    in_canal = distance_field(SINGAPORE).remaining_nm([30.72, 30.57], [32.34, 32.30])
    assert in_canal[0] - in_canal[1] == pytest.approx(9.3, abs=1.0)


def test_roughly_is_near_what_remains_and_depends_on_no_other_point():
    field = distance_field(ISTANBUL)
    lat = np.array([36.0, 34.0, 40.0, 43.5, 38.0, 39.3])
    lon = np.array([15.0, 25.0, 3.0, 34.0, 24.9 + 360, 25.2])
    rough_nm, exact_nm = field.roughly_nm(lat, lon), field.remaining_nm(lat, lon)
    assert (rough_nm >= exact_nm - 1.0).all()
    assert (rough_nm <= 1.05 * exact_nm + 5.0).all()
    for row in range(lat.size):
        assert field.roughly_nm(lat[[row]], lon[[row]])[0] == rough_nm[row]
    inland = field.roughly_nm([48.2, 36.0], [16.4, 15.0])
    assert np.isnan(inland).tolist() == [True, False]
    assert field.roughly_nm([], []).shape == (0,)
