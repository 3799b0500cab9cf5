"""The real `ingest` command under faults: killed, and on disks that fail or are full."""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from archives import DMA_ARCHIVE, GFW_ARCHIVE
from vesseltrack.exports import csv_text
from vesseltrack.store import Store

SHIM = Path(__file__).parent / "faults" / "failing_disk.c"
TABLES = ("positions", "statics", "sources", "rejects")
DISK_FULL, BROKEN = 28, 5  # errno: ENOSPC, EIO
# Small batches, so that there are many moments between two of them.
SETTINGS = "[ingest]\nbatch_rows = 600\nblock_bytes = 30000\n"


def compiler() -> str | None:
    """Return what compiles the library that makes writes fail, if there is one."""
    return shutil.which("cc") if sys.platform == "linux" else None


@dataclass
class Work:
    """What a user has ingested, in a folder with everything that takes."""

    folder: Path
    n_lines: int = 2_500
    archives: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Write the archives, the settings, and the library."""
        self.folder.mkdir(parents=True, exist_ok=True)
        nmea = gzip.decompress(GFW_ARCHIVE.read_bytes()).splitlines(keepends=True)[: self.n_lines]
        nmea[7::100] = [b"!AIVDM,1,1,,A,13,0*00\n"] * len(nmea[7::100])
        rows = gzip.decompress(DMA_ARCHIVE.read_bytes()).splitlines(keepends=True)[: self.n_lines]
        for name, text in (("feed.nmea.gz", nmea), ("day.csv", rows)):
            whole = b"".join(text)
            path = self.folder / name
            path.write_bytes(gzip.compress(whole) if name.endswith(".gz") else whole)
            self.archives.append(path)
        (self.folder / "small.toml").write_text(SETTINGS, encoding="utf-8")

    @property
    def command(self) -> list[str]:
        """The command line but for the store."""
        config = ("--config", str(self.folder / "small.toml"))
        return [sys.executable, "-m", "vesseltrack", "ingest", *map(str, self.archives), *config]

    def preload(self) -> Path:
        """Compile the library that makes writes fail, once."""
        library = self.folder / "failing_disk.so"
        if not library.exists():
            cc = compiler()
            assert cc is not None
            command = [cc, "-shared", "-fPIC", "-O1", "-o", str(library), str(SHIM), "-ldl"]
            subprocess.run(command, check=True)
        return library

    def run(self, store: Path, **fault: object) -> subprocess.CompletedProcess[str]:
        """Ingest into a store, with `AT`, `ERRNO`, `ONCE`, `COUNT` of the library."""
        environment = dict(os.environ)
        if fault:
            environment |= {"LD_PRELOAD": str(self.preload()), "FAULT_FOLDER": str(store)}
            environment |= {f"FAULT_{name}": str(value) for name, value in fault.items()}
        return subprocess.run(
            [*self.command, "--store", str(store)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def n_changes(self) -> int:
        """Return how many changes of files an undisturbed run makes."""
        count = self.folder / "count"
        done = self.run(self.folder / "counted", AT=0, COUNT=count)
        assert done.returncode == 0, done.stderr
        return int(count.read_text())


def digest(path: Path) -> str:
    """Return one hash of what a store exports; it must be sound."""
    store = Store.open(path)
    findings = store.verify()
    assert findings == [], findings
    whole = hashlib.blake2b(digest_size=16)
    for name in TABLES:
        whole.update(csv_text(store.select(name)).encode())
    return whole.hexdigest()


def is_one_line(done: subprocess.CompletedProcess[str]) -> bool:
    """Return whether a run failed as it should: exit 1 and one line."""
    return (
        done.returncode == 1
        and done.stderr.startswith("vesseltrack: ")
        and (done.stderr.count("\n") == 1)
    )
