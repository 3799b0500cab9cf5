"""The distance sailed: the length of a one-pass sleeve through the fixes of many tracks at once.

A plain sum of steps counts jitter at anchor and the rounding of the fixes as miles. A sleeve does
not: from an *anchor* fix it looks along a cone that is narrowed by each fix to those directions
that pass it within the tolerance. While fixes stay in the cone, only the straight way from the
anchor to the last of them counts. A fix outside the cone makes the last one before it a *vertex*,
the next anchor; a fix that has turned back makes the farthest one a vertex.

The rule looks at one fix after the other, so it is a fold: `Sleeve` is its state and `sail` its
step, and any cutting of a track gives the same lengths to the millimetre. Each step does a block
of fixes of all tracks together: within a block everything but the anchor is a running maximum, so
the first vertex of each track is found without a loop over fixes, and the track goes on from it.
"""

from dataclasses import dataclass, fields
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import m_of_chord
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.units import METRES_PER_NM

Floats = npt.NDArray[np.float64]
Number = TypeVar("Number", Floats, Ints)

MM_PER_M: Final = 1_000
MM_PER_NM: Final = METRES_PER_NM * MM_PER_M
_MIN_BLOCK: Final = 4
_MAX_BLOCK: Final = 256
_TWO_PI: Final = 2 * np.pi


class _Fixes(NamedTuple):
    xyz: Floats
    tolerance_m: Floats


@dataclass
class Sleeve:
    """The unfinished sleeve of each of n tracks: everything the rule remembers.

    `Sleeve.fresh(n)` has seen nothing. Arrays of one entry a track; directions in radians east of
    north at the anchor, those of the cone relative to `heading`.
    """

    n_fixes: Ints  # fixes seen; 0 means no anchor yet
    committed_mm: Ints  # way up to the anchor
    anchor: Floats  # (n, 3) unit vector
    anchor_tolerance_m: Floats
    last: Floats  # (n, 3) the fix seen last
    last_mm: Ints  # its distance from the anchor
    last_tolerance_m: Floats
    far: Floats  # (n, 3) the fix farthest from the anchor
    far_mm: Ints
    far_tolerance_m: Floats
    heading: Floats  # direction of the first fix outside the anchor's circle; NaN: none yet
    cone_low: Floats
    cone_high: Floats

    @classmethod
    def fresh(cls, n_tracks: int) -> "Sleeve":
        """Return the state of tracks that have seen no fix."""
        return cls(
            n_fixes=np.zeros(n_tracks, np.int64),
            committed_mm=np.zeros(n_tracks, np.int64),
            anchor=np.zeros((n_tracks, 3)),
            anchor_tolerance_m=np.zeros(n_tracks),
            last=np.zeros((n_tracks, 3)),
            last_mm=np.zeros(n_tracks, np.int64),
            last_tolerance_m=np.zeros(n_tracks),
            far=np.zeros((n_tracks, 3)),
            far_mm=np.zeros(n_tracks, np.int64),
            far_tolerance_m=np.zeros(n_tracks),
            heading=np.full(n_tracks, np.nan),
            cone_low=np.full(n_tracks, -np.inf),
            cone_high=np.full(n_tracks, np.inf),
        )

    @property
    def sailed_mm(self) -> Ints:
        """The way sailed by each track up to its last fix [mm]."""
        return self.committed_mm + self.last_mm

    def copy(self) -> "Sleeve":
        """Return an independent copy: a snapshot to go on from later."""
        return Sleeve(*(getattr(self, field.name).copy() for field in fields(self)))


def sail(sleeve: Sleeve, xyz: Floats, tolerance_m: Floats, offsets: Ints) -> Ints:
    """Sail all tracks along their next fixes.

    Parameters
    ----------
    sleeve : Sleeve
        State of n tracks; it is changed.
    xyz : (n_fixes, 3)
        Unit vectors of the next fixes, track after track, each in time order with one fix an
        instant.
    tolerance_m : (n_fixes,)
        Half width of the sleeve at each fix, positive [m].
    offsets : (n + 1,)
        Fixes of track i are `offsets[i]:offsets[i + 1]`; none is allowed.

    Returns
    -------
    sailed_mm : (n_fixes,)
        Way sailed by its track up to each fix, from the track's very first one [mm]; exact sums,
        the same for any cutting of the tracks into calls.
    """
    fixes = _Fixes(xyz, tolerance_m)
    sailed_mm = np.zeros(len(xyz), np.int64)
    position = offsets[:-1].astype(np.int64)
    stop = offsets[1:]
    open_tracks = np.flatnonzero(position < stop)
    _anchor_new_tracks(sleeve, fixes, position, open_tracks)
    block = _MIN_BLOCK
    while open_tracks.size:
        rows = position[open_tracks, None] + np.arange(block)
        is_fix = rows < stop[open_tracks, None]
        rows = np.where(is_fix, rows, position[open_tracks, None])
        view = _seen_from_anchor(sleeve, open_tracks, xyz[rows], tolerance_m[rows])
        n_taken, turned = _first_vertex(view, is_fix)
        _write_sailed(sailed_mm, sleeve, open_tracks, view, rows, n_taken)
        _take(sleeve, open_tracks, view, fixes, position, n_taken)
        at_vertex = n_taken < is_fix.sum(axis=1)
        _commit(sleeve, open_tracks[at_vertex], turned[at_vertex])
        position[open_tracks] += n_taken
        block = _next_block(float(n_taken.mean()))
        open_tracks = open_tracks[position[open_tracks] < stop[open_tracks]]
    sleeve.n_fixes += np.diff(offsets)
    return sailed_mm


