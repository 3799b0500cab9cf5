"""Distances, bearings and cross-track offsets on the sphere of `vesseltrack.units`."""

import numpy as np
import numpy.typing as npt

from vesseltrack.units import EARTH_RADIUS_M

Floats = npt.NDArray[np.float64]


def great_circle_m(
    lat1: npt.ArrayLike, lon1: npt.ArrayLike, lat2: npt.ArrayLike, lon2: npt.ArrayLike
) -> Floats:
    """Return great-circle distances between pairs of points.

    Haversine formula on the sphere: within 0.6 % of the ellipsoidal distance. Longitudes may be
    in any range; crossing the antimeridian needs no care.

    Parameters
    ----------
    lat1, lon1 : (n,)
        First points [deg].
    lat2, lon2 : (n,)
        Second points, or shapes that broadcast against the first [deg].

    Returns
    -------
    distance_m : (n,)
        Distance of each pair [m]; NaN wherever any input is NaN; empty for empty input.

    References
    ----------
    .. [1] R. W. Sinnott, "Virtues of the Haversine," Sky & Telescope 68(2), p. 159, 1984.
    """
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    half_dphi = (phi2 - phi1) / 2
    half_dlambda = np.radians(lon_difference_deg(lon1, lon2)) / 2
    h = np.sin(half_dphi) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(half_dlambda) ** 2
    # Rounding lifts h of antipodal points a little above 1, where arcsin is undefined.
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, h))))


def lon_difference_deg(lon1: npt.ArrayLike, lon2: npt.ArrayLike) -> Floats:
    """Return the signed shortest way east from `lon1` to `lon2` [deg], in [-180, 180)."""
    return np.asarray((np.asarray(lon2, dtype=float) - np.asarray(lon1) + 180.0) % 360.0 - 180.0)


def wrap_lon_deg(lon: npt.ArrayLike) -> Floats:
    """Return longitudes in [-180, 180) [deg]; NaN stays NaN."""
    return np.asarray((np.asarray(lon, dtype=float) + 180.0) % 360.0 - 180.0)


def bearing_deg(
    lat1: npt.ArrayLike, lon1: npt.ArrayLike, lat2: npt.ArrayLike, lon2: npt.ArrayLike
) -> Floats:
    """Return initial bearings of the great circles from first to second points.

    Parameters
    ----------
    lat1, lon1, lat2, lon2 : (n,)
        Pairs of points [deg].

    Returns
    -------
    bearing_deg : (n,)
        Clockwise from north, in [0, 360) [deg]; 0 for equal points; NaN wherever any input is.
    """
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    dlambda = np.radians(lon_difference_deg(lon1, lon2))
    east = np.sin(dlambda) * np.cos(phi2)
    north = np.cos(phi1) * np.sin(phi2) - np.sin(phi1) * np.cos(phi2) * np.cos(dlambda)
    return np.asarray(np.degrees(np.arctan2(east, north)) % 360.0)


def angle_between_deg(a_deg: npt.ArrayLike, b_deg: npt.ArrayLike) -> Floats:
    """Return the angle between two directions, in [0, 180] [deg]; NaN where either is NaN."""
    return np.abs(lon_difference_deg(a_deg, b_deg))


def unit_xyz(lat: npt.ArrayLike, lon: npt.ArrayLike) -> Floats:
    """Return points as unit vectors, shape (n, 3): the frame for neighbour searches.

    A chord of length c on the unit sphere is an arc of 2 arcsin(c / 2); see `chord_of_m`.
    """
    phi, lam = np.radians(np.asarray(lat, dtype=float)), np.radians(np.asarray(lon, dtype=float))
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)


def lat_lon_of_xyz(xyz: Floats) -> tuple[Floats, Floats]:
    """Return latitude and longitude [deg] of vectors of any length, shape (n, 3)."""
    x, y, z = xyz[..., 0], xyz[..., 1], xyz[..., 2]
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))


def chord_of_m(distance_m: npt.ArrayLike) -> Floats:
    """Return the unit-sphere chord that spans a great-circle distance [m]."""
    return np.asarray(2 * np.sin(np.asarray(distance_m, dtype=float) / (2 * EARTH_RADIUS_M)))


def m_of_chord(chord: npt.ArrayLike) -> Floats:
    """Return the great-circle distance [m] that a unit-sphere chord spans."""
    half = np.minimum(1.0, np.asarray(chord, dtype=float) / 2)
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(half))


def nearest_on_arc_m(points: Floats, start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Return distance to the nearest point of great-circle arcs, and where along them it lies.

    Parameters
    ----------
    points, start, end : (n, 3)
        Unit vectors; shapes may broadcast.

    Returns
    -------
    distance_m : (n,)
        Distance from each point to its arc [m]; NaN where any input is NaN.
    along_frac : (n,)
        Position of the nearest point on the chord from start (0) to end (1).
    """
    chord = end - start
    length2 = np.einsum("...i,...i", chord, chord)
    along = np.einsum("...i,...i", points - start, chord)
    # A zero-length arc is its own start.
    along_frac = np.clip(np.divide(along, length2, out=np.zeros_like(along), where=length2 > 0), 0, 1)
    nearest = start + along_frac[..., None] * chord
    nearest = nearest / np.linalg.norm(nearest, axis=-1, keepdims=True)
    return m_of_chord(np.linalg.norm(points - nearest, axis=-1)), along_frac
