import datetime as dt

import pytest

from vesseltrack.engine.peers import standings

CARGO, TANKER = 70, 80


def voyage(number, ratio, **columns):
    return {
        "voyage_id": f"v{number}",
        "vessel_id": columns.get("vessel", "1"),
        "origin_locode": columns.get("origin", "NLRTM"),
        "destination_locode": columns.get("destination", "RULED"),
        "detour_ratio": ratio,
        "end": dt.datetime(2024, 1, columns["day"], tzinfo=dt.UTC),
        "is_open": columns.get("is_open", False),
    }


EARLIER = [voyage(n, 1.0 + n / 100, day=1 + n) for n in range(10)]


@pytest.mark.parametrize(("ratio", "share"), [(1.2, 1.0), (1.045, 0.5), (0.99, 0.0)])
def test_share_of_the_earlier_voyages_that_were_more_direct(ratio, share):
    own = voyage("own", ratio, day=20)
    assert standings([own, *EARLIER], {"1": CARGO}, {"vown"}) == {"vown": (10, share)}


def test_only_what_ended_before_counts():
    own = voyage("own", 1.2, day=4)
    later = voyage("later", 1.0, day=5)
    same_instant = voyage("same", 1.0, day=4)
    assert standings([own, later, same_instant, *EARLIER], {"1": CARGO}, {"vown"}) == {
        "vown": (3, 1.0)
    }


def test_other_ports_other_classes_and_voyages_under_way_are_no_peers():
    own = voyage("own", 1.2, day=20)
    others = [
        voyage("a", 1.0, day=1, destination="LVRIX"),
        voyage("b", 1.0, day=1, origin=None),
        voyage("c", 1.0, day=1, vessel="2"),
        voyage("d", 1.0, day=1, vessel="3"),
        voyage("e", 1.0, day=1, is_open=True),
        voyage("f", None, day=1),
    ]
    type_of = {"1": CARGO, "2": TANKER, "3": None}
    assert standings([own, *others], type_of, {"vown"}) == {"vown": (0, None)}
    # Of a vessel of unknown class, all are peers.
    of_all = standings([own, *others], {"1": None, "2": TANKER, "3": None}, {"vown"})
    assert of_all == {"vown": (2, 1.0)}


def test_between_unknown_ports_there_is_no_standing():
    own = voyage("own", 1.2, day=20, origin=None)
    assert standings([own, *EARLIER], {"1": CARGO}, {"vown"}) == {}
