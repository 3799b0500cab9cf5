"""What detectors find is what the definitions say, written down one fix after the other."""

import itertools
import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect_fleets import FLEETS, VESSELS, random_fleet
from detect_tables import cut_at, events_of
from vesseltrack.config.detect import DetectConfig
from vesseltrack.core.geodesy import angle_between_deg, great_circle_m
from vesseltrack.core.vessel_keys import keys_of
from vesseltrack.detect import make_detector
from vesseltrack.schema import DOUBTFUL, Quality

Row = dict[str, Any]
Found = list[tuple[tuple[str, ...], int, int]]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
KN = 1852 / 3600
CONFIG = DetectConfig()
SHIPS = VESSELS["vessel_id"].to_pylist()
FLEET_NAMES = ["encounter", *FLEETS]  # of kinds: the first has the plain one


def by_vessel(table: pa.Table) -> dict[str, list[Row]]:
    """Fixes that are not doubtful, of each vessel in order of time."""
    named = dict(zip(keys_of(SHIPS).tolist(), SHIPS, strict=True))
    own: dict[str, list[Row]] = {}
    for plain in table.to_pylist():
        row = {name: math.nan if value is None else value for name, value in plain.items()}
        if not row["quality"] & int(DOUBTFUL):
            if row["quality"] & int(Quality.BAD_SPEED):
                row["sog_kn"] = math.nan
            row["t"] = round(row["timestamp"].timestamp() * 1e6)
            own.setdefault(named[row["vessel_key"]], []).append(row)
    return own


def apart_m(one: Row, other: Row) -> float:
    return float(great_circle_m(one["lat"], one["lon"], other["lat"], other["lon"]))


def split(rows: Sequence[Any], is_parted: Any) -> Iterator[list[Any]]:
    """Yield rows in pieces, cut between neighbours that something parts."""
    piece: list[Any] = []
    for row in rows:
        if piece and is_parted(piece[-1], row):
            yield piece
            piece = []
        piece.append(row)
    if piece:
        yield piece


def drifts(table: pa.Table) -> Found:
    rule = CONFIG.drifting.default
    found = []
    for ship, rows in by_vessel(table).items():
        met = [
            (number, row)
            for number, row in enumerate(rows)
            if rule.min_speed_kn <= row["sog_kn"] <= rule.max_speed_kn
            and angle_between_deg(row["cog_deg"], row["heading_deg"]) > rule.min_angle_deg
        ]
        for piece in split(
            met,
            lambda one, other: (
                other[0] - one[0] - 1 > rule.max_false_reports
                or other[1]["t"] - one[1]["t"] > rule.max_gap_min * MINUTE
            ),
        ):
            first, last = piece[0][1], piece[-1][1]
            if (
                last["t"] - first["t"] >= rule.min_duration_min * MINUTE
                and apart_m(first, last) >= rule.min_distance_m
                and len(piece) >= rule.min_reports
            ):
                found.append(((ship,), first["t"], last["t"]))
    return found


