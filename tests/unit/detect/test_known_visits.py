"""The visits about a place against a plain look at all, and the traffic that there is at least."""

import numpy as np
import pytest

from detect_tables import DAY, HOUR, T0
from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import row_at
from vesseltrack.detect.known_visits import KnownVisits
from vesseltrack.detect.pickup_odds import Place, surroundings
from vesseltrack.detect.pickup_reach import least_intensity

RULE = DropPickupDefault()


def visits(rng, n, middle, n_vessels=300):
    """Visits of three weeks about a place, by their end; one vessel makes a fiftieth of them."""
    start_us = T0 + rng.integers(0, 21 * DAY, n)
    vessel = np.where(rng.random(n) < 0.02, 0, rng.integers(0, n_vessels, n))
    rows = {
        "key": (211_000_000 + vessel) << 32,
        "start_us": start_us,
        "end_us": start_us + rng.integers(0, 2 * HOUR, n),
        "lat": np.clip(middle[0] + rng.normal(0, 0.3, n), -90, 90),
        "lon": (middle[1] + rng.normal(0, 0.6, n) + 180) % 360 - 180,
        "is_marked": rng.random(n) < 0.1,
    }
    order = np.argsort(rows["end_us"], kind="stable")
    return {name: column[order] for name, column in rows.items()}


@pytest.mark.parametrize("middle", [(54.0, 4.0), (0.0, 179.9), (79.0, -180.0), (-89.0, 0.0)])
def test_what_is_near_and_known_is_found_in_its_order(middle):
    rng = np.random.default_rng(3)
    rows = visits(rng, 2000, middle)
    known = KnownVisits(rows, RULE)
    for number in rng.integers(0, 2000, 30):
        visit = row_at(rows, number)
        m = great_circle_m(rows["lat"], rows["lon"], visit["lat"], visit["lon"])
        expected = (m <= (RULE.region_km + 1) * 1000) & (rows["end_us"] <= visit["start_us"])
        found = known.near(visit)
        for name, column in rows.items():
            np.testing.assert_array_equal(found[name], column[expected])


@pytest.mark.parametrize("middle", [(54.0, 4.0), (0.0, 179.9), (79.0, -180.0), (-89.0, 0.0)])
@pytest.mark.parametrize("first_day", [0, 16])
def test_the_traffic_is_at_least_what_is_said(middle, first_day):
    rng = np.random.default_rng(4)
    rows, first_us = visits(rng, 4000, middle), T0 + first_day * DAY
    rows = {name: column[rows["start_us"] >= first_us] for name, column in rows.items()}
    asked = visits(rng, 40, middle, n_vessels=600)
    asked["start_us"] = T0 + 20 * DAY + rng.integers(0, 3 * HOUR, 40)
    at_least = KnownVisits(rows, RULE).least_intensity(asked, first_us)
    for number in range(40):
        visit = row_at(asked, number)
        for other in (0, 1, 599):
            keys = ((211_000_000 + other) << 32, visit["key"])
            place = Place(visit["lat"], visit["lon"], visit["start_us"], keys)
            assert at_least[number] <= surroundings(rows, place, first_us, RULE).intensity
    assert (at_least >= least_intensity(RULE)).all()
    if abs(middle[0]) < 60:  # where there is traffic it says more than the prior
        assert at_least.max() > 3 * least_intensity(RULE)