def sailed_by_track_mm(xyz: Floats, tolerance_m: Floats, offsets: Ints) -> Ints:
    """Return the whole way sailed by each of many finished tracks [mm], shape (n_tracks,).

    See `sail` for the arguments; a track of one fix or none has sailed 0.
    """
    sleeve = Sleeve.fresh(offsets.size - 1)
    sail(sleeve, xyz, tolerance_m, offsets)
    return sleeve.sailed_mm


def _next_block(mean_taken: float) -> int:
    """Return how many fixes to look at: about twice as many as were taken last time.

    The size changes the work, never the result.
    """
    return int(min(max(2 * mean_taken, _MIN_BLOCK), _MAX_BLOCK))


def _anchor_new_tracks(sleeve: Sleeve, fixes: _Fixes, position: Ints, tracks: Ints) -> None:
    new = tracks[sleeve.n_fixes[tracks] == 0]
    first = position[new]
    for place in (sleeve.anchor, sleeve.last, sleeve.far):
        place[new] = fixes.xyz[first]
    for tolerance in (sleeve.anchor_tolerance_m, sleeve.last_tolerance_m, sleeve.far_tolerance_m):
        tolerance[new] = fixes.tolerance_m[first]


@dataclass(frozen=True)
class _View:
    """A block of fixes of m tracks as seen from each track's anchor; arrays of (m, block)."""

    distance_mm: Ints
    is_back: Bools  # has turned back by more than the tolerance
    is_outside: Bools  # outside the cone
    heading: Floats  # (m,) the direction that the cone is relative to
    cone_low: Floats  # the cone after each fix, were all taken up to it
    cone_high: Floats


def _seen_from_anchor(sleeve: Sleeve, tracks: Ints, xyz: Floats, tolerance_m: Floats) -> _View:
    distance_mm, direction = _polar(sleeve.anchor[tracks], xyz)
    distance_m = distance_mm / MM_PER_M
    tolerance_m = np.maximum(tolerance_m, sleeve.anchor_tolerance_m[tracks, None])
    far_m = _before(sleeve.far_mm[tracks], distance_mm, np.maximum) / MM_PER_M
    is_inside = (distance_m <= tolerance_m) & (far_m <= tolerance_m)
    is_back = ~is_inside & (distance_m < far_m - tolerance_m)

    narrows = distance_m > tolerance_m
    heading = _cone_heading(sleeve.heading[tracks], direction, narrows)
    off = (direction - heading[:, None] + np.pi) % _TWO_PI - np.pi
    with np.errstate(divide="ignore", invalid="ignore"):  # distance 0 is masked
        half_width = np.arcsin(np.minimum(1.0, tolerance_m / distance_m))
    low = np.where(narrows, off - half_width, -np.inf)
    high = np.where(narrows, off + half_width, np.inf)
    low_before = _before(sleeve.cone_low[tracks], low, np.maximum)
    high_before = _before(sleeve.cone_high[tracks], high, np.minimum)
    # Before the first narrowing fix the cone is the whole circle and nothing lies outside.
    is_outside = ~is_inside & ~is_back & ((off < low_before) | (off > high_before))
    return _View(
        distance_mm,
        is_back,
        is_outside,
        heading,
        np.maximum(low_before, low),
        np.minimum(high_before, high),
    )


