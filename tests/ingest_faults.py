"""The real `ingest` command under faults: killed, and on disks that fail or are full."""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from archives import DMA_ARCHIVE, GFW_ARCHIVE
from file_changes import Change, changes
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


@dataclass(frozen=True)
class Ended:
    """How the command ended."""

    returncode: int
    stderr: str

    @property
    def is_one_line(self) -> bool:
        """Whether it failed as it should: exit 1 and one line."""
        is_line = self.stderr.startswith("vesseltrack: ") and self.stderr.count("\n") == 1
        return self.returncode == 1 and is_line


def told(store: Path, fault: Mapping[str, object]) -> dict[str, str]:
    """Return the environment that tells the library what is to fail."""
    return {"FAULT_FOLDER": str(store), **{f"FAULT_{k}": str(v) for k, v in fault.items()}}


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

    def arguments(self, store: Path) -> list[str]:
        """Return the command line behind the program."""
        config = ("--config", str(self.folder / "small.toml"))
        return ["ingest", *map(str, self.archives), *config, "--store", str(store)]

    def preload(self) -> Path:
        """Compile the library that makes writes fail, once."""
        library = self.folder / "failing_disk.so"
        if not library.exists():
            cc = compiler()
            assert cc is not None
            command = [cc, "-shared", "-fPIC", "-O1", "-o", str(library), str(SHIM), "-ldl"]
            subprocess.run(command, check=True)
        return library

    def run(self, store: Path, **fault: object) -> Ended:
        """Ingest into a store, with `AT`, `ERRNO`, `ONCE`, `LOG` of the library."""
        environment = dict(os.environ)
        if fault:
            environment |= {"LD_PRELOAD": str(self.preload()), **told(store, fault)}
        done = subprocess.run(
            [sys.executable, "-m", "vesseltrack", *self.arguments(store)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ended(done.returncode, done.stderr)

    def changes(self) -> list[Change]:
        """Return the changes of files that an undisturbed run makes, in the folder `counted`."""
        log, store = self.folder / "changes.log", self.folder / "counted"
        done = self.run(store, LOG=log)
        assert done.returncode == 0, done.stderr
        return changes(log, store)


def digest(path: Path) -> str:
    """Return one hash of what a store exports; it must be sound."""
    store = Store.open(path)
    findings = store.verify()
    assert findings == [], findings
    whole = hashlib.blake2b(digest_size=16)
    for name in TABLES:
        whole.update(csv_text(store.select(name)).encode())
    return whole.hexdigest()
