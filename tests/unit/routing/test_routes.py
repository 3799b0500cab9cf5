import json
import subprocess
import sys

import numpy as np
import pytest
import shapely

from vesseltrack import routing
from vesseltrack.config.routing import RoutingConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.paths import path_length_m
from vesseltrack.errors import ConfigError, RouteError
from vesseltrack.routing import shortest_route, shortest_routes
from vesseltrack.units import METRES_PER_NM

ROTTERDAM = (51.95, 4.05)
ST_PETERSBURG = (59.93, 29.7)
SINGAPORE = (1.25, 103.85)
NEW_YORK = (40.45, -73.9)
LOS_ANGELES = (33.7, -118.2)
YOKOHAMA = (35.3, 139.72)


def test_rotterdam_to_st_petersburg_goes_through_kiel():
    route = shortest_route(ROTTERDAM, ST_PETERSBURG)
    assert route.passages == ("kiel",)
    # A container ship sailed 1,102 nm direct; a shortest line cuts the corners of the fairways.
    assert 1102 * 0.92 < route.distance_nm < 1102
    (around_denmark,) = route.alternatives
    assert around_denmark.avoiding == "kiel"
    assert around_denmark.passages == ("sound",)
    assert around_denmark.distance_nm == pytest.approx(
        shortest_route(ROTTERDAM, ST_PETERSBURG, avoid=("kiel",)).distance_nm
    )
    # The canal saves about 250 nm against Skagen (its own authority), less from the south-west.
    assert 150 < around_denmark.distance_nm - route.distance_nm < 260


def test_rotterdam_to_singapore_goes_through_suez_or_round_the_cape():
    route = shortest_route(ROTTERDAM, SINGAPORE)
    assert route.passages == ("suez",)
    assert route.distance_nm == pytest.approx(8288, rel=0.02)  # NGA Pub. 151
    around = shortest_route(ROTTERDAM, SINGAPORE, avoid=("suez",))
    assert around.passages == ()
    assert around.lat.min() < -34  # the Cape of Good Hope
    assert around.lat.max() < 60  # and not the Arctic
    assert around.distance_nm == pytest.approx(11_755, rel=0.02)  # NGA Pub. 151
    (cape,) = route.alternatives
    assert (cape.avoiding, cape.passages, cape.distance_nm) == ("suez", (), around.distance_nm)


def test_the_arctic_is_taken_only_when_asked_for():
    arctic = shortest_route(ROTTERDAM, YOKOHAMA, via=("northeast",))
    assert arctic.passages == ("northeast",)
    assert arctic.lat.max() > 75
    usual = shortest_route(ROTTERDAM, YOKOHAMA)
    assert usual.passages == ("suez",)
    assert usual.distance_nm > arctic.distance_nm


def test_new_york_to_los_angeles_goes_through_panama():
    route = shortest_route(NEW_YORK, LOS_ANGELES)
    assert route.passages == ("panama",)
    assert route.distance_nm == pytest.approx(4931, rel=0.02)  # NGA Pub. 151
    wide = shortest_route(NEW_YORK, LOS_ANGELES, draught_m=15.5)
    assert wide.passages == ("magellan",)


def test_a_vessel_too_big_goes_another_way():
    big = shortest_route(ROTTERDAM, ST_PETERSBURG, length_m=300.0)
    assert big.passages == ("sound",)
    deep = shortest_route(ROTTERDAM, ST_PETERSBURG, length_m=300.0, draught_m=13.0)
    assert deep.passages == ()
    assert deep.distance_nm > big.distance_nm


def test_coasters_may_take_shallow_sounds():
    stockholm_side, gulf = (56.4, 16.25), (57.3, 16.75)
    coaster = shortest_route(stockholm_side, gulf, length_m=80.0)
    ship = shortest_route(stockholm_side, gulf, length_m=120.0)
    assert coaster.passages == ("kalmarsund",)
    assert ship.passages == ()
    assert ship.distance_nm > coaster.distance_nm


