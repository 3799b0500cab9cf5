import numpy as np
import pytest

from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.paths import densify
from vesseltrack.core.slack import slack
from vesseltrack.errors import RouteError
from vesseltrack.routing import distance_field, shortest_route
from vesseltrack.units import METRES_PER_NM

ROTTERDAM = (51.95, 4.05)
SINGAPORE = (1.25, 103.85)


def along(route, step_m):
    """Points along a route and the way from its start to each [nm]."""
    lat, lon = densify(route.lat, route.lon, step_m)
    legs_m = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    return lat, lon, np.append(0.0, np.cumsum(legs_m)) / METRES_PER_NM


def test_a_field_agrees_with_single_routes():
    rng = np.random.default_rng(7)
    lat, lon = rng.uniform(-50, 60, 30), rng.uniform(-180, 180, 30)
    remaining_nm = distance_field(ROTTERDAM).remaining_nm(lat, lon)
    differences = []
    for i in range(lat.size):
        if np.isnan(remaining_nm[i]):
            with pytest.raises(RouteError):
                shortest_route((lat[i], lon[i]), ROTTERDAM)
        else:
            route = shortest_route((lat[i], lon[i]), ROTTERDAM)
            differences.append(remaining_nm[i] / route.distance_nm - 1)
    assert len(differences) > 15
    # The route is looked up in the field of one of its ends, which may be the other one.
    assert np.abs(differences).max() < 0.005


def test_what_remains_at_the_destination_is_nothing():
    field = distance_field(ROTTERDAM)
    assert field.remaining_nm([51.95, 51.95], [4.05, 364.05]) == pytest.approx([0, 0], abs=1e-9)


def test_slack_along_a_shortest_route_stays_small():
    route = shortest_route(ROTTERDAM, SINGAPORE)
    lat, lon, travelled_nm = along(route, 100_000)
    remaining_nm = distance_field(SINGAPORE).remaining_nm(lat, lon)
    extra_nm = slack(travelled_nm, remaining_nm, np.array([0, lat.size]))
    # Of 8,300 nm; the sailed way itself is a candidate that only nodes along it can offer.
    assert np.abs(extra_nm).max() < 0.005 * route.distance_nm
    assert abs(extra_nm[-1]) < 1


def test_a_detour_shows_as_slack_where_it_was_sailed():
    off_vigo, off_dakar = (42.5, -11.0), (14.0, -19.0)
    direct = shortest_route(off_vigo, off_dakar)
    detour = shortest_route(off_vigo, off_dakar, via=((28.0, -26.0),))
    lat, lon, travelled_nm = along(detour, 20_000)
    remaining_nm = distance_field(off_dakar).remaining_nm(lat, lon)
    extra_nm = slack(travelled_nm, remaining_nm, np.array([0, lat.size]))
    inserted_nm = detour.distance_nm - direct.distance_nm
    assert inserted_nm > 100
    # The single route is a little longer than the field's, by 0.2 % of 1,764 nm here.
    assert extra_nm[-1] == pytest.approx(inserted_nm, rel=0.02)


def test_unknown_and_unreachable_points_have_no_distance():
    field = distance_field(ROTTERDAM)
    lat = [np.nan, 0.0, 0.0, 91.0, 48.0, 42.0, 50.0]
    lon = [
        0.0,
        np.nan,
        np.inf,
        0.0,
        67.0,
        51.0,
        -10.0,
    ]  # the fifth in Kazakhstan, then the Caspian
    remaining_nm = field.remaining_nm(lat, lon)
    assert np.isnan(remaining_nm).tolist() == [True] * 6 + [False]
    assert field.remaining_nm([], []).size == 0


def test_points_are_looked_up_nearly_alike_in_any_number(monkeypatch):
    rng = np.random.default_rng(3)
    lat, lon = rng.uniform(30, 60, 40), rng.uniform(-60, 10, 40)
    field = distance_field(ROTTERDAM)
    together = field.remaining_nm(lat, lon)
    monkeypatch.setattr("vesseltrack.routing.anchors._ROWS_AT_ONCE", 7)
    assert np.array_equal(field.remaining_nm(lat, lon), together, equal_nan=True)
    one_by_one = [field.remaining_nm(lat[i], lon[i])[0] for i in range(10)]
    np.testing.assert_allclose(one_by_one, together[:10], rtol=0.003)  # others near it help


def test_a_field_without_suez_is_farther_from_the_east():
    open_, closed = (distance_field(ROTTERDAM, avoid=avoid) for avoid in ((), ("suez",)))
    assert closed.remaining_nm(*SINGAPORE)[0] > open_.remaining_nm(*SINGAPORE)[0] + 3000
    west = 40.0, -60.0
    assert closed.remaining_nm(*west)[0] == pytest.approx(open_.remaining_nm(*west)[0])


def test_a_destination_inland_is_refused():
    with pytest.raises(RouteError, match=r"point 52\.5000,13\.4000 lies"):
        distance_field((52.5, 13.4))
