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
from dataclasses import dataclass, replace

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
from vesseltrack.planting.sailing import Leg, Ship, Way, heard, sail
from vesseltrack.planting.water import (
    BOAT_LEEWAY,
    PACKET_LEEWAY,
    SHIP_LEEWAY,
    Water,
    some_water,
)
from vesseltrack.schema import FIXES, VESSELS

N = 20  # of each
DELAYS_H = (1.0, 6.0, 12.0, 24.0, 48.0)
RATES = (0.05, 0.3, 1.0)  # visits of others per 100 km2 and day
BUSY = 1.0
HISTORIES_D = (7.0, 1.0)  # reception before the drop-off
PASSING = (0.0, 2.0, 5.0, 10.0)  # ships an hour within 50 km, in water that moves
MOVING_DELAYS_H = (1.0, 2.0, 3.0, 6.0)
MOVING_RATES = (0.05, 0.3)
MOVING_ROUNDS = 2  # of N each: places with water of their own lie far apart
HOLDS_STATION = 0.5  # of the boats, by their engine
PASSING_KM, PASSED_H = 50.0, 26.0  # how far off, and for how long before the drop-off
TRAFFIC_KM, APART_KM = 25.0, 60.0  # of the traffic round a place; between places
MOVING_APART_KM = 200.0  # between places, each with water of its own
ROOM = Room(min_shore_nm=10.0, min_port_nm=10.0)
MARKED = 0.15  # of the visits of others look like those that fetch something
HOUR_US = 3_600_000_000
CARGO, PLEASURE, OTHER = 70, 37, 90
FIRST_MMSI = 219_000_001
SMALL_M = 20  # shorter ones are of class B
KM_PER_DEG = 111.195


Place = tuple[float, float]


