"""The presets of segments and port calls, as a user chooses them."""

import json

import numpy as np
import pytest

from track_tables import HOUR_S, port_place, positions, steam, tracks_of
from vesseltrack import engine
from vesseltrack.config import load_config
from vesseltrack.config.tracks import TrackPresets, TracksConfig
from vesseltrack.errors import ConfigError
from vesseltrack.schema import RECEIVED, REJECTS, STATICS
from vesseltrack.store import Store
from vesseltrack.tracks import named_anchorages, notes_on

MMSI = 219_000_001


def anchorage():
    """An anchorage point far from any other name."""
    lat, lon, _ = named_anchorages()
    place = int(np.argmax(lat))
    return float(lat[place]), float(lon[place])


def as_gfw(*tables):
    config = TracksConfig(presets=TrackPresets(segments="gfw", port_calls="gfw"))
    return tracks_of(*tables, config=config)


def visiting(hours, **columns):
    lat, lon = anchorage()
    t_s, lats, lons = steam((lat - 0.5, lon, 0), (lat, lon, hours), (lat - 0.5, lon, 0))
    made_good = np.hypot(np.diff(lats, append=lats[-1]), np.diff(lons, append=lons[-1]))
    sog_kn = np.where(made_good > 1e-6, 12.0, 0.0).astype(np.float32)
    cog_deg = np.where(np.diff(lats, append=lats[-1]) < 0, 180.0, 0.0).astype(np.float32)
    return positions(MMSI, t_s, lats, lons, sog_kn=sog_kn, cog_deg=cog_deg, **columns)


def test_a_visit_with_entry_stop_and_exit_has_confidence_4():
    (call,) = as_gfw(visiting(6)).port_calls.to_pylist()
    measures = json.loads(call["measures"])

    assert call["confidence"] == 4
    assert measures["events"]["value"] == ["entry", "stop_begin", "stop_end", "exit"]
    assert measures["duration_h"]["value"] == pytest.approx(6.6, abs=0.6)


def test_a_short_visit_is_not_published():
    assert as_gfw(visiting(1)).port_calls.num_rows == 0


def test_a_port_without_an_anchorage_point_is_told_of():
    lat, lon = port_place("ALDRZ")
    t_s, lat, lon = steam((lat, lon - 1, 0), (lat, lon, 8), (lat, lon - 1, 0))
    built = as_gfw(positions(MMSI, t_s, lat, lon, sog_kn=np.zeros(t_s.size, np.float32)))
    assert built.bare_ports == ("Durres",)
    notes = notes_on(built.bare_ports, TracksConfig())
    assert notes == ("no anchorage point within 35 km of Durres",)


def test_segments_end_after_24_hours_or_after_8():
    t_s = np.array([0, 1, 2, 14, 15]) * HOUR_S
    one = positions(MMSI, t_s, 56.0, 3.0, sog_kn=np.zeros(5, np.float32))
    assert as_gfw(one).segments.num_rows == 1
    assert tracks_of(one).segments.num_rows == 2


def test_a_file_chooses_them(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        '[tracks.presets]\nsegments = "gfw"\n[tracks.segments_gfw]\nmax_gap_h = 8.0\n',
        encoding="utf-8",
    )
    config = load_config(path).tracks
    assert (config.presets.segments, config.presets.port_calls) == ("gfw", "default")
    assert config.segments_gfw.max_gap_h == 8.0


def test_presets_are_chosen_as_those_of_behaviours_are(tmp_path):
    store = Store.open(tmp_path / "store", create=True)
    received = visiting(6).select(RECEIVED.names)
    store.land(1, 0, received, STATICS.empty(), REJECTS.empty())
    store.fold_days()
    engine.analyse(store, presets={"port_calls": ("gfw",), "loitering": ("gfw",)})

    assert json.loads(store.select("port_calls")["measures"][0].as_py())["rule"]["value"] == "gfw"
    for presets, complaint in (
        ({"segments": ("gfw", "default")}, "segments takes one preset; got gfw, default"),
        ({"port_calls": ("starboard",)}, "port_calls: no preset starboard"),
        ({"segment": ("gfw",)}, "no detector is called 'segment'"),
    ):
        with pytest.raises(ConfigError, match=complaint):
            engine.analyse(store, presets=presets)


def test_a_preset_that_does_not_exist_is_refused():
    with pytest.raises(ConfigError, match="segments: no preset gwf; there are default, gfw"):
        TrackPresets(segments="gwf")
