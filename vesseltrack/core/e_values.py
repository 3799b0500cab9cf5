"""Evidence that may be added up: e-values, whose mean under chance is at most 1."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def normal_density_2d(distance: Floats, spread: npt.ArrayLike) -> Floats:
    """Return the density of a round normal distribution at a distance from its centre.

    Parameters
    ----------
    distance : (n,)
        From the centre, in any unit.
    spread : (n,) or float
        Standard deviation along each axis, in the same unit.

    Returns
    -------
    density : (n,)
        Per square unit; the integral over the plane is 1; NaN for NaN.
    """
    variance = np.square(np.asarray(spread, dtype=float))
    return np.asarray(np.exp(-np.square(distance) / (2 * variance)) / (2 * np.pi * variance))


def tilted_density_2d(offset: Floats, covariance: Floats) -> float:
    """Return the density of a normal distribution of any shape at an offset from its centre.

    Parameters
    ----------
    offset : (2,)
        From the centre, in any unit.
    covariance : (2, 2)
        Positive definite, in the square of the unit.

    Returns
    -------
    density : float
        Per square unit; the integral over the plane is 1.
    """
    (east, shared), (_, north) = covariance
    area = east * north - shared**2
    x, y = offset
    squares = (north * x**2 - 2 * shared * x * y + east * y**2) / area
    return float(np.exp(-squares / 2) / (2 * np.pi * np.sqrt(area)))


def discoveries(e_values: npt.ArrayLike, false_discovery_rate: float) -> npt.NDArray[np.bool_]:
    """Return which of many e-values stand, whatever the dependence between them.

    The e-Benjamini-Hochberg procedure: the largest k for which the k-th largest of n is at least
    n / (k x rate).

    Parameters
    ----------
    e_values : (n,)
        One for each question asked; those without evidence count too.
    false_discovery_rate : float
        Expected share of false ones among those that stand, above 0.

    Returns
    -------
    stands : (n,)
        Empty for none; a NaN never stands.

    References
    ----------
    .. [1] R. Wang and A. Ramdas, "False discovery rate control with e-values," J. R. Stat. Soc. B
       84(3), pp. 822-852, 2022.
    """
    values = np.nan_to_num(np.asarray(e_values, dtype=float), nan=0.0)
    falling = np.sort(values)[::-1]
    k = np.arange(1, values.size + 1)
    enough = np.flatnonzero(falling * k * false_discovery_rate >= values.size)
    if enough.size == 0:
        return np.zeros(values.size, dtype=np.bool_)
    return np.asarray(values >= falling[enough[-1]])
