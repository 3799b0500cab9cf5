"""Water that moves under what is planted: one water for all that is in it."""

import numpy as np
import pytest

from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.planting.sailing import Leg, Ship, heard, sail
from vesseltrack.planting.water import RMS_KN, some_water

US = 1_000_000
HOUR = 3600 * US
T0 = 1_610_000_000 * US
LAT, LON = 55.0, 4.0
KN_PER_MPS = 3600 / 1852
M_PER_DEG = 111_195.0
CARGO = Ship(219000001, "A", 70, 150, 20, every_s=60)
BOAT = Ship(219000002, "B", 37, 9, 3, is_class_a=False)


def test_the_speed_of_all_waters_is_that_of_the_definition():
    rng = np.random.default_rng(1)
    hours = T0 + np.arange(0, 96, 4) * HOUR
    lat, lon = np.full(24, LAT), np.full(24, LON)
    squared = [
        np.sum(some_water(LAT, LON, T0, rng).velocity_mps(lat, lon, hours) ** 2, axis=1).mean()
        for _ in range(600)
    ]
    assert np.sqrt(np.mean(squared)) * KN_PER_MPS == pytest.approx(RMS_KN, rel=0.06)


def test_what_floats_goes_with_the_water_and_the_wind():
    """Against the sum of velocities at the place where it floated off: it does not go far."""
    water = some_water(LAT, LON, T0, np.random.default_rng(2))
    lat, lon = water.afloat(LAT, LON, T0, T0 + HOUR, 0.01)
    times = T0 + np.arange(3600) * US
    there = np.full(3600, LAT), np.full(3600, LON)
    moved_m = (water.velocity_mps(*there, times) + 0.01 * water.wind_mps(times)).sum(axis=0)
    east_m = (lon - LON) * M_PER_DEG * np.cos(np.radians(LAT))
    assert [east_m, (lat - LAT) * M_PER_DEG] == pytest.approx(moved_m, abs=15)
    assert water.afloat(LAT, LON, T0, T0, 0.01) == (LAT, LON)


def test_a_boat_that_lies_there_is_carried_as_the_packet_is():
    water = some_water(LAT, LON, T0, np.random.default_rng(3))
    lying = sail(LAT, LON, T0, [Leg(30, 12.0, 0.0), Leg(60, 0.0, 0.0), Leg(30, 12.0, 0.0)], 1)
    carried = water.carries(lying, T0, T0 + HOUR, 0.0)
    packet = water.afloat(LAT, LON, T0, T0 + HOUR, 0.0)
    assert great_circle_m(*carried.at(T0 + HOUR), *packet) < 40
    before = lying.t_us <= T0
    assert carried.lat[before].tolist() == lying.lat[before].tolist()
    after = np.flatnonzero(lying.t_us >= T0 + HOUR)
    moved = carried.lat[after] - lying.lat[after]
    assert moved == pytest.approx(np.full(after.size, moved[0]))


def test_headings_show_the_set_of_the_water():
    """Ships on one course, each with her compass error: on average what sets them across."""
    rng = np.random.default_rng(4)
    water = some_water(LAT, LON, T0, rng)
    way = sail(LAT, LON, T0, [Leg(20, 14.0, 90.0)])
    # To starboard of an easterly course is south.
    south_kn = -water.velocity_mps(way.lat, way.lon, way.t_us)[:, 1].mean() * KN_PER_MPS
    wind_kn = -water.wind_mps(way.t_us)[:, 1].mean() * KN_PER_MPS
    shown = []
    for _ in range(400):
        said = water.headed(heard(CARGO, way, rng), rng)
        across = said.sog_kn * np.sin(np.radians(said.cog_deg - said.heading_deg))
        shown.append(across.mean())
    assert np.mean(shown) == pytest.approx(south_kn + 0.0065 * wind_kn, abs=0.06)
    assert 0.3 < np.std(shown) < 0.45  # what real ships err by


def test_class_b_sends_no_heading():
    rng = np.random.default_rng(5)
    water = some_water(LAT, LON, T0, rng)
    said = water.headed(heard(BOAT, sail(LAT, LON, T0, [Leg(20, 14.0, 90.0)]), rng), rng)
    assert np.isnan(said.heading_deg).all()
