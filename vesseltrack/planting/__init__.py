"""Known behaviours planted into real archives, and events scored against what was planted.

A detector that is tried on invented tracks alone knows only what its author thought of; here what
it must find lies among everything that a real archive holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vesseltrack import ingest
from vesseltrack.engine import Progress, silent
from vesseltrack.errors import InputError
from vesseltrack.planting.alerting import AlertRate, Watched, alert_rates
from vesseltrack.planting.archive import write_archive
from vesseltrack.planting.found import events_at, watched_at
from vesseltrack.planting.host import Host
from vesseltrack.planting.lines import writer_for
from vesseltrack.planting.scenarios import SCENARIOS, Case
from vesseltrack.planting.scoring import Score, Scores, score
from vesseltrack.planting.truth import Truth, read_truth, write_truth

__all__ = [
    "SCENARIOS",
    "AlertRate",
    "PlantingSummary",
    "Score",
    "Scores",
    "Truth",
    "Watched",
    "alert_rates",
    "asked",
    "events_at",
    "plant",
    "read_truth",
    "score",
    "watched_at",
    "write_truth",
]


@dataclass(frozen=True)
class PlantingSummary:
    """What planting did: the truths, and how many lines the new archive has."""

    truths: tuple[Truth, ...]
    n_lines: int


def asked(words: Sequence[str]) -> list[tuple[str, str]]:
    """Return scenarios and strengths as named: `loiter`, `loiter:10 h`, or `all`.

    Raises
    ------
    InputError
        Naming the word, and the scenarios or strengths there are.
    """
    found = []
    for word in words:
        name, _, strength = word.partition(":")
        if name == "all" and not strength:
            found += [(one, level) for one in SCENARIOS for level in SCENARIOS[one].strengths]
            continue
        if name not in SCENARIOS:
            msg = f"no scenario is called {name!r}; there are all, {', '.join(SCENARIOS)}"
            raise InputError(msg)
        strengths = SCENARIOS[name].strengths
        squeezed = {level.replace(" ", ""): level for level in strengths}
        wanted = strength.replace(" ", "")
        if wanted and wanted not in squeezed:
            msg = f"{name} has no strength {strength!r}; there are {', '.join(strengths)}"
            raise InputError(msg)
        found += [(name, squeezed[wanted])] if wanted else [(name, level) for level in strengths]
    return found


def plant(  # noqa: PLR0913 - what, from where and to where, and how
    scenarios: Sequence[tuple[str, str]],
    *,
    into: Path,
    output: Path,
    count: int = 1,
    seed: int = 0,
    is_hard: bool = False,
    progress: Progress = silent,
) -> PlantingSummary:
    """Write a copy of an archive with behaviours planted at random places and times.

    Parameters
    ----------
    scenarios : sequence of (str, str)
        Scenarios and strengths, see `asked`.
    into : Path
        An NMEA archive or DMA CSV, plain or compressed; with one source in it.
    output : Path
        The copy; compressed as its suffix says.
    count : int
        How many of each.
    seed : int
        The same seed plants the same.
    is_hard : bool
        Nothing in favour of who is to find it: an error of its own for each report, and silences
        of any vessel of the archive, however seldom it is heard, with none added.
    progress : Progress
        Told how many of the behaviours have found their place.

    Raises
    ------
    SourceError
        If the archive cannot be read.
    InputError
        If it is of another format, or has no room for a behaviour.
    """
    sources = list(ingest.open_sources(into))
    if len(sources) != 1:
        msg = f"{into} holds {len(sources)} archives; planting takes one at a time"
        raise InputError(msg)
    if output.exists() and output.samefile(into):
        msg = f"{output} is the archive itself: name another output"
        raise InputError(msg)
    source = sources[0]
    header = next((raw for _, raw in source.lines() if raw.strip()), None)
    writer = writer_for(source.format, header)
    rng = np.random.default_rng(seed)
    host = Host(source, rng, is_hard=is_hard)
    planted = []
    for name, strength in scenarios:
        for number in range(1, count + 1):
            plant_id = f"{name}-{strength.replace(' ', '')}-{number}"
            planted.append(SCENARIOS[name].plant(host, rng, Case(plant_id, name, strength)))
            progress("planting", len(planted), len(scenarios) * count)
    n_lines = write_archive(host, planted, writer, output)
    return PlantingSummary(tuple(one.truth for one in planted), n_lines)
