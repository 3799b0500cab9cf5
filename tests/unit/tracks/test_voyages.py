import numpy as np
import pytest

from track_tables import (
    HOUR_S,
    great_circle_nm,
    port_place,
    positions,
    statics,
    steam,
    tracks_of,
)
from vesseltrack.config.tracks import TracksConfig
from vesseltrack.schema import STATICS
from vesseltrack.tracks import build_tracks

MMSI = 209515000
TEES = port_place("GBTEE")
ESBJERG = port_place("DKEBJ")
AT_SEA = (56.0, 3.0)


def voyages_of(t_s, lat, lon, said=None):
    return tracks_of(positions(MMSI, t_s, lat, lon), said=said).voyages.to_pylist()


def silent(t_s, lat, lon, start_h, end_h):
    """Leave out the fixes between two times."""
    heard = (t_s <= start_h * HOUR_S) | (t_s >= end_h * HOUR_S)
    return t_s[heard], lat[heard], lon[heard]


def ends(voyage):
    return tuple(voyage[name] for name in ("origin", "origin_by", "destination", "destination_by"))


def test_a_voyage_runs_from_call_to_call():
    (voyage,) = voyages_of(*steam((*TEES, 5), (*ESBJERG, 5)))

    assert ends(voyage) == ("Teesport", "call", "Esbjerg", "call")
    assert (voyage["origin_locode"], voyage["destination_locode"]) == ("GBTEE", "DKEBJ")
    assert not voyage["is_open"]
    # From the last fix of one stay to the first of the other, each within a kilometre.
    assert voyage["travelled_nm"] == pytest.approx(
        float(great_circle_nm(*TEES, *ESBJERG)), abs=1.5
    )
    assert voyage["removed_nm"] == pytest.approx(0, abs=0.1)
    assert voyage["coverage_frac"] == 1.0
    assert voyage["shortest_nm"] is None
    assert voyage["passages"] == []


def test_where_data_begin_and_end_at_sea_the_voyage_says_so():
    first, second = voyages_of(*steam((*AT_SEA, 0), (*TEES, 5), (*AT_SEA, 0)))

    assert ends(first) == (None, "edge", "Teesport", "call")
    assert ends(second) == ("Teesport", "call", None, "edge")
    assert (first["is_open"], second["is_open"]) == (False, True)


def test_an_open_voyage_is_bound_for_the_port_declared():
    said = statics(MMSI, [0, 20 * HOUR_S], destination=["GBTEE", "DK EBJ"])
    (voyage,) = voyages_of(*steam((*TEES, 5), (55.6, 6.0, 0)), said=said)

    assert ends(voyage) == ("Teesport", "call", "Esbjerg", "declared")
    assert voyage["is_open"]


def test_a_destination_left_from_the_voyage_before_is_none():
    said = statics(MMSI, [0], destination=["GBTEE"])
    (voyage,) = voyages_of(*steam((*TEES, 5), (*AT_SEA, 0)), said=said)

    assert ends(voyage) == ("Teesport", "call", None, "edge")


def test_of_ports_with_one_name_the_one_being_approached_is_meant():
    said = statics(MMSI, [0], destination=["ST PETERSBURG"])
    (voyage,) = voyages_of(*steam((58.5, 20.0, 0), (59.5, 24.0, 0)), said=said)

    assert voyage["destination_locode"] == "RULED"


@pytest.mark.parametrize(("reach_nm", "n_voyages"), [(3.0, 0), (9.5, 0), (11.0, 1)])
def test_a_vessel_without_calls_has_a_voyage_only_when_it_left_its_place(reach_nm, n_voyages):
    way = steam((*AT_SEA, 0), (AT_SEA[0] + reach_nm / 60.04, AT_SEA[1], 0), step_s=60)

    assert len(voyages_of(*way)) == n_voyages


def test_a_silence_in_mid_sea_does_not_end_a_voyage():
    # Thirteen hours to the nearest port and back at 12 kn; ten are silent.
    way = silent(*steam((57.0, -20.0, 0), (57.0, -30.0, 0)), 5, 15)
    (voyage,) = voyages_of(*way)

    assert voyage["coverage_frac"] == pytest.approx(1 - 10 / (way[0][-1] / HOUR_S), abs=0.01)


