"""Evidence is followed to the lines of the vessel that it is of, not of its whole MMSI."""

from vesseltrack.cli.detail import find
from vesseltrack.cli.evidence import cited, evidence_spans
from vesseltrack.store import Filter

SHARED = 412331088  # one hull in the South Atlantic, another in the Yellow Sea


def n_lines(row):
    return int(row[-1].rpartition("(")[2].rstrip(")").replace(",", ""))


def test_two_hulls_on_one_mmsi_cite_their_own_lines(demo_store):
    conflict = Filter(kinds=("identity_conflict",), mmsi=SHARED)
    (event,) = demo_store.select("events", conflict).to_pylist()
    spans = evidence_spans(demo_store, *find(demo_store, event["event_id"]))
    rows = [cited(demo_store, span) for span in spans]
    south = 0
    for span, row in zip(spans, rows, strict=True):
        heard = demo_store.select("positions", Filter(mmsi=SHARED)).to_pylist()
        is_south = span["vessel_id"] == str(SHARED)
        within = [
            one
            for one in heard
            if (one["lat"] < 0) == is_south
            and span["start"] <= f"{one['timestamp']:%Y-%m-%dT%H:%M:%SZ}" <= span["end"]
        ]
        assert n_lines(row) == len(within)
        south += is_south
    assert (south, len(rows)) == (1, 2)


def test_a_vessel_cites_as_many_lines_as_it_has_positions(demo_store):
    for vessel in demo_store.select("vessels", Filter(mmsi=SHARED)).to_pylist():
        (span,) = evidence_spans(demo_store, *find(demo_store, vessel["vessel_id"]))
        assert n_lines(cited(demo_store, span)) == vessel["n_positions"]