@dataclass(frozen=True)
class Case:
    """What is planted: ships that pass an hour, or None where nobody shows how water moves."""

    delay_h: float
    rate: float
    history_d: float
    drifts: bool
    passing: float | None = None


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
        self.numbers, self.taken = itertools.count(FIRST_MMSI), set(self.host.mmsi.tolist())

    def places(self, n: int, apart_km: float = APART_KM) -> list[Place]:
        """Places at sea near the archive's traffic, each in waters of its own."""
        found: list[Place] = []
        while len(found) < n:
            lat, lon = self.host.a_place(ROOM)
            if abs(lat) < 60 and all(
                great_circle_m(lat, lon, *other) > apart_km * 1000 for other in found
            ):
                found.append((lat, lon))
        return found

    def craft(self, ship_type: int, length_m: int, every_s: int = 60) -> Ship:
        """A vessel that nobody in the archive is, heard every minute; the small are of class B."""
        mmsi = next(number for number in self.numbers if number not in self.taken)
        is_class_a = length_m > SMALL_M
        return Ship(mmsi, f"X {mmsi}", ship_type, length_m, 3, is_class_a, every_s)

    def heard(self, ship: Ship, way: Way, water: Water | None) -> dict:
        """The fixes of a vessel on a way; where water moves, with the heading that she needs."""
        said = heard(ship, way, self.rng)
        nobody_knows = said.heading(np.full(said.t_us.size, np.nan))
        said = water.headed(said, self.rng) if water else nobody_knows
        return track(
            ship.mmsi,
            said.t_us,
            said.lat,
            said.lon,
            sog_kn=said.sog_kn,
            cog_deg=said.cog_deg,
            heading_deg=said.heading_deg,
        )

    def visit(
        self, place: Place, t_us: int, ship: Ship, out_min: float, water: Water | None
    ) -> dict:
        """The fixes of a vessel that comes, stops and goes back."""
        course_deg, stop_min = self.rng.uniform(0, 360), self.rng.uniform(5, 12)
        legs = [
            Leg(out_min, 20.0, course_deg),
            Leg(stop_min, 0.3, course_deg),
            Leg(45, 20.0, course_deg + 180),
        ]
        way = sail(*place, t_us, legs, n_before=1)
        if water and self.rng.random() >= HOLDS_STATION:
            leeway = self.rng.uniform(*BOAT_LEEWAY)
            way = water.carries(way, t_us, t_us + round(stop_min * HOUR_US / 60), leeway)
        return self.heard(ship, way, water)

    def drop(self, place: Place, case: Case) -> Drop:
        """A break at a place, its pick-up so much later, and nine days of others."""
        rng, host, delay_h = self.rng, self.host, case.delay_h
        dropper, fetcher = self.craft(CARGO, int(rng.integers(90, 240))), self.craft(PLEASURE, 9)
        slow = Leg(float(rng.uniform(8, 20)), float(rng.uniform(1, 4)), 0.0)
        course_deg, speed_kn = float(rng.uniform(0, 360)), float(rng.uniform(11, 16))
        t_us = host.start_us + round((case.history_d * 24 + rng.uniform(0, 12)) * HOUR_US)
        water = some_water(*place, t_us, rng) if case.passing is not None else None
        legs = [
            Leg(90, speed_kn, course_deg),
            Leg(slow.minutes, slow.speed_kn, course_deg),
            Leg(90, speed_kn, course_deg),
        ]
        way = sail(*place, t_us, legs, n_before=1)
        if water:
            slow_us = round(slow.minutes * HOUR_US / 60)
            way = water.carries(way, t_us, t_us + slow_us, SHIP_LEEWAY[1])
        dropped_us = t_us + round(slow.minutes / 2 * HOUR_US / 60)
        there, fetched_us = way.at(dropped_us), dropped_us + round(delay_h * HOUR_US)
        spread_km = 0.15
        if case.drifts and water:
            there = water.afloat(*there, dropped_us, fetched_us, PACKET_LEEWAY)
            spread_km = 0.5
        elif case.drifts:
            spread_km = np.hypot(0.5, 0.45 * 1.852 * delay_h / np.sqrt(2))
        there = self.off(there, *rng.normal(0, spread_km, 2))
        fetch = self.visit(there, fetched_us, fetcher, 45, water)
        others = list(self.traffic(place, case.rate, water))
        if water:
            first_us = dropped_us - round(PASSED_H * HOUR_US)
            others += self.passing(place, case.passing, (first_us, fetched_us), water)
        return Drop(
            dropper.mmsi,
            fetcher.mmsi,
            self.heard(dropper, way, water),
            fetch,
            [one for one, _ in others],
            [as_row(ship) for ship in (dropper, fetcher, *(ship for _, ship in others))],
        )

    def traffic(
        self, place: Place, rate: float, water: Water | None
    ) -> Iterator[tuple[dict, Ship]]:
        """Visits of others round a place: most by craft heard long before, that come and go."""
        rng, host = self.rng, self.host
        days = (host.end_us - host.start_us) / HOUR_US / 24
        for _ in range(rng.poisson(rate / 100 * np.pi * TRAFFIC_KM**2 * days)):
            km, angle = TRAFFIC_KM * np.sqrt(rng.random()), rng.uniform(0, 2 * np.pi)
            there = self.off(place, km * np.cos(angle), km * np.sin(angle))
            is_marked = rng.random() < MARKED
            ship = self.craft(PLEASURE, 9) if is_marked else self.craft(OTHER, 60)
            t_us = int(rng.integers(host.start_us, host.end_us))
            yield self.visit(there, t_us, ship, 45 if is_marked else 90, water), ship

    def passing(
        self, place: Place, per_h: float, span_us: tuple[int, int], water: Water
    ) -> Iterator[tuple[dict, Ship]]:
        """Ships that cross the water about a place, each straight on, heard every five minutes."""
        rng = self.rng
        for _ in range(rng.poisson(per_h * (span_us[1] - span_us[0]) / HOUR_US)):
            ship = self.craft(CARGO, int(rng.integers(90, 240)), every_s=300)
            course_deg, speed_kn = rng.uniform(0, 360), rng.uniform(10, 18)
            off_km, across = rng.uniform(-PASSING_KM, PASSING_KM), np.radians(course_deg + 90)
            nearest = self.off(place, off_km * np.cos(across), off_km * np.sin(across))
            half_min = np.sqrt(PASSING_KM**2 - off_km**2) / (speed_kn * 1.852) * 60
            legs = [Leg(half_min, speed_kn, course_deg)] * 2
            way = sail(*nearest, int(rng.integers(*span_us)), legs, n_before=1)
            yield self.heard(ship, way, water), ship

    @staticmethod
    def off(place: Place, north_km: float, east_km: float) -> Place:
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


