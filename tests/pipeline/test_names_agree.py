"""A name replaces a known one when two reports agree, whatever the store keeps of them."""

import itertools

import numpy as np
import pytest

from track_tables import HOUR_S, positions, statics
from vesseltrack import engine
from vesseltrack.schema import RECEIVED, REJECTS
from vesseltrack.store import Filter, Store

MMSI = 219_000_001


@pytest.mark.parametrize(
    ("sent", "known"),
    [("AAAAB", "A"), ("AAAABB", "B"), ("AAABAAA", "A"), ("AABBAA", "A"), ("ABABAB", "A")],
)
@pytest.mark.parametrize("n_parts", [1, 3])
def test_two_reports_agree_through_the_store(tmp_path, sent, known, n_parts):
    """Reports 8 h apart over days, landed at once or in parts, the last one first."""
    store = Store.open(tmp_path / "store", create=True)
    names = [letter * 4 for letter in sent]
    said = statics(MMSI, [n * 8 * HOUR_S for n in range(len(sent))], name=names)
    fixes = positions(MMSI, np.arange(12) * 4 * HOUR_S, 55.0, 3.0).select(RECEIVED.names)
    edges = np.linspace(0, said.num_rows, n_parts + 1).astype(int).tolist()
    for n, (start, stop) in enumerate(reversed(list(itertools.pairwise(edges)))):
        store.land(1, n, fixes.slice(0, 12 * (n == 0)), said.slice(start, stop - start), NOTHING)
        store.fold_days()
    engine.analyse(store, kinds=["identity_change"])

    (vessel,) = store.select("vessels", Filter()).to_pylist()
    assert vessel["name"] == known * 4


NOTHING = REJECTS.empty()
