from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.config.tracks import VoyageConfig
from vesseltrack.tracks.gaps import approached_port
from vesseltrack.tracks.knowledge import Knowledge

DAY_US = 86_400_000_000
COURSE = SimpleNamespace(  # two fixes of one vessel, half a day apart
    t_us=np.array([0, DAY_US // 2]),
    lat=np.array([0.0, 1.0]),
    lon=np.zeros(2),
    offsets=np.array([0, 2]),
    vessel_of=lambda _: 0,
)
distance_nm = st.floats(1.0, 2_000.0)
share = st.floats(-0.009, 0.009)
port = st.tuples(
    st.one_of(st.just(np.nan), distance_nm),  # by sea from the first fix, and from the second
    distance_nm,
    st.one_of(st.just(np.nan), st.floats(1.018, 1.045)),  # how much too far the rough ones are
    st.tuples(share, share),
)


def told(table, asked):
    """Give distances from the fixes (by their latitude) to ports (by theirs)."""

    def distances_nm(lat1, _, lat2, __):
        asked.append(lat2.size)
        return table[lat1.astype(int), lat2.astype(int)]

    return distances_nm


def approached(ports, *, is_rough):
    exact_nm = np.array([[before, after] for before, after, *_ in ports]).T
    too_far = np.array([[often + one for one in unlike] for *_, often, unlike in ports]).T
    harbours = SimpleNamespace(lat=np.arange(len(ports)), lon=np.zeros(len(ports)))
    asked: list[int] = []
    rough = told(exact_nm * too_far, []) if is_rough else None
    knowledge = Knowledge(harbours, None, told(exact_nm, asked), rough)
    return approached_port(COURSE, 1, range(len(ports)), knowledge, VoyageConfig()), sum(asked)


@given(st.lists(port, min_size=1, max_size=5))
def test_rough_distances_change_nothing(ports):
    assert approached(ports, is_rough=True)[0] == approached(ports, is_rough=False)[0]


def test_what_rough_distances_tell_is_not_asked_again():
    nearer, farther = (500.0, 400.0, 1.02, (0.0, 0.0)), (500.0, 600.0, 1.04, (0.0, 0.0))
    alike = (500.0, 401.0, 1.03, (0.0, 0.0))

    assert approached([farther, nearer], is_rough=True) == (1, 0)
    assert approached([farther], is_rough=True) == (None, 0)
    assert approached([alike, farther, nearer], is_rough=True) == (2, 4)
