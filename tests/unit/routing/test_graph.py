"""Seas with other passages closed are one in memory, and still each its own."""

import threading

import numpy as np
import pytest

from vesseltrack import shortest_route
from vesseltrack.routing.graph import open_sea
from vesseltrack.routing.passages import closed_to

ROTTERDAM, SINGAPORE = (51.95, 4.05), (1.25, 103.85)


def test_all_seas_share_their_large_arrays():
    with open_sea(closed_to()) as one:
        pass
    with open_sea(closed_to(avoid=("suez",))) as other:
        pass
    assert np.shares_memory(one.water.mask, other.water.mask)
    assert np.shares_memory(one.edges.data, other.edges.data)


def test_gates_open_again():
    with open_sea(closed_to()) as at_sea:
        mask, lengths = at_sea.water.mask.copy(), at_sea.edges.data.copy()
    with open_sea(closed_to(avoid=("suez", "panama", "bosporus"))) as at_sea:
        assert np.isinf(at_sea.edges.data).sum() > np.isinf(lengths).sum()
        assert np.unpackbits(mask & ~at_sea.water.mask).any()
        assert not (at_sea.water.mask & ~mask).any()
    with open_sea(closed_to()) as at_sea:
        np.testing.assert_array_equal(at_sea.water.mask, mask)
        np.testing.assert_array_equal(at_sea.edges.data, lengths)


def test_threads_that_close_other_passages_do_not_meet():
    alone = {
        avoid: shortest_route(ROTTERDAM, SINGAPORE, avoid=avoid).distance_nm
        for avoid in ((), ("suez",), ("suez", "panama"))
    }
    wrong = []

    def ask(avoid):
        for _ in range(4):
            found = shortest_route(ROTTERDAM, SINGAPORE, avoid=avoid).distance_nm
            if found != alone[avoid]:
                wrong.append((avoid, found))

    threads = [threading.Thread(target=ask, args=(avoid,)) for avoid in [*alone, *alone]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_sea_is_let_go_after_an_error():
    with pytest.raises(ZeroDivisionError), open_sea(closed_to()):
        raise ZeroDivisionError
    with open_sea(closed_to(avoid=("kiel",))) as at_sea:
        assert "kiel" in at_sea.closed
