"""Straight legs that can be sailed."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from vesseltrack import sea
from vesseltrack.core.geodesy import unit_xyz
from vesseltrack.core.runs import Bools
from vesseltrack.routing.passages import any_crossed


def in_sight(
    lat1: npt.ArrayLike,
    lon1: npt.ArrayLike,
    lat2: npt.ArrayLike,
    lon2: npt.ArrayLike,
    closed: Collection[str] = (),
) -> Bools:
    """Return whether great-circle legs can be sailed, shape (n,).

    Parameters
    ----------
    lat1, lon1, lat2, lon2 : (n,)
        Ends of the legs [deg]; shapes broadcast.
    closed : collection of str
        Ids of the passages that no leg may take.
    """
    lat1, lon1, lat2, lon2 = np.broadcast_arrays(*np.atleast_1d(lat1, lon1, lat2, lon2))
    clear = ~any_crossed(unit_xyz(lat1, lon1), unit_xyz(lat2, lon2), closed)
    clear[clear] = ~sea.crosses_land(lat1[clear], lon1[clear], lat2[clear], lon2[clear])
    return clear
