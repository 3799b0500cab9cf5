"""What holds for every pair of points, on ports and open sea alike."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.errors import RouteError
from vesseltrack.routing import passages, shortest_route
from vesseltrack.units import METRES_PER_NM

SAMPLE = Path(__file__).parents[2] / "fixtures" / "routes" / "pub151_sample.csv"
with SAMPLE.open(encoding="utf-8", newline="") as _file:
    PORTS = sorted(
        {
            (float(row[f"{end}_lat"]), float(row[f"{end}_lon"]))
            for row in csv.DictReader(_file)
            for end in ("from", "to")
        }
    )

ports = st.sampled_from(PORTS)
places = ports | st.tuples(st.floats(-60, 65), st.floats(-180, 179.9))
CLOSABLE = st.sampled_from([p.id for p in passages() if p.kind in ("canal", "narrow")])


def distance_nm(a, b, **options):
    try:
        return shortest_route(a, b, **options).distance_nm
    except RouteError:
        assume(condition=False)


@settings(max_examples=30)
@given(places, places)
def test_the_way_back_is_as_long(a, b):
    assert distance_nm(a, b) == pytest.approx(distance_nm(b, a), rel=1e-9, abs=1e-9)


@settings(max_examples=30)
@given(places, places)
def test_never_shorter_than_the_great_circle(a, b):
    straight_nm = float(great_circle_m(*a, *b)) / METRES_PER_NM
    assert distance_nm(a, b) >= straight_nm * (1 - 1e-9) - 1e-9


@settings(max_examples=25)
@given(places, places, CLOSABLE)
def test_closing_a_passage_never_shortens(a, b, identifier):
    free_nm = distance_nm(a, b)
    assert distance_nm(a, b, avoid=(identifier,)) >= free_nm * (1 - 0.005)


@settings(max_examples=25)
@given(places, places, st.sampled_from([-720, -360, 360]), st.sampled_from([-360, 0, 360]))
def test_longitudes_may_be_in_any_range(a, b, shift_a, shift_b):
    shifted = distance_nm((a[0], a[1] + shift_a), (b[0], b[1] + shift_b))
    assert shifted == pytest.approx(distance_nm(a, b), rel=1e-6, abs=1e-6)


@settings(max_examples=30)
@given(ports, ports, ports)
def test_going_by_a_third_port_is_no_short_cut(a, b, c):
    by_way_nm = distance_nm(a, b) + distance_nm(b, c)
    assert distance_nm(a, c) <= by_way_nm * 1.005 + 0.5


def test_the_ports_of_the_sample_are_many():
    assert len(PORTS) > 150
    assert np.ptp([lon for _, lon in PORTS]) > 300
