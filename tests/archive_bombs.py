"""Archives that expand without end, lines without end, archives cut short: time and memory."""

import bz2
import gzip
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

SENTENCE = b"!AIVDM,1,1,,A,B3KWfJ0000LU2k`Vob:I9rP63P06,0*27\n"
MIB = 1 << 20
MAX_S, MAX_MIB = 60.0, 500.0
# The kernel counts what a process had before it became another program: a test run of a gigabyte
# would be the peak of all it starts. So the command is started by a small process of its own.
_MEASURED = """
import os, pathlib, subprocess, sys
process = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(process.pid, 0)
pathlib.Path(sys.argv[1]).write_text(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True)
class Outcome:
    """How reading one of them ended."""

    said: str
    code: int
    elapsed_s: float
    peak_mib: float


def read(path: Path | None, store: Path, piped: Iterable[bytes] = ()) -> Outcome:
    """Ingest a file, or what is piped in, by the real command; its peak memory by the kernel."""
    name = "-" if path is None else str(path)
    command = [sys.executable, "-m", "vesseltrack", "ingest", name, "--store", str(store)]
    peak = store.with_name(f"{store.name}.peak")
    begun_s = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", _MEASURED, str(peak), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        for chunk in piped:
            process.stdin.write(chunk)
        process.stdin.close()
        said = process.stderr.read().decode()
    elapsed_s = time.monotonic() - begun_s
    return Outcome(said, process.returncode, elapsed_s, int(peak.read_text()) / 1024)


def long_line(n_bytes: int) -> Iterator[bytes]:
    """Yield a line of so many bytes between two sentences."""
    yield SENTENCE
    yield from (b"!AIVDM," + b"A" * (MIB - 7) for _ in range(n_bytes // MIB))
    yield b"\n" + SENTENCE


def gzip_bomb(path: Path, n_bytes: int) -> Path:
    """Write a gzip file that expands to so many bytes."""
    packer = zlib.compressobj(9, wbits=31)
    line = SENTENCE * (MIB // len(SENTENCE))
    with path.open("wb") as file:
        file.write(packer.compress(line))
        zeros = bytes(MIB)
        for _ in range(n_bytes // MIB):
            file.write(packer.compress(zeros))
        file.write(packer.flush())
    return path


def zip_of_overlapping_members(path: Path, n_members: int) -> Path:
    """Write a zip whose members all are the same bytes of it (after D. Fifield, 2019)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.nmea", SENTENCE * 100_000)
        first = archive.infolist()[0]
        for n in range(1, n_members):
            copy = zipfile.ZipInfo(f"{n}.nmea")
            for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(copy, name, getattr(first, name))
            archive.filelist.append(copy)
    return path


def cut_short(folder: Path) -> Iterator[Path]:
    """Yield archives of which the last third is missing."""
    text = b"".join(b"%b" % SENTENCE for _ in range(200_000))
    packers = {
        "gz": gzip.compress,
        "bz2": lambda data: b"".join(
            bz2.compress(data[i : i + MIB]) for i in range(0, len(data), MIB)
        ),
        "zst": zstandard.ZstdCompressor().compress,
    }
    for suffix, pack in packers.items():
        path = folder / f"cut.nmea.{suffix}"
        packed = pack(text)
        path.write_bytes(packed[: len(packed) * 2 // 3])
        yield path


def cases(folder: Path, line_bytes: int, bomb_bytes: int) -> Iterator[tuple[str, str, Outcome]]:
    """Yield what it is, what must be said of it, and how it ended."""
    bomb = gzip_bomb(folder / "bomb.nmea.gz", bomb_bytes)
    yield "gzip bomb", "stopped at the limit", read(bomb, folder / "a")
    zipped = zip_of_overlapping_members(folder / "bomb.zip", 500)
    yield "zip of overlapping members", "its members overlap", read(zipped, folder / "b")
    yield "line of 2 GiB", "", read(None, folder / "c", long_line(line_bytes))
    for path in cut_short(folder):
        yield path.name, "truncated", read(path, folder / path.suffix)


def is_right(expected: str, outcome: Outcome) -> bool:
    """Return whether it ended as it must, in time and memory."""
    is_told = expected in outcome.said and outcome.code == (1 if expected else 0)
    return is_told and outcome.elapsed_s <= MAX_S and outcome.peak_mib <= MAX_MIB