def spaced(rows: list[Row]) -> list[Row]:
    """Of each ten minutes the first, but for one that follows the first before by under five."""
    number = [row["t"] // (10 * MINUTE) for row in rows]
    first = [row for i, row in enumerate(rows) if i == 0 or number[i] != number[i - 1]]
    return [
        row
        for i, row in enumerate(first)
        if i == 0
        or row["t"] // (10 * MINUTE) - first[i - 1]["t"] // (10 * MINUTE) != 1
        or row["t"] - first[i - 1]["t"] >= 5 * MINUTE
    ]


def is_slow_leg(one: Row, other: Row) -> bool:
    rule = CONFIG.loitering.default
    kn = speed_kn(one, other)
    anchored = kn <= rule.still_speed_kn and other["nav_status"] in rule.anchored_status
    return (
        one["segment"] == other["segment"]
        and 0 < other["t"] - one["t"] <= rule.max_gap_h * HOUR
        and kn < rule.max_speed_kn
        and not anchored
        and min(one["shore_m"], other["shore_m"]) > rule.min_shore_nm * 1852
        and min(one["port_m"], other["port_m"]) > rule.port_radius_km * 1000
        and min(one["anchorage_m"], other["anchorage_m"]) > rule.anchorage_radius_km * 1000
    )


def speed_kn(one: Row, other: Row) -> float:
    return apart_m(one, other) / max((other["t"] - one["t"]) / 1e6, 1e-9) / KN


def loiters(table: pa.Table) -> Found:
    rule = CONFIG.loitering.default
    found = []
    for ship, rows in by_vessel(table).items():
        numbered = enumerate(itertools.pairwise(spaced(rows)))
        slow = [(number, *leg) for number, leg in numbered if is_slow_leg(*leg)]

        def is_parted(before: tuple[int, Row, Row], after: tuple[int, Row, Row]) -> bool:
            """Legs of a report that do not count are forgiven if the way past it is slow too."""
            n_between = after[0] - before[0] - 1
            return n_between > 0 and (
                n_between > 2 * rule.max_false_reports
                or before[2]["segment"] != after[1]["segment"]
                or after[1]["t"] - before[2]["t"] > rule.max_gap_h * HOUR
                or speed_kn(before[2], after[1]) >= rule.max_speed_kn
            )

        for stay in split(slow, is_parted):
            start, end = stay[0][1]["t"], stay[-1][2]["t"]
            if end - start >= rule.min_duration_h * HOUR:
                found.append(((ship,), start, end))
    return found


def sudden_stops(table: pa.Table) -> Found:
    rule = CONFIG.sudden_speed_change.default
    found = []
    for ship, every in by_vessel(table).items():
        rows = [row for row in every if not math.isnan(row["sog_kn"])]
        for last, first in itertools.pairwise(range(len(rows))):
            if not (
                rows[last]["sog_kn"] > rule.min_before_kn
                and rows[first]["sog_kn"] < rule.max_after_kn
                and rows[first]["t"] - rows[last]["t"] <= rule.within_s * SECOND
            ):
                continue
            since = rows[last]["t"] - rule.made_good_s * SECOND
            on = last
            while (
                on > 0
                and rows[on]["t"] > since
                and rows[on - 1]["sog_kn"] > rule.min_before_kn
                and rows[on]["t"] - rows[on - 1]["t"] <= rule.max_silence_s * SECOND
            ):
                on -= 1
            made_s = max((rows[last]["t"] - rows[on]["t"]) / SECOND, 1.0)
            made_kn = apart_m(rows[on], rows[last]) / made_s / KN
            is_sure = first - on >= rule.min_fast_reports
            if not is_sure or made_kn < rule.min_made_good_frac * rows[last]["sog_kn"]:
                continue
            kept = first
            while rows[kept]["t"] < rows[first]["t"] + rule.kept_s * SECOND:
                kept += 1
                if (
                    kept == len(rows)
                    or rows[kept]["sog_kn"] >= rule.max_after_kn
                    or rows[kept]["t"] - rows[kept - 1]["t"] > rule.max_silence_s * SECOND
                ):
                    break
            else:
                found.append(((ship,), rows[last]["t"], rows[kept]["t"]))
    return found


def silences(table: pa.Table, hours: float) -> Found:
    return [
        ((ship,), one["t"], other["t"])
        for ship, rows in by_vessel(table).items()
        for one, other in itertools.pairwise(rows)
        if other["t"] - one["t"] > hours * HOUR
    ]


def on_grid(rows: list[Row]) -> dict[int, tuple[float, float, float]]:
    """Latitude, longitude and distance from anchorages at whole ten minutes."""
    rule, step = CONFIG.encounter.gfw, round(CONFIG.encounter.gfw.grid_step_min * MINUTE)
    found = {}
    for number, row in enumerate(rows):
        near_m = min(row["port_m"], row["anchorage_m"])
        before = rows[number - 1] if number else None
        if (
            before is not None
            and before["segment"] == row["segment"]
            and row["t"] - before["t"] <= rule.max_interpolation_h * HOUR
        ):
            east = (row["lon"] - before["lon"] + 180) % 360 - 180
            both_m = min(near_m, before["port_m"], before["anchorage_m"])
            for t in range((before["t"] // step + 1) * step, row["t"] + 1, step):
                along = (t - before["t"]) / (row["t"] - before["t"])
                lat = before["lat"] + along * (row["lat"] - before["lat"])
                found[t] = (lat, before["lon"] + along * east, both_m)
        elif row["t"] % step == 0:
            found[row["t"]] = (row["lat"], row["lon"], near_m)
    return {t: at for t, at in found.items() if at[2] >= rule.min_anchorage_km * 1000}


def meetings(table: pa.Table) -> Found:
    rule, step = CONFIG.encounter.gfw, round(CONFIG.encounter.gfw.grid_step_min * MINUTE)
    ways = {ship: on_grid(rows) for ship, rows in by_vessel(table).items()}
    found = []
    for one, other in itertools.combinations(sorted(ways), 2):
        if one[:9] == other[:9]:
            continue
        near = sorted(
            t
            for t in ways[one].keys() & ways[other].keys()
            if great_circle_m(*ways[one][t][:2], *ways[other][t][:2]) <= rule.max_distance_m
        )
        runs = [
            run
            for run in split(near, lambda a, b: b - a != step)
            if run[-1] - run[0] >= rule.min_run_h * HOUR
        ]
        for met in split(runs, lambda a, b: b[0] - a[-1] >= rule.merge_gap_h * HOUR):
            kn = [
                median(
                    float(great_circle_m(*way[a][:2], *way[b][:2])) / (step / 1e6) / KN
                    for run in met
                    for a, b in itertools.pairwise(run)
                )
                for way in (ways[one], ways[other])
            ]
            start, end = met[0][0], met[-1][-1]
            if end - start >= rule.min_duration_h * HOUR and sum(kn) / 2 < 2.0:
                found.append(((one, other), start, end))
    return found


RULES = {
    "sudden stops": ("sudden_speed_change", None, sudden_stops),
    "drifting": ("drifting", None, drifts),
    "loitering": ("loitering", None, loiters),
    "gfw gaps": ("ais_gap", ("gfw",), lambda table: silences(table, 12.0)),
    "starboard gaps": ("ais_gap", ("starboard",), lambda table: silences(table, 4.0)),
    "gfw encounters": ("encounter", ("gfw",), meetings),
}


def told(table: pa.Table, kind: str, presets: tuple[str, ...] | None) -> Found:
    final, open_ = events_of(make_detector(kind, CONFIG, presets), cut_at(table, []), VESSELS)
    events = [event for event in final + open_ if kind != "ais_gap" or event["status"] == "final"]
    return [
        (
            tuple(ship for ship in (event["vessel_id"], event["other_vessel_id"]) if ship),
            *(round(event[name].timestamp() * 1e6) for name in ("start", "end")),
        )
        for event in events
    ]


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), of_kind=st.sampled_from(FLEET_NAMES))
def test_events_are_those_of_brute_force(name, seed, of_kind):
    kind, presets, brute_force = RULES[name]
    table = FLEETS.get(of_kind, random_fleet)(seed)
    assert sorted(told(table, kind, presets)) == sorted(brute_force(table))


@pytest.mark.parametrize("name", RULES)
def test_brute_force_finds_some(name):
    """Or the comparison would say nothing."""
    kind, presets, brute_force = RULES[name]
    fleets = [FLEETS.get(kind, random_fleet)(seed) for seed in range(4)]
    found = [sorted(brute_force(fleet)) for fleet in fleets]
    assert any(found)
    assert [sorted(told(fleet, kind, presets)) for fleet in fleets] == found
