"""A store whose tables come as GeoDataFrames and movingpandas trajectories."""

import datetime as dt
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow.compute as pc

from vesseltrack.errors import InputError, NotFoundError
from vesseltrack.frames.geometry import CRS, frame_of
from vesseltrack.store import Filter, Store

if TYPE_CHECKING:
    import movingpandas as mpd

BBOX: Final = ("west", "south", "east", "north")
Instant = dt.datetime | str | None


def open_store(path: str | Path) -> "ResearchStore":
    """Open a store for reading.

    Parameters
    ----------
    path : str or Path
        The folder that `vesseltrack run --store` wrote.

    Raises
    ------
    StoreMissingError
        If there is no store; the text says how to make one.
    """
    return ResearchStore(Store.open(Path(path)))


class ResearchStore:
    """A store whose tables come as GeoDataFrames and trajectories.

    Every method takes the same keyword filters: `mmsi`, `bbox` (west, south, east, north; west
    above east crosses the date line), `since` and `until` (UTC; datetimes or ISO 8601 text), and
    equality on any column of its table. Unknown values are NaN, NaT or None.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def positions(self, **filters: Any) -> gpd.GeoDataFrame:
        """Return received positions as points."""
        return self._frame("positions", filters)

    def vessels(self, **filters: Any) -> gpd.GeoDataFrame:
        """Return vessels as points at their last position."""
        return self._frame("vessels", filters)

    def port_calls(self, **filters: Any) -> gpd.GeoDataFrame:
        """Return port calls as points."""
        return self._frame("port_calls", filters)

    def ports(self, **filters: Any) -> gpd.GeoDataFrame:
        """Return the listed ports as points."""
        return self._frame("ports", filters)

    def events(self, *, kind: str | Sequence[str] = (), **filters: Any) -> gpd.GeoDataFrame:
        """Return flagged behaviours as points, of one kind or several."""
        kinds = (kind,) if isinstance(kind, str) else tuple(kind)
        return self._frame("events", filters, kinds)

    def leads(self, **filters: Any) -> gpd.GeoDataFrame:
        """Return the ranked leads as points, the first to look at first."""
        return self._frame("leads", filters)

    def tracks(self, **filters: Any) -> gpd.GeoDataFrame:
        """Return segments as lines through their fixes; one that never moved is a point."""
        return self._frame("segments", filters)

    def voyages(self, **filters: Any) -> gpd.GeoDataFrame:
        """Return voyages as lines through the vessel's fixes between their ends."""
        return self._frame("voyages", filters)

    def trajectories(self, **filters: Any) -> "mpd.TrajectoryCollection":
        """Return one movingpandas trajectory a segment, with each fix's H3 cell.

        Filters pick whole segments: those that reach into the time or the box.
        Segments of a single fix make no trajectory and are left out. The column `cell` holds the
        cell of resolution 7 as an integer; `vesseltrack.hexgrid` gives its parents.

        Raises
        ------
        NotFoundError
            If no segment of two fixes or more is left.
        """
        with warnings.catch_warnings():
            # It says at import that its optional Kalman smoother, unused here, is not installed.
            warnings.filterwarnings("ignore", "Missing optional dependencies", UserWarning)
            import movingpandas as mpd

        segments = self._store.select("segments", _filter(filters))
        several = segments.filter(pc.greater(segments["n_positions"], 1))
        if several.num_rows == 0:
            wanted = filters or "no filter"
            msg = f"no track of two positions or more in {self._store.path} with {wanted}"
            raise NotFoundError(msg)
        fixes = self._store.fixes_of(several["segment_id"].to_pylist()).to_pandas()
        # movingpandas keeps naive times; all times here are UTC.
        fixes["timestamp"] = fixes["timestamp"].dt.tz_convert(None)
        columns = ["segment_id", "mmsi", "timestamp", "sog_kn", "cog_deg", "heading_deg", "cell"]
        frame = gpd.GeoDataFrame(
            fixes[columns], geometry=gpd.points_from_xy(fixes["lon"], fixes["lat"]), crs=CRS
        )
        return mpd.TrajectoryCollection(frame, "segment_id", t="timestamp")

    def _frame(
        self, table: str, filters: dict[str, Any], kinds: tuple[str, ...] = ()
    ) -> gpd.GeoDataFrame:
        return frame_of(self._store, table, self._store.select(table, _filter(filters, kinds)))


def _filter(filters: dict[str, Any], kinds: tuple[str, ...] = ()) -> Filter:
    named = dict(filters)
    bbox = named.pop("bbox", None)
    if bbox is not None and len(bbox) != len(BBOX):
        msg = f"bbox must be {', '.join(BBOX)} [deg]; got {bbox}"
        raise InputError(msg)
    return Filter(
        bbox=bbox,
        since=as_utc(named.pop("since", None)),
        until=as_utc(named.pop("until", None)),
        mmsi=named.pop("mmsi", None),
        kinds=kinds,
        equals=named,
    )


def as_utc(instant: Instant) -> dt.datetime | None:
    """Return a datetime or ISO 8601 text in UTC; without an offset it is taken as UTC."""
    if instant is None:
        return None
    stamp = pd.Timestamp(instant)
    stamp = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")
    result: dt.datetime = stamp.to_pydatetime()
    return result
