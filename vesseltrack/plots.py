"""Static charts of one row: its track over the shipped land, coloured by speed."""

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

from vesseltrack.errors import InputError, NotFoundError, RouteError
from vesseltrack.routing import shortest_route
from vesseltrack.sea import land_polygons
from vesseltrack.store import Filter, Store

Row = dict[str, Any]
Floats = npt.NDArray[np.float64]
_SUFFIXES: Final = (".png", ".svg", ".pdf")
_MAX_SOG_KN: Final = 25.0  # the top of the colour scale
_MARGIN_FRAC: Final = 0.08
_MIN_SPAN_DEG: Final = 0.2
_MIN_COS: Final = 0.1  # near the poles a degree of longitude is no length any more
_MAX_DOTS: Final = 200  # more fixes than that hide the colours of the track
_SHAPE: Final = 1.3  # width of the chart over its height
_SIZE_IN: Final = (9.0, 6.5)
_SEA, _LAND, _COAST, _ROUTE, _EVENT = "#eef4f8", "#d9d6cd", "#a39f92", "#333333", "#c81e4e"


def plot_row(store: Store, table: str, row: Row, output: Path) -> None:
    """Draw a vessel, track, voyage, event or lead over the shipped land.

    A voyage is drawn with the shortest route between its ends, dashed; an event with its place.

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
    """
    if output.suffix not in _SUFFIXES:
        msg = f"{output.name}: a plot must end in {', '.join(_SUFFIXES)}"
        raise InputError(msg)
    fixes = _fixes(store, table, row)
    lon = np.unwrap(fixes["lon"].to_numpy(), period=360.0)
    lat, sog_kn = fixes["lat"].to_numpy(), fixes["sog_kn"].to_numpy()
    figure = Figure(figsize=_SIZE_IN, layout="constrained", dpi=150)
    axes = figure.add_subplot()
    route = _route(row, float(lon[0])) if table == "voyages" else None
    _frame(axes, lat, lon, route)
    _draw_land(axes)
    if route is not None:
        axes.plot(route[1], route[0], "--", color=_ROUTE, lw=1.2, label="shortest route", zorder=3)
        axes.legend(loc="best", frameon=True)
    colours = _draw_track(axes, fixes["segment_id"].to_pylist(), lat, lon, sog_kn)
    figure.colorbar(colours, ax=axes, label="speed over ground [kn]", shrink=0.8)
    if table in {"events", "leads"}:
        axes.plot(row["lon"], row["lat"], "o", ms=9, mfc="none", mec=_EVENT, mew=2, zorder=5)
    axes.set_title(_title(table, row), loc="left", fontsize=10, parse_math=False, wrap=True)
    axes.set_xlabel("longitude [deg]")
    axes.set_ylabel("latitude [deg]")
    try:
        with mpl.rc_context({"font.family": "DejaVu Sans"}):
            figure.savefig(output)
    except OSError as error:
        msg = f"cannot write {output}: {error.strerror}"
        raise InputError(msg) from error


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


def _route(row: Row, lon0: float) -> tuple[Floats, Floats] | None:
    ends = ((row["start_lat"], row["start_lon"]), (row["end_lat"], row["end_lon"]))
    try:
        route = shortest_route(*ends)
    except RouteError:
        return None
    lon = np.unwrap(np.concatenate([[lon0], route.lon]), period=360.0)[1:]
    return route.lat, lon


def _frame(axes: Axes, lat: Floats, lon: Floats, route: tuple[Floats, Floats] | None) -> None:
    """Set the limits so that all is seen and a degree is as long as it is at that latitude."""
    if route is not None:
        lat, lon = np.concatenate([lat, route[0]]), np.concatenate([lon, route[1]])
    middle_lat, middle_lon = (float(v.min() + v.max()) / 2 for v in (lat, lon))
    stretch = 1 / max(np.cos(np.radians(middle_lat)), _MIN_COS)
    height = max(float(np.ptp(lat)), float(np.ptp(lon)) / stretch / _SHAPE, _MIN_SPAN_DEG)
    half_height = height * (0.5 + _MARGIN_FRAC)
    half_width = half_height * stretch * _SHAPE
    axes.set_xlim(middle_lon - half_width, middle_lon + half_width)
    axes.set_ylim(middle_lat - half_height, middle_lat + half_height)
    axes.set_aspect(stretch)
    axes.set_facecolor(_SEA)


def _draw_land(axes: Axes) -> None:
    west, east = axes.get_xlim()
    for polygon in land_polygons():
        shore_west, _, shore_east, _ = polygon.bounds
        for turn_deg in (-360.0, 0.0, 360.0):
            if shore_east + turn_deg >= west and shore_west + turn_deg <= east:
                lon, lat = np.asarray(polygon.exterior.coords).T
                axes.fill(lon + turn_deg, lat, fc=_LAND, ec=_COAST, lw=0.4, zorder=1)


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
        axes.plot(lon, lat, ".", color=_ROUTE, ms=2, zorder=4)
    return drawn


def _title(table: str, row: Row) -> str:
    for name in ("explanation", "sentence", "name"):
        if row.get(name):
            return str(row[name])
    if table == "voyages":
        ends = f"{row['origin'] or 'at sea'} to {row['destination'] or 'at sea'}"
        return f"{row['mmsi']}: {ends}, {row['travelled_nm']:,.0f} nm sailed"
    return str(row["vessel_id"])
