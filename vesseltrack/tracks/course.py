"""The fixes that are measured: vessel after vessel, one an instant, without repeats."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from vesseltrack.config.tracks import TracksConfig
from vesseltrack.core.geodesy import Floats
from vesseltrack.core.kinematics import impossible_steps
from vesseltrack.core.runs import Bools, Ints, block_of_row, ranges
from vesseltrack.core.sailed import Sleeve, sail, sailed_by_track_mm
from vesseltrack.tracks.fleet import Fleet, reach_of
from vesseltrack.tracks.received import Received


@dataclass(frozen=True)
class Course:
    """Columns of the measured fixes of all vessels; vessel i is `offsets[i]:offsets[i + 1]`."""

    keys: Ints  # (n_vessels,)
    offsets: Ints  # (n_vessels + 1,)
    place: Ints  # among the fleet's fixes
    t_us: Ints
    lat_e6: Ints
    lon_e6: Ints
    lat: Floats
    lon: Floats
    xyz: Floats
    cell_m: Floats
    sog_kn: Floats  # as reported; NaN where unknown
    cog_deg: Floats
    is_first: Bools  # of its vessel
    is_jump: Bools  # cannot have been reached from the fix before

    @property
    def n(self) -> int:
        """How many fixes there are."""
        return self.t_us.size

    @property
    def vessel(self) -> Ints:
        """The number of each fix's vessel, shape (n,)."""
        return block_of_row(self.offsets)

    def vessel_of(self, row: int) -> int:
        """Return the number of one fix's vessel."""
        return int(np.searchsorted(self.offsets, row, side="right")) - 1

    def sailed_mm(self, start: Ints, stop: Ints, tolerance_m: float) -> Ints:
        """Return the way sailed along each of the half-open ranges of fixes [mm]."""
        return sailed_by_track_mm(*self._tracks(start, stop, tolerance_m))

    def sailed_along_mm(self, start: Ints, stop: Ints, tolerance_m: float) -> Ints:
        """Return the way sailed up to each fix of half-open ranges, range after range [mm]."""
        xyz, tolerance, offsets = self._tracks(start, stop, tolerance_m)
        return sail(Sleeve.fresh(start.size), xyz, tolerance, offsets)

    def _tracks(self, start: Ints, stop: Ints, tolerance_m: float) -> tuple[Floats, Floats, Ints]:
        rows = ranges(start, stop)
        offsets = np.concatenate(([0], np.cumsum(stop - start))).astype(np.int64)
        return self.xyz[rows], np.maximum(self.cell_m[rows], tolerance_m), offsets

    def in_order(self, order: Ints) -> "Course":
        """Return the fixes in another order, each still among those of its vessel."""
        own = {
            field.name: getattr(self, field.name)[order]
            for field in dataclasses.fields(self)
            if field.name not in {"keys", "offsets"}
        }
        return dataclasses.replace(self, **own)


def course(
    all_received: Received, fleet: Fleet, config: TracksConfig, *, without_aside: bool = True
) -> Course:
    """Return the fixes of a fleet that are measured.

    Fixes set aside are among them when asked for: they have segments of their own. A vessel that
    has no others is then measured by them.
    """
    is_measured = ~fleet.is_repeat
    if without_aside:
        measurable = is_measured & ~fleet.is_aside
        n_measurable = np.bincount(fleet.vessel[measurable], minlength=fleet.keys.size)
        is_measured = np.where(n_measurable[fleet.vessel] > 0, measurable, is_measured)
    place = np.flatnonzero(is_measured)
    offsets = np.searchsorted(place, fleet.offsets).astype(np.int64)
    rows = fleet.rows[place]
    is_first = np.zeros(place.size, dtype=np.bool_)
    # A vessel's first fix is never a repeat, so none is without measured fixes.
    is_first[offsets[:-1]] = True
    t_us, xyz, cell_m = all_received.t_us[rows], all_received.xyz[rows], all_received.cell_m[rows]
    return Course(
        keys=fleet.keys,
        offsets=offsets,
        place=place,
        t_us=t_us,
        lat_e6=all_received.lat_e6[rows],
        lon_e6=all_received.lon_e6[rows],
        lat=all_received.lat[rows],
        lon=all_received.lon[rows],
        xyz=xyz,
        cell_m=cell_m,
        sog_kn=all_received.sog_kn[rows].astype(np.float64),
        cog_deg=all_received.cog_deg[rows].astype(np.float64),
        is_first=is_first,
        is_jump=impossible_steps(t_us, xyz, cell_m, is_first, reach_of(config.transmitters)),
    )
