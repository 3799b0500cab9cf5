"""A seeded mutator of real recordings: nothing raised, no line lost, no untouched line changed."""

import gzip
import random
import resource
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vesseltrack.ingest import SourceReport, decode, open_sources
from vesseltrack.ingest.text import BLANK

ROOT = Path(__file__).parents[2]
RECORDINGS = ("aislib_stream_2010-06-11.txt.gz", "kystverket_2024-12-09.raw")
N_ROUNDS, N_LINES = 10, 100_000
TOUCHED_FRAC = 0.05
MAX_PART_LINES = 8  # the parts of a message lie no farther apart in these recordings
MAX_GROWTH_MIB = 200.0
_NO_ENDS = bytes(sorted(set(range(256)) - set(b"\n\r")))


def recorded(n_lines: int) -> list[bytes]:
    """Return so many lines of real recordings, over and over."""
    lines: list[bytes] = []
    for name in RECORDINGS:
        raw = (ROOT / "fixtures" / "nmea" / name).read_bytes()
        lines += (gzip.decompress(raw) if name.endswith(".gz") else raw).splitlines()
    return (lines * (n_lines // len(lines) + 1))[:n_lines]


def mutated(line: bytes, chance: random.Random) -> bytes:
    """Return a line with bytes put in, taken out, cut off or said twice; never its end."""
    changed = bytearray(line)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(changed))
        n = chance.randint(0, 12)
        some = bytes(chance.choices(_NO_ENDS, k=chance.randint(0, 6)))
        what = chance.choice(("put", "cut", "twice", "put"))
        if what == "put":
            changed[at : at + n] = some
        elif what == "cut":
            del changed[at:]
        else:
            changed[at:at] = changed[at : at + n]
    return bytes(changed)


def messages_of(path: Path) -> tuple[list[dict[str, Any]], SourceReport]:
    """Return every message without its time, and what became of the lines."""
    decoding = decode(path, as_transmitted=True, with_raw=True)
    found = [{k: v for k, v in m.items() if k not in ("timestamp", "source")} for m in decoding]
    return found, decoding.reports[0]


def is_accounted(report: SourceReport, n_lines: int) -> bool:
    """Return whether every line is used, rejected or ignored."""
    told = report.used + sum(report.rejected.values()) + sum(report.ignored.values())
    return report.lines == told == n_lines


def untouched(messages: list[dict[str, Any]], touched: set[int]) -> Mapping[str, int]:
    """Return the messages of which no line was touched, each with how often it is there."""
    kept: dict[str, int] = {}
    for message in messages:
        n_behind = MAX_PART_LINES if len(message["raw"]) > 1 else 0
        last = message["line"] + n_behind
        if touched.isdisjoint(range(message["line"], last + 1)):
            kept[str(message)] = kept.get(str(message), 0) + 1
    return kept


def peak_mib() -> float:
    """Return the greatest memory of this process so far [MiB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def check(n_rounds: int, n_lines: int) -> tuple[int, int, float]:
    """Return how many lines were touched, how many things went wrong, and the growth [MiB]."""
    lines = recorded(n_lines)
    n_touched = n_wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feed.nmea"
        path.write_bytes(b"\n".join(lines))
        before, _ = messages_of(path)
        begun_mib = peak_mib()
        for seed in range(n_rounds):
            chance = random.Random(seed)  # noqa: S311 - a mutator, no secret
            which = chance.sample(range(n_lines), int(TOUCHED_FRAC * n_lines))
            changed = list(lines)
            for i in which:
                changed[i] = mutated(lines[i], chance)
            path.write_bytes(b"\n".join(changed))
            n_full = sum(1 for line in changed if line.strip(BLANK))
            after, report = messages_of(path)
            (source,) = open_sources(path)
            for _ in source.batches():
                pass
            touched = {i + 1 for i in which}
            expected, found = untouched(before, touched), untouched(after, touched)
            n_lost = sum(n - found.get(message, 0) for message, n in expected.items())
            n_wrong += n_lost + (not is_accounted(report, n_full))
            n_wrong += not is_accounted(source.report, n_full)
            n_wrong += source.report.rejected != report.rejected
            n_touched += len(which)
    return n_touched, n_wrong, peak_mib() - begun_mib


def print_mutations() -> None:
    """Print what the full run comes to."""
    n_touched, n_wrong, growth_mib = check(N_ROUNDS, N_LINES)
    is_right = n_wrong == 0 and growth_mib < MAX_GROWTH_MIB
    print(
        f"{N_ROUNDS} x {N_LINES:,} lines, {n_touched:,} touched: {n_wrong} wrong, memory grew by "
        f"{growth_mib:.0f} MiB: {'right' if is_right else 'WRONG'}"
    )
