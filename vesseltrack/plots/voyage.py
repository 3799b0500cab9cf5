"""The chart of a voyage: its track against the shortest route, and its extra miles under it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from vesseltrack import engine
from vesseltrack.core.paths import densify
from vesseltrack.core.text import printable
from vesseltrack.frames import own_positions
from vesseltrack.plots.chart import (
    LINE,
    Floats,
    draw_land,
    frame,
    save,
    unwrapped,
)
from vesseltrack.routing import passages, passages_crossed
from vesseltrack.store import Filter, Store

_SIZE_IN: Final = (9.0, 8.6)
_SHAPE: Final = 1.55  # width of the map over its height
_MAP_TO_CURVE: Final = (3.0, 1.0)
_WAY: Final = "#1f5f8b"
_LEG: Final = "#c81e4e"
_DRAWN_STEP_M: Final = 50_000.0  # a chart draws straight lines; this near, they follow the arc
_N_LABELLED: Final = 4  # legs whose miles are written into the chart
_BEHIND_TEXT: Final = {"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.75}


@dataclass(frozen=True, eq=False)
class VoyageChart:
    """What a chart of a voyage shows."""

    title: str
    origin: str  # what stands at its start and its end
    destination: str
    compared: engine.RouteComparison


def voyage_chart(store: Store, voyage: Mapping[str, Any], fixes: pa.Table) -> VoyageChart:
    """Return what the chart of a stored voyage shows.

    Parameters
    ----------
    store : Store
        Asked for the vessel.
    voyage : mapping
        A plain row of VOYAGES.
    fixes : pyarrow.Table
        Its fixes, as `Store.fixes_of` gives them.
    """
    vessel = store.select("vessels", Filter(equals={"vessel_id": voyage["vessel_id"]}))
    (about,) = vessel.select(["name", "draught_m", "length_m"]).to_pylist()
    compared = engine.compare(
        own_positions(fixes.select(["mmsi", "timestamp", "lat", "lon"])),
        destination=engine.bound_for(voyage),
        ship=engine.Ship(about["draught_m"], about["length_m"]),
    )
    ends = [printable(voyage[end] or "at sea") for end in ("origin", "destination")]
    who = f"{printable(about['name'])} ({voyage['mmsi']})" if about["name"] else voyage["mmsi"]
    bound = ", under way" if voyage["is_open"] else ""
    return VoyageChart(f"{who}: {ends[0]} to {ends[1]}{bound}", ends[0], ends[1], compared)


def plot_voyage(chart: VoyageChart, output: Path) -> None:
    """Draw a voyage over the shipped land, and its slack over time under it.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    figure = Figure(figsize=_SIZE_IN, layout="constrained", dpi=150)
    above, below = figure.subplots(2, 1, height_ratios=_MAP_TO_CURVE)
    _draw_map(above, chart)
    _draw_slack(below, chart.compared)
    figure.suptitle(
        chart.title, x=0.01, ha="left", fontsize=13, fontweight="bold", parse_math=False
    )
    above.set_title(_summary(chart.compared), loc="left", fontsize=9.5, color="#444444")
    save(figure, output)


def _summary(compared: engine.RouteComparison) -> str:
    through = ", ".join(_named(compared.passages))
    by = f" by {through}" if through else ""
    return (
        f"sailed {compared.travelled_nm:,.0f} nm, shortest {compared.shortest_nm:,.0f} nm{by}: "
        f"{compared.excess_nm:,.0f} nm more, {compared.detour_ratio:.2f} times as far"
    )


