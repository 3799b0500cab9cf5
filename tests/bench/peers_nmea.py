"""NMEA sentences, held against pyais and libais decoding the same lines.

pyais and we verify checksums, read tag blocks and join the parts of messages; libais is given
payloads by the least of code: split at commas, two parts joined by sequence and channel, no
checksum and no tag block. They hand over objects, we tables of positions and statics without
exact repeats, and every rejected line. Against pyais our time includes the content's hash that
names a source; against libais the hash is known before.
"""

import importlib.util
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from feed import feed
from one_reader import decoded_by_libais, decoded_by_pyais, read_by_us
from ratios import Comparison, Fact
from vesseltrack.ingest import open_sources

N_MESSAGES = 300_000
N_FEEDS = 9
PYAIS = "pyais FileReaderStream + decode"


def one_feed(folder: Path) -> Path:
    """Write a file that a reader is through with in a second."""
    path = folder / "feed.nmea"
    if not path.exists():
        path.write_bytes(feed(N_MESSAGES, seed=1))
    return path


def long_feed(folder: Path) -> Path:
    """Write a file of more than 2.4 million messages, which fits in no cache."""
    path = folder / "long.nmea"
    if not path.exists():
        with path.open("wb") as file:
            for seed in range(N_FEEDS):
                file.write(feed(N_MESSAGES, seed))
    return path


def nmea(folder: Path) -> Comparison:
    """Sentences to columns, against pyais decoding the same lines."""
    path = one_feed(folder)
    return Comparison(
        "nmea: sentences to positions and statics",
        read_by_us(path),
        partial(read_by_us, path),
        PYAIS,
        partial(decoded_by_pyais, path),
    )


def nmea_libais(folder: Path) -> Comparison | Fact:
    """The same against libais, which decodes in C++; the content's hash is known before."""
    job = "nmea_libais: the same, hash known before"
    if importlib.util.find_spec("ais") is None:
        return Fact(job, "libais cannot be installed here: not compared")
    path = one_feed(folder)
    (source,) = open_sources(path)
    return Comparison(
        job,
        read_by_us(path),
        lambda: [batch.received.num_rows for batch in source.batches()],
        "libais decode, split at commas",
        partial(decoded_by_libais, path),
    )


def nmea_process(folder: Path) -> Comparison:
    """A process of its own for each, from its start to its end."""
    path = long_feed(folder)
    for reader in ("ours", "pyais"):
        _in_process(reader, one_feed(folder))  # compiles what is imported
    n_messages, _ = _in_process("ours", path)
    return Comparison(
        f"nmea_process: a whole process, {n_messages / 1e6:.1f} M",
        n_messages,
        partial(_in_process, "ours", path),
        PYAIS,
        partial(_in_process, "pyais", path),
        warm_up=False,
    )


def nmea_memory(folder: Path) -> Fact:
    """Peak memory of such a process at two sizes of the file."""
    peaks = []
    for path in (one_feed(folder), long_feed(folder)):
        n_messages, peak_mib = _in_process("ours", path)
        peaks.append(f"{n_messages:,} messages {peak_mib:.0f} MiB")
    return Fact("nmea_memory: peak of a process", ", ".join(peaks))


def _in_process(reader: str, path: Path) -> tuple[int, float]:
    """Return how many messages a process of its own reads, and its peak memory [MiB]."""
    script = Path(__file__).with_name("one_reader.py")
    # As where a package is installed, modules are compiled once and no more.
    folder = str(path.parent / "compiled")
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}
    done = subprocess.run(
        [sys.executable, str(script), reader, str(path)],
        capture_output=True,
        check=True,
        env={**os.environ, **compiled},
    )
    n_messages, peak_kib = done.stdout.split()
    return int(n_messages), int(peak_kib) / 1024