def test_a_silence_that_leaves_time_for_a_call_ends_a_voyage():
    # Past Teesport at 24 km; silent for nine hours, of which two would have done.
    way = steam((54.2, 0.0, 0), (54.75, -0.8, 0))
    onward = steam((54.79, -0.8, 0), (55.6, 0.5, 0))
    t_s = np.concatenate((way[0], way[0][-1] + 9 * HOUR_S + onward[0]))
    first, second = voyages_of(
        t_s, np.concatenate((way[1], onward[1])), np.concatenate((way[2], onward[2]))
    )

    assert ends(first) == (None, "edge", None, "edge")
    assert ends(second) == (None, "edge", None, "edge")
    assert (first["is_open"], second["is_open"]) == (False, True)


def test_a_hidden_call_at_the_port_declared_is_told_when_the_next_report_names_another():
    way = steam((54.2, 0.0, 0), (54.75, -0.8, 0))
    onward = steam((54.79, -0.8, 0), (55.6, 0.5, 0))
    t_s = np.concatenate((way[0], way[0][-1] + 9 * HOUR_S + onward[0]))
    lat, lon = np.concatenate((way[1], onward[1])), np.concatenate((way[2], onward[2]))
    back_s = way[0][-1] + 9 * HOUR_S
    said = statics(MMSI, [0, back_s + 60], destination=["GBTEE", "DKEBJ"])
    first, second = voyages_of(t_s, lat, lon, said=said)
    assert ends(first) == (None, "edge", "Teesport", "declared")
    assert ends(second) == (None, "edge", "Esbjerg", "declared")

    said = statics(MMSI, [0, back_s + 60], destination=["GBTEE", "GBTEE"])
    first, _ = voyages_of(t_s, lat, lon, said=said)
    assert ends(first) == (None, "edge", None, "edge")


def test_an_impossible_step_ends_a_voyage():
    way, onward = steam((*AT_SEA, 0), (56.0, 6.0, 0)), steam((40.0, -20.0, 0), (40.0, -23.0, 0))
    t_s = np.concatenate((way[0], way[0][-1] + HOUR_S + onward[0]))
    voyages = voyages_of(
        t_s, np.concatenate((way[1], onward[1])), np.concatenate((way[2], onward[2]))
    )

    assert [ends(voyage) for voyage in voyages] == [(None, "edge", None, "edge")] * 2
    assert sum(voyage["travelled_nm"] for voyage in voyages) < 300


def across_jutland(sea_distance_nm):
    # West of Jutland, silent for 30 hours, east of it; 4 nm to either side of the gap.
    lat = np.full(40, 56.2)
    lon = np.concatenate((np.linspace(7.4, 7.9, 20), np.linspace(11.0, 11.5, 20)))
    t_s = np.concatenate((np.arange(20) * 360, 30 * HOUR_S + np.arange(20) * 360))
    table = positions(MMSI, t_s, lat, lon)
    config = TracksConfig()
    built = build_tracks(table, STATICS.empty(), config=config, sea_distance_nm=sea_distance_nm)
    return built.voyages.to_pylist()


def by_sea(answer_nm):
    """Answer for the gap alone; every port is too far off to have been called at."""

    def sea_distance_nm(*from_to):
        _, _, lat2, lon2 = from_to
        is_gap = (np.abs(np.asarray(lon2) - 11.0) < 1e-9) & (
            np.abs(np.asarray(lat2) - 56.2) < 1e-9
        )
        return np.where(is_gap, answer_nm, 9_999.0)

    return sea_distance_nm


ASHORE_NM = float(great_circle_nm(56.2, 7.4, 56.2, 7.9) + great_circle_nm(56.2, 11.0, 56.2, 11.5))
STRAIGHT_NM = float(great_circle_nm(56.2, 7.9, 56.2, 11.0))


@pytest.mark.parametrize(
    ("answer_nm", "counted_nm"),
    [
        (250.0, 250.0),
        (float("nan"), STRAIGHT_NM),  # no way known
        (5_000.0, STRAIGHT_NM),  # none that can be sailed in 30 h
    ],
)
def test_a_long_gap_over_land_counts_the_way_by_sea(answer_nm, counted_nm):
    (voyage,) = across_jutland(by_sea(answer_nm))

    assert voyage["travelled_nm"] == pytest.approx(ASHORE_NM + counted_nm, abs=0.2)
