import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from track_tables import port_place, positions, statics, steam, tracks_of
from vesseltrack.schema import POSITIONS, STATICS

TABLES = ("vessels", "segments", "port_calls", "voyages", "fixes")
# A port, the open sea, the date line, a high latitude.
PLACES = [port_place("GBTEE"), port_place("DKEBJ"), (56.0, 3.0), (-17.0, 179.9), (70.0, -179.5)]
seeds = st.integers(0, 2**32 - 1)


def traffic(seed):
    """A few vessels, one MMSI with two hulls, stray fixes, repeats, ties and gaps."""
    rng = np.random.default_rng(seed)
    tables = []
    for number in range(4):
        mmsi = 219_000_000 + int(rng.integers(0, 3))
        place = PLACES[int(rng.integers(0, len(PLACES)))]
        there = (place[0] + rng.uniform(-1, 1), place[1] + rng.uniform(-1, 1))
        t_s, lat, lon = steam(
            (*place, rng.uniform(0, 6)), (*there, rng.uniform(0, 6)), (*place, 0), step_s=900
        )
        t_s = np.round((t_s + rng.integers(0, 20_000)) / 60) * 60
        lat = lat + rng.normal(0, 1e-4, t_s.size)
        lat[rng.random(t_s.size) < 0.02] += 9
        heard = rng.random(t_s.size) < 0.9
        again = rng.choice(np.flatnonzero(heard), 3)
        rows = np.concatenate((np.flatnonzero(heard), again))
        later = np.concatenate((np.zeros(heard.sum()), [0, 2, 4]))
        tables.append(
            positions(
                mmsi,
                t_s[rows] + later,
                np.clip(lat[rows], -89, 89),
                (lon[rows] + 180) % 360 - 180,
                line=np.arange(rows.size, dtype=np.int32) + 1_000 * number,
            )
        )
    said = statics(219_000_000, [0, 9_000, 9_060], name=["ALMA", "BETA", "BETA"])
    return pa.concat_tables(tables), said


def as_rows(tracks):
    return {name: getattr(tracks, name).to_pylist() for name in TABLES}


def positions_in_ranges(table, segments):
    """Count the positions that the ranges name, one by one, and check that none is named twice."""
    stored = sorted(
        (row["mmsi"], row["timestamp"]) for row in table.select(["mmsi", "timestamp"]).to_pylist()
    )
    place = {}
    for number, key in enumerate(stored):
        place.setdefault(key, number)
    named = [
        number
        for segment in segments.to_pylist()
        for one in segment["fix_ranges"]
        for number in range(
            place[segment["mmsi"], one["start"]] + one["start_nth"],
            place[segment["mmsi"], one["end"]] + one["end_nth"] + 1,
        )
    ]
    assert len(named) == len(set(named))
    return len(named)


@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_every_position_lies_in_one_segment_or_is_counted(seed):
    table, said = traffic(seed)
    built = tracks_of(table, said=said)
    in_segments = sum(built.segments["n_positions"].to_pylist())

    assert in_segments + sum(built.discarded.values()) == table.num_rows
    assert in_segments == built.fixes.num_rows == sum(built.vessels["n_positions"].to_pylist())
    assert positions_in_ranges(table, built.segments) == in_segments


@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_the_order_of_rows_changes_nothing(seed):
    table, said = traffic(seed)
    rng = np.random.default_rng(seed)
    shuffled = tracks_of(
        table.take(rng.permutation(table.num_rows)), said=said.take(rng.permutation(said.num_rows))
    )

    assert as_rows(shuffled) == as_rows(tracks_of(table, said=said))


@settings(max_examples=15, deadline=None)
@given(seed=seeds, turns=st.sampled_from([-1, 1]))
def test_longitudes_turned_by_360_degrees_change_nothing(seed, turns):
    table, said = traffic(seed)
    place = POSITIONS.names.index("lon_e6")
    turned = table.set_column(
        place,
        POSITIONS.arrow.field("lon_e6"),
        [pa.array(table["lon_e6"].to_numpy() + turns * 360_000_000, pa.int32())],
    )

    assert as_rows(tracks_of(turned, said=said)) == as_rows(tracks_of(table, said=said))


@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_a_fleet_moved_across_the_date_line_sails_as_far(seed):
    table, _ = traffic(seed)
    place = POSITIONS.names.index("lon_e6")
    shifted = (table["lon_e6"].to_numpy().astype(np.int64) + 271_234_567) % 360_000_000
    moved = table.set_column(
        place,
        POSITIONS.arrow.field("lon_e6"),
        [pa.array(np.where(shifted >= 180_000_000, shifted - 360_000_000, shifted), pa.int32())],
    )

    def lengths(positions_table):
        segments = tracks_of(positions_table, said=STATICS.empty()).segments
        return sorted(round(length, 4) for length in segments["length_nm"].to_pylist())

    np.testing.assert_allclose(lengths(moved), lengths(table), atol=2e-3)
