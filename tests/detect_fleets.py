"""Fleets in which the behaviours are to be seen, each rule touched at its borders."""

import numpy as np
import pyarrow as pa

from detect_tables import HOUR, T0, fixes, key, track, vessels

SHIPS = ("211000001", "211000002", "211000003", "211000003-0000000a", "211000004", "211000005")
STEPS_S = [0, 60, 300, 600, 601, 3600, 25_000, 100_000]
MOVES = {  # degrees a second, SOG [kn], heading with a course of 10 degrees
    "still": (0.0, 0.2, 10.0),
    "adrift": (9e-6, 2.0, 100.0),
    "under way": (6e-5, 12.0, 10.0),
}


def random_fleet(seed: int) -> pa.Table:
    """Fixes of ships that stop, meet, drift, fall silent and share an MMSI, over several days.

    Times lie on whole ten minutes now and then, and some fixes are doubtful, without a speed, or
    exactly simultaneous, so that the borders of every rule are touched.
    """
    rng = np.random.default_rng(seed)
    return fixes(*(random_track(rng, number, ship) for number, ship in enumerate(SHIPS)))


def random_track(rng: np.random.Generator, number: int, ship: str) -> dict[str, np.ndarray]:
    n = 220
    steps_s = rng.choice(STEPS_S, n, p=[0.02, 0.15, 0.15, 0.3, 0.15, 0.217, 0.01, 0.003])
    t_us = T0 + 20 * HOUR + np.cumsum(steps_s) * 1_000_000
    spell = np.repeat(rng.choice(list(MOVES), n // 20), 20)
    speed_deg, sog_kn, heading_deg = (
        np.array([MOVES[name][column] for name in spell]) for column in range(3)
    )
    is_other = ship.endswith("a")
    north = np.cumsum(speed_deg * steps_s * rng.choice([-1, 1], n))
    return track(
        ship,
        t_us,
        (60.0 if is_other else 50.0) + north,
        (179.999 + 0.001 * number + 180) % 360 - 180,
        sog_kn=np.where(rng.random(n) < 0.05, np.nan, sog_kn),
        cog_deg=np.where(rng.random(n) < 0.02, np.nan, 10.0),
        heading_deg=heading_deg,
        nav_status=rng.choice([-1, 0, 1], n),
        quality=rng.choice([0, 64], n, p=[0.95, 0.05]),
        segment=key(ship) % 1_000_003 + np.cumsum(steps_s > 20_000),
    )


def busy_sea(seed: int) -> pa.Table:
    """Traders that break their passages at random, and boats that stop near where they did."""
    rng, bows = np.random.default_rng(seed), np.random.default_rng(seed + 1)
    tracks, places = [], []
    for number, ship in enumerate(SHIPS[:3]):
        legs = rng.choice([0.0003, 0.00002, 0.00006], 20, p=[0.7, 0.2, 0.1])
        north = np.cumsum(np.repeat(legs, rng.integers(3, 70, 20)) * 5)  # per five seconds
        t_us = T0 + 20 * HOUR + number * HOUR + np.arange(north.size) * 60_000_000
        # Now and then a heading, a little off the course made good: the set of the water.
        heading_deg = bows.choice([np.nan, 0.0, 1.0, 15.0], north.size, p=[0.2, 0.5, 0.28, 0.02])
        motion = {"sog_kn": 12.0, "cog_deg": 0.0, "heading_deg": heading_deg}
        tracks.append(track(ship, t_us, 50.0 + north, 179.999 + 0.001 * number, **motion))
        places += list(zip(t_us, 50.0 + north, strict=True))[:: max(1, north.size // 40)]
    for number, ship in enumerate(SHIPS[3:]):
        stops = rng.choice(len(places), 4)
        t_us, lat = np.array([places[row] for row in np.sort(stops)]).T
        t_us = t_us.astype(np.int64) + rng.integers(1, 8 * 60) * 60_000_000
        minutes = np.arange(t_us[0] - HOUR, t_us[-1] + HOUR, 60_000_000)
        away = np.min(np.abs(minutes[:, None] - t_us), axis=1) / 60_000_000
        where = np.interp(minutes, t_us, lat)
        lon = 179.999 + 0.004 * np.maximum(away - rng.integers(2, 20), 0) % 1
        port_m = np.where(rng.random(minutes.size) < 0.001, 1000.0, 50_000.0)
        tracks.append(track(ship, minutes, where, (lon + 180) % 360 - 180, port_m=port_m))
        tracks[-1]["lat"] += 0.0005 * number
    return fixes(*tracks)


def stops_and_starts(seed: int) -> pa.Table:
    """Ships under way that stop dead now and then, reporting every few seconds."""
    rng = np.random.default_rng(seed)
    tracks = []
    for number, ship in enumerate(SHIPS):
        steps_s = rng.choice([5, 10, 30, 31, 100, 130], 400, p=[0.4, 0.4, 0.1, 0.04, 0.03, 0.03])
        speed = np.repeat(rng.choice([0.2, 12.0], 40), 10)
        t_us = T0 + 20 * HOUR + np.cumsum(steps_s) * 1_000_000
        north = np.cumsum(np.append(0, speed[:-1]) * steps_s) * 4.6e-6
        lon = (179.99 + 0.01 * number + 180) % 360 - 180
        tracks.append(track(ship, t_us, 50 + north, lon, sog_kn=speed))
    return fixes(*tracks)


def boats_out_and_back(seed: int) -> pa.Table:
    """Boats that go out of a port, stop at times, turn at random and mostly come back."""
    rng = np.random.default_rng(seed)
    tracks = []
    for number, ship in enumerate(SHIPS):
        north_nm = [np.zeros(30)]
        for _ in range(6):
            far_nm = rng.uniform(6, 40)
            out = np.arange(0, far_nm, rng.choice([0.3, 0.5, 0.8]))
            stop = np.full(rng.integers(0, 90), far_nm)
            north_nm += [out, stop, out[::-1][: rng.integers(20, 200)], np.zeros(30)]
        north = np.concatenate(north_nm) / 60
        steps_s = rng.choice([20, 60, 61, 300, 8000], north.size, p=[0.2, 0.6, 0.15, 0.049, 0.001])
        t_us = T0 + 20 * HOUR + number * HOUR + np.cumsum(steps_s) * 1_000_000
        lon = (179.99 + 0.01 * number + 180) % 360 - 180
        tracks.append(track(ship, t_us, 50 + north, lon, sog_kn=25.0, port_m=north * 60 * 1852.0))
    return fixes(*tracks)


def dashes(seed: int) -> pa.Table:
    """Cargo vessels that go faster than they can now and then, and report of it at random."""
    rng = np.random.default_rng(seed)
    tracks = []
    for number, ship in enumerate(SHIPS):
        n = 240
        knots = np.repeat(rng.choice([12.0, 29.9, 36.0], 12, p=[0.4, 0.1, 0.5]), 20)
        steps_s = rng.choice([10, 60, 61, 300, 601, 700], n, p=[0.2, 0.4, 0.2, 0.17, 0.02, 0.01])
        t_us = T0 + 20 * HOUR + np.cumsum(steps_s) * 1_000_000
        north = np.cumsum(knots * steps_s) / 3600 / 60
        sog_kn = np.where(rng.random(n) < 0.05, rng.choice([12.0, np.nan], n), knots)
        lon = (179.99 + 0.01 * number + 180) % 360 - 180
        tracks.append(track(ship, t_us, 10 + north, lon, sog_kn=sog_kn))
    return fixes(*tracks)


def along_the_shore(seed: int) -> pa.Table:
    """Cargo vessels that come close to the shore and slow down there at random, for days."""
    rng = np.random.default_rng(seed)
    tracks = []
    for number, ship in enumerate(SHIPS):
        n = 360
        knots = np.repeat(rng.choice([12.0, 2.9, 0.5], 36, p=[0.6, 0.2, 0.2]), 10)
        shore_nm = np.repeat(rng.choice([0.0, 1.0, 3.0, 30.0], 24, p=[0.1, 0.2, 0.2, 0.5]), 15)
        port_km = np.repeat(rng.choice([10.0, 100.0], 6, p=[0.1, 0.9]), 60)
        steps_s = rng.choice(
            [60, 600, 601, 1200, 7200, 7300], n, p=[0.2, 0.5, 0.2, 0.09, 0.005, 0.005]
        )
        t_us = T0 + 20 * HOUR + np.cumsum(steps_s) * 1_000_000
        lon = 179.9 + 0.01 * number + np.cumsum(knots * steps_s) / 3600 / 60
        tracks.append(
            track(
                ship,
                t_us,
                0.1 * number,
                (lon + 180) % 360 - 180,
                shore_m=shore_nm * 1852.0,
                port_m=port_km * 1000.0,
                nav_status=rng.choice([-1, 0, 1], n),
            )
        )
    return fixes(*tracks)


def false_positions(seed: int) -> pa.Table:
    """Ships whose positions jump, circle, freeze and lie on land now and then, each in turn."""
    rng = np.random.default_rng(seed)
    tracks = []
    for number, ship in enumerate(SHIPS):
        steps_s = rng.choice([240, 300, 310, 3600, 5400], 330, p=[0.3, 0.4, 0.28, 0.01, 0.01])
        t_us = T0 + 20 * HOUR + np.cumsum(steps_s) * 1_000_000
        north = np.cumsum(steps_s) * 4.6e-5
        lon = np.full(north.size, 179.99 + 0.01 * number)
        shore_m = np.full(north.size, 1e6)
        turn = np.cumsum(steps_s) / rng.uniform(400, 900)
        begin = int(rng.integers(20, 60))
        circled = slice(begin, begin + 70)
        north[circled] = north[begin] + 0.006 * np.sin(turn[circled])
        lon[circled] = lon[begin] + 0.006 * np.cos(turn[circled]) / np.cos(np.radians(50.0))
        frozen = slice(begin + 100, begin + 130)
        north[frozen], lon[frozen] = north[begin + 100], lon[begin + 100]
        away = rng.integers(begin + 150, 325, 6)
        for first, n in zip(away, rng.integers(1, 9, 6), strict=True):
            on_land = rng.random() < 0.5
            north[first : first + n], lon[first : first + n] = (17.5, 178.0) if on_land else (2, 5)
            shore_m[first : first + n] = 0.0 if on_land else 1e6
        tracks.append(
            track(
                ship,
                t_us,
                50 + north,
                (lon + 180) % 360 - 180,
                sog_kn=np.where(rng.random(north.size) < 0.01, np.nan, 10.0),
                shore_m=shore_m,
            )
        )
    return fixes(*tracks)


FLEETS = {
    "position_spoofing": false_positions,
    "shore_approach": along_the_shore,
    "drop_pickup": busy_sea,
    "sudden_speed_change": stops_and_starts,
    "sortie": boats_out_and_back,
    "unusual_for_type": dashes,
}


def fleet_for(kind: str, seed: int) -> pa.Table:
    """Fixes in which a kind is to be seen."""
    return FLEETS.get(kind, random_fleet)(seed)


VESSELS = vessels(
    *(
        {"vessel_id": ship, "length_m": 120.0, "ship_type": 70, "name": f"SHIP {ship}"}
        for ship in SHIPS
    )
)
