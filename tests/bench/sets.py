"""Whether ships near one another are set alike by the water: what `drop_pickup` takes from them.

`make bench ARGS=sets`, or `ARGS='sets FILE...'`. Of every ship in an archive that makes 8 kn and
more at sea, heads within 20 degrees of her course and does not turn, the median of the velocity to
starboard, `v sin(course - heading)`. Two ships on parallel courses, either way, have the same
current across: how far they disagree is their own error (compass, leeway), how far they agree the
water's. The covariance is that of each component of the current, from pairs on any courses. For
archives of minutes: a ship is one value.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa

from archives import DEMO, ROOT
from track_tables import read_archive
from vesseltrack import sea
from vesseltrack.core.geodesy import angle_between_deg, great_circle_m

SHIPPED = (
    ROOT / "fixtures" / "nmea" / "aislib_stream_2010-06-11.txt.gz",
    DEMO / "marinecadastre_2022-01-03.csv.zst",
)
BANDS_KM = ((0, 10), (10, 20), (20, 50), (50, 100), (100, 300))
MIN_KN, MAX_KN, MAX_ANGLE_DEG, MAX_SWING_DEG, MIN_SHORE_M = 8.0, 30.0, 20.0, 6.0, 5_556.0
PARALLEL, FEW = 0.9, 5


def ships_of(path: Path) -> np.ndarray:
    """Latitude, longitude, heading and velocity to starboard of each ship; (n, 4)."""
    table, _ = read_archive(path)
    names = ("lat_e6", "lon_e6", "sog_kn", "cog_deg", "heading_deg")
    lat, lon, sog, cog, heading = (
        table[name].cast(pa.float64()).fill_null(np.nan).to_numpy() for name in names
    )
    lat, lon, mmsi = lat / 1e6, lon / 1e6, table["mmsi"].to_numpy()
    shows = (sog >= MIN_KN) & (sog < MAX_KN) & (angle_between_deg(cog, heading) <= MAX_ANGLE_DEG)
    shows[shows] = sea.shore_distance_m(lat[shows], lon[shows]) > MIN_SHORE_M
    across_kn = sog * np.sin(np.radians(cog - heading))
    found = []
    for one in np.unique(mmsi[shows]):
        rows = np.flatnonzero(shows & (mmsi == one))
        if angle_between_deg(heading[rows], heading[rows[0]]).max() <= MAX_SWING_DEG:
            middle = [float(np.median(column[rows])) for column in (lat, lon)]
            found.append((*middle, heading[rows[0]], float(np.median(across_kn[rows]))))
    return np.array(found).reshape(-1, 4)


def print_agreement(ships: np.ndarray) -> None:
    """Print how ships agree, by their distance."""
    lat, lon, heading_deg, across_kn = ships.T
    one, other = np.triu_indices(len(ships), 1)
    km = great_circle_m(lat[one], lon[one], lat[other], lon[other]) / 1000
    alike = np.cos(np.radians(heading_deg[one] - heading_deg[other]))
    near = (km < BANDS_KM[2][1]).sum() * 2 / len(ships)
    print(f"{len(ships)} ships, {near:.1f} others within {BANDS_KM[2][1]} km of one on average")
    print(f"{'km':>9} {'parallel':>9} {'correlation':>12} {'error kn':>9} {'covariance kn2':>15}")
    for low, high in BANDS_KM:
        within = (km >= low) & (km < high)
        parallel = within & (np.abs(alike) > PARALLEL)
        if parallel.sum() < FEW:
            continue
        mine = across_kn[one[parallel]]
        yours = np.sign(alike[parallel]) * across_kn[other[parallel]]
        both = np.concatenate((mine, yours)), np.concatenate((yours, mine))
        error_kn = np.sqrt(np.mean((mine - yours) ** 2) / 2)
        product = across_kn[one[within]] * across_kn[other[within]] * alike[within]
        covariance = product.sum() / np.sum(alike[within] ** 2)
        print(
            f"{low:>4}-{high:<4} {parallel.sum():>9} {np.corrcoef(*both)[0, 1]:>12.2f}"
            f" {error_kn:>9.2f} {covariance:>15.3f}"
        )


def print_sets(*paths: str) -> None:
    """Print the tables of the shipped archives, or of those named."""
    for path in map(Path, paths) if paths else SHIPPED:
        print(f"\n{path.name}")
        print_agreement(ships_of(path))