@dataclass
class Counts:
    """How many of how many were found, or matched falsely; by rate."""

    matched: np.ndarray
    of: np.ndarray

    def shown(self) -> str:
        """A row of a table."""
        both = zip(self.matched, self.of, strict=True)
        return "".join(f"{f'{k}/{m}':>9}" for k, m in both)


def none_of(rates: tuple[float, ...]) -> Counts:
    """Nothing counted yet."""
    return Counts(*np.zeros((2, len(rates)), dtype=int))


@dataclass
class Table:
    """The rows of one water, printed as they are measured."""

    sea: Sea
    n: int
    rates: tuple[float, ...]
    rounds: int = 1  # of so many each

    def __post_init__(self) -> None:
        """Nothing is matched yet."""
        self.placebo, self.false = none_of(self.rates), none_of(self.rates)

    def head(self, what: str) -> None:
        """Say what follows."""
        print(f"{what}\n{'':<10} {'delay':>6}" + "".join(f"{rate:>9g}" for rate in self.rates))

    def row(self, case: Case, *, asks_placebo: bool) -> None:
        """Plant, ask, print, and count what is false."""
        shares = []
        for nth, rate in enumerate(self.rates):
            n_here = self.n if rate < BUSY else max(self.n // 4, 1)  # each takes long
            here, n_found = replace(case, rate=rate), 0
            for _ in range(self.rounds):
                n_found += self._found(here, n_here, nth, asks_placebo=asks_placebo)
            shares.append(n_found / n_here / self.rounds)
        what = "drifting" if case.drifts else "buoyed"
        row = "".join(f"{share:>9.2f}" for share in shares)
        print(f"{what:<10} {case.delay_h:>4g} h{row}", flush=True)

    def _found(self, case: Case, n: int, nth: int, *, asks_placebo: bool) -> int:
        """How many of so many are found; what is false is counted under the rate."""
        apart_km = APART_KM if case.passing is None else MOVING_APART_KM
        drops = [self.sea.drop(one, case) for one in self.sea.places(n, apart_km)]
        true = {(drop.dropper, drop.fetcher) for drop in drops}
        with_them = told(self.sea, drops, fetched=True)
        self.false.matched[nth] += sum(pair not in true for pair in with_them.pairs)
        self.false.of[nth] += with_them.n_breaks
        if asks_placebo:
            matched = {pair[0] for pair in told(self.sea, drops, fetched=False).pairs}
            self.placebo.matched[nth] += sum(drop.dropper in matched for drop in drops)
            self.placebo.of[nth] += n
        return len(true & set(with_them.pairs))

    def foot(self) -> None:
        """Print what was matched falsely."""
        for name, counts in (("placebo matched", self.placebo), ("of all breaks", self.false)):
            print(f"{name:<17}{counts.shown()}", flush=True)
        print()


def print_drops(n: int = N, seed: int = 1) -> None:
    """Print the tables, a row as soon as it is measured, and what was matched falsely."""
    sea = Sea(seed)
    print(f"{n} of each, seed {seed}; by visits of others per 100 km2 and day")
    print(f"where the water moves {n * MOVING_ROUNDS} of each, {HOLDS_STATION:.0%} hold station\n")
    for history_d in HISTORIES_D:
        table = Table(sea, n, RATES)
        table.head(f"nobody shows how the water moves, after {history_d:g} d of reception")
        for drifts, delay_h in itertools.product((False, True), DELAYS_H):
            case = Case(delay_h, 0.0, history_d, drifts)
            table.row(case, asks_placebo=delay_h == DELAYS_H[0])
        table.foot()
    for passing in PASSING:
        print_moving(passing, n, seed)


def print_moving(passing: float, n: int, seed: int) -> None:
    """Print the table of water that moves, with so many ships that pass an hour."""
    table = Table(Sea(seed), n, MOVING_RATES, MOVING_ROUNDS)
    table.head(f"{passing:g} ships pass an hour, after {HISTORIES_D[0]:g} d of reception")
    for drifts, delay_h in [(False, 24.0), *((True, hours) for hours in MOVING_DELAYS_H)]:
        case = Case(delay_h, 0.0, HISTORIES_D[0], drifts, passing)
        table.row(case, asks_placebo=drifts and delay_h == MOVING_DELAYS_H[0])
    table.foot()
