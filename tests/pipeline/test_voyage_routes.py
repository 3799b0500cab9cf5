"""Voyages held against routes: the passage that was not taken is told from a detour."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import vesseltrack as vt
from vesseltrack import engine, schema
from vesseltrack.config import Config
from vesseltrack.frames.own import own_positions
from vesseltrack.tracks import build_tracks

ROTTERDAM, GDANSK = (51.98, 3.9), (54.6, 19.0)
SPEED_KN = 14.0


def _sailed(route: vt.Route, mmsi: int) -> pd.DataFrame:
    """Return a vessel that sails a route at a steady speed, a fix every ten minutes."""
    lat, lon = route.lat, np.unwrap(route.lon, period=360)
    step_nm = SPEED_KN / 6
    leg_nm = np.hypot(np.diff(lat), np.diff(lon) * np.cos(np.radians(lat[:-1]))) * 60
    way_nm = np.concatenate([[0], np.cumsum(leg_nm)])
    at_nm = np.arange(0, way_nm[-1], step_nm)
    begun = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    return pd.DataFrame(
        {
            "mmsi": mmsi,
            "timestamp": pd.date_range(begun, periods=at_nm.size, freq="10min"),
            "lat": np.interp(at_nm, way_nm, lat),
            "lon": np.interp(at_nm, way_nm, lon),
            "sog_kn": SPEED_KN,
        }
    )


def _held(frame: pd.DataFrame) -> engine.HeldVoyages:
    built = build_tracks(
        own_positions(frame),
        schema.STATICS.empty(),
        config=Config().tracks,
        sea_distance_nm=engine.sea_distance_nm,
    )
    return engine.hold_against_routes(built)


def test_round_skagen_instead_of_through_kiel_is_a_passage_not_taken():
    through = vt.shortest_route(ROTTERDAM, GDANSK)
    around = vt.shortest_route(ROTTERDAM, GDANSK, avoid=("kiel",))
    assert "kiel" in through.passages
    assert around.distance_nm > through.distance_nm * 1.2
    frame = _sailed(around, 219000001)

    held = _held(frame)
    (voyage,) = held.voyages.to_pylist()
    assert voyage["shortest_nm"] == pytest.approx(through.distance_nm, rel=0.02)
    assert voyage["detour_ratio"] > 1.2
    (detour,) = held.detours.to_pylist()
    assert "kiel" in detour["passages_not_taken"]
    assert detour["shortest_without_nm"] == pytest.approx(around.distance_nm, rel=0.02)

    (event,) = vt.detect("route_deviation", frame).to_dict("records")
    assert '"passage_not_taken"' in event["innocent"].partition('"holds"')[2]
    assert "kiel" in event["explanation"].lower()


def test_who_takes_the_passage_is_neither_rerouted_nor_flagged():
    frame = _sailed(vt.shortest_route(ROTTERDAM, GDANSK), 219000002)
    held = _held(frame)
    (voyage,) = held.voyages.to_pylist()
    assert voyage["detour_ratio"] == pytest.approx(1.0, abs=0.02)
    assert voyage["max_cross_track_nm"] < 3
    assert voyage["verdict"] == "direct"
    assert held.detours.num_rows == 0
    assert vt.detect("route_deviation", frame).empty
