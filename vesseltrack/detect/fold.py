"""The fold: what a detector is given, what it returns, and the last fixes that it carries."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.core.latest import Latest
from vesseltrack.core.records import Rows, is_change, n_rows, take
from vesseltrack.core.runs import Bools, Ints, offsets_of_sorted
from vesseltrack.detect.fleet import fleet_rows
from vesseltrack.detect.saved import State
from vesseltrack.schema import DOUBTFUL, Quality

_SOURCE: Final = {"key": "vessel_key", "t_us": "timestamp"}
UNKNOWN_STATUS: Final = -1  # navigational status where none is known, in columns of integers


@dataclass(frozen=True)
class Slice:
    """What tracks and routing hand to the detectors for one stretch of event time.

    Attributes
    ----------
    fixes : pyarrow.Table
        `FIXES`, sorted by time and vessel.
    segments : pyarrow.Table
        `SEGMENTS` that ended in the slice.
    voyages : pyarrow.Table
        `VOYAGES` with their route columns that ended in the slice, or are under way at its end.
    vessels : pyarrow.Table
        `VESSELS` as far as known, at least `vessel_id`, `name`, `identities`, `ship_type` and
        `length_m`; later slices may know more, and tell of those alone.
    detours : pyarrow.Table, optional
        `DETOURS`; None: not looked into.
    said : pyarrow.Table, optional
        `SAID`, what the vessels reported of themselves in the slice; None: nothing.
    strays : pyarrow.Table, optional
        `STRAYS` of the slice, by time and vessel; None: none.
    bound : pyarrow.Table, optional
        `BOUND` of the slice, by time and vessel; None: nobody went elsewhere.
    """

    fixes: pa.Table
    segments: pa.Table
    voyages: pa.Table
    vessels: pa.Table
    detours: pa.Table | None = None
    said: pa.Table | None = None
    strays: pa.Table | None = None
    bound: pa.Table | None = None

    @cached_property
    def columns(self) -> "FixColumns":
        """The fixes that detectors may use, by vessel and time, shared by all detectors."""
        return FixColumns(self.fixes)

    @cached_property
    def fleet(self) -> Rows:
        """The vessels as columns, see `fleet_rows`, shared by all detectors."""
        return fleet_rows(self.vessels)


class Detector(Protocol):
    """One behaviour as a fold over slices in time order.

    Cutting the same fixes into other slices gives the same final events, bit for bit.
    """

    @property
    def kind(self) -> str:
        """The kind of its events."""

    def push(self, batch: Slice, watermark_us: int) -> pa.Table:
        """Take the next slice and return the events that are final now.

        Parameters
        ----------
        batch : Slice
            Fixes no older than any pushed before.
        watermark_us : int
            No fix older than this is still to come [us].

        Returns
        -------
        events : pyarrow.Table
            `EVENTS`, of status `final`.
        """

    def flush(self) -> pa.Table:
        """Return the `EVENTS`, of status `open`, that would close if the data ended here.

        A view: what is pushed afterwards is judged as if it had not been asked for.
        """

    def state(self) -> State:
        """Return everything that is unfinished, as plain arrays by name."""

    def restore(self, state: State) -> None:
        """Take up a state that a detector of the same settings gave."""


class FixColumns:
    """Fixes as numpy columns, sorted by vessel and time, without those of doubtful quality.

    A doubtful position never starts or ends an event, and proves nothing within one.
    """

    def __init__(self, fixes: pa.Table) -> None:
        self._fixes = fixes
        self._cache: Rows = {}
        quality = fixes["quality"].to_numpy()
        good = np.flatnonzero((quality & int(DOUBTFUL)) == 0)
        # Fixes come in time order, which a stable sort keeps within each vessel.
        order = np.argsort(_ranks(fixes["vessel_key"])[good], kind="stable")
        self._order = good[order]
        self._is_bad_speed = (quality[self._order] & int(Quality.BAD_SPEED)) != 0

    def rows(self, names: Iterable[str]) -> Rows:
        """Return some columns: `key`, `t_us`, or those of FIXES.

        Unknown numbers are NaN, an unknown status is `UNKNOWN_STATUS`, a speed that the positions
        around it deny is unknown.
        """
        return {name: self._column(name) for name in names}

    @property
    def last_us(self) -> int | None:
        """Time of the last fix of the slice, doubtful or not [us]; None without fixes."""
        if self._fixes.num_rows == 0:
            return None
        return int(self._fixes["timestamp"][-1].cast(pa.int64()).as_py())

    def _column(self, name: str) -> npt.NDArray[Any]:
        if name not in self._cache:
            self._cache[name] = self._read(name).take(self._order)
            if name == "sog_kn":
                self._cache[name][self._is_bad_speed] = np.nan
        return self._cache[name]

    def _read(self, name: str) -> npt.NDArray[Any]:
        column = self._fixes[_SOURCE.get(name, name)]
        if name == "t_us":
            column = column.cast(pa.int64())
        elif name == "nav_status":
            column = column.cast(pa.int16()).fill_null(UNKNOWN_STATUS)
        values: npt.NDArray[Any] = column.to_numpy()
        return values.astype(np.float64) if values.dtype == np.float32 else values


def _ranks(keys: pa.ChunkedArray) -> npt.NDArray[np.integer[Any]]:
    """Return numbers in the order of keys, shape (n,).

    Sixteen bits, if they hold as many keys, are sorted by radix: an order in a tenth of the time.
    """
    words = keys.combine_chunks().dictionary_encode()
    found = words.dictionary.to_numpy()
    fits = found.size <= np.iinfo(np.uint16).max
    rank = np.empty(found.size, np.uint16 if fits else np.int64)
    rank[np.argsort(found)] = np.arange(found.size)
    return np.asarray(rank.take(words.indices.to_numpy()))


class LastRows:
    """The last row of each vessel, or of whatever `key` stands for, carried to the next batch."""

    def __init__(self) -> None:
        self._last = Latest()

    @property
    def rows(self) -> Rows:
        """The rows by key; a copy, as those held here change."""
        return self._last.rows

    @rows.setter
    def rows(self, rows: Rows) -> None:
        self._last.rows = rows

    @property
    def shared(self) -> Rows:
        """The rows by key as they are held: not to be changed, nor kept beyond the next `keep`."""
        return self._last.shared

    def before(self, rows: Rows) -> tuple[Rows, Bools]:
        """Return rows with the carried ones in front of their vessels' first, and which are new.

        Parameters
        ----------
        rows : Rows
            The batch, sorted by vessel and time. A column `nth` is added: the place of each row
            among all of its vessel, from 0.
        """
        if self._last.keys.size:
            carried = self._last.of(rows["key"][is_change(rows["key"])])
        else:
            carried = {name: column[:0] for name, column in rows.items()}
            carried["nth"] = np.zeros(0, dtype=np.int64)
        # In front of the first row of its vessel, which the rows put in before it move on.
        n_carried = n_rows(carried)
        place = np.searchsorted(rows["key"], carried["key"]) + np.arange(n_carried)
        is_new = np.ones(n_carried + n_rows(rows), dtype=np.bool_)
        is_new[place] = False
        both = {
            name: _merged(carried[name], column, is_new, place) for name, column in rows.items()
        }
        first = np.flatnonzero(is_change(both["key"]))
        start_nth = np.zeros(is_new.size, dtype=np.int64)
        start_nth[place] = carried["nth"]
        block = np.diff(np.append(first, is_new.size))
        both["nth"] = np.arange(is_new.size) + np.repeat(start_nth[first] - first, block)
        return both, is_new

    def keep(self, rows: Rows, oldest_us: int) -> None:
        """Carry the last of these rows, and of the others those no older than a time [us]."""
        self._last.put(take(rows, offsets_of_sorted(rows["key"])[1:] - 1))
        self._last.keep(self._last.column("t_us") >= oldest_us)

    def of(self, keys: Ints) -> Rows:
        """Return the last rows of those of some vessels that have one."""
        return self._last.of(keys)

    def nth_of(self, keys: Ints) -> Ints:
        """Return `nth` of the last row of each vessel; -1 where none is carried."""
        return self._last.look_up("nth", keys, -1)


def _merged(
    carried: npt.NDArray[Any], new: npt.NDArray[Any], is_new: Bools, place: Ints
) -> npt.NDArray[Any]:
    if not place.size:
        return new
    column = np.empty(is_new.size, dtype=new.dtype)
    column[is_new] = new
    column[place] = carried
    return column


def frontier_us(batch: Slice, watermark_us: int) -> int:
    """Return the time before which no fix is still to come [us]: slices come in time order."""
    last_us = batch.columns.last_us
    return watermark_us if last_us is None else max(watermark_us, last_us)
