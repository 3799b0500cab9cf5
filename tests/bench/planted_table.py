"""Planted behaviours found: recall and precision over two real archives, and what is left alone.

Printed as Markdown, over the seeds given. Scenarios are planted into copies of their own, so that
what one leaves behind (a vessel that vanishes at sea) is not counted against another. Each is
planted once more with nothing in the detectors' favour (`plant --hard`).
"""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from vesseltrack import planting
from vesseltrack.config.detect.shared import WORKING_CLASSES
from vesseltrack.core.ship_class import ship_class
from vesseltrack.store import Filter, Store

DEMO = Path(__file__).parents[2] / "fixtures" / "demo"
ARCHIVES = {
    "a Danish day": DEMO / "dma_2021-01-08.csv.gz",
    "nine days of the world": DEMO / "gfw_2021-01-01_09.nmea.gz",
}
SEEDS = (1, 2, 3)
EACH = 10  # of each, in each archive
# Planted together, because they leave each other alone.
TOGETHER = (
    ("encounter:2h", "encounter:3min", "handover_under_way:4min"),
    ("loiter:4h",),
    ("gap:7h", "gap:12h"),
    ("clone:3h",),
    ("teleport:40min", "circle:5h"),
    ("detour:20%",),
)
# A clone needs a vessel to copy: the day has five.
CLONES = {"a Danish day": 4, "nine days of the world": 12}
# A hard gap needs a vessel of the archive to silence: after those of 7 h too few are left.
HARD_GAPS = {"a Danish day": 1, "nine days of the world": 7}
BARS = {"handover_under_way": 0.9, "encounter:3 min": 0.9}
BAR = 0.95
NORMAL_95 = 1.96

Name = tuple[str, str]  # of a scenario, and its strength


@dataclass(frozen=True)
class Place:
    """Where something is planted: an archive, a seed, and whether it is to be hard."""

    archive: str
    seed: int
    is_hard: bool

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.archive}, seed {self.seed}{', hard' if self.is_hard else ''}"


@dataclass
class Row:
    """One scenario at one strength, over all archives and seeds."""

    planted: Counter[str] = field(default_factory=Counter)  # by archive
    flagged: Counter[str] = field(default_factory=Counter)
    n_alerts: int = 0  # of its kind, where it was planted
    n_matching: int = 0

    @property
    def found(self) -> str:
        """How many of how many, and the share with the lower end of its 95 % interval."""
        n, of = self.flagged.total(), self.planted.total()
        return f"{n} of {of} | {n / of:.3f} | {wilson_lower(n, of):.2f}" if of else "- | - | -"


def wilson_lower(n: int, of: int) -> float:
    """Return the lower end of Wilson's 95 % interval of a share (JASA 22, 1927)."""
    z2 = NORMAL_95**2
    half = NORMAL_95 * math.sqrt(n * (of - n) / of + z2 / 4)
    return (n + z2 / 2 - half) / (of + z2)


@dataclass(frozen=True)
class Result:
    """What became of scenarios planted together."""

    place: Place
    scores: planting.Scores
    kind_of: dict[Name, str]
    missed: tuple[str, ...]  # a line each

    def __str__(self) -> str:
        """Return it in words."""
        shares = [
            f"{s.name} {s.strength} {s.n_flagged} of {s.n_planted}"
            for s in self.scores.by_strength
        ]
        return f"{self.place}: {', '.join(shares)}"


def print_planted(words: Sequence[str] = ()) -> None:
    """Print both tables, and what was missed."""
    seeds = [int(word) for word in words] or SEEDS
    usual: dict[Name, Row] = {}
    hard: dict[Name, Row] = {}
    missed: list[str] = []
    jobs = [
        (Place(name, seed, is_hard), scenarios)
        for is_hard in (False, True)
        for seed in seeds
        for name in ARCHIVES
        for scenarios in TOGETHER
    ]
    with tempfile.TemporaryDirectory() as folder:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for result in pool.map(lambda job: _planted(*job, Path(folder)), jobs):
                _add(result, hard if result.place.is_hard else usual)
                missed += result.missed
                print("\n".join([str(result), *result.missed]), file=sys.stderr, flush=True)
        names = " | ".join(ARCHIVES)
        print(f"Seeds {', '.join(map(str, seeds))}.\n")
        print(
            f"| scenario | strength | {names} | flagged | recall | at least | bar | precision "
            "| hard: flagged | recall | at least |"
        )
        print("|---|---|" + "---|" * (len(ARCHIVES) + 8))
        for name, row in usual.items():
            print(_line(name, row, hard.get(name, Row())))
        print("\n".join(["", "Missed:", *missed, ""]))
        print("| untouched | vessel-days | alerts in 100 | outside working craft | by kind |")
        print("|---|---|---|---|---|")
        for name, archive in ARCHIVES.items():
            print(_untouched(name, archive, Path(folder)), flush=True)


