"""What a voyage is against its route, in words."""

import pytest

from vesseltrack.config.detect.route_deviation import RouteDeviationDefault
from vesseltrack.detect.deviation import judge
from vesseltrack.schema import Verdict

RULE = RouteDeviationDefault()


def voyage(travelled_nm, shortest_nm, **columns):
    excess_nm = None if shortest_nm is None else travelled_nm - shortest_nm
    plain = {"origin": "Rotterdam", "origin_locode": "NLRTM", "is_open": False}
    plain |= {"destination": "Riga", "destination_locode": "LVRIX", "coverage_frac": 1.0}
    numbers = {"travelled_nm": travelled_nm, "shortest_nm": shortest_nm, "excess_nm": excess_nm}
    return plain | numbers | {"max_cross_track_nm": 40.0} | columns


SAME = {"destination": "Rotterdam", "destination_locode": "NLRTM"}
NO_CODES = {"origin_locode": None, "destination_locode": None, "destination": "Rotterdam"}


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (voyage(1_040.0, 1_000.0), Verdict.DIRECT),
        (voyage(1_100.0, 1_000.0), Verdict.DETOUR),
        (voyage(970.0, 1_000.0), Verdict.DIRECT),
        (voyage(969.0, 1_000.0), Verdict.REFERENCE_TOO_LONG),
        (voyage(1_300.0, None), Verdict.NO_ROUTE),
        (voyage(39.9, 19.9, origin_locode=None, origin=None), Verdict.ROUND_TRIP),
        (voyage(39.8, 19.9, origin_locode=None, origin=None), Verdict.SHORT_TRIP),
        (voyage(300.0, 100.0, **SAME), Verdict.ROUND_TRIP),
        (voyage(300.0, 100.0, **NO_CODES), Verdict.ROUND_TRIP),
        (voyage(1_300.0, 1_000.0, max_cross_track_nm=10.0), Verdict.TRAFFIC_SEPARATION),
        (voyage(1_300.0, 1_000.0, coverage_frac=0.4), Verdict.SPARSE_RECEPTION),
    ],
)
def test_a_voyage_is_named_for_what_it_is(row, verdict):
    assert judge(row, None, RULE, is_roaming=False).verdict is verdict


def test_of_several_explanations_the_one_with_a_route_of_its_own_names_it():
    row = voyage(1_300.0, 1_000.0, max_cross_track_nm=5.0)
    detour = {"stays": [], "n_peers": 0, "percentile_frac": None, "seen_frac": 1.0}
    detour |= {"shortest_without_nm": 1_290.0, "excess_without_nm": 10.0}
    judged = judge(row, detour, RULE, is_roaming=True)
    assert judged.verdict is Verdict.PASSAGE_NOT_TAKEN
    holds = {name for name, is_so in judged.innocent.items() if is_so}
    assert holds == {"passage_not_taken", "working_craft", "traffic_separation"}


def test_every_explanation_has_its_verdict():
    row = voyage(1_300.0, 1_000.0, is_open=True)
    detour = {"stays": [], "n_peers": 0, "percentile_frac": None, "seen_frac": 1.0}
    detour |= {
        f"{what}_{other}_nm": None
        for what in ("shortest", "excess")
        for other in ("without", "so_far")
    }
    tested = judge(row, detour, RULE, is_roaming=False).innocent
    assert len(tested) == 7
    assert {Verdict(name.replace("_", " ")) for name in tested} < set(Verdict)
