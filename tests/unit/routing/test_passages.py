import json
from pathlib import Path

import numpy as np
import pytest

from vesseltrack import routing, sea
from vesseltrack.core.paths import densify, path_length_m
from vesseltrack.errors import RouteError
from vesseltrack.routing.passages import closed_to, passage, passages_crossed
from vesseltrack.units import METRES_PER_NM

TABLE = {p.id: p for p in routing.passages()}
FILE = Path(routing.__file__).parents[1] / "data" / "passages.json"


def test_the_table_holds_what_a_route_must_know_of():
    assert len(TABLE) == len(json.loads(FILE.read_text(encoding="utf-8")))
    canals = {"suez", "panama", "kiel", "corinth"}
    narrows = {"bosporus", "dardanelles", "sound", "kanmon"}
    sounds = {"vainameri", "storstrom", "guldborgsund", "fehmarnsund", "kalmarsund"}
    sounds |= {"limfjord", "little_belt"}
    assert set(TABLE) >= canals | narrows | sounds | {"northwest", "northeast"}
    assert all(TABLE[name].kind == "canal" for name in canals)
    assert all(TABLE[name].opening == "within_limits" for name in sounds)
    assert {name for name, p in TABLE.items() if p.opening == "closed"} >= {
        "northwest",
        "northeast",
    }


@pytest.mark.parametrize("identifier", TABLE)
def test_every_passage_is_fit_for_use(identifier):
    one = TABLE[identifier]
    assert one.id == one.id.lower()
    assert one.id.replace("_", "").isalpha()
    assert one.name
    assert one.source
    lat, lon = np.array(one.line).T
    assert np.abs(lat).max() <= 90
    assert np.abs(lon).max() <= 180
    # Its line goes through its own gate, and through no other's.
    assert passages_crossed(lat, lon) == (identifier,)
    for limit in (one.max_draught_m, one.max_length_m):
        assert limit is None or 0 < limit <= 400


# Lengths of the canals alone: Suez Canal Authority, Panama Canal Authority, WSV, Corinth Canal SA.
@pytest.mark.parametrize(
    ("identifier", "length_km"),
    [("suez", 193.3), ("panama", 82), ("kiel", 98.6), ("corinth", 6.3)],
)
def test_lines_of_canals_are_as_long_as_the_canals(identifier, length_km):
    lat, lon = densify(*np.array(TABLE[identifier].line).T, 200)
    inside = sea.is_land(lat, lon)
    first, last = np.flatnonzero(inside)[[0, -1]]
    whole_km = path_length_m(lat, lon) / 1_000
    dry_km = path_length_m(lat[first : last + 1], lon[first : last + 1]) / 1_000
    assert dry_km * 0.8 < length_km < whole_km * 1.05


def test_a_vessel_of_unknown_size_takes_canals_but_no_shallow_sounds():
    closed = closed_to()
    assert {"suez", "panama", "kiel", "corinth", "sound"}.isdisjoint(closed)
    assert closed >= {"vainameri", "kalmarsund", "little_belt", "northwest", "northeast"}
    assert closed_to(draught_m=float("nan"), length_m=float("nan")) == closed


def test_limits_are_inclusive():
    kiel = TABLE["kiel"]
    assert "kiel" not in closed_to(draught_m=kiel.max_draught_m, length_m=kiel.max_length_m)
    assert "kiel" in closed_to(draught_m=kiel.max_draught_m + 0.1)
    assert "kiel" in closed_to(length_m=kiel.max_length_m + 1)


def test_sounds_without_a_known_limit_are_for_vessels_below_90_m():
    assert "kalmarsund" not in closed_to(length_m=89)
    assert "kalmarsund" in closed_to(length_m=90)
    assert "kalmarsund" in closed_to(draught_m=2.0)  # its length stays unknown


def test_asking_for_a_closed_passage_opens_it():
    assert "northeast" not in closed_to(via=("northeast",))
    assert "vainameri" not in closed_to(via=("vainameri",))
    assert closed_to(avoid=("suez",)) == closed_to() | {"suez"}


def test_what_cannot_be_is_refused_with_the_reason():
    with pytest.raises(RouteError, match=r"no passage 'suze'; known are suez, panama"):
        closed_to(avoid=("suze",))
    with pytest.raises(RouteError, match="suez is both asked for and avoided"):
        closed_to(avoid=("suez",), via=("suez",))
    with pytest.raises(
        RouteError, match=r"kiel admits a draught of 9\.5 m .* has 12 m and any size"
    ):
        closed_to(via=("kiel",), draught_m=12.0)


def test_passages_come_in_the_order_they_are_taken():
    ids = ["dardanelles", "bosporus", "kerch"]
    points = [point for name in ids for point in passage(name).line]
    assert list(passages_crossed(*np.array(points).T)) == ids
    assert list(passages_crossed(*np.array(points[::-1]).T)) == ids[::-1]


def test_a_line_elsewhere_takes_none():
    assert passages_crossed([0.0, 10.0], [-30.0, -20.0]) == ()
    # On the meridian of Suez, but on the other side of the globe and off Cape Town.
    assert passages_crossed([30.7, 30.7], [-148.5, -147.0]) == ()
    assert passages_crossed([-40.0, -40.0], [30.0, 35.0]) == ()


def test_suez_is_where_it_is():
    lat, lon = np.array(TABLE["suez"].line).T
    assert path_length_m(lat, lon) / METRES_PER_NM == pytest.approx(115, abs=12)


# The Arctic gates end near the pole, and those of the Wadden Sea at islands smaller than a pixel.
@pytest.mark.parametrize("identifier", sorted(set(TABLE) - {"northwest", "northeast", "wadden"}))
def test_gates_reach_from_shore_to_shore(identifier):
    for gate in TABLE[identifier].gates:
        assert sea.is_land(*np.array([gate[0], gate[-1]]).T).all()


def test_an_honest_voyage_to_riga_is_not_held_against_a_shallow_sound():
    # Round Hiiumaa and Saaremaa by the Irbe Strait; through Vainameri it is some 338 nm.
    route = routing.shortest_route((59.93, 29.7), (57.05, 24.0))
    assert 380 < route.distance_nm < 460
    assert (route.lon < 22).any()