def _polar(anchor: Floats, xyz: Floats) -> tuple[Ints, Floats]:
    """Return distance [mm] and direction [rad] of points (m, block, 3) from anchors (m, 3).

    Distances are whole from here on: what is carried over a cut is what was compared before it.

    Products and sums are written out: their order must not depend on the shape of the block.
    """
    ax, ay, az = (anchor[:, None, k] for k in range(3))
    x, y, z = xyz[..., 0], xyz[..., 1], xyz[..., 2]
    dx, dy, dz = x - ax, y - ay, z - az
    chord = np.sqrt(dx * dx + dy * dy + dz * dz)
    # East is (-ay, ax, 0) and north (-ax az, -ay az, ax^2 + ay^2), both as long as cos(latitude).
    east = dy * ax - dx * ay
    north = (ax * ax + ay * ay) * dz - (dx * ax + dy * ay) * az
    distance_mm = np.rint(m_of_chord(chord) * MM_PER_M).astype(np.int64)
    return distance_mm, np.arctan2(east, north)


def _before(start: Number, values: Number, running: np.ufunc) -> Number:
    """Return the running extreme over `start` and all values before each one, shape (m, block)."""
    shifted = np.concatenate((start[:, None], values[:, :-1]), axis=1)
    extreme: Number = running.accumulate(shifted, axis=1)
    return extreme


def _cone_heading(known: Floats, direction: Floats, narrows: Bools) -> Floats:
    """Return the direction each cone is relative to: known, or that of the first fix in it."""
    first = np.argmax(narrows, axis=1)
    return np.where(np.isnan(known), direction[np.arange(known.size), first], known)


def _first_vertex(view: _View, is_fix: Bools) -> tuple[Ints, Bools]:
    """Return how many fixes each track takes before a vertex, and whether that is a turn back."""
    breaks = (view.is_back | view.is_outside) & is_fix
    first = np.argmax(breaks, axis=1)
    rows = np.arange(first.size)
    has_break = breaks[rows, first]
    return np.where(has_break, first, is_fix.sum(axis=1)), view.is_back[rows, first]


def _write_sailed(
    sailed_mm: Ints, sleeve: Sleeve, tracks: Ints, view: _View, rows: Ints, n_taken: Ints
) -> None:
    taken = np.arange(rows.shape[1]) < n_taken[:, None]
    way_mm = sleeve.committed_mm[tracks, None] + view.distance_mm
    sailed_mm[rows[taken]] = way_mm[taken]


def _take(
    sleeve: Sleeve,
    tracks: Ints,
    view: _View,
    fixes: _Fixes,
    position: Ints,
    n_taken: Ints,
) -> None:
    """Take the fixes before the vertex into the state of their tracks."""
    some = np.flatnonzero(n_taken)
    tracks, n_taken = tracks[some], n_taken[some]
    last = n_taken - 1
    row = position[tracks] + last
    sleeve.last[tracks] = fixes.xyz[row]
    sleeve.last_tolerance_m[tracks] = fixes.tolerance_m[row]
    sleeve.last_mm[tracks] = view.distance_mm[some, last]
    narrowed = np.isfinite(view.cone_low[some, last])
    sleeve.heading[tracks[narrowed]] = view.heading[some[narrowed]]
    sleeve.cone_low[tracks] = view.cone_low[some, last]
    sleeve.cone_high[tracks] = view.cone_high[some, last]

    beyond = np.arange(view.distance_mm.shape[1]) >= n_taken[:, None]
    distance_mm = np.where(beyond, -1, view.distance_mm[some])
    farthest = np.argmax(distance_mm, axis=1)
    far_mm = distance_mm[np.arange(some.size), farthest]
    farther = far_mm > sleeve.far_mm[tracks]
    tracks, far_row = tracks[farther], (position[tracks] + farthest)[farther]
    sleeve.far[tracks] = fixes.xyz[far_row]
    sleeve.far_tolerance_m[tracks] = fixes.tolerance_m[far_row]
    sleeve.far_mm[tracks] = far_mm[farther]


def _commit(sleeve: Sleeve, tracks: Ints, turned: Bools) -> None:
    """Make the farthest fix (of tracks that turned back) or the last one the next anchor."""
    back, on = tracks[turned], tracks[~turned]
    sleeve.committed_mm[back] += sleeve.far_mm[back]
    sleeve.anchor[back] = sleeve.far[back]
    sleeve.anchor_tolerance_m[back] = sleeve.far_tolerance_m[back]
    sleeve.committed_mm[on] += sleeve.last_mm[on]
    sleeve.anchor[on] = sleeve.last[on]
    sleeve.anchor_tolerance_m[on] = sleeve.last_tolerance_m[on]
    sleeve.last[tracks] = sleeve.far[tracks] = sleeve.anchor[tracks]
    sleeve.last_tolerance_m[tracks] = sleeve.far_tolerance_m[tracks] = sleeve.anchor_tolerance_m[
        tracks
    ]
    sleeve.last_mm[tracks] = sleeve.far_mm[tracks] = 0
    sleeve.heading[tracks] = np.nan
    sleeve.cone_low[tracks] = -np.inf
    sleeve.cone_high[tracks] = np.inf
