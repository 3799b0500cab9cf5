"""The fixes as detectors read them: in time order, with what lies around each."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack import schema, sea
from vesseltrack.config.tracks import SegmentConfig
from vesseltrack.core.kinematics import SpeedDoubt, denied_speeds
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.schema import Quality
from vesseltrack.tracks.course import Course
from vesseltrack.tracks.fleet import Fleet, Strays
from vesseltrack.tracks.ports import Harbours
from vesseltrack.tracks.received import UNKNOWN_STATUS, Received
from vesseltrack.tracks.segments import Segments, instants, segment_numbers
from vesseltrack.units import E6

_S_PER_MIN: Final = 60
_PLACE_E6: Final = 100  # the grid on which distances are taken [millionths of a degree]
_PLACES_AROUND: Final = 4 * 360 * E6 // _PLACE_E6  # more than a parallel has, on either side


def fix_table(
    all_received: Received,
    fleet: Fleet,
    course: Course,
    segments: Segments,
    harbours: Harbours,
    config: SegmentConfig,
) -> pa.Table:
    """Return the FIXES table: every fix in a segment, by time and vessel.

    Repeats are among them, flagged `NEAR_REPEAT`, so that each stored position of a segment has
    its row; those whose speed the fixes around deny are flagged `BAD_SPEED`, and those that stand
    in a segment of their own `SET_ASIDE`.
    """
    quality = all_received.quality[fleet.rows].copy()
    quality[fleet.is_repeat] |= int(Quality.NEAR_REPEAT)
    quality[fleet.is_aside] |= int(Quality.SET_ASIDE)
    denied = _denied(all_received, fleet, course, config)
    quality[course.place[denied]] |= int(Quality.BAD_SPEED)

    keys = fleet.keys[fleet.vessel]
    segment = segment_numbers(course, segments)[segments.of_fix]
    return fixes_of(all_received, fleet.rows, keys, quality, segment, harbours)


def fixes_of(
    all_received: Received,
    rows: Ints,
    keys: Ints,
    quality: npt.NDArray[np.int32],
    segment: Ints,
    harbours: Harbours,
) -> pa.Table:
    """Return positions as FIXES, in key order.

    Parameters
    ----------
    all_received : Received
        The positions.
    rows : (n,)
        Those of vessels, by vessel and time.
    keys, quality, segment : (n,)
        Vessel key, bit flags and number of the segment of each.
    harbours : Harbours
        The ports and anchorages to measure the distance of.
    """
    # Nothing changes between equal rows of one vessel, and the sort is stable.
    order = np.lexsort((keys, all_received.t_us[rows]))
    rows = rows[order]
    nav_status = all_received.nav_status[rows]
    return schema.FIXES.of(
        {
            "vessel_key": keys[order],
            "timestamp": instants(all_received.t_us[rows]),
            "lat": all_received.lat[rows],
            "lon": all_received.lon[rows],
            "sog_kn": all_received.sog_kn[rows],
            "cog_deg": all_received.cog_deg[rows],
            "heading_deg": all_received.heading_deg[rows],
            "nav_status": pa.array(nav_status, mask=nav_status == UNKNOWN_STATUS),
            "cell": all_received.cell[rows],
            "quality": quality[order],
            "segment": segment[order],
            **_surroundings(all_received, rows, harbours),
        }
    )


def stray_table(all_received: Received, strays: Strays) -> pa.Table:
    """Return the STRAYS table, in key order."""
    return strays_of(all_received, strays.rows, strays.keys)


def strays_of(all_received: Received, rows: Ints, keys: Ints) -> pa.Table:
    """Return positions and the vessels that they were heard as, both (n,), as STRAYS."""
    order = np.lexsort((keys, all_received.t_us[rows]))
    rows = rows[order]
    return schema.STRAYS.of(
        {
            "vessel_key": keys[order],
            "timestamp": instants(all_received.t_us[rows]),
            "lat": all_received.lat[rows],
            "lon": all_received.lon[rows],
        }
    )


def _surroundings(
    all_received: Received, rows: Ints, harbours: Harbours
) -> dict[str, npt.NDArray[np.float32]]:
    """Return the distances to shore, port and anchorage at fixes [m].

    Taken at places rounded to 0.0001 degree, which moves none by more than 8 m: the distances are
    no more exact, and a vessel that lies still asks once.
    """
    north, east = (
        (column[rows] + _PLACE_E6 // 2) // _PLACE_E6
        for column in (all_received.lat_e6, all_received.lon_e6)
    )
    places, place = np.unique(north * _PLACES_AROUND + east, return_inverse=True)
    # Eastward numbers are negative in the west: take them back to where the product is.
    north = (places + _PLACES_AROUND // 2) // _PLACES_AROUND
    lat = np.clip(north * (_PLACE_E6 / E6), -90.0, 90.0)
    lon = (places - north * _PLACES_AROUND) * (_PLACE_E6 / E6)
    port_m, anchorage_m = harbours.around_m(lat, lon)
    distances = {
        "shore_m": sea.shore_distance_m(lat, lon),
        "port_m": port_m,
        "anchorage_m": anchorage_m,
    }
    return {name: value.astype(np.float32)[place] for name, value in distances.items()}


def _denied(all_received: Received, fleet: Fleet, course: Course, config: SegmentConfig) -> Bools:
    doubt = speed_doubt(config)
    sog_kn = all_received.sog_kn[fleet.rows[course.place]].astype(np.float64)
    return denied_speeds(sog_kn, course.t_us, course.lat, course.lon, course.is_first, doubt)


def speed_doubt(config: SegmentConfig) -> SpeedDoubt:
    """Return when positions deny a speed, as the settings say."""
    return SpeedDoubt(
        margin_kn=config.speed_margin_kn,
        max_dt_s=config.speed_max_dt_min * _S_PER_MIN,
        noise_m=config.speed_noise_m,
    )
