"""Drop-offs planted into a real archive: how many are found, by delay, drift and traffic.

`make bench ARGS=drops`, or `ARGS='drops 40'` for 40 of each. The archive is the shipped one of
nine days of 34 vessels around the world; places are near their traffic, off shore and ports, and
round each of them visits of others are planted at a rate, over all nine days. The *placebo* is the
same break at the same place and hour in the same traffic, with nobody who fetches anything: its
share of matches is that of false ones. So is that of all breaks that the detector sees matched
with anything else than was planted.
"""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from archives import GFW_ARCHIVE
from detect_tables import cut_at, events_of, fixes, track, vessels
from track_tables import read_archive, tracks_of
from vesseltrack import ingest
from vesseltrack.config.detect import DetectConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.detect import make_detector
from vesseltrack.planting.host import Host, Room
from vesseltrack.planting.sailing import Leg, Ship, heard, sail
from vesseltrack.schema import FIXES, VESSELS

N = 20  # of each
DELAYS_H = (1.0, 6.0, 12.0, 24.0, 48.0)
RATES = (0.05, 0.3, 1.0)  # visits of others per 100 km2 and day
BUSY = 1.0
HISTORIES_D = (7.0, 1.0)  # reception before the drop-off
TRAFFIC_KM, APART_KM = 25.0, 60.0  # of the traffic round a place; between places
ROOM = Room(min_shore_nm=10.0, min_port_nm=10.0)
MARKED = 0.15  # of the visits of others look like those that fetch something
HOUR_US = 3_600_000_000
CARGO, PLEASURE, OTHER = 70, 37, 90
KM_PER_DEG = 111.195


@dataclass(frozen=True)
class Drop:
    """One planted drop-off: who breaks her passage, who fetches, and the traffic round it."""

    dropper: int
    fetcher: int
    break_: dict
    fetch: dict
    traffic: list[dict]
    vessels: list[dict]


class Sea:
    """The archive, and whom one can plant into it."""

    def __init__(self, seed: int) -> None:
        positions, statics = read_archive(GFW_ARCHIVE)
        built = tracks_of(positions, said=statics)
        self.fixes, self.vessels = built.fixes, built.vessels
        self.rng = np.random.default_rng(seed)
        (source,) = ingest.open_sources(GFW_ARCHIVE)
        self.host = Host(source, self.rng)

    def places(self, n: int) -> list[tuple[float, float]]:
        """Places at sea near the archive's traffic, each in waters of its own."""
        found: list[tuple[float, float]] = []
        while len(found) < n:
            lat, lon = self.host.a_place(ROOM)
            if abs(lat) < 60 and all(
                great_circle_m(lat, lon, *other) > APART_KM * 1000 for other in found
            ):
                found.append((lat, lon))
        return found

    def craft(self, ship_type: int, length_m: int) -> Ship:
        """A vessel that nobody in the archive is, heard every minute."""
        mmsi = self.host.new_mmsi()
        return Ship(mmsi, f"X {mmsi}", ship_type, length_m, 3, every_s=60)

    def heard(self, ship: Ship, place: tuple[float, float], t_us: int, legs: list[Leg]) -> dict:
        """The fixes of a vessel that is at a place when its second leg begins."""
        said = heard(ship, sail(*place, t_us, legs, n_before=1), self.rng)
        return track(
            ship.mmsi, said.t_us, said.lat, said.lon, sog_kn=said.sog_kn, cog_deg=said.cog_deg
        )

    def visit(self, place: tuple[float, float], t_us: int, ship: Ship, out_min: float) -> dict:
        """The fixes of a vessel that comes, stops and goes back."""
        course_deg, stop_min = self.rng.uniform(0, 360), self.rng.uniform(5, 12)
        legs = [
            Leg(out_min, 20.0, course_deg),
            Leg(stop_min, 0.3, course_deg),
            Leg(45, 20.0, course_deg + 180),
        ]
        return self.heard(ship, place, t_us, legs)

    def drop(
        self,
        place: tuple[float, float],
        delay_h: float,
        rate: float,
        history_d: float,
        *,
        drifts: bool,
    ) -> Drop:
        """A break at a place, its pick-up so much later, and nine days of others."""
        rng, host = self.rng, self.host
        dropper, fetcher = self.craft(CARGO, int(rng.integers(90, 240))), self.craft(PLEASURE, 9)
        slow = Leg(float(rng.uniform(8, 20)), float(rng.uniform(1, 4)), 0.0)
        course_deg, speed_kn = float(rng.uniform(0, 360)), float(rng.uniform(11, 16))
        t_us = host.start_us + round((history_d * 24 + rng.uniform(0, 12)) * HOUR_US)
        legs = [
            Leg(90, speed_kn, course_deg),
            Leg(slow.minutes, slow.speed_kn, course_deg),
            Leg(90, speed_kn, course_deg),
        ]
        break_ = self.heard(dropper, place, t_us, legs)
        dropped_us = t_us + round(slow.minutes / 2 * HOUR_US / 60)
        row = int(np.argmin(np.abs(break_["timestamp"] - dropped_us)))
        spread_km = np.hypot(0.5, 0.45 * 1.852 * delay_h / np.sqrt(2)) if drifts else 0.15
        there = self.off((break_["lat"][row], break_["lon"][row]), *rng.normal(0, spread_km, 2))
        fetch = self.visit(there, dropped_us + round(delay_h * HOUR_US), fetcher, 45)
        traffic = list(self.traffic(place, rate))
        return Drop(
            dropper.mmsi,
            fetcher.mmsi,
            break_,
            fetch,
            [one for one, _ in traffic],
            [as_row(ship) for ship in (dropper, fetcher, *(ship for _, ship in traffic))],
        )

    def traffic(self, place: tuple[float, float], rate: float) -> Iterator[tuple[dict, Ship]]:
        """Visits of others round a place: most by craft heard long before, that come and go."""
        rng, host = self.rng, self.host
        days = (host.end_us - host.start_us) / HOUR_US / 24
        for _ in range(rng.poisson(rate / 100 * np.pi * TRAFFIC_KM**2 * days)):
            km, angle = TRAFFIC_KM * np.sqrt(rng.random()), rng.uniform(0, 2 * np.pi)
            there = self.off(place, km * np.cos(angle), km * np.sin(angle))
            is_marked = rng.random() < MARKED
            ship = self.craft(PLEASURE, 9) if is_marked else self.craft(OTHER, 60)
            t_us = int(rng.integers(host.start_us, host.end_us))
            yield self.visit(there, t_us, ship, 45 if is_marked else 90), ship

    @staticmethod
    def off(place: tuple[float, float], north_km: float, east_km: float) -> tuple[float, float]:
        """A place so far from another."""
        lat = place[0] + north_km / KM_PER_DEG
        lon = place[1] + east_km / KM_PER_DEG / np.cos(np.radians(lat))
        return float(lat), float((lon + 180) % 360 - 180)


