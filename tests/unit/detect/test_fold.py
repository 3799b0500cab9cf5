import numpy as np
import pyarrow as pa
import pytest

from detect_tables import T0, fixes, key, slice_of, track, vessels
from vesseltrack.core.records import Merge
from vesseltrack.detect.fleet import Fleet, class_codes
from vesseltrack.detect.fold import FixColumns, LastRows, frontier_us
from vesseltrack.detect.open_runs import OpenRuns, RunRule
from vesseltrack.detect.saved import named, under
from vesseltrack.errors import ConfigError
from vesseltrack.schema import Quality, packed, unpacked


def test_fixes_come_by_vessel_and_time_without_doubtful_ones():
    doubtful = [0, int(Quality.SPIKE), 0]
    table = fixes(
        track(2, [T0, T0 + 1, T0 + 2], [1.0, 2.0, 3.0], 5.0, quality=doubtful),
        track(1, [T0, T0 + 2], [7.0, 8.0], 5.0, quality=int(Quality.REPEATED)),
    )
    rows = FixColumns(table).rows(("key", "t_us", "lat"))
    assert rows["key"].tolist() == [key(1), key(1), key(2), key(2)]
    assert rows["lat"].tolist() == [7.0, 8.0, 1.0, 3.0]
    assert rows["t_us"].tolist() == [T0, T0 + 2, T0, T0 + 2]


def test_unknown_numbers_are_nan_and_a_denied_speed_is_unknown():
    bad = [0, int(Quality.BAD_SPEED)]
    table = fixes(track(1, [T0, T0 + 1], 1.0, 2.0, sog_kn=[3.5, 102.2], quality=bad))
    rows = FixColumns(table).rows(("sog_kn", "cog_deg", "nav_status"))
    assert rows["sog_kn"][0] == 3.5
    assert np.isnan(rows["sog_kn"][1])
    assert np.isnan(rows["cog_deg"]).all()
    assert rows["nav_status"].tolist() == [-1, -1]


def test_the_last_time_counts_doubtful_fixes_too():
    table = fixes(track(1, [T0, T0 + 5], 1.0, 2.0, quality=[0, int(Quality.SPIKE)]))
    assert FixColumns(table).last_us == T0 + 5
    assert FixColumns(fixes()).last_us is None


@pytest.mark.parametrize(("watermark", "expected"), [(T0 + 9, T0 + 9), (T0 + 1, T0 + 5)])
def test_nothing_older_than_watermark_or_last_fix_is_to_come(watermark, expected):
    batch = slice_of(fixes(track(1, [T0, T0 + 5], 1.0, 2.0)))
    assert frontier_us(batch, watermark) == expected
    assert frontier_us(slice_of(), watermark) == watermark


def rows_of(*pairs):
    keys, times = zip(*pairs, strict=True) if pairs else ((), ())
    return {"key": np.array(keys, dtype=np.int64), "t_us": np.array(times, dtype=np.int64)}


def test_each_row_knows_the_one_before_it_and_its_number():
    last = LastRows()
    rows, is_new = last.before(rows_of((1, 10), (1, 20), (3, 15)))
    assert is_new.all()
    assert rows["nth"].tolist() == [0, 1, 0]
    last.keep(rows, oldest_us=0)
    rows, is_new = last.before(rows_of((1, 30), (2, 30), (3, 40), (3, 50)))
    assert rows["t_us"].tolist() == [20, 30, 30, 15, 40, 50]
    assert is_new.tolist() == [False, True, True, False, True, True]
    assert rows["nth"].tolist() == [1, 2, 0, 0, 1, 2]
    last.keep(rows, oldest_us=0)
    assert last.nth_of(np.array([1, 2, 3, 4])).tolist() == [2, 0, 2, -1]


def test_vessels_silent_for_long_are_forgotten():
    last = LastRows()
    rows, _ = last.before(rows_of((1, 10), (2, 90)))
    last.keep(rows, oldest_us=50)
    assert last.rows["key"].tolist() == [2]
    rows, _ = last.before(rows_of())
    last.keep(rows, oldest_us=95)
    assert last.rows["key"].size == 0
    assert last.nth_of(np.array([2])).tolist() == [-1]


