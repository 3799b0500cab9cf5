import numpy as np
import pytest

from vesseltrack.config.detect.route_deviation import RouteDeviationDefault
from vesseltrack.engine.passage import Points
from vesseltrack.engine.stays import Surroundings, seen_frac, stays_on

RULE = RouteDeviationDefault()
HOUR = 3_600_000_000
FAR_M = 1e6


def points(hours, north_nm, gaps_h=0.0):
    """A way due north from the equator, by hours and miles."""
    north = np.asarray(north_nm, dtype=float)
    return Points(
        t_us=np.rint(np.asarray(hours) * HOUR).astype(np.int64),
        lat=north / 60,
        lon=np.zeros(north.size),
        sailed_nm=north,
        max_gap_h=np.broadcast_to(np.asarray(gaps_h, dtype=float), north.shape),
    )


def around(port_m=FAR_M, anchorage_m=FAR_M, nav_status=0):
    t_us = np.arange(0, 60 * HOUR, HOUR // 4)
    given = {"port_m": port_m, "anchorage_m": anchorage_m, "nav_status": nav_status}
    return Surroundings(t_us, {name: np.full(t_us.size, value) for name, value in given.items()})


# Five miles in half an hour, thirty hours within two miles, and on again.
WAITING = points([0, 0.5, 1, 11, 21, 31, 31.5, 32], [0, 5, 10, 11, 11.5, 12, 17, 22])


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        (around(anchorage_m=4_900.0), "waiting_at_anchorage"),
        (around(nav_status=1), "waiting_at_anchorage"),
        (around(port_m=4_900.0, anchorage_m=100.0), "port_stay"),
    ],
)
def test_a_stay_is_named_by_where_it_was(seen, kind):
    (stay,) = stays_on(WAITING, seen, RULE)
    assert stay["kind"] == kind
    assert (stay["start"], stay["end"]) == ("1970-01-01T01:00:00Z", "1970-01-02T07:00:00Z")
    assert (stay["lat"], stay["nm"]) == (pytest.approx(11 / 60, abs=1e-6), 0.0)


def test_miles_sailed_round_the_place_are_those_of_the_stay():
    # North a mile and back for thirty hours: the way to the place and away from it is not counted.
    hours = np.arange(31)
    to_and_fro = points(hours, 10 + hours % 2)
    to_and_fro.sailed_nm[:] = hours
    (stay,) = stays_on(to_and_fro, around(port_m=0.0), RULE)
    assert stay["nm"] == pytest.approx(28, abs=0.1)


def test_a_stay_at_sea_explains_nothing():
    assert stays_on(WAITING, around(), RULE) == []


def test_silence_is_no_stay():
    silent = points([0, 0.5, 1, 31, 31.5], [0, 5, 10, 12, 17], [0, 0, 0, 30, 0])
    assert stays_on(silent, around(anchorage_m=0.0), RULE) == []
    assert seen_frac(silent, RULE.sparse_gap_h) == pytest.approx(1 - 30 / 31.5)


def test_who_steams_past_does_not_stay():
    steaming = points(np.arange(0, 40), 2.0 * np.arange(0, 40))
    assert stays_on(steaming, around(anchorage_m=0.0), RULE) == []
    assert seen_frac(steaming, RULE.sparse_gap_h) == 1.0
