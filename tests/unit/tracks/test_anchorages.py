"""Anchorages planted: so many vessels, so long, in one place."""

import json

import numpy as np
import pyarrow as pa
import pytest

from track_tables import HOUR_S, positions, tracks_of
from vesseltrack import engine
from vesseltrack.config.tracks import TracksConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.schema import RECEIVED, REJECTS, STATICS
from vesseltrack.store import Store
from vesseltrack.tracks import build_tracks, find_anchorages
from vesseltrack.tracks.anchorages import version_of

PLACE = (54.0, 7.0)  # off any listed anchorage or port
DATE_LINE = (-17.0, 179.9999)


def lying(n_vessels, place=PLACE, *, hours=13.0, first=0, start_h=0.0):
    """Vessels that lie within 50 m of a place, one after the other in the port list."""
    rng = np.random.default_rng(3)
    tables = [positions(1, [], [], [])]
    for number in range(n_vessels):
        t_s = np.arange(0, hours * HOUR_S + 1, 1_800) + start_h * HOUR_S
        lat, lon = (value + rng.normal(0, 1e-4) + rng.normal(0, 2e-5, t_s.size) for value in place)
        tables.append(positions(219_000_001 + first + number, t_s, lat, (lon + 180) % 360 - 180))
    return pa.concat_tables(tables)


def found(table):
    return find_anchorages(table, TracksConfig()).to_pylist()


@pytest.mark.parametrize("place", [PLACE, DATE_LINE])
def test_twenty_vessels_of_twelve_hours_are_an_anchorage(place):
    (one,) = found(lying(20, place))

    assert (one["n_vessels"], one["n_stays"]) == (20, 20)
    assert float(great_circle_m(one["lat"], one["lon"], *place)) < 50


@pytest.mark.parametrize(
    "table",
    [lying(19), lying(20, hours=11.5), lying(0)],
    ids=["19 vessels", "11.5 h", "none"],
)
def test_fewer_or_shorter_are_none(table):
    assert found(table) == []


def test_one_vessel_that_comes_often_is_one_vessel():
    often = pa.concat_tables(
        [lying(1, start_h=days * 24.0) for days in range(0, 60, 2)]
        + [lying(1, (55.0, 6.0), start_h=days * 24.0 + 16, hours=1) for days in range(0, 60, 2)]
    )
    assert found(often) == []


def test_the_order_of_rows_changes_nothing():
    table = lying(25)
    order = np.random.default_rng(1).permutation(table.num_rows)
    assert find_anchorages(table.take(order), TracksConfig()).equals(
        find_anchorages(table, TracksConfig())
    )


def test_a_stop_beside_one_is_a_call_that_keeps_the_version_of_the_table():
    # Off the shore, in the area of a listed port: without the anchorage no call.
    place = (50.75, -5.0)
    one = lying(1, place)
    table = find_anchorages(lying(20, place, first=100), TracksConfig())
    assert tracks_of(one).port_calls.num_rows == 0
    calls = build_tracks(
        one,
        STATICS.empty(),
        config=TracksConfig(),
        sea_distance_nm=lambda lat1, *_: np.full(lat1.size, np.nan),
        anchorages=table,
    ).port_calls
    (measures,) = (json.loads(text) for text in calls["measures"].to_pylist())
    assert measures["anchorages"]["value"] == version_of(table)
    assert version_of(table) != version_of(table.slice(0, 0))


def test_a_store_keeps_the_table_of_its_closed_days_until_it_is_found_anew(tmp_path):
    store = Store.open(tmp_path / "store", create=True)
    land(store, 1, lying(20))
    land(store, 2, lying(20, (55.0, 6.0), first=50, start_h=24.0))
    store.fold_days()

    assert engine.discover_anchorages(store).num_rows == 1  # the last day is not closed
    land(store, 3, lying(1, (56.0, 5.0), first=90, start_h=48.0))
    store.fold_days()
    engine.analyse(store)
    assert store.count("anchorages") == 1  # a run changes nothing of it
    assert engine.discover_anchorages(store).num_rows == 2


def land(store, source_id, table):
    received = table.select(RECEIVED.names)
    store.land(source_id, 0, received, STATICS.empty(), REJECTS.empty())
