"""The behaviours that can be planted, each at random places and times and in named strengths."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack import routing
from vesseltrack.core.geodesy import bearing_deg, great_circle_m
from vesseltrack.errors import InputError, RouteError
from vesseltrack.planting.host import Host, Room
from vesseltrack.planting.port_to_port import locode_at, roundabout, two_ports
from vesseltrack.planting.sailing import (
    STEP_S,
    Heard,
    Leg,
    Ship,
    Way,
    along,
    beside,
    heard,
    joined,
    sail,
)
from vesseltrack.planting.truth import Truth
from vesseltrack.planting.water import BOAT_LEEWAY, PACKET_LEEWAY, SHIP_LEEWAY, some_water
from vesseltrack.units import (
    EARTH_RADIUS_M,
    METRES_PER_NM,
    US_PER_HOUR,
    US_PER_S,
    h_to_us,
    kn_to_mps,
    mps_to_kn,
)

Floats = npt.NDArray[np.float64]

_US_PER_MINUTE: Final = US_PER_HOUR // 60
_TRIES: Final = 200
# Off where it is thought to be, along each axis.
_ADRIFT_M: Final = 500.0
_BUOYED_M: Final = 150.0
_M_PER_DEG: Final = EARTH_RADIUS_M * np.pi / 180
_OFFSHORE: Final = Room(min_shore_nm=6.0, min_port_nm=8.0)
_COASTAL: Final = Room(min_shore_nm=3.5, min_port_nm=4.0)
_CLONE_APART_NM: Final = 40.0
# A vessel that is to fall silent is heard in every hour for so long before and after; where it is
# to be hard, so long and now and then.
_HEARD_BEFORE_H, _HEARD_AFTER_H, _HOURLY = 7.0, 1.0, 0.9
_HEARD_AT_ALL_H, _TIMES = 1.0, 20  # and at so many times, before another has to do
# They leave no port: those that are seen to vanish at sea long before the end are gaps as well.
_ENDS_LATE_H: Final = 5.0
# Vessels that go the same way so far off it, heard throughout.
_COMPANY_NM: Final = (-3.0, -2.2, -1.5, -0.8, 0.8, 1.5, 2.2, 3.0)
_COMPANY_EVERY_S: Final = 120
_LEAST_NM: Final = 500.0  # of a voyage with a detour, however short the archive
_BEHIND_NM: Final = 50.0  # a port that is declared lies at least so far behind
CARGO, TANKER, PLEASURE = 70, 80, 37


@dataclass(frozen=True)
class Silence:
    """Reports of a vessel of the archive that are taken away: from one time to another [us]."""

    mmsi: int
    start_us: int
    end_us: int


@dataclass(frozen=True)
class Planted:
    """What one planting adds, takes away, and is."""

    truth: Truth
    added: tuple[Heard, ...] = ()
    silences: tuple[Silence, ...] = ()


@dataclass(frozen=True)
class Case:
    """One planting asked for."""

    plant_id: str
    scenario: str
    strength: str


Plant = Callable[[Host, np.random.Generator, Case], Planted]


@dataclass(frozen=True)
class Scenario:
    """A behaviour, the kind of event that would find it, and its strengths by name."""

    kind: str
    plant: Plant
    strengths: Mapping[str, float]


def _ship(host: Host, rng: np.random.Generator, ship_type: int = CARGO) -> Ship:
    mmsi, noise_s = host.new_mmsi(), host.noise_s
    if ship_type == PLEASURE:
        length, name = int(rng.integers(7, 13)), f"BOAT {mmsi % 100_000}"
        return Ship(mmsi, name, ship_type, length, 3, is_class_a=False, noise_s=noise_s)
    length, name = int(rng.integers(90, 240)), f"SHIP {mmsi % 100_000}"
    return Ship(mmsi, name, ship_type, length, length // 7, noise_s=noise_s)


def _truth(
    case: Case, start: tuple[int, float, float], end_us: int, mmsi: int, other: int | None = None
) -> Truth:
    t_us, lat, lon = start
    kind = SCENARIOS[case.scenario].kind
    return Truth(
        case.plant_id, case.scenario, case.strength, kind, mmsi, other, t_us, end_us, lat, lon
    )


def _passage(  # noqa: PLR0913 - where, when, how fast, how long, and what happens on it
    host: Host,
    rng: np.random.Generator,
    room: Room,
    middle: tuple[Leg, ...],
    *,
    speed_kn: float,
    minutes: float = 90.0,
    minutes_after: float | None = None,
    needs_h: float = 0.0,
    ends_late_h: float | None = None,
) -> tuple[Way, float, int]:
    """Return a passage at sea with something in its middle: its way, course, and when that begins.

    Courses of the middle are relative to that of the passage, which lasts so many minutes before
    it and as many after it, unless told otherwise. It may have to end so late in the archive.
    """
    minutes_after = minutes if minutes_after is None else minutes_after
    middle_min = sum(leg.minutes for leg in middle)
    hours = needs_h + (minutes + middle_min + minutes_after) / 60
    for _ in range(_TRIES):
        lat, lon = host.a_place(room)
        course_deg = float(rng.uniform(0, 360))
        t_us = host.a_time(hours, ends_late_h) + round(minutes * _US_PER_MINUTE)
        legs = [
            Leg(minutes, speed_kn, course_deg),
            *(Leg(leg.minutes, leg.speed_kn, course_deg + leg.course_deg) for leg in middle),
            Leg(minutes_after, speed_kn, course_deg),
        ]
        way = sail(lat, lon, t_us, legs, n_before=1)
        every = max(1, way.lat.size // 20)
        if host.keeps_to_sea(way) and host.has_room(way.lat[::every], way.lon[::every], _COASTAL):
            return way, course_deg, t_us
    msg = f"{host.source.name}: no room at sea for a passage of {minutes + minutes_after:g} min"
    raise InputError(msg)


def _encounter(host: Host, rng: np.random.Generator, case: Case) -> Planted:
    minutes = SCENARIOS[case.scenario].strengths[case.strength]
    is_under_way = case.scenario == "handover_under_way"
    speed_kn = 10.0 if is_under_way else float(rng.uniform(0.2, 1.2))
    near_m = float(rng.uniform(20, 40) if is_under_way else rng.uniform(30, 120))
    # She lies there a while before and after the other is alongside.
    wait = Leg(minutes + 24.0, speed_kn, 0.0)
    way, course_deg, t_us = _passage(host, rng, _OFFSHORE, (wait,), speed_kn=12.0)
    start_us = t_us + 12 * _US_PER_MINUTE
    end_us = start_us + round(minutes * _US_PER_MINUTE)
    away_s = np.maximum(np.maximum(start_us - way.t_us, way.t_us - end_us), 0) / US_PER_S
    closing_mps = float(kn_to_mps(float(rng.uniform(10, 16))))
    other_way = beside(way, near_m + closing_mps * away_s, course_deg)
    ship, other = _ship(host, rng, CARGO), _ship(host, rng, TANKER)
    begin = (start_us, *way.at(start_us))
    return Planted(
        _truth(case, begin, end_us, ship.mmsi, other.mmsi),
        (heard(ship, way, rng), heard(other, other_way, rng)),
    )


def _drop(host: Host, rng: np.random.Generator, case: Case) -> Planted:
    delay_h = SCENARIOS[case.scenario].strengths[case.strength]
    drifts = case.scenario == "drop_drifting"
    slow = Leg(float(rng.uniform(8, 20)), float(rng.uniform(1, 4)), 0.0)
    way, _, t_us = _passage(
        host, rng, _OFFSHORE, (slow,), speed_kn=float(rng.uniform(11, 16)), needs_h=delay_h + 1.5
    )
    (of_water,) = rng.spawn(1)  # so that all else is planted as without it
    water = some_water(*way.at(t_us), t_us, of_water)
    way = water.carries(way, t_us, t_us + round(slow.minutes * _US_PER_MINUTE), SHIP_LEEWAY[1])
    dropped_us = t_us + round(slow.minutes / 2 * _US_PER_MINUTE)
    fetched_us = dropped_us + h_to_us(delay_h)
    lat, lon = way.at(dropped_us)
    # Buoyed packets move a little, drifting ones as far as the water takes them.
    if drifts:
        lat, lon = water.afloat(lat, lon, dropped_us, fetched_us, PACKET_LEEWAY)
    north_m, east_m = rng.normal(0, _ADRIFT_M if drifts else _BUOYED_M, 2)
    lat += north_m / _M_PER_DEG
    lon += east_m / _M_PER_DEG / np.cos(np.radians(lat))
    ship, boat = _ship(host, rng), _ship(host, rng, PLEASURE)
    course_deg, stop = float(rng.uniform(0, 360)), float(rng.uniform(5, 12))
    out = [
        Leg(45, 20.0, course_deg),
        Leg(stop, 0.3, course_deg),
        Leg(45, 20.0, course_deg + 180),
    ]
    boat_way = sail(float(lat), float(lon), fetched_us, out, n_before=1)
    end_us = fetched_us + round(stop * _US_PER_MINUTE)
    leeway = float(of_water.uniform(*BOAT_LEEWAY))
    boat_way = water.carries(boat_way, fetched_us, end_us, leeway)
    return Planted(
        _truth(case, (dropped_us, *way.at(dropped_us)), end_us, ship.mmsi, boat.mmsi),
        tuple(
            water.headed(heard(one, her_way, rng), of_water)
            for one, her_way in ((ship, way), (boat, boat_way))
        ),
    )


def _loiter(host: Host, rng: np.random.Generator, case: Case) -> Planted:
    hours = SCENARIOS[case.scenario].strengths[case.strength]
    n = max(4, round(hours * 4))
    wander = tuple(
        Leg(hours * 60 / n, float(rng.uniform(0.2, 1.4)), float(rng.uniform(0, 360)))
        for _ in range(n)
    )
    way, _, t_us = _passage(host, rng, _OFFSHORE, wander, speed_kn=12.0)
    ship = _ship(host, rng)
    return Planted(
        _truth(case, (t_us, *way.at(t_us)), t_us + h_to_us(hours), ship.mmsi),
        (heard(ship, way, rng),),
    )


def _gap(host: Host, rng: np.random.Generator, case: Case) -> Planted:
    """Silence a vessel at sea: one that the archive hears well, else one added in company.

    Where it is to be hard, one that the archive hears now and then, or none.
    """
    hours = SCENARIOS[case.scenario].strengths[case.strength]
    silenced = _silenced(host, rng, case, hours)
    if silenced is not None:
        return silenced
    if host.is_hard:
        msg = f"{host.source.name}: nobody at sea is left to fall silent for {case.strength}"
        raise InputError(msg)
    return _silent_in_company(host, rng, case, hours)


def _silenced(host: Host, rng: np.random.Generator, case: Case, hours: float) -> Planted | None:
    """Return the silence of a vessel of the archive; None if nobody is left."""
    before_h, after_h, longest_h, times = _HEARD_BEFORE_H, _HEARD_AFTER_H, _HOURLY, 1
    if host.is_hard:
        before_h, after_h, longest_h, times = _HEARD_AT_ALL_H, _HEARD_AT_ALL_H, hours, _TIMES
    stretches = host.well_heard(before_h + hours + after_h, max_gap_h=longest_h)
    for number in rng.permutation(len(stretches) * times):
        mmsi, first_us, last_us = stretches[number // times]
        earliest_us, latest_us = first_us + h_to_us(before_h), last_us - h_to_us(hours + after_h)
        start_us = int(rng.integers(earliest_us, latest_us + 1))
        end_us = start_us + h_to_us(hours)
        before, after = host.last_row(mmsi, start_us), host.last_row(mmsi, end_us)
        ends = host.lat[[before, after]], host.lon[[before, after]]
        if host.has_room(*ends, _OFFSHORE) and host.claim(mmsi):
            begin = (int(host.t_us[before]), float(ends[0][0]), float(ends[1][0]))
            # From her last report on: later ones under her number are stray, and go as well.
            silence = Silence(mmsi, begin[0] + 1, end_us)
            return Planted(_truth(case, begin, end_us, mmsi), silences=(silence,))
    return None


def _silent_in_company(host: Host, rng: np.random.Generator, case: Case, hours: float) -> Planted:
    """Return the silence of a vessel that is added with others, who are heard throughout."""
    way, course_deg, t_us = _passage(
        host,
        rng,
        _OFFSHORE,
        (Leg(hours * 60, 4.0, 0.0),),
        speed_kn=6.0,
        minutes=_HEARD_BEFORE_H * 60,
        minutes_after=_HEARD_AFTER_H * 60,
        ends_late_h=_ENDS_LATE_H,
    )
    ship, end_us = _ship(host, rng), t_us + h_to_us(hours)
    reports = heard(ship, way, rng)
    is_dark = (reports.t_us > t_us) & (reports.t_us < end_us)
    # Only by others near it can a silence be told from bad reception.
    company = [
        heard(
            replace(_ship(host, rng), every_s=_COMPANY_EVERY_S),
            beside(way, np.full(way.lat.size, off_nm * METRES_PER_NM), course_deg),
            rng,
        )
        for off_nm in _COMPANY_NM
    ]
    begin = (t_us, *way.at(t_us))
    return Planted(_truth(case, begin, end_us, ship.mmsi), (reports.without(is_dark), *company))


def _clone(host: Host, rng: np.random.Generator, case: Case) -> Planted:
    """Send under the MMSI of a vessel that is heard elsewhere meanwhile."""
    hours = SCENARIOS[case.scenario].strengths[case.strength]
    found = host.well_heard(hours, max_gap_h=0.5)
    if not found:
        msg = f"{host.source.name}: nobody is heard for {hours:g} h on end: nobody to clone"
        raise InputError(msg)
    for _ in range(_TRIES):
        mmsi, first_us, last_us = found[int(rng.integers(len(found)))]
        way, _, _ = _passage(host, rng, _COASTAL, (), speed_kn=11.0, minutes=hours * 30)
        start_us = int(rng.integers(first_us, max(first_us, last_us - h_to_us(hours)) + 1))
        way = Way(start_us, way.lat, way.lon)
        rows = host.rows_of(mmsi)
        apart_m = great_circle_m(host.lat[rows], host.lon[rows], way.lat[0], way.lon[0])
        if float(apart_m.min()) > _CLONE_APART_NM * METRES_PER_NM and host.claim(mmsi):
            name = f"CLONE {mmsi % 100_000}"
            ship = Ship(mmsi, name, CARGO, 120, 18, noise_s=host.noise_s)
            begin = (start_us, float(way.lat[0]), float(way.lon[0]))
            return Planted(_truth(case, begin, way.end_us, mmsi), (heard(ship, way, rng),))
    msg = f"{host.source.name}: no place for a clone {_CLONE_APART_NM:g} nm off the copied"
    raise InputError(msg)


def _teleport(host: Host, rng: np.random.Generator, case: Case) -> Planted:
    minutes = SCENARIOS[case.scenario].strengths[case.strength]
    way, _, t_us = _passage(host, rng, _OFFSHORE, (Leg(minutes, 12.0, 0.0),), speed_kn=12.0)
    nm, angle = float(rng.uniform(60, 200)), float(rng.uniform(0, 2 * np.pi))
    end_us = t_us + round(minutes * _US_PER_MINUTE)
    is_false = (way.t_us >= t_us) & (way.t_us < end_us)
    narrowing = np.cos(np.radians(way.lat))
    false = Way(
        way.start_us,
        way.lat + np.where(is_false, nm / 60 * np.cos(angle), 0.0),
        way.lon + np.where(is_false, nm / 60 * np.sin(angle) / narrowing, 0.0),
    )
    ship = _ship(host, rng)
    return Planted(
        _truth(case, (t_us, *way.at(t_us)), end_us, ship.mmsi),
        (_with_motion_of(heard(ship, false, rng), way),),
    )


def _circle(host: Host, rng: np.random.Generator, case: Case) -> Planted:
    """Let reports run in a small circle at speed for hours, as those of the jammed do."""
    hours = SCENARIOS[case.scenario].strengths[case.strength]
    speed_kn, radius_nm = float(rng.uniform(6, 14)), float(rng.uniform(0.2, 0.6))
    way, _, t_us = _passage(host, rng, _OFFSHORE, (), speed_kn=12.0, needs_h=hours)
    lat, lon = way.at(t_us)
    n = round(hours * 3600 / STEP_S)
    angle = np.arange(n) * STEP_S * speed_kn / 3600 / radius_nm
    ring = Way(
        t_us,
        lat + radius_nm / 60 * np.sin(angle),
        lon + radius_nm / 60 * (1 - np.cos(angle)) / np.cos(np.radians(lat)),
    )
    half = int(np.searchsorted(way.t_us, t_us))
    after = Way(ring.end_us + STEP_S * US_PER_S, way.lat[half:], way.lon[half:])
    first = Way(way.start_us, way.lat[:half], way.lon[:half])
    ship = _ship(host, rng)
    return Planted(
        _truth(case, (t_us, lat, lon), ring.end_us, ship.mmsi),
        (heard(ship, joined([first, ring, after]), rng),),
    )


def _detour(host: Host, rng: np.random.Generator, case: Case) -> Planted:
    """Sail between two listed ports by way of a place that makes it so much longer."""
    share = SCENARIOS[case.scenario].strengths[case.strength]
    speed_kn, stay = 24.0, 3.2
    ship = _ship(host, rng)
    most_nm = ((host.end_us - host.start_us) / US_PER_HOUR - 2 * stay) * speed_kn
    for _ in range(_TRIES):
        start, end = two_ports(host, rng)
        parts = roundabout(start, end, share, max(most_nm, _LEAST_NM), ship.length_m, rng)
        if parts is None:
            continue
        sailed_nm = sum(part.distance_nm for part in parts)
        lat = np.concatenate([part.lat for part in parts])
        lon = np.concatenate([part.lon for part in parts])
        sailing_h = sailed_nm / speed_kn
        t_us = host.a_time(sailing_h + 2 * stay) + h_to_us(stay)
        way = along(lat, lon, t_us, speed_kn)
        n = round(stay * 3600 / STEP_S)
        before = Way(t_us - n * STEP_S * US_PER_S, np.full(n, lat[0]), np.full(n, lon[0]))
        after = Way(0, np.full(n, lat[-1]), np.full(n, lon[-1]))
        return Planted(
            _truth(case, (t_us, float(lat[0]), float(lon[0])), way.end_us, ship.mmsi),
            (heard(ship, joined([before, way, after]), rng),),
        )
    msg = f"{host.source.name}: no two ports near its traffic for a detour of {case.strength}"
    raise InputError(msg)


def _misdeclare(host: Host, rng: np.random.Generator, case: Case) -> Planted:
    """Sail on between two ports, and declare the one that lies behind."""
    hours = SCENARIOS[case.scenario].strengths[case.strength]
    declared_h = 1.5  # before it counts
    speed_kn = float(rng.uniform(10, 15))
    for _ in range(_TRIES):
        start, end = two_ports(host, rng)
        locode = locode_at(start)
        try:
            route = routing.shortest_route(start, end)
        except RouteError:
            continue
        if locode is None or route.distance_nm < _BEHIND_NM + (hours + declared_h) * speed_kn:
            continue
        whole = along(route.lat, route.lon, 0, speed_kn)
        first, n, n_before = (
            round(span_h * 3600 / STEP_S)
            for span_h in (_BEHIND_NM / speed_kn, hours + declared_h, declared_h)
        )
        part = slice(first, first + n)
        way = Way(host.a_time(hours + declared_h), whole.lat[part], whole.lon[part])
        begin_us = int(way.t_us[n_before])
        ship = replace(_ship(host, rng), destination=locode)
        begin = (begin_us, *way.at(begin_us))
        return Planted(_truth(case, begin, way.end_us, ship.mmsi), (heard(ship, way, rng),))
    msg = f"{host.source.name}: no two ports near its traffic for a voyage of {case.strength}"
    raise InputError(msg)


def _with_motion_of(reports: Heard, way: Way) -> Heard:
    """Return reports with the speed and course of a way: a receiver led astray tells these on."""
    steps = np.clip((reports.t_us - way.start_us) // (STEP_S * US_PER_S), 0, way.lat.size - 2)
    lat, lon = way.lat, way.lon
    step_m = great_circle_m(lat[steps], lon[steps], lat[steps + 1], lon[steps + 1])
    cog = bearing_deg(lat[steps], lon[steps], lat[steps + 1], lon[steps + 1])
    return Heard(
        reports.ship,
        reports.t_us,
        reports.lat,
        reports.lon,
        np.round(mps_to_kn(step_m / STEP_S), 1),
        np.round(cog, 1) % 360.0,
        np.round(cog) % 360.0,
    )


_DELAYS: Final = {"1 h": 1.0, "6 h": 6.0, "12 h": 12.0, "24 h": 24.0, "48 h": 48.0}
SCENARIOS: Final[dict[str, Scenario]] = {
    "detour": Scenario(
        "route_deviation",
        _detour,
        {"20 %": 0.2, "50 %": 0.5, "15 %": 0.15, "10 %": 0.1, "5 %": 0.05},
    ),
    "encounter": Scenario("encounter", _encounter, {"2 h": 140.0, "10 min": 10.0, "3 min": 3.5}),
    "handover_under_way": Scenario("encounter", _encounter, {"4 min": 4.5}),
    "drop_buoyed": Scenario("drop_pickup", _drop, _DELAYS),
    "drop_drifting": Scenario("drop_pickup", _drop, _DELAYS),
    "loiter": Scenario("loitering", _loiter, {"4 h": 4.0, "10 h": 10.0, "1.5 h": 1.5}),
    "gap": Scenario("ais_gap", _gap, {"12 h": 12.0, "7 h": 7.0}),
    "clone": Scenario("identity_conflict", _clone, {"3 h": 3.0}),
    "teleport": Scenario("position_spoofing", _teleport, {"40 min": 40.0}),
    "circle": Scenario("position_spoofing", _circle, {"5 h": 5.0}),
    "misdeclared": Scenario("destination_mismatch", _misdeclare, {"12 h": 12.0, "7 h": 7.0}),
}
