"""What the process that feeds a store shows beside its tables, for whoever serves it.

Three small files in a folder, each written anew in place of the one before, so that a reader sees
one or the other whole. They are worth nothing after a power cut, and nothing waits for the disk.
"""

import dataclasses
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from vesseltrack.schema import LATEST, LEADS, LiveState, LiveStatus, Table, validate
from vesseltrack.store.files import UNFINISHED

FOLDER: Final = "live"
_STATUS: Final = "status.json"
_TIMES: Final = ("written", "at", "since", "until")


class LiveBoard:
    """The board of one store."""

    def __init__(self, store: Path) -> None:
        self._folder = store / FOLDER

    def write(
        self, status: LiveStatus, latest: pa.Table | None = None, leads: pa.Table | None = None
    ) -> None:
        """Write what is given; the status comes last, as it tells of the others."""
        self._folder.mkdir(exist_ok=True)
        for table, spec in ((latest, LATEST), (leads, LEADS)):
            if table is not None:
                validate(table, spec)
                self._replace(_name(spec), _as_bytes(table))
        said = dataclasses.asdict(status)
        said |= {name: said[name] and said[name].isoformat() for name in _TIMES}
        self._replace(_STATUS, json.dumps(said).encode())

    def status(self) -> LiveStatus | None:
        """Return what was said last; None without any, or if it cannot be read."""
        try:
            said = json.loads((self._folder / _STATUS).read_bytes())
            times = {name: said[name] and datetime.fromisoformat(said[name]) for name in _TIMES}
            return LiveStatus(**{**said, **times, "state": LiveState(said["state"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def status_stamp(self) -> int:
        """Return a number that is another when something else was said; 0 for nothing."""
        try:
            return (self._folder / _STATUS).stat().st_mtime_ns
        except OSError:
            return 0

    def table(self, spec: Table) -> pa.Table:
        """Return a table as it was written last; none of its rows if it cannot be read."""
        try:
            with pa.ipc.open_file(pa.BufferReader((self._folder / _name(spec)).read_bytes())) as f:
                rows = f.read_all()
        except (OSError, pa.ArrowInvalid):
            return spec.empty()
        return rows if rows.schema.equals(spec.arrow) else spec.empty()

    def _replace(self, name: str, content: Any) -> None:  # noqa: ANN401 - bytes or a buffer
        temporary = self._folder / f".{name}.{os.getpid()}{UNFINISHED}"
        temporary.write_bytes(content)
        temporary.replace(self._folder / name)


def _name(spec: Table) -> str:
    return f"{spec.name}.arrow"


def _as_bytes(table: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()
