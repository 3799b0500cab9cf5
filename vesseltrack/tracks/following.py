"""The stage as a fold: positions in time order to fixes, each told when it comes.

A vessel's last fix is carried, and what came is put behind it: the rules are those of
`build_tracks`. What only later fixes tell is decided by what is known, see `Sharing` for who sent
a fix, and `doubted_speeds` for whether a speed is believed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.config.tracks import DEFAULT, TracksConfig
from vesseltrack.core.geodesy import unit_xyz
from vesseltrack.core.identity import hash63, vessel_id, vessel_key
from vesseltrack.core.kinematics import doubted_speeds, impossible_steps
from vesseltrack.core.latest import Latest
from vesseltrack.core.records import Rows, is_change, joined, n_rows, row_at, take
from vesseltrack.core.repeats import OpenRepeats
from vesseltrack.core.runs import Bools, Ints, offsets_of_sorted
from vesseltrack.core.transmitters import Report
from vesseltrack.core.vessel_keys import plain_keys
from vesseltrack.errors import ConfigError
from vesseltrack.schema import Quality
from vesseltrack.tracks.fixes import fixes_of, speed_doubt, strays_of
from vesseltrack.tracks.fleet import ais_class, is_second_of_instant, reach_of
from vesseltrack.tracks.ports import harbours_for
from vesseltrack.tracks.received import (
    REPEATED_CONTENT,
    Received,
    fit_for_tracks,
    is_ship_mmsi,
    received,
    repeat_window_us,
)
from vesseltrack.tracks.sharing import STRAY_KEY, Sharing
from vesseltrack.tracks.telling import Telling
from vesseltrack.units import h_to_us

State = dict[str, npt.NDArray[np.generic]]

_NONE: Final = -1


@dataclass(frozen=True)
class Memory:
    """How much is carried.

    Attributes
    ----------
    max_silence_us : int
        A vessel not heard for longer is one that was never heard [us].
    max_recent : int
        Fixes of an MMSI that are looked back on for whether it has several transmitters.
    max_reports : int
        Static reports kept of a vessel, the latest.
    told_us : int
        What vessels said of themselves is told at whole multiples of this [us].
    """

    max_silence_us: int
    max_recent: int
    max_reports: int
    told_us: int


@dataclass(frozen=True)
class Followed:
    """What a batch led to: `FIXES`, `STRAYS`, `SAID`, and `VESSELS` by what they said."""

    fixes: pa.Table
    strays: pa.Table
    said: pa.Table
    vessels: pa.Table


class Following:
    """Tracks of all vessels, carried from batch to batch.

    Parameters
    ----------
    config : TracksConfig
        Settings of the stage.
    memory : Memory
        How much is carried.
    anchorages : pyarrow.Table, optional
        ANCHORAGES found in the data.

    Raises
    ------
    ConfigError
        If the settings ask for segments by a preset that looks ahead.
    """

    def __init__(
        self, config: TracksConfig, memory: Memory, anchorages: pa.Table | None = None
    ) -> None:
        if config.presets.segments != DEFAULT:
            msg = f"segments: preset {config.presets.segments} takes back what it told; live"
            msg = f"{msg} there is {DEFAULT} alone"
            raise ConfigError(msg)
        self._config, self._memory = config, memory
        self._harbours = harbours_for(config.port_calls, anchorages)
        self._reach = reach_of(config.transmitters)
        self._repeats = OpenRepeats(repeat_window_us(config.admission))
        self._own = Latest("mmsi")  # the last fix of each MMSI that repeats none
        self._measured = Latest("key")  # the last measured fix of each vessel
        self._sharing = Sharing(config.transmitters, memory.max_recent, memory.max_silence_us)
        self._telling = Telling(memory.max_reports, memory.told_us, memory.max_silence_us)

    def push(self, positions: pa.Table, statics: pa.Table, until_us: int) -> Followed:
        """Take what was received next.

        Parameters
        ----------
        positions : pyarrow.Table
            Columns of POSITIONS, in any order of rows, of a stretch of time behind the last one:
            no instant stands in two.
        statics : pyarrow.Table
            STATICS of that stretch.
        until_us : int
            Its end: nothing older is still to come [us].
        """
        came = received(positions)
        rows, _ = fit_for_tracks(came, self._config.admission)
        is_repeat = self._repeats.push(self._content(came, rows), until_us)
        heard = _Heard(came.mmsi[rows], came.t_us[rows], self._own, self._sharing)
        keys = heard.keys = self._keys(came, rows, is_repeat)
        is_told = keys != STRAY_KEY
        strays = self._strays(came, rows[~is_told & ~is_repeat])
        fixes = self._fixes(came, rows[is_told], keys[is_told], is_repeat[is_told])
        said, vessels = self._telling.push(self._of_ships(statics), heard.sender, until_us)
        self._forget(until_us)
        return Followed(fixes, strays, said, vessels)

    @property
    def due_us(self) -> list[int]:
        """When something that vessels said is to be told [us]; rows are cut there."""
        return self._telling.due_us

    def parts(self) -> dict[str, Rows]:
        """Return everything that is carried, by name."""
        return {
            "repeats": self._repeats.rows,
            "own": self._own.rows,
            "measured": self._measured.rows,
            **self._sharing.parts(),
            **self._telling.parts(),
        }

    def restore(self, parts: dict[str, Rows]) -> None:
        """Take up what `parts` gave."""
        self._repeats.rows = parts.get("repeats", {})
        self._own.rows = parts.get("own", {})
        self._measured.rows = parts.get("measured", {})
        self._sharing.restore(parts)
        self._telling.restore(parts)

    def _of_ships(self, statics: pa.Table) -> pa.Table:
        mmsi = statics["mmsi"].to_numpy().astype(np.int64)
        return statics.filter(pa.array(is_ship_mmsi(mmsi, self._config.admission.default_mmsi)))

    def _content(self, came: Received, rows: Ints) -> Rows:
        columns = {name: getattr(came, name)[rows] for name in REPEATED_CONTENT}
        return {"identity": came.mmsi[rows], "t_us": came.t_us[rows], **columns}

    def _keys(self, came: Received, rows: Ints, is_repeat: Bools) -> Ints:
        """Return the vessel of each position, `STRAY_KEY` of those that no vessel's track has."""
        own = np.flatnonzero(~is_repeat)
        mmsi = came.mmsi[rows]
        last_key = self._own.look_up("last_key", mmsi, STRAY_KEY)
        own_keys = self._own_keys(_columns_of(came, rows[own]))
        # A repeat is of whoever sent what it follows on.
        following = np.cumsum(~is_repeat) - 1
        follows = _follows(mmsi, own, following)
        return _filled(last_key, own_keys, following, follows)

    def _own_keys(self, new: Rows) -> Ints:
        """Return the vessel of each fix that repeats none, and carry the last of each MMSI."""
        if not n_rows(new):
            return np.zeros(0, dtype=np.int64)
        n_new = n_rows(new)
        starting = {
            **new,
            "n": np.ones(n_new, dtype=np.int64),
            "first_us": new["t_us"],
            "first_lat": new["lat"],
            "first_lon": new["lon"],
            "last_key": plain_keys(new["mmsi"]),
        }
        rows, is_new = _behind(self._own.of(new["mmsi"][is_change(new["mmsi"])]), starting, "mmsi")
        begins = is_change(rows["mmsi"]) | self._is_new_after_silence(rows["t_us"])
        jumps = impossible_steps(
            rows["t_us"], unit_xyz(rows["lat"], rows["lon"]), rows["cell_m"], begins, self._reach
        )
        _count_on(rows, begins, is_new)
        looked_at = np.intersect1d(self._sharing.mmsi, rows["mmsi"])
        for mmsi in np.union1d(rows["mmsi"][jumps], looked_at).tolist():
            first, stop = np.searchsorted(rows["mmsi"], [mmsi, mmsi + 1])
            start = first + int(not is_new[first])
            if mmsi not in looked_at:
                last = row_at(rows, first) if start > first else None
                self._sharing.begin(mmsi, last)
            block = slice(start, stop)
            rows["last_key"][block] = self._sharing.take(mmsi, _report(rows, block))
        last = take(rows, offsets_of_sorted(rows["mmsi"])[1:] - 1)
        for mmsi, track in self._sharing.ended().items():
            row = np.searchsorted(last["mmsi"], mmsi)
            last["n"][row], last["first_us"][row] = track.n_fixes, track.first_us
            last["first_lat"][row], last["first_lon"][row] = track.first_lat, track.first_lon
        self._own.put(last)
        return rows["last_key"][is_new]

    def _is_new_after_silence(self, t_us: Ints) -> Bools:
        return np.asarray(np.diff(t_us, prepend=t_us[:1]) > self._memory.max_silence_us)

    def _strays(self, came: Received, rows: Ints) -> pa.Table:
        """Return stray fixes by vessel; on a shared MMSI there is no telling who sent them."""
        is_told = [
            not self._sharing.is_several(mmsi, t_us)
            for mmsi, t_us in zip(came.mmsi[rows].tolist(), came.t_us[rows].tolist(), strict=True)
        ]
        rows = rows[np.array(is_told, dtype=np.bool_)]
        return strays_of(came, rows, plain_keys(came.mmsi[rows]))

    def _fixes(self, came: Received, rows: Ints, keys: Ints, is_repeat: Bools) -> pa.Table:
        # By MMSI and time, so that time order stays within vessels.
        order = np.argsort(keys, kind="stable")
        rows, keys, is_repeat = rows[order], keys[order], is_repeat[order]
        offsets = offsets_of_sorted(keys)
        is_repeat = is_repeat | is_second_of_instant(came.t_us[rows], is_repeat, offsets)
        measured = np.flatnonzero(~is_repeat)
        last_segment = self._measured.look_up("segment", keys, _NONE)
        segment, is_doubted = self._measure(
            {**_columns_of(came, rows[measured]), "key": keys[measured]}
        )
        quality = came.quality[rows].copy()
        quality[is_repeat] |= int(Quality.NEAR_REPEAT)
        quality[measured[is_doubted]] |= int(Quality.BAD_SPEED)
        following = np.cumsum(~is_repeat) - 1
        follows = _follows(keys, measured, following)
        of_fix = _filled(last_segment, segment, following, follows)
        return fixes_of(came, rows, keys, quality, of_fix, self._harbours)

    def _measure(self, new: Rows) -> tuple[Ints, Bools]:
        """Return the segment of each measured fix, and whether its speed is doubted."""
        none = np.zeros(0, dtype=np.int64)
        if not n_rows(new):
            return none, none.astype(np.bool_)
        starting = {**new, "segment": np.full(n_rows(new), _NONE)}
        rows, is_new = _behind(self._measured.of(new["key"][is_change(new["key"])]), starting)
        t_us, lat, lon = rows["t_us"], rows["lat"], rows["lon"]
        begins = is_change(rows["key"]) | self._is_new_after_silence(t_us)
        config = self._config.segments
        gap_us = np.diff(t_us, prepend=t_us[:1])
        is_jump = impossible_steps(t_us, unit_xyz(lat, lon), rows["cell_m"], begins, self._reach)
        is_cut = is_new & (begins | is_jump | (gap_us > h_to_us(config.max_gap_h)))
        cut = np.flatnonzero(is_cut)
        rows["segment"][cut] = _segment_numbers(take(rows, cut))
        source = np.maximum.accumulate(np.where(is_cut | ~is_new, np.arange(is_new.size), 0))
        rows["segment"] = rows["segment"][source]
        sog_kn = rows["sog_kn"].astype(np.float64)
        doubted = doubted_speeds(sog_kn, t_us, lat, lon, begins, speed_doubt(config))
        self._measured.put(take(rows, offsets_of_sorted(rows["key"])[1:] - 1))
        return rows["segment"][is_new], doubted[is_new]

    def _forget(self, until_us: int) -> None:
        oldest_us = until_us - self._memory.max_silence_us
        for last in (self._own, self._measured):
            last.keep(last.column("t_us") >= oldest_us)
        self._sharing.forget(oldest_us)
        self._telling.forget(oldest_us)


