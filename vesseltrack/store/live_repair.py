"""The alert feed and the engine's state held against their hashes; what is done about damage."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from vesseltrack.store import engine_state
from vesseltrack.store.feed import (
    FOLDER,
    Line,
    first_number,
    lines_of,
    segment_name,
    segments,
)
from vesseltrack.store.files import write_bytes
from vesseltrack.store.verify import Finding

_ALERTS: Final = "alerts"
_REMEDY: Final = "'vesseltrack verify --repair' sets it aside; the alerts behind it stay"
_STATE_REMEDY: Final = "the next 'vesseltrack listen' does without it"


def live_findings(store: Path) -> list[Finding]:
    """Return what is wrong with a store's feed and with the saved state of the live engine.

    An end of the feed that a killed writer left is not.
    """
    found = [
        Finding(_ALERTS, f"{FOLDER}/{path.name}", problem, _REMEDY)
        for path, problem in _problems(segments(store / FOLDER))
    ]
    if problem := engine_state.problem_of(store):
        found.append(Finding("live engine", engine_state.NAME, problem, _STATE_REMEDY))
    return found


def repair_live(store: Path, aside: Path) -> list[Finding]:
    """Drop a damaged state; set the feed aside up to its last damage and keep what is behind.

    Numbers go on rising: followers know where they were by them.
    """
    found = live_findings(store)
    kept = None
    if any(finding.table == _ALERTS for finding in found):
        kept = _set_aside(store / FOLDER, aside / FOLDER)
    if engine_state.problem_of(store):
        (store / engine_state.NAME).unlink(missing_ok=True)
    done = f"set aside in {aside.relative_to(store)}; {kept} alerts behind the damage kept"
    return [replace(f, remedy=done if f.table == _ALERTS else "dropped") for f in found]


def _set_aside(feed: Path, aside: Path) -> int:
    """Copy a feed, and leave what is behind its last damage; return how many alerts that is."""
    paths = segments(feed)
    kept, number = _behind_damage(paths)
    aside.mkdir(parents=True, exist_ok=True)
    for path in paths:
        shutil.copy2(path, aside / path.name)
    name = segment_name(number)
    write_bytes(feed / name, b"".join(kept))
    for path in paths:
        if path.name != name:
            path.unlink(missing_ok=True)
    return len(kept)


def _problems(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    expected: int | None = None
    for path in paths:
        n_damaged = 0
        if expected is not None and first_number(path) != expected:
            yield path, f"begins with {first_number(path)}; {expected} was to follow"
        expected = first_number(path)
        end = 0
        for line in lines_of(path):
            n_damaged += line.number != expected
            expected, end = _next(line, expected), line.end
        if n_damaged:
            yield path, f"has {n_damaged} lines that are not what was written"
        if path != paths[-1] and path.stat().st_size > end:
            yield path, "is cut short"


def _behind_damage(paths: list[Path]) -> tuple[list[bytes], int]:
    """Return the lines behind the last damage, and the number of the first of them."""
    kept: list[bytes] = []
    begin = expected = first_number(paths[0])
    for path in paths:
        if first_number(path) != expected:
            kept, begin = [], first_number(path)
        expected = first_number(path)
        data = path.read_bytes()
        for line in lines_of(path):
            is_damaged = line.number != expected
            expected = _next(line, expected)
            if is_damaged:
                kept, begin = [], expected
            else:
                kept.append(data[line.start : line.end])
    return kept, begin


def _next(line: Line, expected: int) -> int:
    """Return the number behind a line; a damaged one had the number that was expected."""
    return (expected if line.number is None else line.number) + 1
