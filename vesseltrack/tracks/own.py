"""The way of one track, whole: no calls, no voyages."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vesseltrack import schema
from vesseltrack.config.tracks import TracksConfig
from vesseltrack.errors import InputError
from vesseltrack.tracks.course import course
from vesseltrack.tracks.fleet import fleet
from vesseltrack.tracks.knowledge import SeaDistance
from vesseltrack.tracks.received import admit, received
from vesseltrack.tracks.ways import sail_ways, way_table


@dataclass(frozen=True)
class WayOfTrack:
    """How far a track went; the columns of VOYAGES of the same names, and its WAYS."""

    travelled_nm: float
    removed_nm: float
    by_sea_nm: float
    coverage_frac: float
    n_positions: int
    ways: pa.Table


def way_of_track(
    positions: pa.Table, *, config: TracksConfig, sea_distance_nm: SeaDistance
) -> WayOfTrack:
    """Return the way of one track from its first position to its last.

    Positions are cleaned as those of a voyage are: repeats and fixes that no vessel can have
    reached are left out.

    Parameters
    ----------
    positions : pyarrow.Table
        POSITIONS of one MMSI. Where it was used by several transmitters, the one heard most
        counts.
    config : TracksConfig
        Settings of the stage.
    sea_distance_nm : SeaDistance
        As for `build_tracks`.

    Raises
    ------
    InputError
        If fewer than two positions are left: that is no way.
    """
    schema.validate(positions, schema.POSITIONS)
    all_received = received(positions)
    vessels, _ = fleet(all_received, admit(all_received, config.admission), config.transmitters)
    measured = course(all_received, vessels, config)
    n_positions = np.diff(measured.offsets)
    if n_positions.max(initial=0) < 2:  # noqa: PLR2004 - a way needs two ends
        msg = f"a track needs at least two positions with a time; {positions.num_rows} given"
        raise InputError(msg)
    vessel = int(np.argmax(n_positions))
    start, end = measured.offsets[vessel : vessel + 1], measured.offsets[vessel + 1 :][:1] - 1
    way = sail_ways(measured, start, end, sea_distance_nm, config)
    return WayOfTrack(
        travelled_nm=float(way.travelled_nm[0]),
        removed_nm=float(way.removed_nm[0]),
        by_sea_nm=float(way.by_sea_nm[0]),
        coverage_frac=float(way.coverage_frac[0]),
        n_positions=int(n_positions[vessel]),
        ways=way_table(way, measured, ["track"], config),
    )