class _Heard:
    """Who was heard on an MMSI up to a time, of the fixes of a batch and those before."""

    def __init__(self, mmsi: Ints, t_us: Ints, own: Latest, sharing: Sharing) -> None:
        self._mmsi, self._t_us, self._sharing = mmsi, t_us, sharing
        shared = sharing.mmsi
        before = own.look_up("last_key", shared, STRAY_KEY)
        self._before = dict(zip(shared.tolist(), before.tolist(), strict=True))
        self.keys = np.zeros(0, dtype=np.int64)

    def sender(self, mmsi: int, t_us: int) -> tuple[int, bool]:
        """Return the vessel heard last on an MMSI at a time, and whether it has several."""
        if not self._sharing.is_several(mmsi, t_us):
            return vessel_key(mmsi), False
        first, stop = np.searchsorted(self._mmsi, [mmsi, mmsi + 1])
        row = first + int(np.searchsorted(self._t_us[first:stop], t_us, side="right")) - 1
        last = int(self.keys[row]) if row >= first else self._before.get(mmsi, STRAY_KEY)
        return vessel_key(mmsi) if last == STRAY_KEY else last, True


def _columns_of(came: Received, rows: Ints) -> Rows:
    return {
        **{
            name: getattr(came, name)[rows]
            for name in ("mmsi", "t_us", "lat", "lon", "lat_e6", "lon_e6", "cell_m", "sog_kn")
        },
        "cog_deg": came.cog_deg[rows],
        "ais_class": ais_class(came.msg_type[rows]),
    }


