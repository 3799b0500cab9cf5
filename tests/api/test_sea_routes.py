import numpy as np
import pytest
import shapely

from vesseltrack import routing
from vesseltrack.errors import RouteError


def test_a_route_is_a_feature_with_its_distance(api):
    response = api.get("/routes?from=51.95,4.05&to=59.93,29.7")
    assert response.headers["content-type"] == "application/geo+json"
    feature = response.json()
    assert feature["type"] == "Feature"
    assert shapely.from_geojson(response.text).is_valid
    properties = feature["properties"]
    assert properties["passages"] == ["kiel"]
    # Through Kiel about 1,070 nm, around Skagen some 210 nm more (published port distances).
    assert 1000 < properties["distance_nm"] < 1150
    longitude, latitude = feature["geometry"]["coordinates"][0]
    assert (latitude, longitude) == pytest.approx((51.95, 4.05), abs=1)


def test_a_passage_can_be_left_out(api):
    around = api.get("/routes?from=51.95,4.05&to=59.93,29.7&avoid=kiel").json()["properties"]
    through = api.get("/routes?from=51.95,4.05&to=59.93,29.7").json()["properties"]
    assert "kiel" not in around["passages"]
    assert around["distance_nm"] > through["distance_nm"] + 100
    (other,) = through["alternatives"]
    assert (other["avoiding"], other["distance_nm"]) == ("kiel", around["distance_nm"])


def test_a_passage_can_be_asked_for(api):
    direct = api.get("/routes?from=51.95,4.05&to=53.5,0.2").json()["properties"]
    through = api.get("/routes?from=51.95,4.05&to=53.5,0.2&via=kiel").json()["properties"]
    assert "kiel" in through["passages"]
    assert "kiel" not in direct["passages"]
    assert through["distance_nm"] > direct["distance_nm"]


def test_too_deep_for_a_canal(api):
    deep = api.get("/routes?from=51.95,4.05&to=59.93,29.7&draught_m=14").json()["properties"]
    assert "kiel" not in deep["passages"]


def test_a_route_over_the_pacific_is_cut_at_the_date_line(api):
    drawn = api.get("/routes?from=35.4,139.8&to=37.8,-122.6").json()["geometry"]
    assert drawn["type"] == "MultiLineString"
    assert all(np.abs(np.diff(np.array(part)[:, 0])).max() < 180 for part in drawn["coordinates"])


def test_no_way_is_a_problem_with_the_reason(api):
    response = api.get("/routes?from=48.2,16.4&to=50.1,14.4")  # Vienna to Prague
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    with pytest.raises(RouteError) as error:
        routing.shortest_route((48.2, 16.4), (50.1, 14.4))
    assert response.json()["detail"] == str(error.value)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("to=1,2", "from"),
        ("from=1,2", "to"),
        ("from=1,2&to=91,0", "to"),
        ("from=1&to=1,2", "from"),
        ("from=1,2&to=3,4&avoid=styx", "avoid"),
        ("from=1,2&to=3,4&avoid=suez,", "avoid"),
        ("from=1,2&to=3,4&via=styx", "via"),
        ("from=1,2&to=3,4&draught_m=-1", "draught_m"),
        ("from=1,2&to=3,4&length_m=1e9", "length_m"),
        ("from=1,2&to=3,4&speed=9", "speed"),
    ],
)
def test_bad_parameters_are_named(api, query, parameter):
    response = api.get(f"/routes?{query}")
    assert response.status_code == 400
    assert response.json()["parameter"] == parameter


def test_from_a_place_to_itself(api):
    response = api.get("/routes?from=54,5&to=54,5")
    assert response.status_code == 200
    assert response.json()["properties"]["distance_nm"] == pytest.approx(0, abs=0.1)
