"""What the process that feeds a store shows beside its tables, for whoever serves it.

Small files in a folder, each written anew in place of the one before, so that a reader sees
one or the other whole. They are worth nothing after a power cut, and nothing waits for the disk.
"""

import dataclasses
import json
import os
import threading
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from vesseltrack.schema import LATEST, LEADS, LiveRequest, LiveState, LiveStatus, Table, validate
from vesseltrack.store.files import UNFINISHED

FOLDER: Final = "live"
_STATUS: Final = "status.json"
_REQUESTS: Final = "requests.json"
_MAX_REQUESTS: Final = 32  # kept: a replay looks ten times a second
_TIMES: Final = ("begun", "written", "at", "since", "until")
_REQUEST_TIMES: Final = ("begun", "at")


class LiveBoard:
    """The board of one store."""

    def __init__(self, store: Path) -> None:
        self._folder = store / FOLDER
        self._asking = threading.Lock()

    def write(
        self, status: LiveStatus, latest: pa.Table | None = None, leads: pa.Table | None = None
    ) -> None:
        """Write what is given; the status comes last, as it tells of the others."""
        self._folder.mkdir(exist_ok=True)
        for table, spec in ((latest, LATEST), (leads, LEADS)):
            if table is not None:
                validate(table, spec)
                self._replace(_name(spec), _as_bytes(table))
        self._replace(_STATUS, json.dumps(_plain(status, _TIMES)).encode())

    def status(self) -> LiveStatus | None:
        """Return what was said last; None without any, or if it cannot be read."""
        try:
            said = _timed(json.loads((self._folder / _STATUS).read_bytes()), _TIMES)
            return LiveStatus(**{**said, "state": LiveState(said["state"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def status_stamp(self) -> int:
        """Return a number that is another when something else was said; 0 for nothing."""
        return _stamp(self._folder / _STATUS)

    def ask(self, request: LiveRequest) -> None:
        """Ask a replay for something, behind what it was asked before, under the next number."""
        with self._asking:
            before = [one for one in self.requests() if one.begun == request.begun]
            number = before[-1].number + 1 if before else 1
            kept = [*before, dataclasses.replace(request, number=number)][-_MAX_REQUESTS:]
            said = [_plain(request, _REQUEST_TIMES) for request in kept]
            self._replace(_REQUESTS, json.dumps(said).encode())

    def requests(self) -> list[LiveRequest]:
        """Return what was asked lately, in order; nothing if it cannot be read."""
        try:
            said = json.loads((self._folder / _REQUESTS).read_bytes())
            return [LiveRequest(**_timed(request, _REQUEST_TIMES)) for request in said]
        except (OSError, ValueError, TypeError, KeyError):
            return []

    def requests_stamp(self) -> int:
        """Return a number that is another when something was asked; 0 for nothing."""
        return _stamp(self._folder / _REQUESTS)

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


def _plain(value: LiveStatus | LiveRequest, times: tuple[str, ...]) -> dict[str, Any]:
    said = dataclasses.asdict(value)
    return said | {name: said[name] and said[name].isoformat() for name in times}


def _timed(said: dict[str, Any], times: tuple[str, ...]) -> dict[str, Any]:
    return said | {name: said[name] and datetime.fromisoformat(said[name]) for name in times}


def _stamp(path: Path) -> int:
    try:
        found = path.stat()
    except OSError:
        return 0
    return hash(
        (found.st_mtime_ns, found.st_ino)
    )  # times are coarse; each writing is another file


def _as_bytes(table: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()
