"""Passages that a voyage kept clear of are closed one after the other, until none is left."""

import numpy as np

from vesseltrack import routing
from vesseltrack.engine.passage import Points
from vesseltrack.engine.voyages import _Voyage

ASHORE_BY_THE_BRIDGE, AARHUS = (55.551297, 13.014798), (56.15618, 10.21351)
OVER_LAND = [ASHORE_BY_THE_BRIDGE, (57.5, 16.0), (59.0, 12.0), AARHUS]  # through no gate


def test_a_closed_passage_that_every_way_from_a_place_ashore_crosses_is_told_once():
    around = routing.shortest_route(ASHORE_BY_THE_BRIDGE, AARHUS, avoid=("sound",))
    assert "sound" in around.passages
    lat, lon = np.array(OVER_LAND).T
    points = Points(np.arange(4), lat, lon, np.linspace(0.0, 300.0, 4), np.zeros(4))
    row = {"is_open": False, "destination_locode": None, "destination": None, "travelled_nm": 300}
    voyage = _Voyage(row, points, {"draught_m": None, "length_m": None})
    found = voyage._without(routing.shortest_route(ASHORE_BY_THE_BRIDGE, AARHUS))
    assert found["passages_not_taken"] == ["sound"]
    assert found["shortest_without_nm"] == around.distance_nm