def _planted(place: Place, scenarios: tuple[str, ...], folder: Path) -> Result:
    """Plant, run and score."""
    own = folder / f"{place} {scenarios[0]}".replace(":", " ")
    own.mkdir()
    archive = ARCHIVES[place.archive]
    copy, truth = own / f"planted{''.join(archive.suffixes[-2:])}", own / "truth.csv"
    _plant(place, scenarios, copy, truth)
    _run("run", copy, "--store", own / "store")
    events, vessel_days = planting.events_at(own / "store")
    truths = planting.read_truth(truth)
    shutil.rmtree(own)
    missed = []
    for one in truths:
        (alone,) = planting.score(events, [one]).by_strength
        if not alone.n_flagged:
            how = "explained" if alone.n_found else "no event"
            missed.append(f"- {place}: {one.plant_id}, mmsi {one.mmsi}: {how}")
    kind_of = {(one.scenario, one.strength): one.kind for one in truths}
    return Result(place, planting.score(events, truths, vessel_days), kind_of, tuple(missed))


def _add(result: Result, rows: dict[Name, Row]) -> None:
    alerts = {one.kind: one for one in result.scores.by_kind}
    for one in result.scores.by_strength:
        row = rows.setdefault((one.name, one.strength), Row())
        of_kind = alerts[result.kind_of[one.name, one.strength]]
        row.planted[result.place.archive] += one.n_planted
        row.flagged[result.place.archive] += one.n_flagged
        row.n_alerts += of_kind.n_events
        row.n_matching += of_kind.n_matching


def _plant(place: Place, scenarios: tuple[str, ...], copy: Path, truth: Path) -> None:
    count = CLONES[place.archive] if scenarios == ("clone:3h",) else EACH
    if place.is_hard and "gap:7h" in scenarios:
        scenarios, count = ("gap:7h",), HARD_GAPS[place.archive]
    into = ("--into", ARCHIVES[place.archive], "--output", copy, "--truth", truth)
    hard = ("--hard",) if place.is_hard else ()
    _run("plant", *scenarios, *into, "--count", count, "--seed", place.seed, *hard)


def _run(*arguments: object) -> None:
    command = [sys.executable, "-m", "vesseltrack", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, text=True)


def _line(name: Name, row: Row, hard: Row) -> str:
    scenario, strength = name
    by_archive = " | ".join(f"{row.flagged[a]} of {row.planted[a]}" for a in ARCHIVES)
    bar = BARS.get(f"{scenario}:{strength}", BARS.get(scenario, BAR))
    precision = row.n_matching / row.n_alerts if row.n_alerts else float("nan")
    return (
        f"| `{scenario}` | {strength} | {by_archive} | {row.found} | {bar:g} | {precision:.2f} "
        f"| {hard.found} |"
    )


def _untouched(name: str, archive: Path, folder: Path) -> str:
    path = folder / f"untouched {name}"
    _run("run", archive, "--store", path)
    _, vessel_days = planting.events_at(path)
    store = Store.open(path)
    types = store.select("vessels", Filter(), columns=("vessel_id", "ship_type")).to_pylist()
    class_of = {
        row["vessel_id"]: ship_class(-1 if row["ship_type"] is None else row["ship_type"]).value
        for row in types
    }
    rows = store.select("events", Filter()).to_pylist()
    flagged = [row for row in rows if not json.loads(row["innocent"])["holds"]]
    others = [row for row in flagged if class_of[row["vessel_id"]] not in WORKING_CLASSES]
    kinds = ", ".join(f"{kind} {n}" for kind, n in Counter(r["kind"] for r in flagged).items())
    per_100 = [100 * len(some) / vessel_days for some in (flagged, others)]
    return (
        f"| {name} | {vessel_days:.0f} | {per_100[0]:.1f} | {per_100[1]:.1f} | {kinds or 'none'} |"
    )
