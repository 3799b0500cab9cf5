"""The stage as a whole: positions and static reports to vessels, segments, calls and voyages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from vesseltrack import schema
from vesseltrack.config.tracks import DEFAULT, GFW, TracksConfig
from vesseltrack.core.runs import Bools
from vesseltrack.core.ship_class import ShipClass, ship_class
from vesseltrack.tracks.anchorages import version_of
from vesseltrack.tracks.calls import find_port_calls, port_call_table
from vesseltrack.tracks.calls_gfw import Heard, find_port_calls_as_gfw, without_anchorage
from vesseltrack.tracks.course import course
from vesseltrack.tracks.fixes import fix_table, stray_table
from vesseltrack.tracks.fleet import Fleet, Strays, fleet, reach_of
from vesseltrack.tracks.fleet_gfw import admit_as_gfw, fleet_as_gfw
from vesseltrack.tracks.knowledge import Declared, Knowledge, SeaDistance
from vesseltrack.tracks.ports import harbours_for
from vesseltrack.tracks.received import Received, admit, received
from vesseltrack.tracks.segments import cut_segments, segment_table, segments_as_told
from vesseltrack.tracks.statics import Report, reports_by_vessel, said_table, settled
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
    said: pa.Table
    strays: pa.Table
    bare_ports: tuple[str, ...]  # called at, but a preset knows no anchorage point near
    discarded: dict[str, int]  # reason -> positions; with those of the segments all there are


def build_tracks(  # noqa: PLR0913 - two tables, and what they are judged by
    positions: pa.Table,
    statics: pa.Table,
    *,
    config: TracksConfig,
    sea_distance_nm: SeaDistance,
    anchorages: pa.Table | None = None,
    known_until_us: int | None = None,
    rough_distance_nm: SeaDistance | None = None,
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
    anchorages : pyarrow.Table, optional
        ANCHORAGES found in the data, see `find_anchorages`; every port call keeps their version.
    known_until_us : int, optional
        Until when a silence is one [us]: the last fix of all vessels (`last_measured_us`) where
        those given are a part of them.
    rough_distance_nm : SeaDistance, optional
        What `sea_distance_nm` gives, some per cent too far and in a fraction of the time, or NaN.
        It changes no result: what it leaves open is asked of the other.

    Raises
    ------
    SchemaError
        If a column is missing or of another type.
    """
    _check(positions)
    schema.validate(statics, schema.STATICS)
    all_received = received(positions)
    all_vessels, strays, discarded = _fleet(all_received, config)
    whole = course(all_received, all_vessels, config, without_aside=False)
    segments = (
        cut_segments(all_vessels, whole, config.segments)
        if config.presets.segments == DEFAULT
        else segments_as_told(all_vessels, whole)
    )
    measured = course(all_received, all_vessels, config) if all_vessels.is_aside.any() else whole
    reports = reports_by_vessel(statics, all_received, all_vessels)
    harbours = harbours_for(config.port_calls, anchorages)
    knowledge = Knowledge(harbours, Declared(reports), sea_distance_nm, rough_distance_nm)
    is_fishing = _is_fishing(reports, all_vessels.keys.size)
    calls, stays = find_port_calls(measured, is_fishing, knowledge, config)
    bare_ports: tuple[str, ...] = ()
    if config.presets.port_calls == GFW:
        sog_kn = all_received.sog_kn[all_vessels.rows[measured.place]].astype(np.float64)
        of_fix = segments.of_fix[measured.place]
        area_km = config.port_calls_gfw.area_km
        bare_ports = without_anchorage(calls, measured, knowledge.harbours, area_km)
        if known_until_us is None:
            known_until_us = int(measured.t_us.max(initial=0))
        heard = Heard(sog_kn, of_fix, known_until_us)
        calls = find_port_calls_as_gfw(measured, heard, knowledge, config)
    if anchorages is not None and anchorages.num_rows:
        version = {"anchorages": {"value": version_of(anchorages)}}
        calls = [replace(call, measures={**call.measures, **version}) for call in calls]
    found = find_voyages(measured, calls, stays, knowledge, config)
    voyages, ways = voyage_tables(measured, found, knowledge, config)
    return Tracks(
        vessels=vessel_table(all_received, all_vessels, whole, reports),
        segments=segment_table(
            all_received, all_vessels, whole, segments, config.sailed.tolerance_m
        ),
        port_calls=port_call_table(measured, calls, knowledge.harbours),
        voyages=voyages,
        ways=ways,
        fixes=fix_table(
            all_received, all_vessels, whole, segments, knowledge.harbours, config.segments
        ),
        bare_ports=bare_ports,
        said=said_table(reports, all_vessels.keys),
        strays=stray_table(all_received, strays),
        discarded=discarded,
    )


def last_measured_us(positions: pa.Table, config: TracksConfig) -> int:
    """Return the time of the last fix that `build_tracks` measures [us]; 0 without any."""
    _check(positions)
    all_received = received(positions)
    all_vessels, _, _ = _fleet(all_received, config)
    return int(course(all_received, all_vessels, config).t_us.max(initial=0))


def vessels_of(positions: pa.Table, config: TracksConfig) -> pa.Table:
    """Return which vessel sent each position, in stored order.

    Positions of senders that are no vessels and stray ones are left out.

    Parameters
    ----------
    positions : pyarrow.Table
        Columns of POSITIONS.
    config : TracksConfig
        Settings of the stage.

    Returns
    -------
    told : pyarrow.Table
        `vessel_key` (see `core.identity`), `source_id` and `line`.
    """
    _check(positions)
    all_received = received(positions)
    vessels, _, _ = _fleet(all_received, config)
    return pa.table(
        {
            "vessel_key": vessels.keys[vessels.vessel],
            "source_id": all_received.source_id[vessels.rows],
            "line": all_received.line[vessels.rows],
        }
    )


def notes_on(bare_ports: Iterable[str], config: TracksConfig) -> tuple[str, ...]:
    """Return what a preset could not be asked, in words."""
    names = ", ".join(sorted(set(bare_ports)))
    area_km = config.port_calls_gfw.area_km
    return (f"no anchorage point within {area_km:g} km of {names}",) if names else ()


def _check(positions: pa.Table) -> None:
    # The store adds columns of its own to positions, which are none of ours.
    known = [name for name in positions.column_names if name in schema.POSITIONS.names]
    schema.validate(positions.select(known), schema.POSITIONS)


def _fleet(all_received: Received, config: TracksConfig) -> tuple[Fleet, Strays, dict[str, int]]:
    """Return the vessels as the preset tells them apart, and what took no part and why."""
    if config.presets.segments == GFW:
        admitted = admit_as_gfw(all_received, config.segments_gfw)
        reach = reach_of(config.transmitters)
        return (
            fleet_as_gfw(all_received, admitted, config.segments_gfw, reach),
            Strays.none(),  # that preset leaves no fix out for its place
            admitted.discarded,
        )
    admitted = admit(all_received, config.admission)
    found, strays = fleet(all_received, admitted, config.transmitters)
    return found, strays, admitted.discarded | ({"spike": strays.n} if strays.n else {})


def _is_fishing(reports: Mapping[int, Sequence[Report]], n_vessels: int) -> Bools:
    codes = [
        settled(report.ship_type for report in reports.get(number, ()))
        for number in range(n_vessels)
    ]
    return np.array(
        [code is not None and ship_class(code) is ShipClass.FISHING for code in codes],
        dtype=np.bool_,
    )
