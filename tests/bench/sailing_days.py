"""A made-up day of vessels that sail where vessels do, by a seed.

Merchant ships and ferries go from port to port along the shortest ways by sea, each in a lane of
its own and slowly near quays; fishing vessels go out to a ground and tow up and down there;
pleasure craft make short trips by day; the others lie at quays or swing at anchor. Reports come
as often as class, speed and status ask for (ITU-R M.1371-5), and of all of them as many are heard
as rows are wanted.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from csv_days import DAY_S, N_VESSELS, PLACES, Day, Told, fleet, measured, write_danish, written
from sailing_ways import Waters, Way

SHARES = {  # of the vessels; the rest lie at quays
    "merchant": 0.24,
    "ferry": 0.03,
    "fishing": 0.08,
    "pleasure": 0.12,
    "anchored": 0.05,
    "station": 0.03,
    "mark": 0.025,
}
KINDS = {
    "merchant": ["Cargo", "Tanker"],
    "ferry": ["Passenger", "HSC"],
    "fishing": ["Fishing"],
    "pleasure": ["Pleasure", "Sailing"],
    "anchored": ["Cargo", "Tanker"],
}
OTHER_KINDS = ["Cargo", "Tanker", "Fishing", "Passenger", "Pleasure", "Undefined", "Tug"]
LENGTHS_M = {"merchant": (80, 300), "ferry": (40, 200), "fishing": (10, 45), "pleasure": (8, 20)}
OTHER_LENGTHS_M = (12, 220)
PACES_KN = {"merchant": (9, 17), "ferry": (14, 22), "fishing": (7, 10), "pleasure": (4.5, 7.5)}
STAYS_H = {"merchant": (5, 30), "ferry": (0.3, 1.2), "fishing": (4, 12), "pleasure": (2, 8)}
BEGUN_H = {"merchant": (-24, 6), "ferry": (-3, 1), "fishing": (-20, 10), "pleasure": (7, 13)}
TOWED_H = (5, 14)
TOW_KN = 3.4
SMALL_CLASS_B = 0.4  # of the fishing vessels, and of those at quays
WAVERS = 0.04  # how far speeds go from a vessel's own, as a rule
SLOW_NM, SLOW_KN = 1.5, 6.0  # near quays
LANE_NM = 0.12  # how far vessels keep from the line, as a rule
SWING_M, SWING_S = 60.0, 1800
QUAY_DEG = 0.002  # from the middle of a port
STILL_KN = 0.5  # below, a vessel lies
NEXT_S = 4 * DAY_S  # from one vessel to the next, when the times of all stand in one line
M_PER_DEG = 111_195.0
STATUSES = np.array(
    ["Moored", "At anchor", "Under way using engine", "Engaged in fishing", "Unknown value"]
)
MOORED, ANCHORED, UNDER_WAY, FISHING, NOT_TOLD = range(5)


@dataclass(frozen=True)
class Life:
    """What one vessel does: where it is when, straight between, and which port it names since."""

    t_s: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    bound: list[tuple[float, str]]


@dataclass(frozen=True)
class Stretches:
    """The lives of all vessels in one line, (n,) places and what holds from each to the next."""

    t_s: np.ndarray  # each vessel's begin `NEXT_S` after those of the one before
    lat: np.ndarray
    lon: np.ndarray
    vessel: np.ndarray
    speed_kn: np.ndarray
    course_deg: np.ndarray
    status: np.ndarray
    per_s: np.ndarray  # reports


def write_sailing_day(path, n_rows, seed, date="10/11/2025"):
    """Write a day in the layout of the Danish Maritime Authority."""
    rng = np.random.default_rng(seed)
    waters, role = Waters.drawn(), roles(rng)
    lives = [life(each, waters, rng) for each in role]
    is_class_b = class_b(role, rng)
    all_of_it = stretches(lives, role, is_class_b)
    day, status, at_s = heard(all_of_it, n_rows, rng)
    about = fleet(rng) | dict(looks(role, rng))
    since_s, of_vessel, bound = bounds(lives, about, rng)
    said = written({name: about[name] for name in about} | {"destination": bound}, of_vessel)
    said_at = np.searchsorted(since_s, at_s, side="right") - 1
    mobile = np.select(
        [role == "station", role == "mark", is_class_b],
        ["Base Station", "AtoN", "Class B"],
        "Class A",
    )
    write_danish(path, Told(day, about, mobile, STATUSES[status], said, said_at), rng, date)


def roles(rng):
    """Return what each vessel does, in no order."""
    counts = {role: round(share * N_VESSELS) for role, share in SHARES.items()}
    role = np.repeat([*counts], [*counts.values()])
    return rng.permutation(np.append(role, ["moored"] * (N_VESSELS - role.size)))


def class_b(role, rng):
    """Return which vessels have a set of class B."""
    may_be_small = (role == "fishing") | (role == "moored")
    return (role == "pleasure") | (may_be_small & (rng.random(role.size) < SMALL_CLASS_B))


def looks(role, rng):
    """Yield kinds and measures that go with what vessels do."""
    kinds = [rng.choice(KINDS.get(each, OTHER_KINDS)) for each in role]
    yield "kind", pa.array(kinds)
    lengths = [LENGTHS_M.get(each, OTHER_LENGTHS_M) for each in role]
    yield from measured(np.array([rng.integers(*bounds) for bounds in lengths])).items()


def life(role, waters, rng):
    """Return what a vessel of a role does from before the day begins until after it ends."""
    if role in ("moored", "station", "mark", "anchored"):
        return lying(role, waters, rng)
    pace_kn, lane_nm = rng.uniform(*PACES_KN[role]), rng.normal(0, LANE_NM)
    way = waters.any_way(role, rng)
    t_s = rng.uniform(*BEGUN_H[role]) * 3600
    parts, bound = [], []
    while t_s < DAY_S:
        bound.append((t_s, way.bound))
        parts.append(sailed(way, pace_kn, lane_nm, t_s, rng))
        if role == "fishing":
            parts.append(towed(parts[-1], rng))
            parts.append(sailed(way.back(), pace_kn, lane_nm, parts[-1][0][-1], rng))
        else:
            way = waters.next_way(role, way, rng)
        t_s = parts[-1][0][-1] + rng.uniform(*STAYS_H[role]) * 3600
    return Life(*np.concatenate(parts, axis=1), bound)


def lying(role, waters, rng):
    """Return a vessel at a quay, or one that swings round its anchor."""
    if role != "anchored":
        lat, lon = waters.any_port(rng) + rng.normal(0, QUAY_DEG, 2)
        return Life(np.zeros(1), np.array([lat]), np.array([lon]), [])
    lat, lon = waters.any_road(rng)
    t_s = np.arange(0, DAY_S + SWING_S, SWING_S)
    bearing = np.cumsum(rng.normal(0, 0.3, t_s.size))
    swing_deg = SWING_M / M_PER_DEG
    lat_at = lat + swing_deg * np.cos(bearing)
    return Life(t_s, lat_at, lon + swing_deg * np.sin(bearing) / np.cos(np.radians(lat)), [])


def sailed(way, pace_kn, lane_nm, t_s, rng):
    """Return times [s], latitudes and longitudes along a way begun at a time."""
    lat, lon = way.beside(lane_nm)
    wavers = np.convolve(rng.normal(0, 2 * WAVERS, lat.size + 8), np.full(9, 1 / 9), mode="valid")
    speed_kn = pace_kn * (1 + wavers)
    from_quay_nm = np.minimum(way.along_nm, way.along_nm[-1] - way.along_nm)
    speed_kn = np.where(from_quay_nm < SLOW_NM, np.minimum(speed_kn, SLOW_KN), speed_kn)
    took_s = 3600 * np.diff(way.along_nm) / ((speed_kn[1:] + speed_kn[:-1]) / 2)
    return t_s + np.concatenate(([0.0], np.cumsum(took_s))), lat, lon


def towed(before, rng):
    """Return the same of a net towed up and down about the place where a way ended."""
    (start_s, lat, lon), hours = (column[-1] for column in before), rng.uniform(*TOWED_H)
    n = round(hours * TOW_KN / Way.TOW_NM) + 2
    side = np.where(np.arange(n) % 2, 0.5, -0.5) * Way.TOW_NM
    bearing = rng.uniform(0, np.pi) + rng.normal(0, 0.2, n)
    north_nm, east_nm = side * np.cos(bearing), side * np.sin(bearing)
    north_nm[[0, -1]] = east_nm[[0, -1]] = 0.0
    took_s = 3600 * np.hypot(np.diff(north_nm), np.diff(east_nm)) / TOW_KN
    t_s = start_s + np.concatenate(([0.0], np.cumsum(took_s)))
    return t_s, lat + north_nm / 60, lon + east_nm / 60 / np.cos(np.radians(lat))


def stretches(lives, role, is_class_b):
    """Return the day of all vessels in one line."""
    parts, vessel = [], []
    for nth, each in enumerate(lives):
        inside = (each.t_s > 0) & (each.t_s < DAY_S - 1)
        t_s = np.concatenate(([0.0], each.t_s[inside], [DAY_S - 1.0]))
        lat, lon = (np.interp(t_s, each.t_s, places) for places in (each.lat, each.lon))
        parts.append((t_s + nth * NEXT_S, lat, lon))
        vessel.append(np.full(t_s.size, nth))
    t_s, lat, lon = np.concatenate(parts, axis=1)
    vessel = np.concatenate(vessel)
    dt_s = np.append(np.diff(t_s), 1.0)
    north = np.append(np.diff(lat), 0) * M_PER_DEG
    east = np.append(np.diff(lon), 0) * M_PER_DEG * np.cos(np.radians(lat))
    is_last = np.append(np.diff(vessel) > 0, True)
    speed_kn = np.where(is_last, 0.0, np.hypot(north, east) / np.maximum(dt_s, 1e-3) * 3600 / 1852)
    moves = (speed_kn >= STILL_KN) & (role != "anchored")[vessel]
    silent = is_class_b | (role == "station") | (role == "mark")
    status = np.select(
        [silent[vessel], (role == "anchored")[vessel], moves & (role == "fishing")[vessel], moves],
        [NOT_TOLD, ANCHORED, FISHING, UNDER_WAY],
        MOORED,
    )
    interval_s = np.where(
        is_class_b[vessel],
        np.where(speed_kn > 2, 30.0, 180.0),
        np.select([~moves, speed_kn > 23, speed_kn > 14], [180.0, 2.0, 6.0], 10.0),
    )
    interval_s[(role == "station")[vessel]] = 10.0
    course_deg = np.degrees(np.arctan2(east, north)) % 360
    per_s = np.where(is_last, 0.0, 1 / interval_s)
    return Stretches(t_s, lat, lon, vessel, speed_kn * moves, course_deg, status, per_s)


def heard(told, n_rows, rng):
    """Return so many of the reports, the status in each and when it was sent in the one line."""
    n_before = np.concatenate(([0.0], np.cumsum(told.per_s[:-1] * np.diff(told.t_s))))
    n_sent = int(n_before[-1])
    if n_sent < n_rows:
        msg = f"{n_sent:,} reports are sent in a day; {n_rows:,} cannot be heard"
        raise ValueError(msg)
    number = np.sort(rng.choice(n_sent, n_rows, replace=False))
    at_s = np.floor(np.interp(number + 0.5, n_before, told.t_s))
    at = np.searchsorted(told.t_s, at_s, side="right") - 1
    jitter = rng.normal(0, 1e-5, (2, n_rows))
    lat = np.interp(at_s, told.t_s, told.lat) + jitter[0]
    lon = np.interp(at_s, told.t_s, told.lon) + jitter[1]
    speed_kn = told.speed_kn[at]
    sog = np.where(speed_kn > 0, np.clip(speed_kn + rng.normal(0, 0.15, n_rows), 0.1, 60), 0.0)
    cog = (told.course_deg[at] + rng.normal(0, 1.5, n_rows)) % 359.9
    vessel, t_s = told.vessel[at], (at_s % NEXT_S).astype(np.int64)
    order = np.argsort(t_s, kind="stable")
    day = Day(*(column[order] for column in (vessel, t_s, lat, lon, sog, cog)))
    return day, told.status[at[order]], at_s[order]


def bounds(lives, about, rng):
    """Return what vessels name as their port: since when in the one line, which vessel, what."""
    since_s, of_vessel, bound = [], [], []
    always = about["destination"].to_pylist()
    for nth, each in enumerate(lives):
        names = each.bound if each.bound and rng.random() < 1 - PLACES["Unknown"] else []
        before = [(0.0, always[nth])] if not names or names[0][0] > 0 else []
        for t_s, name in [*before, *names]:
            since_s.append(nth * NEXT_S + max(t_s, 0.0))
            of_vessel.append(nth)
            bound.append(name.upper())
    return np.array(since_s), np.array(of_vessel), pa.array(bound)
