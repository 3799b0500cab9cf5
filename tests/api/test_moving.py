import warnings

import numpy as np
import pandas as pd
import pytest

with warnings.catch_warnings():
    # It says at import that Stone Soup, which its smoothers need, is not there; we use none.
    warnings.filterwarnings("ignore", "Missing optional dependencies", UserWarning)
    import movingpandas


# Both of movingpandas itself: the course is in UTC and stays so; it calls pandas the old way.
@pytest.mark.filterwarnings("ignore:Time zone information dropped:UserWarning")
@pytest.mark.filterwarnings(
    "ignore:The inplace keyword in GeoDataFrame:pandas.errors.PandasChangeWarning"
)
def test_a_track_in_time_is_read_by_movingpandas(api, courses):
    document = api.get("/collections/tracks/items/s-111-0/tgsequence").json()
    assert document["type"] == "TemporalGeometrySequence"
    (moving,) = document["geometrySequence"]
    assert moving["type"] == "MovingPoint"
    feature = {"type": "Feature", "temporalGeometry": moving, "properties": {"id": "s-111-0"}}
    trajectory = movingpandas.read_mf_dict(feature, traj_id_property="id")
    lat, lon, _ = courses[111]
    np.testing.assert_allclose(trajectory.df.geometry.x, lon, atol=1e-6)
    np.testing.assert_allclose(trajectory.df.geometry.y, lat, atol=1e-6)
    expected = pd.date_range("2021-01-01", periods=13, freq="10min")
    assert list(trajectory.df.index.tz_localize(None)) == list(expected)


def test_speed_stands_beside_it_where_it_is_known(api):
    document = api.get("/collections/tracks/items/s-333-0/tgsequence").json()
    (parametric,) = document["temporalProperties"]
    assert parametric["datetimes"] == [f"2021-01-01T00:{minute:02d}:00Z" for minute in (0, 20, 30)]
    assert parametric["sog_kn"]["values"] == pytest.approx([0, 0.1, 0])
    assert parametric["sog_kn"]["form"] == "KNT"
    assert len(document["geometrySequence"][0]["datetimes"]) == 4


def test_the_course_is_linked_from_the_track(api):
    links = api.get("/collections/tracks/items/s-222-0").json()["links"]
    href = next(link["href"] for link in links if link["rel"] == "tgsequence")
    assert api.get(href).json()["numberReturned"] == 1


def test_an_unknown_track_is_a_problem(api):
    response = api.get("/collections/tracks/items/none/tgsequence")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_only_tracks_move(api):
    assert api.get("/collections/events/items/e-01/tgsequence").status_code == 404