def test_via_a_point():
    madeira = (32.5, -17.0)
    route = shortest_route(ROTTERDAM, NEW_YORK, via=(madeira,))
    legs = shortest_route(ROTTERDAM, madeira), shortest_route(madeira, NEW_YORK)
    assert route.distance_nm == pytest.approx(sum(leg.distance_nm for leg in legs))
    assert great_circle_m(route.lat, route.lon, *madeira).min() < 1


def test_via_a_passage_in_either_direction():
    there = shortest_route(ROTTERDAM, SINGAPORE, via=("panama",))
    back = shortest_route(SINGAPORE, ROTTERDAM, via=("panama",))
    assert there.passages == back.passages == ("panama",)
    assert there.distance_nm == pytest.approx(back.distance_nm, rel=1e-9)
    assert there.distance_nm > shortest_route(ROTTERDAM, SINGAPORE).distance_nm


def test_naming_the_passage_taken_anyway_changes_little():
    free, named = (shortest_route(ROTTERDAM, ST_PETERSBURG, via=v) for v in ((), ("kiel",)))
    assert named.distance_nm == pytest.approx(free.distance_nm, rel=0.005)


def test_the_line_is_as_long_as_it_says_and_ends_where_it_should():
    for a, b in [(ROTTERDAM, SINGAPORE), (YOKOHAMA, LOS_ANGELES), (ROTTERDAM, (53.54, 9.95))]:
        route = shortest_route(a, b)
        length_nm = path_length_m(route.lat, route.lon) / METRES_PER_NM
        assert route.distance_nm == pytest.approx(length_nm, rel=1e-9)
        assert (route.lat[0], route.lon[0]) == pytest.approx(a)
        assert (route.lat[-1], route.lon[-1]) == pytest.approx(b)
        assert np.all((route.lon >= -180) & (route.lon < 180))


def test_no_way_for_no_distance():
    for point in (ROTTERDAM, (0.0, -30.0)):
        route = shortest_route(point, (point[0], point[1] + 360))
        assert route.distance_nm == pytest.approx(0, abs=1e-9)
        assert route.lat.size == 2
        assert shapely.from_geojson(json.dumps(route.geometry())).geom_type == "LineString"


def test_open_water_is_crossed_straight():
    a, b = (10.0, -40.0), (-5.0, -20.0)
    route = shortest_route(a, b)
    assert route.distance_nm == pytest.approx(float(great_circle_m(*a, *b)) / METRES_PER_NM)
    assert route.snap_km == (0, 0)


def test_two_berths_of_one_harbour_are_as_far_as_they_are():
    hamburg, near = (53.54, 9.95), (53.541, 9.955)
    route = shortest_route(hamburg, near)
    assert route.distance_nm * METRES_PER_NM == pytest.approx(
        float(great_circle_m(*hamburg, *near))
    )


def test_a_vessel_in_a_canal_is_on_the_water():
    great_bitter_lake = (30.35, 32.38)
    route = shortest_route(great_bitter_lake, SINGAPORE)
    assert route.snap_km[0] < 5
    assert route.passages == ()
    assert shortest_route(great_bitter_lake, ROTTERDAM).passages == ("suez",)


def test_a_point_too_far_inland_is_refused_by_name_and_distance():
    with pytest.raises(RouteError, match=r"point 52\.5000,13\.4000 lies \d+ km .* limit is 25 km"):
        shortest_route((52.5, 13.4), ROTTERDAM)
    with pytest.raises(RouteError, match=r"point 52\.5000,13\.4000 lies"):
        shortest_route(ROTTERDAM, (52.5, 13.4))


def test_how_far_inland_may_be_set():
    hamburg = (53.60, 9.99)  # the town, not the river
    snap_km = shortest_route(hamburg, ROTTERDAM).snap_km[0]
    assert snap_km > 0
    with pytest.raises(RouteError, match="the limit is 0 km"):
        shortest_route(hamburg, ROTTERDAM, config=RoutingConfig(max_snap_km=0))
    with pytest.raises(ConfigError, match="max_snap_km must be zero or more"):
        RoutingConfig(max_snap_km=-1)


