"""How far the reading of each source has come: one small file a source, named by its batch.

It is on disk before the batch it goes with is committed and counts only once that is: a checkpoint
of a batch that never was is passed over. One that is missing or damaged costs time alone, as a
source that is read again from its beginning adds nothing.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from vesseltrack.schema import Checkpoint
from vesseltrack.store.files import HASH_BYTES, UNFINISHED, make_folder, write_bytes

_FOLDER: Final = "checkpoints"
_SUFFIX: Final = ".checkpoint"

IsIn = Callable[[str, int], bool]


class Checkpoints:
    """The checkpoints of a store; who holds the writer's lock may change them."""

    def __init__(self, store: Path, is_in: IsIn) -> None:
        """Name the store, and what says whether a batch is committed under a label."""
        self._folder = store / _FOLDER
        self._is_in = is_in

    def write(self, label: str, n: int, checkpoint: Checkpoint) -> None:
        """Put a checkpoint on disk, before batch n is committed under a label."""
        make_folder(self._folder)
        about = json.dumps(dict(checkpoint.about), sort_keys=True).encode()
        body = about + b"\n" + checkpoint.state
        write_bytes(self._path(label, n), _digest(body) + b"\n" + body)

    def keep(self, label: str, n: int) -> None:
        """Delete the checkpoints of a source but that of batch n: it is committed."""
        source = label.partition(".")[0]
        for path in self._folder.glob(f"{source}.*{_SUFFIX}"):
            if path != self._path(label, n):
                path.unlink(missing_ok=True)
        for path in self._folder.glob(f".{source}.*{UNFINISHED}"):
            path.unlink(missing_ok=True)

    def newest(self, source_id: int) -> tuple[str, Checkpoint] | None:
        """Return the newest checkpoint of a source that counts, and the label of its batch."""
        found = [
            (epoch, n, label)
            for path in self._folder.glob(f"{source_id}.*{_SUFFIX}")
            for label, epoch, n in [_named(path)]
            if self._is_in(label, n)
        ]
        for _, n, label in sorted(found, reverse=True):
            digest, _, body = self._path(label, n).read_bytes().partition(b"\n")
            if digest == _digest(body):
                about, _, state = body.partition(b"\n")
                return label, Checkpoint(json.loads(about), state)
        return None

    def about(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield what tells each source again; not yet held against its hash."""
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            with path.open("rb") as file:
                file.readline()
                line = file.readline()
            try:
                yield int(path.name.partition(".")[0]), dict(json.loads(line))
            except ValueError:
                continue  # damaged: as if there were none

    def _path(self, label: str, n: int) -> Path:
        return self._folder / f"{label}-{n}{_SUFFIX}"


def _named(path: Path) -> tuple[str, int, int]:
    """Return the label, the epoch and the batch of a checkpoint, by its file's name."""
    label, _, n = path.name.removesuffix(_SUFFIX).rpartition("-")
    return label, int(label.partition(".")[2]), int(n)


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=HASH_BYTES).hexdigest().encode()
