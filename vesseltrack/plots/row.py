"""The chart of one row: its track over the shipped land, coloured by speed."""

from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from vesseltrack.errors import NotFoundError
from vesseltrack.plots.chart import LINE, check_ending, draw_land, frame, save
from vesseltrack.plots.voyage import plot_voyage, voyage_chart
from vesseltrack.schema.plain import plain_rows
from vesseltrack.store import Filter, Store

Row = dict[str, Any]
Floats = npt.NDArray[np.float64]
_MAX_SOG_KN: Final = 25.0  # the top of the colour scale
_MAX_DOTS: Final = 200  # more fixes than that hide the colours of the track
_SHAPE: Final = 1.3  # width of the chart over its height
_SIZE_IN: Final = (9.0, 6.5)
_EVENT: Final = "#c81e4e"


def plot_row(store: Store, table: str, row: Row, output: Path) -> None:
    """Draw a vessel, track, voyage, event or lead over the shipped land.

    A voyage, and the voyage of a route deviation, is drawn against the shortest route, its extra
    miles under it; any other event with its place.

    Parameters
    ----------
    store : Store
        Asked for the fixes.
    table, row : str, dict
        The stored table, and a plain row of it.
    output : Path
        A file that ends in .png, .svg or .pdf.

    Raises
    ------
    InputError
        If the ending is another, or the file cannot be written.
    NotFoundError
        If there is no position to draw.
    RouteError
        If no way by sea joins the ends of a voyage.
    """
    check_ending(output)
    if table == "events" and row["kind"] == "route_deviation":
        table, row = "voyages", _voyage_of(store, row)
    fixes = _fixes(store, table, row)
    if table == "voyages":
        plot_voyage(voyage_chart(store, row, fixes), output)
        return
    lon = np.unwrap(fixes["lon"].to_numpy(), period=360.0)
    lat, sog_kn = fixes["lat"].to_numpy(), fixes["sog_kn"].to_numpy()
    figure = Figure(figsize=_SIZE_IN, layout="constrained", dpi=150)
    axes = figure.add_subplot()
    frame(axes, lat, lon, _SHAPE)
    draw_land(axes)
    colours = _draw_track(axes, fixes["segment_id"].to_pylist(), lat, lon, sog_kn)
    figure.colorbar(colours, ax=axes, label="speed over ground [kn]", shrink=0.8)
    if table in {"events", "leads"}:
        axes.plot(row["lon"], row["lat"], "o", ms=9, mfc="none", mec=_EVENT, mew=2, zorder=5)
    axes.set_title(_title(row), loc="left", fontsize=10, parse_math=False, wrap=True)
    save(figure, output)


def _voyage_of(store: Store, event: Row) -> Row:
    voyage_id = event["measures"]["voyage_id"]["value"]
    (voyage,) = plain_rows(store.select("voyages", Filter(equals={"voyage_id": voyage_id})))
    return voyage


def _fixes(store: Store, table: str, row: Row) -> Any:  # noqa: ANN401 - an Arrow table
    if table == "segments":
        wanted = [row["segment_id"]]
    elif "vessel_id" in row:
        of_vessel = Filter(equals={"vessel_id": row["vessel_id"]})
        wanted = store.select("segments", of_vessel, columns=["segment_id"])["segment_id"]
        wanted = wanted.to_pylist()
    else:
        msg = f"a row of {table} has no track to draw"
        raise NotFoundError(msg)
    fixes = store.fixes_of(wanted)
    if table == "voyages":
        frame = fixes["timestamp"].to_pylist()
        start, end = (datetime.fromisoformat(row[name]) for name in ("start", "end"))
        fixes = fixes.filter([start <= t <= end for t in frame])
    if fixes.num_rows == 0:
        msg = "there is no position to draw"
        raise NotFoundError(msg)
    return fixes


def _draw_track(
    axes: Axes, segment_ids: list[str], lat: Floats, lon: Floats, sog: Floats
) -> LineCollection:
    ends = np.column_stack([lon, lat])
    legs = np.stack([ends[:-1], ends[1:]], axis=1)
    same = np.array([a == b for a, b in pairwise(segment_ids)], dtype=np.bool_)
    drawn = LineCollection(
        list(legs[same]),
        cmap="viridis",
        norm=mpl.colors.Normalize(0, _MAX_SOG_KN),
        zorder=4,
    )
    drawn.set_array(np.nan_to_num(sog[1:], nan=0.0)[same])
    drawn.set_linewidth(2.5)
    axes.add_collection(drawn)
    if lon.size <= _MAX_DOTS:
        axes.plot(lon, lat, ".", color=LINE, ms=2, zorder=4)
    return drawn


def _title(row: Row) -> str:
    for name in ("explanation", "sentence", "name"):
        if row.get(name):
            return str(row[name])
    return str(row["vessel_id"])
