"""A million lines with seeded faults: nothing raised, no line lost, untouched ones kept."""

import gzip
import random
import sys
import time
from pathlib import Path

from archives import ROOT
from feed import feed
from nmea_mutations import lost, mutated, of_one_sentence, reading, said_by

N_ROUNDS = 10
N_LINES = 100_000
MAX_GROWTH_MIB = 200


def main() -> None:
    """Print a row a round; end with an error if a line is lost or memory grows."""
    print(
        f"{'seed':>4} {'lines':>8} {'used':>8} {'rejected':>8} {'ignored':>8} {'kept':>14}  time"
    )
    failures, before_mib = 0, None
    for seed in range(N_ROUNDS):
        data = recordings_and_feed(seed)
        received, _ = reading(data)
        changed, touched = mutated(data, random.Random(seed))  # noqa: S311 - no secret
        expected = said_by(received, of_one_sentence(data, touched))
        before_mib = _memory_mib("VmRSS") if before_mib is None else before_mib
        begun_s = time.perf_counter()
        received, tally = reading(changed)
        elapsed_s = time.perf_counter() - begun_s
        n_expected = expected.total()
        n_gone = (expected - said_by(received)).total()
        failures += n_gone + lost(tally, changed)
        rejected, ignored = (sum(n.values()) for n in (tally.rejected, tally.ignored))
        kept = f"{n_expected - n_gone}/{n_expected}"
        counts = f"{seed:>4} {tally.lines:>8} {tally.used:>8} {rejected:>8} {ignored:>8}"
        print(f"{counts} {kept:>14}  {elapsed_s:.2f} s", flush=True)
    growth_mib = _memory_mib("VmHWM") - (before_mib or 0)
    print(f"peak memory above that before the first: {growth_mib:.0f} MiB")
    if failures or growth_mib > MAX_GROWTH_MIB:
        sys.exit(f"failed: {failures} lines, {growth_mib:.0f} MiB")


def recordings_and_feed(seed: int) -> bytes:
    """Return every recording of the fixtures, and a made-up feed up to the number of lines."""
    recorded = []
    for path in sorted((ROOT / "fixtures" / "nmea").glob("*.[tnrl]*")):
        data = path.read_bytes()
        recorded += (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines()
    made_up = feed(N_LINES, seed).splitlines()
    return b"\n".join((recorded + made_up)[:N_LINES])


def _memory_mib(what: str) -> float:
    """Return a size of this process as the system counts it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{what}:")[1].split()[0]) / 1024
