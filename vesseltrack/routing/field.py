"""How far remains by sea from anywhere to one destination."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from vesseltrack.config.routing import RoutingConfig
from vesseltrack.core.geodesy import Floats, great_circle_m, wrap_lon_deg
from vesseltrack.core.runs import Ints
from vesseltrack.errors import RouteError
from vesseltrack.routing.ends import Ends, ends_of
from vesseltrack.routing.join import Join, bends_in_sight, join_of
from vesseltrack.routing.lines import Line, place
from vesseltrack.routing.network import Network
from vesseltrack.routing.ways import NEIGHBOUR, Target, Ways, best_ways
from vesseltrack.units import m_to_nm

_ROWS_AT_ONCE = 10_000  # points evaluated together, about 100 MB


class DistanceField:
    """Shortest distances by sea to one destination, ready for any number of points.

    Made by `vesseltrack.routing.distance_field`. A single route is one point looked up in the
    field of one of its ends, always the same one, so that both directions agree; the field of the
    other end gives the same within half a per cent, but for a few sheltered places (4 %).
    """

    def __init__(
        self,
        network: Network,
        destination: tuple[float, float],
        closed: frozenset[str],
        config: RoutingConfig,
    ) -> None:
        self.destination = (destination[0], float(wrap_lon_deg(destination[1])))
        self.closed = closed
        self._config = config
        end = ends_of(network, *(np.array([value]) for value in self.destination))
        bends = bends_in_sight(end, closed)
        self._join = join_of(network, self.destination, end, bends, closed)
        self._check_snap(self.destination, self._join.snap_m)
        node_m, self._next_node = _spread(network, self._join, closed)
        self._target = _target(network, self.destination, end, bends, closed, node_m)

    def remaining_nm(self, lat: npt.ArrayLike, lon: npt.ArrayLike) -> Floats:
        """Return the shortest distance by sea from points to the destination.

        Parameters
        ----------
        lat, lon : (n,)
            Points [deg], longitudes in any range.

        Returns
        -------
        remaining_nm : (n,)
            From the point itself, the way to the water included [nm]. NaN where the point is NaN
            or off the globe, lies farther from the water than `max_snap_km`, or has no open way;
            empty for empty input. Cost: about ten tests of a leg against the shore a point, 1 to
            10 ms; evaluate a long track every some kilometres and interpolate.
        """
        columns = np.atleast_1d(np.asarray(lat, dtype=float), np.asarray(lon, dtype=float))
        lat, lon = np.broadcast_arrays(*columns)
        remaining_m = np.full(lat.shape, np.nan)
        known = np.flatnonzero(np.isfinite(lon) & (np.abs(lat) <= 90.0))  # noqa: PLR2004 - the pole
        for rows in np.split(known, range(_ROWS_AT_ONCE, known.size, _ROWS_AT_ONCE)):
            ways = best_ways(self._target, lat[rows], wrap_lon_deg(lon[rows]))
            given = (ways.snap_m <= self._max_snap_m) & np.isfinite(ways.remaining_m)
            remaining_m[rows[given]] = ways.remaining_m[given]
        return m_to_nm(remaining_m)

    def line_from(self, lat: float, lon: float) -> Line:
        """Return the shortest way from a point as a line.

        Raises
        ------
        RouteError
            If the point is too far from the water, or no open way leads to the destination.
        """
        ways = best_ways(self._target, np.array([lat]), wrap_lon_deg([lon]))
        self._check_snap((lat, lon), float(ways.snap_m[0]))
        if not np.isfinite(ways.remaining_m[0]):
            shut = f" with {', '.join(sorted(self.closed))} closed" if self.closed else ""
            msg = f"no way by sea between {place(lat, lon)} and {place(*self.destination)}{shut}"
            raise RouteError(msg)
        middle_lat, middle_lon, end_snap_m = self._middle(ways)
        line_lat = np.concatenate([[lat], middle_lat, [self.destination[0]]])
        line_lon = wrap_lon_deg(np.concatenate([[lon], middle_lon, [self.destination[1]]]))
        snap_m = (float(ways.snap_m[0]), end_snap_m)
        return Line(float(ways.remaining_m[0]), *_without_repeats(line_lat, line_lon), snap_m)

    def _middle(self, ways: Ways) -> tuple[Floats, Floats, float]:
        """Return the line from the water at one end to the water at the other, one way."""
        first, target, join = int(ways.first[0]), self._target, self._join
        if first == NEIGHBOUR:
            return ways.lat[:0], ways.lon[:0], 0.0
        lat, lon = [*ways.lat, *ways.bend_lat], [*ways.lon, *ways.bend_lon]
        if first >= target.place:
            lat += [target.lat[first], *target.end.lat]
            lon += [target.lon[first], *target.end.lon]
            return np.array(lat), np.array(lon), float(target.end.snap_m[0])
        nodes = [first]
        # The destination is the node after the last of the network.
        while (node := int(self._next_node[nodes[-1]])) != target.place:
            nodes.append(node)
        last = int(np.searchsorted(join.node, nodes[-1]))
        return (
            np.concatenate([lat, target.lat[nodes], [join.bend_lat[last], join.lat]]),
            np.concatenate([lon, target.lon[nodes], [join.bend_lon[last], join.lon]]),
            join.snap_m,
        )

    @property
    def _max_snap_m(self) -> float:
        return self._config.max_snap_km * 1_000

    def _check_snap(self, point: tuple[float, float], snap_m: float) -> None:
        if snap_m > self._max_snap_m:
            msg = (
                f"point {place(*point)} lies {snap_m / 1_000:.0f} km from water that ships reach; "
                f"the limit is {self._config.max_snap_km:g} km"
            )
            raise RouteError(msg)


def _target(
    network: Network,
    point: tuple[float, float],
    end: Ends,
    bends: tuple[Floats, Floats],
    closed: frozenset[str],
    node_m: Floats,
) -> Target:
    bend_m = great_circle_m(*bends, end.lat, end.lon)
    return Target(
        network,
        point,
        end,
        closed,
        np.concatenate([network.lat, end.lat, bends[0]]),
        np.concatenate([network.lon, end.lon, bends[1]]),
        np.concatenate([node_m, end.snap_m, end.snap_m + bend_m]),
    )


def _spread(network: Network, join: Join, closed: frozenset[str]) -> tuple[Floats, Ints]:
    """Return each node's distance to the destination [m] and the next node on the way there."""
    graph = network.graph(closed)
    n = network.lat.size
    # The destination is one more node, from which the last legs lead, sailed backwards.
    whole = csr_matrix(
        (
            np.concatenate([graph.data, join.leg_m + join.snap_m]),
            np.concatenate([graph.indices, join.node]),
            np.append(graph.indptr, graph.nnz + join.node.size),
        ),
        shape=(n + 1, n + 1),
    )
    distance_m, toward = dijkstra(whole, indices=n, return_predecessors=True)
    return distance_m[:n], toward[:n].astype(np.int64)


def _without_repeats(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """Return a line without points that repeat the one before; two points at least."""
    keep = np.append(True, (np.diff(lat) != 0) | (np.diff(lon) != 0))
    if keep.sum() == 1:
        return lat[[0, -1]], lon[[0, -1]]
    return lat[keep], lon[keep]