def test_a_lake_has_no_way_to_the_sea_but_for_those_who_fit_its_canal():
    caspian = (42.0, 51.0)
    with pytest.raises(
        RouteError, match=r"no way by sea between 42\.0000,51\.0000 and .* volga_don"
    ):
        shortest_route(caspian, ROTTERDAM)
    small = shortest_route(caspian, ROTTERDAM, length_m=120.0, draught_m=3.0)
    assert small.passages[:2] == ("volga_don", "kerch")


@pytest.mark.parametrize("point", [(91.0, 0.0), (np.nan, 0.0), (0.0, np.nan), (0.0, np.inf)])
def test_what_is_no_position_is_refused(point):
    with pytest.raises(RouteError, match="a point must be a latitude within 90 and a longitude"):
        shortest_route(point, ROTTERDAM)


def test_a_route_over_the_date_line_is_drawn_in_pieces():
    route = shortest_route(YOKOHAMA, LOS_ANGELES)
    assert route.distance_nm == pytest.approx(4839, rel=0.02)  # NGA Pub. 151
    geometry = route.geometry()
    assert geometry["type"] == "MultiLineString"
    west, east = geometry["coordinates"]
    assert west[-1][0] == 180
    assert east[0][0] == -180
    assert west[-1][1] == east[0][1]
    assert all(np.abs(np.diff(np.array(piece)[:, 0])).max() < 90 for piece in (west, east))


def test_a_route_is_a_feature():
    feature = json.loads(
        json.dumps(shortest_route(ROTTERDAM, SINGAPORE).feature(), allow_nan=False)
    )
    assert feature["geometry"]["type"] == "LineString"
    assert feature["geometry"]["coordinates"][0] == [4.05, 51.95]
    assert feature["properties"]["passages"] == ["suez"]
    assert feature["properties"]["alternatives"][0]["avoiding"] == "suez"


def test_many_routes_are_the_single_ones_in_order():
    ends = [ST_PETERSBURG, (52.5, 13.4), SINGAPORE, ROTTERDAM]
    routes = shortest_routes(*ROTTERDAM, [lat for lat, _ in ends], [lon for _, lon in ends])
    assert [type(route) for route in routes] == [routing.Route, RouteError, *[routing.Route] * 2]
    assert "13.4000" in str(routes[1])
    for end, route in zip(ends, routes, strict=True):
        if isinstance(route, routing.Route):
            assert route.distance_nm == shortest_route(ROTTERDAM, end).distance_nm
    assert shortest_routes([], [], [], []) == []
    (avoiding,) = shortest_routes(*ROTTERDAM, *SINGAPORE, avoid=("suez",))
    assert avoiding.passages == ()


def test_threads_get_the_same_answers():
    # In a process of its own, where the threads are the first to load anything.
    script = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from vesseltrack.routing import shortest_route\n"
        f"ends = [{ST_PETERSBURG}, {SINGAPORE}, {NEW_YORK}, {LOS_ANGELES}] * 4\n"
        f"route = lambda end: shortest_route({ROTTERDAM}, end).distance_nm\n"
        "with ThreadPoolExecutor(8) as pool: found = list(pool.map(route, ends))\n"
        "print(*found)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    ends = [ST_PETERSBURG, SINGAPORE, NEW_YORK, LOS_ANGELES] * 4
    alone = [shortest_route(ROTTERDAM, end).distance_nm for end in ends]
    assert [float(word) for word in done.stdout.split()] == alone


def test_importing_the_room_reads_neither_network_nor_shore():
    heavy = "searoute networkx shapely geopandas pandas pyarrow"
    script = (
        "import sys, vesseltrack.routing as r; r.passages()\n"
        f"assert not set('{heavy}'.split()) & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