def _behind(carried: Rows, new: Rows, key: str = "key") -> tuple[Rows, Bools]:
    """Return new rows, by key and time, each key's behind the carried one, and which are new."""
    both = joined(carried, new)
    order = np.argsort(both[key], kind="stable")
    return take(both, order), np.asarray(order >= n_rows(carried))


def _follows(keys: Ints, some: Ints, following: Ints) -> Bools:
    """Return which rows stand behind one of some rows of the same key, shape (n,)."""
    follows = following >= 0
    follows[follows] = keys[some[following[follows]]] == keys[follows]
    return follows


def _filled(before: Ints, values: Ints, following: Ints, follows: Bools) -> Ints:
    """Return the value of the row that each follows on, else the one before the batch, (n,)."""
    filled = before.copy()
    filled[follows] = values[following[follows]]
    return filled


def _count_on(rows: Rows, begins: Bools, is_new: Bools) -> None:
    """Fill the number and the first fix of the tracks that new rows go on, or begin."""
    place = np.arange(is_new.size)
    source = np.maximum.accumulate(np.where(begins | ~is_new, place, 0))
    rows["n"] = rows["n"][source] + place - source
    for name in ("first_us", "first_lat", "first_lon"):
        rows[name] = rows[name][source]


def _segment_numbers(first: Rows) -> Ints:
    """Return the numbers of the segments that fixes begin, as `segment_numbers` does."""
    columns = (first[name].tolist() for name in ("key", "t_us", "lat_e6", "lon_e6"))
    return np.array(
        [hash63(vessel_id(key), *rest) for key, *rest in zip(*columns, strict=True)],
        dtype=np.int64,
    )


def _report(rows: Rows, block: slice) -> Report:
    some = {name: column[block] for name, column in rows.items()}
    return Report(
        some["t_us"],
        some["lat"],
        some["lon"],
        unit_xyz(some["lat"], some["lon"]),
        some["cell_m"],
        some["sog_kn"].astype(np.float64),
        some["cog_deg"].astype(np.float64),
        some["ais_class"],
    )
