"""Events as they are told: opened, revised, made final or withdrawn, each under one identifier."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack import schema

State = dict[str, npt.NDArray[Any]]

OPEN: Final = "open"
FINAL: Final = "final"
WITHDRAWN: Final = "withdrawn"
_SAYS: Final = ("start", "preset", "innocent")  # what makes an event under way another one
_GROWS: Final = ("end", "measures")  # what changes with every fix
_KEY: Final = [(name, "ascending") for name in schema.EVENTS.key]


@dataclass
class _Told:
    """An event as it was told last, and at what time of the data [us]."""

    row: dict[str, Any]
    told_us: int

    def of(self, names: tuple[str, ...]) -> tuple[Any, ...]:
        """Return some of its columns."""
        return tuple(self.row[name] for name in names)


class Alerts:
    """The events that were told and are not final.

    Parameters
    ----------
    revise_us : int
        An event of which only the end moved on is told again after this [us].
    memory_us : int
        How long one that was withdrawn is remembered: should it return, its revisions go on [us].
    """

    def __init__(self, revise_us: int, memory_us: int) -> None:
        self._revise_us = revise_us
        self._memory_us = memory_us
        self._told: dict[str, _Told] = {}

    def close(self, finals: pa.Table) -> pa.Table:
        """Return final events as they are told, and remember them no more.

        Parameters
        ----------
        finals : pyarrow.Table
            EVENTS that detectors returned as final.
        """
        rows = finals.to_pylist() if finals.num_rows else []
        for row in rows:
            before = self._told.pop(row["event_id"], None)
            row["revision"] = 1 if before is None else before.row["revision"] + 1
        return _events(rows)

    def look(
        self, kind: str, under_way: pa.Table, now_us: int, *, all_news: bool = False
    ) -> pa.Table:
        """Return what changed of the events of a kind that are not final.

        Parameters
        ----------
        kind : str
            Which.
        under_way : pyarrow.Table
            All its EVENTS as they would be if the data ended here.
        now_us : int
            The time of the data [us].
        all_news : bool
            Whether to tell at once of those that only went on.
        """
        if not under_way.num_rows and not self._told:
            return under_way
        ids = under_way["event_id"].to_pylist()
        says, grown = (
            list(zip(*(under_way[name].to_pylist() for name in names), strict=True))
            for names in (_SAYS, _GROWS)
        )
        changed = [
            number
            for number, event_id in enumerate(ids)
            if self._is_other(event_id, says[number])
            or (
                self._has_grown(event_id, grown[number])
                and (all_news or self._is_due(event_id, now_us))
            )
        ]
        rows = under_way.take(pa.array(changed, pa.int64())).to_pylist() if changed else []
        for row in rows:
            before = self._told.get(row["event_id"])
            row["revision"] = 1 if before is None else before.row["revision"] + 1
            self._told[row["event_id"]] = _Told(row, now_us)
        seen = set(ids)
        gone = [
            told
            for event_id, told in self._told.items()
            if told.row["kind"] == kind and told.row["status"] == OPEN and event_id not in seen
        ]
        for told in gone:
            revision = told.row["revision"] + 1
            told.row |= {"status": WITHDRAWN, "is_open": False, "revision": revision}
            told.told_us = now_us
        return _events([*rows, *(told.row for told in gone)])

    def _is_other(self, event_id: str, says: tuple[Any, ...]) -> bool:
        """Return whether an event was not told as under way, or as another one."""
        before = self._told.get(event_id)
        return before is None or before.row["status"] != OPEN or before.of(_SAYS) != says

    def _has_grown(self, event_id: str, grown: tuple[Any, ...]) -> bool:
        return self._told[event_id].of(_GROWS) != grown

    def _is_due(self, event_id: str, now_us: int) -> bool:
        return now_us - self._told[event_id].told_us >= self._revise_us

    def forget(self, now_us: int) -> None:
        """Forget what was withdrawn long ago."""
        oldest_us = now_us - self._memory_us
        self._told = {
            event_id: told
            for event_id, told in self._told.items()
            if told.row["status"] == OPEN or told.told_us >= oldest_us
        }

    def parts(self) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """Return the events as they were told last, and when [us]."""
        rows = [told.row for told in self._told.values()]
        told_us = np.array([told.told_us for told in self._told.values()], dtype=np.int64)
        return pa.Table.from_pylist(rows, schema=schema.EVENTS.arrow), told_us

    def restore(self, events: pa.Table, told_us: Iterable[int]) -> None:
        """Take up what `parts` gave."""
        pairs = zip(events.to_pylist(), told_us, strict=True)
        self._told = {row["event_id"]: _Told(row, int(when_us)) for row, when_us in pairs}


def _events(rows: list[dict[str, Any]]) -> pa.Table:
    if not rows:
        return schema.EVENTS.empty()
    return pa.Table.from_pylist(rows, schema=schema.EVENTS.arrow).sort_by(_KEY)