def _draw_map(axes: Axes, chart: VoyageChart) -> None:
    compared = chart.compared
    lat, lon = compared.lat, np.unwrap(compared.lon, period=360.0)
    route_lat, route_lon = densify(compared.route.lat, compared.route.lon, _DRAWN_STEP_M)
    route_lon = unwrapped(route_lon, float(lon[0]))
    frame(axes, np.concatenate([lat, route_lat]), np.concatenate([lon, route_lon]), _SHAPE)
    draw_land(axes)
    axes.plot(route_lon, route_lat, "--", color=LINE, lw=1.3, label="shortest route", zorder=3)
    axes.plot(lon, lat, color=_WAY, lw=2.0, label="sailed", zorder=4)
    for number, leg in enumerate(compared.legs):
        rows = slice(leg.first, leg.last + 1)
        label = "where extra miles arose" if number == 0 else None
        axes.plot(lon[rows], lat[rows], color=_LEG, lw=2.8, label=label, zorder=5)
        if number < _N_LABELLED:
            _write(axes, lon[leg.middle], lat[leg.middle], f"+{leg.nm:,.0f} nm", color=_LEG)
    for place, name, marker in ((0, chart.origin, "o"), (-1, chart.destination, "s")):
        axes.plot(lon[place], lat[place], marker, ms=7, mfc="white", mec=_WAY, mew=2, zorder=6)
        _write(axes, lon[place], lat[place], name, color=LINE, weight="bold")
    _write_passages(axes, compared, float(lon[0]))
    axes.legend(loc="best", fontsize=8.5, framealpha=0.9)


def _write_passages(axes: Axes, compared: engine.RouteComparison, lon0: float) -> None:
    """Write the names of the passages that the route or the track takes."""
    shown = {*compared.passages, *passages_crossed(compared.lat, compared.lon)}
    west, east = axes.get_xlim()
    for passage in passages():
        if passage.id in shown:
            lat, lon = np.array(passage.line[len(passage.line) // 2])
            (turned,) = unwrapped(np.array([lon]), lon0)
            if west <= turned <= east:
                axes.plot(turned, lat, "D", ms=4, mfc=LINE, mec="white", zorder=6)
                _write(axes, turned, lat, passage.name, color=LINE, style="italic")


def _write(axes: Axes, lon: float, lat: float, text: str, **style: Any) -> None:  # noqa: ANN401 - any of matplotlib's
    """Write beside a place, towards the middle of the chart."""
    west, east = axes.get_xlim()
    to_left = lon > west + 0.7 * (east - west)
    axes.annotate(
        text,
        (lon, lat),
        xytext=(-10 if to_left else 10, 10),
        textcoords="offset points",
        ha="right" if to_left else "left",
        fontsize=9,
        bbox=_BEHIND_TEXT,
        zorder=7,
        parse_math=False,
        **style,
    )


def _draw_slack(axes: Axes, compared: engine.RouteComparison) -> None:
    times = compared.timestamp.astype("datetime64[us]").astype(dt.datetime)
    axes.axhline(0, color=LINE, lw=0.8)
    axes.plot(times, compared.slack_nm, color=_WAY, lw=1.8)
    for leg in compared.legs:
        rows = slice(leg.first, leg.last + 1)
        axes.plot(times[rows], compared.slack_nm[rows], color=_LEG, lw=2.4)
        axes.axvspan(times[leg.first], times[leg.last], color=_LEG, alpha=0.10, lw=0)
    axes.margins(x=0.01, y=0.12)
    axes.set_ylabel("extra miles so far [nm]", fontsize=9)
    axes.set_xlabel("time [UTC]", fontsize=9)
    locator = AutoDateLocator(minticks=4, maxticks=9)  # type: ignore[no-untyped-call]  # of theirs
    axes.xaxis.set_major_locator(locator)
    concise = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]  # of theirs
    axes.xaxis.set_major_formatter(concise)
    axes.xaxis.get_offset_text().set_fontsize(8)
    axes.tick_params(labelsize=8, colors="#555555")
    axes.grid(color="#dddddd", lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.annotate(
        f"{compared.excess_nm:+,.0f} nm",
        (times[-1], _last_known(compared.slack_nm)),
        xytext=(-4, 5),
        textcoords="offset points",
        ha="right",
        fontsize=9,
        color=LINE,
    )


def _last_known(values: Floats) -> float:
    return float(values[np.isfinite(values)][-1])


def _named(identifiers: tuple[str, ...]) -> list[str]:
    name_of = {passage.id: passage.name for passage in passages()}
    return [name_of[identifier] for identifier in identifiers]
