"""The made-up day that sails is one that vessels could have had."""

import csv
import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from vesseltrack import sea
from vesseltrack.core.geodesy import great_circle_m

BENCH = Path(__file__).parents[2] / "bench"
N_ROWS = 60_000
INTERVALS_S = {"merchant": 10, "pleasure": 30, "moored": 180, "anchored": 180, "station": 10}


@pytest.fixture(scope="module")
def made():
    """Return the modules; those of the bench must not shadow others of the same name."""
    before = set(sys.modules)
    sys.path.insert(0, str(BENCH))
    try:
        days, ways = (importlib.import_module(name) for name in ("sailing_days", "sailing_ways"))
        ways.N_WAYS = dict.fromkeys(ways.N_WAYS, 12)
        yield days, ways
    finally:
        sys.path.remove(str(BENCH))
        for name in set(sys.modules) - before:
            if Path(getattr(sys.modules[name], "__file__", None) or "").parent == BENCH:
                del sys.modules[name]


@pytest.fixture(scope="module")
def told(made):
    days, ways = made
    rng = np.random.default_rng(1)
    waters, role = ways.Waters.drawn(), days.roles(rng)
    lives = [days.life(each, waters, rng) for each in role]
    is_class_b = days.class_b(role, rng)
    all_of_it = days.stretches(lives, role, is_class_b)
    return role, is_class_b, all_of_it, *days.heard(all_of_it, N_ROWS, rng)


def test_vessels_under_way_are_on_the_water(told):
    role, _, _, day, _, _ = told
    moves = day.sog > 0
    on_land = sea.is_land(day.lat[moves], day.lon[moves])
    assert on_land.mean() < 0.05  # quays up rivers and the Kiel Canal, which the coast line lacks
    at_grounds = moves & (role == "fishing")[day.vessel]
    assert sea.is_land(day.lat[at_grounds], day.lon[at_grounds]).mean() < 0.02


def test_no_vessel_moves_but_at_the_speed_that_it_reports(told):
    role, _, _, day, _, _ = told
    order = np.lexsort((day.t_s, day.vessel))
    vessel, t_s, lat, lon, sog = (
        column[order] for column in (day.vessel, day.t_s, day.lat, day.lon, day.sog)
    )
    same = (np.diff(vessel) == 0) & (np.diff(t_s) >= 120)
    kn = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:]) / 1852 / np.diff(t_s) * 3600
    assert kn[same].max() < 26
    steady = same & (np.diff(t_s) < 400) & (np.abs(np.diff(sog)) < 0.5) & (sog[1:] > 5)
    # Never faster than it says; slower on the way made good where it turns between two reports.
    ratio = kn[steady] / sog[1:][steady]
    assert np.percentile(ratio, 99) < 1.1
    assert np.median(ratio) == pytest.approx(1.0, abs=0.03)
    lies = np.isin(role, ["moored", "station", "mark"])[day.vessel]
    assert np.all(day.sog[lies] == 0)


def test_reports_are_sent_as_often_as_class_speed_and_status_ask(told):
    role, is_class_b, course, _, _, _ = told
    for who, interval_s in INTERVALS_S.items():
        its = (role == who)[course.vessel] & (is_class_b[course.vessel] == (who == "pleasure"))
        its &= (course.per_s > 0) & (course.speed_kn <= 14)
        its &= course.speed_kn > (2 if who in ("merchant", "pleasure") else -1)
        np.testing.assert_allclose(1 / course.per_s[its], interval_s)
    is_fast = (role == "ferry")[course.vessel] & (course.speed_kn > 14) & (course.per_s > 0)
    assert set(np.round(1 / course.per_s[is_fast])) <= {2.0, 6.0}


def test_the_day_depends_on_its_seed_alone_and_has_the_rows_asked_for(made, tmp_path):
    days, _ = made
    paths = [tmp_path / name for name in ("one.csv", "again.csv", "other.csv")]
    for path, seed in zip(paths, (1, 1, 2), strict=True):
        days.write_sailing_day(path, 2_000, seed)
    one, again, other = (path.read_bytes() for path in paths)
    assert one == again != other
    rows = list(csv.DictReader(one.decode().splitlines()))
    assert 2_000 <= len(rows) < 2_200  # some are repeated
    assert {row["Navigational status"] for row in rows} >= {"Moored", "Under way using engine"}
    with pytest.raises(ValueError, match="cannot be heard"):
        days.write_sailing_day(paths[0], 50_000_000, 1)
