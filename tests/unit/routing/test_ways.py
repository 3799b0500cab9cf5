"""Single routes: passages, ends, refusals, geometry."""

import re

import numpy as np
import pytest

from vesseltrack.config.routing import RoutingConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.paths import densify, path_length_m
from vesseltrack.errors import RouteError
from vesseltrack.routing import shortest_route, shortest_routes
from vesseltrack.units import m_to_nm

ROTTERDAM, SINGAPORE = (51.95, 4.05), (1.25, 103.85)
NEW_YORK, LOS_ANGELES = (40.5, -73.9), (33.7, -118.25)
ELBE, GDANSK = (53.98, 8.5), (54.4, 18.8)
PIRAEUS, PATRAS = (37.93, 23.6), (38.26, 21.72)


# Distances printed in NGA Pub. 151 for the canal or strait named.
@pytest.mark.parametrize(
    ("start", "end", "asked", "published_nm", "passage"),
    [
        ((18.93333, 72.85), (31.26667, 32.31667), {}, 3_046, "suez"),
        ((36.78056, 3.06972), (40.63222, 22.93), {}, 1_270, "corinth"),
        ((43.62278, 13.505), (33.90333, 35.51278), {}, 1_245, "corinth"),
        ((59.90556, 10.73333), (55.71667, 21.11667), {"via": ["sound"]}, 584, "sound"),
        ((38.93333, 121.65), (21.30833, -157.87083), {}, 4_470, "kanmon"),
    ],
)
def test_through_a_passage(start, end, asked, published_nm, passage):
    route = shortest_route(start, end, **asked)
    assert passage in route.passages
    assert route.distance_nm == pytest.approx(published_nm, rel=0.02)
    around = shortest_route(start, end, avoid=[passage])
    assert passage not in around.passages
    assert asked or around.distance_nm > route.distance_nm


@pytest.mark.parametrize(
    ("start", "end", "canal", "mark", "longer_by"),
    [
        (ROTTERDAM, SINGAPORE, "suez", (-34.83, 20.0), 1.3),  # Cape Agulhas
        (NEW_YORK, LOS_ANGELES, "panama", (-52.5, -69.5), 2.0),  # the Strait of Magellan
        (ELBE, GDANSK, "kiel", (57.75, 10.65), 1.4),  # the Skaw
        (PIRAEUS, PATRAS, "corinth", (36.4, 23.0), 2.0),  # Cape Maleas
    ],
)
def test_without_its_canal_a_route_rounds_the_cape(start, end, canal, mark, longer_by):
    route = shortest_route(start, end)
    around = shortest_route(start, end, avoid=[canal])
    assert canal in route.passages
    assert canal not in around.passages
    assert around.distance_nm > longer_by * route.distance_nm
    lat, lon = densify(around.lat, around.lon, 10_000.0)
    assert great_circle_m(lat, lon, *mark).min() < 60_000


def test_the_arctic_is_closed_unless_asked_for():
    tokyo = (35.3, 139.7)
    assert not {"northeast", "northwest"} & set(shortest_route(ROTTERDAM, tokyo).passages)
    arctic = shortest_route(ROTTERDAM, tokyo, via=["northeast"])
    assert "northeast" in arctic.passages
    assert 6_500 < arctic.distance_nm < 8_000  # some 7,300 nm along the Siberian coast


def test_alternatives_leave_out_one_passage_each():
    route = shortest_route(ROTTERDAM, SINGAPORE)
    (cape,) = route.alternatives
    assert cape.avoiding == "suez"
    assert cape.distance_nm == shortest_route(ROTTERDAM, SINGAPORE, avoid=["suez"]).distance_nm


def test_size_decides_over_canals():
    deep = shortest_route(ELBE, GDANSK, draught_m=12.0)
    assert "kiel" not in deep.passages
    small = shortest_route((55.6, 9.9), (54.9, 10.0), length_m=60.0, draught_m=3.0)
    assert small.passages == ("little_belt",)
    assert shortest_route((55.6, 9.9), (54.9, 10.0)).passages == ()


def test_via_a_point_and_a_passage():
    direct = shortest_route(ROTTERDAM, GDANSK)
    around = shortest_route(ROTTERDAM, GDANSK, via=["sound", (56.0, 18.0)])
    assert "sound" in around.passages
    assert around.distance_nm > direct.distance_nm
    assert great_circle_m(around.lat, around.lon, 56.0, 18.0).min() < 1.0


