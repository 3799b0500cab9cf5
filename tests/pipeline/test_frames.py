"""What researchers get: GeoDataFrames and trajectories over a store, and without one."""

import geopandas as gpd
import h3
import movingpandas as mpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyproj import Geod

import vesseltrack as vt
from archives import DMA_ARCHIVE, GFW_ARCHIVE, SOLENT_ARCHIVE
from vesseltrack.errors import InputError, NotFoundError, SchemaError, SourceError
from vesseltrack.store import Filter

POLAR = 209515000
SPHERE = Geod(a=6_371_008.8, b=6_371_008.8)


@pytest.fixture(scope="module")
def research(demo_store):
    return vt.open_store(demo_store.path)


def test_trajectories_carry_each_fix_s_h3_cell(research):
    collection = research.trajectories(mmsi=POLAR)
    assert isinstance(collection, mpd.TrajectoryCollection)
    for trajectory in collection:
        frame = trajectory.df
        expected = [
            h3.str_to_int(h3.latlng_to_cell(point.y, point.x, 7)) for point in frame.geometry[:50]
        ]
        assert frame["cell"].to_list()[:50] == expected


def test_trajectories_are_as_long_as_their_segments_or_longer(research, demo_store):
    collection = research.trajectories(mmsi=POLAR)
    lengths = dict(zip(*_columns(demo_store, "segments", "segment_id", "length_nm"), strict=True))
    for trajectory in collection:
        # movingpandas sums every step on the ellipsoid; ours leaves jitter out, on the sphere.
        plain_nm = trajectory.get_length() / 1852
        assert lengths[trajectory.id] <= plain_nm * 1.006
        assert lengths[trajectory.id] >= plain_nm * 0.9


def _columns(store, table, *names):
    rows = store.select(table, Filter(mmsi=POLAR), columns=names)
    return [rows[name].to_pylist() for name in names]


def test_no_track_is_an_error_that_says_so(research):
    with pytest.raises(NotFoundError, match="no track of two positions or more"):
        research.trajectories(mmsi=1)


@pytest.mark.parametrize(
    "name", ["positions", "vessels", "port_calls", "ports", "events", "leads", "tracks", "voyages"]
)
def test_every_table_comes_as_a_frame_with_its_rows(research, demo_store, name):
    stored = "segments" if name == "tracks" else name
    bbox = (-10.0, 45.0, 31.0, 61.0)
    frame = getattr(research, name)(bbox=bbox)
    assert isinstance(frame, gpd.GeoDataFrame)
    assert frame.crs == "EPSG:4326"
    assert len(frame) == demo_store.count(stored, Filter(bbox=bbox)) > 0


def test_filters_take_text_and_datetimes_alike(research):
    text = research.positions(mmsi=POLAR, since="2021-01-03", until="2021-01-04T12:00:00Z")
    stamps = research.positions(
        mmsi=POLAR,
        since=pd.Timestamp("2021-01-03"),
        until=pd.Timestamp("2021-01-04T13:00:00+01:00"),
    )
    pd.testing.assert_frame_equal(pd.DataFrame(text), pd.DataFrame(stamps))
    assert text["timestamp"].between("2021-01-03", "2021-01-04T12:00:00").all()


@pytest.mark.parametrize("table", ["voyages", "trajectories"])
def test_a_box_of_three_sides_is_refused(research, table):
    with pytest.raises(InputError, match="west, south, east, north"):
        getattr(research, table)(bbox=(1.0, 2.0, 3.0))


def test_voyages_are_picked_by_what_they_are(research):
    assert set(research.voyages(verdict="round trip")["verdict"]) == {"round trip"}
    crossing = research.voyages(bbox=(20, 55, 30, 61), since="2021-01-06", mmsi=209515000)
    assert crossing["destination_locode"].tolist() == ["RULED", "LVRIX", "GBTEE"]


def test_a_voyage_line_is_as_long_as_the_plain_sum_of_its_legs(research):
    voyage = research.voyages(mmsi=POLAR).iloc[0]
    lon, lat = np.array(voyage.geometry.coords).T
    plain_nm = SPHERE.line_length(lon, lat) / 1852
    assert plain_nm == pytest.approx(voyage.travelled_nm + voyage.removed_nm, rel=0.005)


def test_events_can_be_asked_for_by_kind(research):
    assert set(research.events(kind="loitering")["kind"]) == {"loitering"}
    both = research.events(kind=("loitering", "drifting"))
    assert set(both["kind"]) == {"loitering", "drifting"}


def test_an_archive_is_read_without_a_store():
    data = vt.read_ais(SOLENT_ARCHIVE)
    assert data.positions.num_rows == 18_620  # 18,623 messages less three exact repeats
    assert data.report["totals"]["messages"] == 18_623
    points = data.to_geopandas()
    assert points.geometry.y.median() == pytest.approx(50.8, abs=0.1)  # the Solent
    assert points.geometry.x.median() == pytest.approx(-1.2, abs=0.2)


def test_an_archive_that_is_not_there_is_one_clear_error(tmp_path):
    with pytest.raises(SourceError, match=r"gone\.nmea"):
        vt.read_ais(tmp_path / "gone.nmea")


def _offshore_positions():
    positions = vt.read_ais(DMA_ARCHIVE).to_geopandas()
    return positions[positions["mmsi"] == 566948000]


def test_a_behaviour_is_found_on_a_frame_of_ones_own():
    frame = _offshore_positions()[["mmsi", "timestamp", "sog_kn", "geometry"]]
    events = vt.detect("loitering", frame, preset="gfw")
    assert set(events["preset"]) == {"gfw"}
    assert events["duration_h"].sum() > 20
    shuffled = vt.detect("loitering", frame.sample(frac=1, random_state=7), preset="gfw")
    pd.testing.assert_frame_equal(pd.DataFrame(events), pd.DataFrame(shuffled))


def test_it_may_come_as_arrow_or_with_a_time_index():
    frame = _offshore_positions()[["mmsi", "timestamp", "lat", "lon", "sog_kn"]]
    from_frame = vt.detect("loitering", pd.DataFrame(frame))
    from_arrow = vt.detect("loitering", pa.Table.from_pandas(frame, preserve_index=False))
    from_index = vt.detect("loitering", frame.set_index("timestamp"))
    assert len(from_frame) > 0
    for other in (from_arrow, from_index):
        assert other["event_id"].to_list() == from_frame["event_id"].to_list()


def test_a_frame_without_what_it_needs_is_refused_by_name():
    with pytest.raises(SchemaError, match="missing: lat, lon"):
        vt.detect("loitering", pd.DataFrame({"mmsi": [1], "timestamp": ["2021-01-01"]}))


def test_the_gfw_archive_has_the_positions_its_publisher_counted():
    # INDEX.csv of the published tracks: 26,524 positions in 38,087 messages.
    report = vt.read_ais(GFW_ARCHIVE).report["totals"]
    assert (report["positions"], report["messages"]) == (26_524, 38_087)
