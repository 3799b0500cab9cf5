"""What every chart has: the shipped land, a frame in true proportion, and a file to go to."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from vesseltrack.errors import InputError
from vesseltrack.sea import land_polygons

Floats = npt.NDArray[np.float64]

_SUFFIXES: Final = (".png", ".svg", ".pdf")
_MARGIN_FRAC: Final = 0.08
_MIN_SPAN_DEG: Final = 0.2
_MIN_COS: Final = 0.1  # near the poles a degree of longitude is no length any more
_POLE_DEG: Final = 90.0
_TURN_DEG: Final = 360.0
SEA, LAND, COAST, LINE = "#eef4f8", "#d9d6cd", "#a39f92", "#333333"


def check_ending(output: Path) -> None:
    """Refuse a file that is no picture.

    Raises
    ------
    InputError
        If it does not end as one.
    """
    if output.suffix not in _SUFFIXES:
        msg = f"{output.name}: a plot must end in {', '.join(_SUFFIXES)}"
        raise InputError(msg)


def save(figure: Figure, output: Path) -> None:
    """Write a figure.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    try:
        with mpl.rc_context({"font.family": "DejaVu Sans"}):
            figure.savefig(output)
    except OSError as error:
        msg = f"cannot write {output}: {error.strerror}"
        raise InputError(msg) from error


def unwrapped(lon: Floats, first_deg: float) -> Floats:
    """Return longitudes that go on beyond 180 degrees, on the side of a first one [deg]."""
    return np.asarray(np.unwrap(np.concatenate([[first_deg], lon]), period=_TURN_DEG)[1:])


def frame(axes: Axes, lat: Floats, lon: Floats, shape: float) -> None:
    """Set the limits so that all is seen and a degree is as long as it is at that latitude.

    Parameters
    ----------
    axes : Axes
        The chart.
    lat, lon : (n,)
        What is to be seen, longitudes unwrapped [deg].
    shape : float
        Width of the chart over its height.
    """
    middle_lat, middle_lon = (float(v.min() + v.max()) / 2 for v in (lat, lon))
    stretch = 1 / max(np.cos(np.radians(middle_lat)), _MIN_COS)
    height = max(float(np.ptp(lat)), float(np.ptp(lon)) / stretch / shape, _MIN_SPAN_DEG)
    half_height = height * (0.5 + _MARGIN_FRAC)
    half_width = half_height * stretch * shape
    axes.set_xlim(middle_lon - half_width, middle_lon + half_width)
    axes.set_ylim(middle_lat - half_height, middle_lat + half_height)
    axes.set_aspect(stretch)
    axes.set_facecolor(SEA)
    for axis, sides in ((axes.xaxis, "EW"), (axes.yaxis, "NS")):
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(FuncFormatter(_degrees(sides)))
    axes.grid(color="white", lw=0.6, zorder=0)
    axes.tick_params(length=0, labelsize=8, colors="#555555")
    axes.spines[:].set_color(COAST)


def _degrees(sides: str) -> Callable[[float, int | None], str]:
    def text(value: float, _place: int | None = None) -> str:
        if sides == "EW":  # beyond the date line the names go on on the other side
            value = (value + _TURN_DEG / 2) % _TURN_DEG - _TURN_DEG / 2
        side = "" if value == 0 else sides[0] if value > 0 else sides[1]
        return f"{abs(value):.4g}°{side}"

    return text


def draw_land(axes: Axes) -> None:
    """Draw the shipped land that lies within the limits, on either side of the date line."""
    west, east = axes.get_xlim()
    for polygon in land_polygons():
        shore_west, _, shore_east, _ = polygon.bounds
        for turn_deg in (-_TURN_DEG, 0.0, _TURN_DEG):
            if shore_east + turn_deg >= west and shore_west + turn_deg <= east:
                lon, lat = np.asarray(polygon.exterior.coords).T
                axes.fill(lon + turn_deg, lat, fc=LAND, ec=COAST, lw=0.5, zorder=1)