class Walk:
    """Rows of one vessel pushed in batches through a run rule; `met` says which meet it."""

    def __init__(self, rule):
        self.last = LastRows()
        self.runs = OpenRuns(rule, {"sum": Merge.SUM})
        self.closed = []

    def push(self, times, met, frontier):
        rows, is_new = self.last.before(rows_of(*((1, t) for t in times)))
        self.last.keep(rows, oldest_us=-1000)
        flags = np.zeros(is_new.size, dtype=bool)
        flags[is_new] = met
        chosen = {name: column[flags] for name, column in rows.items()}
        records = {
            "key": chosen["key"],
            "start_us": chosen["t_us"],
            "end_us": chosen["t_us"],
            "start_nth": chosen["nth"],
            "end_nth": chosen["nth"],
            "sum": np.ones(chosen["key"].size, dtype=np.int64),
        }
        pushed = self.runs.push(records, self.last, frontier)
        done = pushed.closed
        self.closed += list(zip(done["start_us"].tolist(), done["end_us"].tolist(), strict=True))
        return pushed.run_start_us.tolist()

    @property
    def open(self):
        rows = self.runs.rows
        return list(zip(rows["start_us"].tolist(), rows["end_us"].tolist(), strict=True))


def test_a_run_goes_on_across_batches_until_a_row_breaks_it():
    walk = Walk(RunRule(max_gap_us=100, max_misses=0))
    assert walk.push([1, 2], [True, True], 2) == [1, 1]
    assert (walk.closed, walk.open) == ([], [(1, 2)])
    assert walk.push([3, 4], [True, False], 4) == [1]
    assert (walk.closed, walk.open) == ([(1, 3)], [])
    assert walk.push([5], [True], 5) == [5]
    assert walk.open == [(5, 5)]


def test_as_many_misses_as_allowed_do_not_break_it():
    walk = Walk(RunRule(max_gap_us=100, max_misses=1))
    walk.push([1, 2, 3], [True, False, True], 3)
    walk.push([4], [False], 4)
    assert (walk.closed, walk.open) == ([], [(1, 3)])
    walk.push([5], [False], 5)
    assert (walk.closed, walk.open) == ([(1, 3)], [])


def test_silence_breaks_it_by_the_next_row_or_by_time_alone():
    by_row, by_time = (Walk(RunRule(max_gap_us=100)) for _ in range(2))
    by_row.push([1, 101, 202], [True, True, True], 202)
    assert (by_row.closed, by_row.open) == ([(1, 101)], [(202, 202)])
    by_time.push([1], [True], 101)
    assert by_time.closed == []
    by_time.push([], [], 102)
    assert (by_time.closed, by_time.open) == ([(1, 1)], [])


def test_what_a_later_slice_says_of_a_vessel_replaces_what_an_earlier_one_said():
    fleet = Fleet()
    unknown = np.array([key(9)])
    assert fleet.ship_type(unknown).tolist() == [-1]
    assert np.isnan(fleet.length_m(unknown)).all()
    assert fleet.class_of(key(9)) == "unknown"
    first = vessels({"vessel_id": "2", "ship_type": 30}, {"vessel_id": "1", "length_m": 80.0})
    then = vessels({"vessel_id": "1", "length_m": 90.0, "ship_type": 52})
    for table in (first, then, then, vessels()):
        fleet.learn(slice_of(vessels_table=table))
    assert fleet.length_m(np.array([key(1), key(2), key(3)])).tolist()[0] == 90.0
    assert [fleet.class_of(key(vessel)) for vessel in (1, 2, 3)] == ["tug", "fishing", "unknown"]
    assert fleet.any_of([key(3), key(2)], class_codes(("fishing",)))
    assert not fleet.any_of([key(1)], class_codes(("fishing",)))


def test_names_are_those_sent_each_once_and_printable():
    identities = '[{"name": "OLD"}, {"name": "NEW\\u001b"}, {"callsign": "X"}]'
    fleet = Fleet()
    table = vessels(
        {"vessel_id": "1", "name": "NEW", "identities": identities},
        {"vessel_id": "2", "name": "OLD"},
        {"vessel_id": "3"},
    )
    fleet.learn(slice_of(vessels_table=table))
    assert fleet.names([key(2), key(1), key(3), key(4)]) == ["OLD", "NEW"]


def test_a_class_that_does_not_exist_is_a_mistake_in_the_configuration():
    with pytest.raises(ConfigError, match=r"canoe.*ship classes are unknown, fishing"):
        class_codes(("canoe",))


def test_state_survives_its_names_and_bytes():
    rows = {"a": np.array([1]), "b": np.array([2.0])}
    assert under("part", named("part", rows) | named("other", rows)) == rows
    table = pa.table({"x": ["y", None], "n": [[1], []]})
    assert unpacked(packed(table)).equals(table)
    assert unpacked(packed(table.slice(0, 0))).schema == table.schema
