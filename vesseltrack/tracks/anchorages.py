"""Anchorages found in the data themselves: cells in which many vessels stayed for long."""

import numpy as np
import pyarrow as pa

from vesseltrack import schema
from vesseltrack.config.tracks import TracksConfig
from vesseltrack.core.geodesy import Floats
from vesseltrack.core.identity import content_id
from vesseltrack.core.runs import Ints, ranges
from vesseltrack.core.stays import find_stays
from vesseltrack.hexgrid import cell_text, cells_of
from vesseltrack.tracks.course import Course, course
from vesseltrack.tracks.fleet import fleet
from vesseltrack.tracks.received import admit, received
from vesseltrack.tracks.segments import instants
from vesseltrack.units import h_to_us


def find_anchorages(positions: pa.Table, config: TracksConfig) -> pa.Table:
    """Return the ANCHORAGES that stored positions show, in key order.

    Parameters
    ----------
    positions : pyarrow.Table
        Columns of POSITIONS, of closed days: what comes later must not change the table that a
        run used.
    config : TracksConfig
        Settings of the stage.

    Returns
    -------
    anchorages : pyarrow.Table
        One row a cell in which enough different vessels stayed, at the mean place of their stays.
    """
    all_received = received(positions)
    admitted = admit(all_received, config.admission)
    all_vessels, _ = fleet(all_received, admitted, config.transmitters)
    measured = course(all_received, all_vessels, config)
    rule = config.anchorages
    start, stop = find_stays(
        measured.t_us,
        measured.xyz,
        measured.offsets,
        radius_m=rule.stay_radius_m,
        min_us=h_to_us(rule.min_stay_h),
    )
    lat, lon = _mean_places(measured, start, stop)
    cell = cells_of(lat, lon, rule.cell_resolution)
    cells, of_stay = np.unique(cell, return_inverse=True)
    vessel = measured.vessel[start] if start.size else start
    pairs = np.unique(np.stack((of_stay, vessel)), axis=1)
    n_vessels = np.bincount(pairs[0], minlength=cells.size)
    n_stays = np.bincount(of_stay, minlength=cells.size)
    rows = np.flatnonzero(n_vessels >= rule.min_vessels)
    first_us, last_us = _spans(measured, start, stop, of_stay, cells.size)
    places = [_mean_place(lat[of_stay == row], lon[of_stay == row]) for row in rows]
    table = schema.ANCHORAGES.of(
        {
            "anchorage_id": [cell_text(int(cells[row])) for row in rows],
            "lat": [place[0] for place in places],
            "lon": [place[1] for place in places],
            "n_vessels": n_vessels[rows],
            "n_stays": n_stays[rows],
            "first_seen": instants(first_us[rows]),
            "last_seen": instants(last_us[rows]),
        }
    )
    return table.sort_by([(name, "ascending") for name in schema.ANCHORAGES.key])


def version_of(anchorages: pa.Table) -> str:
    """Return a text that is another whenever the places of the table are."""
    rows = anchorages.select(["anchorage_id", "lat", "lon"]).to_pylist()
    return content_id("anchorages", *(str(value) for row in rows for value in row.values()))


def _mean_places(measured: Course, start: Ints, stop: Ints) -> tuple[Floats, Floats]:
    """Return the mean place of each stay [deg]."""
    if start.size == 0:
        return np.zeros(0), np.zeros(0)
    rows = ranges(start, stop)
    offsets = np.concatenate(([0], np.cumsum(stop - start))).astype(np.int64)
    total = np.add.reduceat(measured.xyz[rows], offsets[:-1], axis=0)
    return _lat_lon(total)


def _mean_place(lat: Floats, lon: Floats) -> tuple[float, float]:
    """Return the mean of places within a cell, west of the date line or east of it [deg]."""
    turn = (lon - lon[0] + 180) % 360 - 180
    return float(lat.mean()), float((lon[0] + turn.mean() + 180) % 360 - 180)


def _lat_lon(xyz: Floats) -> tuple[Floats, Floats]:
    lat = np.degrees(np.arctan2(xyz[:, 2], np.hypot(xyz[:, 0], xyz[:, 1])))
    return lat, np.degrees(np.arctan2(xyz[:, 1], xyz[:, 0]))


def _spans(
    measured: Course, start: Ints, stop: Ints, of_stay: Ints, n_cells: int
) -> tuple[Ints, Ints]:
    """Return when the first stay in each cell began and the last one ended [us]."""
    limits = np.iinfo(np.int64)
    first_us, last_us = np.full(n_cells, limits.max), np.full(n_cells, limits.min)
    np.minimum.at(first_us, of_stay, measured.t_us[start])
    np.maximum.at(last_us, of_stay, measured.t_us[stop - 1])
    return first_us, last_us