def as_row(ship: Ship) -> dict:
    """A vessel as a row."""
    return {
        "vessel_id": str(ship.mmsi),
        "ship_type": ship.ship_type,
        "length_m": float(ship.length_m),
    }


@dataclass(frozen=True)
class Told:
    """What the detector said: flagged pairs, and how many breaks it saw."""

    pairs: list[tuple[int, int]]
    n_breaks: int


def told(sea: Sea, drops: list[Drop], *, fetched: bool) -> Told:
    """What is told of the archive with drop-offs planted, with or without their pick-ups."""
    planted = [one for drop in drops for one in (drop.break_, *drop.traffic)]
    planted += [drop.fetch for drop in drops if fetched]
    both = pa.concat_tables([sea.fixes, fixes(*planted)])
    both = both.sort_by([(name, "ascending") for name in FIXES.key])
    table = FIXES.of({name: both[name] for name in FIXES.names})
    ships = vessels(*(row for drop in drops for row in drop.vessels))
    ships = pa.concat_tables([sea.vessels.cast(VESSELS.arrow), ships])
    detector = make_detector("drop_pickup", DetectConfig())
    final, open_ = events_of(detector, cut_at(table, []), ships)
    pairs = [
        (event["mmsi"], event["other_mmsi"])
        for event in final + open_
        if not json.loads(event["innocent"])["holds"]
    ]
    return Told(pairs, detector.state()["breaks.key"].size)


def print_drops(n: int = N, seed: int = 1) -> None:
    """Print the table, a row as soon as it is measured, and what was matched falsely."""
    sea = Sea(seed)
    print(f"{n} of each, seed {seed}; by visits of others per 100 km2 and day\n")
    for history_d in HISTORIES_D:
        print(f"after {history_d:g} d of reception")
        print(f"{'':<10} {'delay':>6}" + "".join(f"{rate:>9g}" for rate in RATES))
        placebo, false = np.zeros((2, len(RATES), 2), dtype=int)
        for drifts, delay_h in itertools.product((False, True), DELAYS_H):
            shares = []
            for nth, rate in enumerate(RATES):
                n_here = n if rate < BUSY else max(n // 4, 1)  # each takes long
                places = sea.places(n_here)
                drops = [sea.drop(one, delay_h, rate, history_d, drifts=drifts) for one in places]
                true = {(drop.dropper, drop.fetcher) for drop in drops}
                with_them = told(sea, drops, fetched=True)
                shares.append(len(true & set(with_them.pairs)) / n_here)
                n_false = sum(pair not in true for pair in with_them.pairs)
                false[nth] += n_false, with_them.n_breaks
                if delay_h == DELAYS_H[0]:
                    matched = {pair[0] for pair in told(sea, drops, fetched=False).pairs}
                    placebo[nth] += sum(drop.dropper in matched for drop in drops), n_here
            what = "drifting" if drifts else "buoyed"
            row = "".join(f"{share:>9.2f}" for share in shares)
            print(f"{what:<10} {delay_h:>4g} h{row}", flush=True)
        for name, counts in (("placebo matched", placebo), ("of all breaks", false)):
            row = "".join(f"{f'{k}/{m}':>9}" for k, m in counts)
            print(f"{name:<17}{row}", flush=True)
        print()
