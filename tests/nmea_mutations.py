"""Seeded faults in NMEA lines, and what must hold of a reading of them."""

from collections import Counter

import numpy as np

from ingest_text import checked
from vesseltrack.config.ingest import IngestConfig
from vesseltrack.ingest.account import Tally
from vesseltrack.ingest.nmea.reader import NmeaReader
from vesseltrack.ingest.nmea.times import Clock
from vesseltrack.ingest.span import Span
from vesseltrack.ingest.text import BLANK, line_blocks, normalised

LATEST_US = 1_795_000_000_000_000
# What a message says by itself, whatever the lines around it tell about its time.
SAID = ("mmsi", "lat_e6", "lon_e6", "sog_kn", "cog_deg", "heading_deg", "rot_deg_min")


def mutated(data, rng):
    """Return bytes with one line in eight cut, changed, doubled or swapped, and which they are."""
    found, touched = data.split(b"\n"), set()
    for _ in range(len(found) // 8):
        at, other = rng.randrange(len(found)), rng.randrange(len(found))
        line = bytearray(found[at])
        if not line:
            continue
        touched.add(at)
        match rng.randrange(7):
            case 0:
                line[rng.randrange(len(line))] = rng.randrange(256)
            case 1:
                del line[rng.randrange(len(line)) :]
            case 2:
                line += found[other]
            case 3:
                line.insert(rng.randrange(len(line) + 1), rng.choice(b"!$*,\\ \0"))
            case 4:
                found[at], found[other] = found[other], found[at]
                touched.add(other)
                continue
            case 5:
                line = resealed(line, rng)
            case 6:
                del line[rng.randrange(len(line))]
        found[at] = bytes(line)
    return b"\n".join(found), touched


def resealed(line, rng):
    """Return a line with a byte changed and its checksum put right again."""
    start = max(line.rfind(b"!"), 0)
    end = line.find(b"*", start)
    if end < start + 2:
        return line
    line[rng.randrange(start + 1, end)] = rng.choice(b",0123456789ABZ`hw[!")
    return line[:start] + checked(bytes(line[start + 1 : end])) + line[end + 3 :]


def reading(data):
    """Read NMEA lines; return the positions of every block, and the counts."""
    config, tally = IngestConfig(), Tally()
    reader = NmeaReader(config, tally, Clock(start_us=None, span=Span(0, LATEST_US)), 7)
    blocks = line_blocks(
        normalised([data]),
        block_bytes=config.block_bytes,
        max_line_bytes=config.max_sentence_bytes,
    )
    received = [reader.read(block).received for block in blocks]
    reader.finish()
    return received, tally


def lost(tally, data):
    """Return how many non-blank lines are not accounted for."""
    plain = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    n_lines = sum(1 for line in plain.split(b"\n") if line.strip(BLANK))
    accounted = tally.used + sum(tally.rejected.values()) + sum(tally.ignored.values())
    return max(abs(n_lines - tally.lines), abs(n_lines - accounted))


def said_by(received, lines=None):
    """Count what positions say, of some lines (numbered from 1) alone if they are given."""
    said = Counter()
    for table in received:
        columns = [table[name].to_pylist() for name in SAID]
        numbers = table["line"].to_numpy()
        kept = np.ones(numbers.size, np.bool_) if lines is None else np.isin(numbers, lines)
        said.update(
            row for row, keep in zip(zip(*columns, strict=True), kept, strict=True) if keep
        )
    return said


def of_one_sentence(data, touched):
    """Return the numbers of untouched lines that hold a whole message, nothing else."""
    return [
        at + 1
        for at, line in enumerate(data.split(b"\n"))
        if at not in touched and line.count(b"VDM,1,1,") == 1
    ]