def test_the_line_is_as_long_as_the_route():
    for a, b in ((ROTTERDAM, SINGAPORE), (PIRAEUS, PATRAS), (NEW_YORK, LOS_ANGELES)):
        route = shortest_route(a, b)
        assert m_to_nm(path_length_m(route.lat, route.lon)) == pytest.approx(route.distance_nm)
        assert (route.lat[0], route.lon[0]) == pytest.approx(a)
        assert (route.lat[-1], route.lon[-1]) == pytest.approx(b)


def test_ends_on_land_are_flagged():
    hamburg_town = (53.60, 9.99)
    route = shortest_route(hamburg_town, ROTTERDAM)
    assert 3 < route.snap_km[0] < 9
    assert route.snap_km[1] < 4
    with pytest.raises(RouteError, match="the limit is 2 km"):
        shortest_route(hamburg_town, ROTTERDAM, config=RoutingConfig(max_snap_km=2.0))


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ((48.2, 16.4), "water that ships reach"),  # Vienna
        ((47.7, -87.5), "water that ships reach"),  # Lake Superior
        ((45.0, 60.0), "water that ships reach"),  # the Aral Sea
    ],
)
def test_inland_points_and_lakes_are_refused(place, reason):
    with pytest.raises(RouteError, match=reason):
        shortest_route(ROTTERDAM, place)


def test_closed_passages_are_named_when_no_way_is_left():
    baku = (40.3, 50.1)
    with pytest.raises(RouteError, match="volga_don"):
        shortest_route(ROTTERDAM, baku)
    route = shortest_route(ROTTERDAM, baku, via=["volga_don"])
    assert {"bosporus", "dardanelles", "volga_don"} <= set(route.passages)


def test_the_date_line_needs_no_care():
    route = shortest_route((35.3, 139.7), (33.7, -118.25))
    assert route.distance_nm == pytest.approx(4_839, rel=0.01)
    shape = route.geometry()
    assert shape["type"] == "MultiLineString"
    assert all(np.abs(np.diff(np.array(part)[:, 0])).max() < 180 for part in shape["coordinates"])
    short = shortest_route((-17.0, 179.95), (-17.0, -179.95))
    assert short.distance_nm == pytest.approx(5.74, abs=0.3)


def test_one_harbour_is_a_straight_line():
    a, b = (53.60, 9.99), (53.601, 9.991)
    route = shortest_route(a, b)
    assert route.distance_nm == pytest.approx(m_to_nm(great_circle_m(*a, *b)))
    assert shortest_route(a, a).distance_nm == 0


def test_many_routes_are_as_single_ones():
    rng = np.random.default_rng(3)
    lat, lon = rng.uniform(53, 60, 60), rng.uniform(-4, 24, 60)
    together = shortest_routes(lat, lon, *SINGAPORE)
    back = shortest_routes(*SINGAPORE, lat, lon)
    n_routes = 0
    for here, there, many, reverse in zip(lat, lon, together, back, strict=True):
        if isinstance(many, RouteError):
            with pytest.raises(RouteError, match=re.escape(str(many))):
                shortest_route((here, there), SINGAPORE)
            continue
        single = shortest_route((here, there), SINGAPORE)
        n_routes += 1
        assert many.distance_nm == pytest.approx(single.distance_nm, rel=0.005)
        assert reverse.distance_nm == pytest.approx(many.distance_nm)
        assert (many.lat[0], many.lon[-1]) == pytest.approx((here, SINGAPORE[1]))
        assert m_to_nm(path_length_m(many.lat, many.lon)) == pytest.approx(many.distance_nm)
        np.testing.assert_array_equal(reverse.lat, many.lat[::-1])
    assert n_routes > 20


def test_errors_stand_in_their_places():
    lat = np.full(45, 60.0)
    lat[[3, 7]] = 48.2, np.nan
    routes = shortest_routes(lat, np.full(45, 0.0), 55.0, 3.0)
    refused = [i for i, route in enumerate(routes) if isinstance(route, RouteError)]
    assert refused == [3, 7]
    assert shortest_routes([], [], [], []) == []
