"""Planted behaviours found: recall and precision over two real archives, and what is left alone.

Printed as Markdown. Seeds are fixed. Scenarios are planted into copies of their own, so that what
one leaves behind (a vessel that vanishes at sea) is not counted against another.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
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
SEED = 1
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
CLONES = {"a Danish day": 4, "nine days of the world": 16}
BARS = {"handover_under_way": 0.9, "encounter:3 min": 0.9}
BAR = 0.95


@dataclass
class Row:
    """One scenario at one strength, over all archives."""

    planted: list[int] = field(default_factory=list)
    flagged: list[int] = field(default_factory=list)
    n_alerts: int = 0  # of its kind, where it was planted
    n_matching: int = 0


def print_planted() -> None:
    """Print both tables."""
    rows: dict[tuple[str, str], Row] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, archive in ARCHIVES.items():
            for words in TOGETHER:
                count = CLONES[name] if words == ("clone:3h",) else EACH
                _score(archive, words, count, Path(folder), rows)
                print(f"planted {', '.join(words)} into {name}", file=sys.stderr, flush=True)
        names = " | ".join(ARCHIVES)
        print(f"| scenario | strength | {names} | recall | bar | precision of the kind |")
        print("|---|---|" + "---|" * len(ARCHIVES) + "---|---|---|")
        for (scenario, strength), row in rows.items():
            print(_line(scenario, strength, row))
        print()
        print("| untouched | vessel-days | alerts in 100 | outside working craft | by kind |")
        print("|---|---|---|---|---|")
        for name, archive in ARCHIVES.items():
            print(_untouched(name, archive, Path(folder)), flush=True)


def _score(
    archive: Path,
    words: tuple[str, ...],
    count: int,
    folder: Path,
    rows: dict[tuple[str, str], Row],
) -> None:
    suffixes = "".join(archive.suffixes[-2:])
    copy, truth = folder / f"planted{suffixes}", folder / "truth.csv"
    _run(
        "plant",
        *words,
        "--into",
        archive,
        "--output",
        copy,
        "--truth",
        truth,
        "--count",
        str(count),
        "--seed",
        str(SEED),
    )
    store = folder / f"store{sum(1 for _ in folder.iterdir())}"
    _run("run", copy, "--store", store)
    events, vessel_days = planting.events_at(store)
    truths = planting.read_truth(truth)
    scores = planting.score(events, truths, vessel_days)
    kind_of = {(one.scenario, one.strength): one.kind for one in truths}
    alerts = {one.kind: one for one in scores.by_kind}
    for one in scores.by_strength:
        row = rows.setdefault((one.name, one.strength), Row())
        of_kind = alerts[kind_of[one.name, one.strength]]
        row.planted.append(one.n_planted)
        row.flagged.append(one.n_flagged)
        row.n_alerts += of_kind.n_events
        row.n_matching += of_kind.n_matching


def _run(*arguments: object) -> None:
    command = [sys.executable, "-m", "vesseltrack", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


def _line(scenario: str, strength: str, row: Row) -> str:
    found = " | ".join(
        f"{flagged} of {planted}"
        for flagged, planted in zip(row.flagged, row.planted, strict=True)
    )
    recall = sum(row.flagged) / sum(row.planted)
    bar = BARS.get(f"{scenario}:{strength}", BARS.get(scenario, BAR))
    precision = row.n_matching / row.n_alerts if row.n_alerts else float("nan")
    return f"| `{scenario}` | {strength} | {found} | {recall:.2f} | {bar:g} | {precision:.2f} |"


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
