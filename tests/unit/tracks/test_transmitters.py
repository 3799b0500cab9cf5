import numpy as np
import pytest

from vesseltrack.config.tracks import TransmitterConfig
from vesseltrack.core.geodesy import unit_xyz
from vesseltrack.core.transmitters import Report, are_several, believed_chains, chains
from vesseltrack.tracks.fleet import chain_rule

RULE = chain_rule(TransmitterConfig())
NM_DEG = 1 / 60.04


def report(t_min, lat, lon, sog_kn=None, cog_deg=None, ais_class=None):
    n = len(t_min)
    lat, lon = np.array(lat, dtype=float), np.array(lon, dtype=float)
    return Report(
        t_us=(np.array(t_min) * 60_000_000).astype(np.int64),
        lat=lat,
        lon=lon,
        xyz=unit_xyz(lat, lon),
        cell_m=np.zeros(n),
        sog_kn=np.full(n, np.nan) if sog_kn is None else np.array(sog_kn, dtype=float),
        cog_deg=np.full(n, np.nan) if cog_deg is None else np.array(cog_deg, dtype=float),
        ais_class=np.zeros(n, np.int64) if ais_class is None else np.array(ais_class),
    )


def test_one_vessel_is_one_chain():
    t = np.arange(0, 600, 10)

    assert set(chains(report(t, t * 0.2 * NM_DEG, np.zeros(60)), RULE)) == {0}


def test_two_hulls_at_once_are_told_apart_fix_by_fix():
    t = np.arange(0, 600, 10)
    is_far = np.arange(60) % 3 == 0
    chain = chains(report(t, np.where(is_far, 36.9, -51.4), np.where(is_far, 122.4, -67.0)), RULE)

    assert len(set(chain[is_far])) == len(set(chain[~is_far])) == 1
    assert are_several(chain, believed_chains(chain, t * 60_000_000, RULE), 3)


def test_a_stray_fix_is_no_transmitter():
    t = np.arange(0, 600, 10)
    lat = np.where(t == 300, 40.0, 10.0)
    chain = chains(report(t, lat, np.zeros(60)), RULE)

    assert believed_chains(chain, t * 60_000_000, RULE).tolist() == [0]
    assert (np.flatnonzero(chain != 0)).tolist() == [30]


def test_a_vessel_led_astray_and_back_is_one():
    t = np.arange(0, 900, 10)
    away = (t >= 300) & (t < 500)
    chain = chains(report(t, np.where(away, 45.0, 10.0), np.zeros(90)), RULE)
    believed = believed_chains(chain, t * 60_000_000, RULE)

    assert believed.size == 2
    assert not are_several(chain, believed, 3)


def test_of_too_few_fixes_the_longest_chain_is_believed():
    chain = np.array([0, 1, 1, 2])

    assert believed_chains(chain, np.arange(4), RULE).tolist() == [1]


def test_a_fix_goes_to_the_vessel_that_was_bound_for_its_place():
    # Two vessels of 12 kn 14 nm apart meet head on: an hour later each lies nearer to where the
    # other was.
    north_nm = [0.0, 14.0, 0.2, 13.8, 1.8, 12.2]
    t = [0, 0, 1, 1, 61, 61]
    cog = [0, 180, 0, 180, 180, 0]
    chain = chains(report(t, np.array(north_nm) * NM_DEG, np.zeros(6), [12] * 6, cog), RULE)

    assert chain.tolist() == [0, 1, 0, 1, 1, 0]


@pytest.mark.parametrize(
    ("hours", "off_nm", "n_chains"),
    [(1.0, 12.0, 1), (1.0, 20.0, 2), (9.0, 40.0, 1), (9.0, 60.0, 2)],
)
def test_strict_refuses_fixes_far_off_the_reckoned_way(hours, off_nm, n_chains):
    # 15 kn for an hour and its root after that: 15 nm and 45 nm, with the slack of the clocks.
    moored = report([0, hours * 60], [0.0, off_nm * NM_DEG], [0.0, 0.0], [0, 0], [0, 0])

    assert len(set(chains(moored, RULE))) == 1
    assert len(set(chains(moored, RULE, strict=True))) == n_chains


def test_strict_follows_a_vessel_along_its_course():
    # 12 kn to the north for nine hours; it may also have slowed down.
    for way_nm in (108.0, 70.0):
        steaming = report([0, 540], [0.0, way_nm * NM_DEG], [0.0, 0.0], [12, 12], [0, 0])

        assert len(set(chains(steaming, RULE, strict=True))) == 1


def test_strict_keeps_the_classes_of_transmitter_apart():
    t = np.arange(0, 200, 10)
    kind = np.where(np.arange(20) % 2, 1, 2)
    kind[4] = 0  # a long-range report, which either may have sent
    mixed = report(t, np.zeros(20), np.zeros(20), ais_class=kind)
    chain = chains(mixed, RULE, strict=True)

    assert set(chain[kind == 1]).isdisjoint(chain[kind == 2])
    assert len(set(chain)) == 2
