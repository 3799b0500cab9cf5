"""A track of one's own against the shortest route by sea."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd

from vesseltrack import engine
from vesseltrack.config import Config
from vesseltrack.errors import InputError
from vesseltrack.frames.own import own_positions

if TYPE_CHECKING:
    import movingpandas as mpd

_ANY_MMSI = 201_000_000  # for tracks that name no vessel: tracks take ships' numbers only


def compare_to_route(
    track: "gpd.GeoDataFrame | mpd.Trajectory",
    *,
    destination: tuple[float, float] | None = None,
    avoid: Sequence[str] = (),
    draught_m: float | None = None,
    length_m: float | None = None,
    config: Config | None = None,
) -> engine.RouteComparison:
    """Hold a track of your own against the shortest route by sea.

    Parameters
    ----------
    track : GeoDataFrame or movingpandas.Trajectory
        Positions of one vessel, with `timestamp` or a time index (UTC), and points or columns
        `lat`, `lon` [deg]. All of it counts as one voyage. Any order.
    destination : (lat, lon), optional
        Where it is bound for [deg]; without it, it ended at its last position.
    avoid : sequence of str
        Ids of passages that were not open to it.
    draught_m, length_m : float, optional
        The vessel's [m]: passages too small for it are closed.
    config : Config, optional
        Settings; the defaults without it.

    Returns
    -------
    comparison : RouteComparison
        Miles sailed, shortest and extra, the legs in which they arose, and the slack curve.

    Raises
    ------
    SchemaError
        If a column is missing.
    InputError
        If it is the track of several vessels, or has fewer than two positions.
    RouteError
        If no open way joins its ends.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, vesseltrack as vt
    >>> times = pd.date_range("2024-05-01", periods=4, freq="3h")
    >>> places = gpd.points_from_xy([4.0, 4.0, 3.0, 2.0], [52.2, 52.8, 52.4, 52.2])
    >>> track = gpd.GeoDataFrame({"timestamp": times}, geometry=places, crs="EPSG:4326")
    >>> round(vt.compare_to_route(track).detour_ratio, 1)
    1.6
    """
    frame = getattr(track, "df", track)
    vessels = frame["mmsi"].unique() if "mmsi" in frame.columns else [_ANY_MMSI]
    if len(vessels) > 1:
        msg = f"a track is that of one vessel; got positions of {len(vessels)} MMSI"
        raise InputError(msg)
    return engine.compare(
        own_positions(frame.assign(mmsi=_ANY_MMSI)),
        destination=destination,
        ship=engine.Ship(draught_m, length_m, tuple(avoid)),
        config=config,
    )
