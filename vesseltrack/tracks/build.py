"""The stage as a whole: positions and static reports to vessels, segments, calls and voyages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vesseltrack import schema
from vesseltrack.config.tracks import TracksConfig
from vesseltrack.core.runs import Bools
from vesseltrack.core.ship_class import ShipClass, ship_class
from vesseltrack.tracks.calls import find_port_calls, port_call_table
from vesseltrack.tracks.course import course
from vesseltrack.tracks.fixes import fix_table
from vesseltrack.tracks.fleet import fleet
from vesseltrack.tracks.knowledge import Declared, Knowledge, SeaDistance
from vesseltrack.tracks.ports import harbours_for
from vesseltrack.tracks.received import admit, received
from vesseltrack.tracks.segments import cut_segments, segment_table
from vesseltrack.tracks.statics import Report, reports_by_vessel, settled
from vesseltrack.tracks.vessels import vessel_table
from vesseltrack.tracks.voyages import find_voyages, voyage_tables


@dataclass(frozen=True)
class Tracks:
    """What tracks makes of the stored positions, each table in key order."""

    vessels: pa.Table
    segments: pa.Table
    port_calls: pa.Table
    voyages: pa.Table  # what compares them with a route is null
    ways: pa.Table  # the points of their ways
    fixes: pa.Table
    discarded: dict[str, int]  # reason -> positions; with those of the segments all there are


def build_tracks(
    positions: pa.Table,
    statics: pa.Table,
    *,
    config: TracksConfig,
    sea_distance_nm: SeaDistance,
) -> Tracks:
    """Return vessels, segments, port calls, voyages and fixes.

    The order of the rows given changes nothing, nor do turns of their longitudes. Positions
    without a time, of senders that are no vessels, exact repeats and stray fixes are discarded;
    every other one is in exactly one segment.

    Parameters
    ----------
    positions : pyarrow.Table
        Columns of POSITIONS; fastest when sorted by MMSI and time.
    statics : pyarrow.Table
        STATICS.
    config : TracksConfig
        Settings of the stage.
    sea_distance_nm : SeaDistance
        Shortest distances by sea between pairs of points [nm], NaN where there is none.

    Raises
    ------
    SchemaError
        If a column is missing or of another type.
    """
    # The store adds columns of its own to positions, which are none of ours.
    known = [name for name in positions.column_names if name in schema.POSITIONS.names]
    schema.validate(positions.select(known), schema.POSITIONS)
    schema.validate(statics, schema.STATICS)
    all_received = received(positions)
    admitted = admit(all_received, config.admission)
    all_vessels, stray = fleet(all_received, admitted, config.transmitters)
    measured = course(all_received, all_vessels, config)
    segments = cut_segments(all_vessels, measured, config.segments)
    reports = reports_by_vessel(statics, all_received, all_vessels)
    knowledge = Knowledge(harbours_for(config.port_calls), Declared(reports), sea_distance_nm)
    is_fishing = _is_fishing(reports, all_vessels.keys.size)
    calls, stays = find_port_calls(measured, is_fishing, knowledge, config)
    found = find_voyages(measured, calls, stays, knowledge, config)
    voyages, ways = voyage_tables(measured, found, knowledge, config)
    return Tracks(
        vessels=vessel_table(all_received, all_vessels, measured, reports),
        segments=segment_table(
            all_received, all_vessels, measured, segments, config.sailed.tolerance_m
        ),
        port_calls=port_call_table(measured, calls, knowledge.harbours),
        voyages=voyages,
        ways=ways,
        fixes=fix_table(
            all_received, all_vessels, measured, segments, knowledge.harbours, config.segments
        ),
        discarded=admitted.discarded | stray,
    )


def _is_fishing(reports: Mapping[int, Sequence[Report]], n_vessels: int) -> Bools:
    codes = [
        settled(report.ship_type for report in reports.get(number, ()))
        for number in range(n_vessels)
    ]
    return np.array(
        [code is not None and ship_class(code) is ShipClass.FISHING for code in codes],
        dtype=np.bool_,
    )
