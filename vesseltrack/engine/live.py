"""The live fold: rows as they are received to events as they open, go on and end.

The stages are those of an archive, each given what came since the last time; the events that are
final are those that `find_events` gives for the same rows, but for what only later rows tell
(docs/decisions/0023-live-fold.md).
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from vesseltrack import schema
from vesseltrack.config import Config
from vesseltrack.core.identity import content_id
from vesseltrack.core.runs import Ints
from vesseltrack.currents import currents_id
from vesseltrack.detect import DETECTORS, Slice, State, make_detector, presets_of
from vesseltrack.engine.alerts import Alerts
from vesseltrack.engine.reorder import Released, Reorder
from vesseltrack.errors import ConfigError
from vesseltrack.schema import packed, unpacked
from vesseltrack.tracks import Following, Memory
from vesseltrack.units import US_PER_S, h_to_us

NOT_LIVE: Final = ("route_deviation", "destination_mismatch")  # they are asked of whole voyages
_FORMAT: Final = "3"  # of the state
_KEY: Final = [(name, "ascending") for name in schema.EVENTS.key]


class LiveEngine:
    """Alerts from rows in the order in which they come.

    Parameters
    ----------
    config : Config
        Settings.
    kinds : sequence of str, optional
        Behaviours to look for; all that can be told live without it.
    presets : mapping, optional
        Presets by kind; the `default` one without it.
    anchorages : pyarrow.Table, optional
        ANCHORAGES of the store.

    Raises
    ------
    ConfigError
        If a kind or a preset does not exist, or cannot be told live.
    """

    def __init__(
        self,
        config: Config,
        *,
        kinds: Sequence[str] | None = None,
        presets: Mapping[str, tuple[str, ...]] | None = None,
        anchorages: pa.Table | None = None,
    ) -> None:
        kinds, presets = kinds_told_live(kinds), dict(presets or {})
        self._made_of = config, kinds, presets, anchorages
        self._fingerprint = _fingerprint(config, kinds, presets, anchorages)
        self._live = config.live
        self._reorder = Reorder(config.live)
        memory_us = h_to_us(config.live.memory_h)
        memory = Memory(
            max_silence_us=memory_us,
            max_recent=config.live.recent_fixes,
            max_reports=config.live.max_reports,
            told_us=round(config.live.told_s * US_PER_S),
        )
        self._told_us = memory.told_us
        self._following = Following(config.tracks, memory, anchorages)
        self._detectors = {
            kind: make_detector(kind, config.detect, presets.get(kind)) for kind in kinds
        }
        self._alerts = Alerts(round(config.live.revise_s * US_PER_S), memory_us)
        self._until_us: int | None = None  # how far the fold has come
        self._look_due_us: dict[str, int] = {}  # by kind; not before

    @property
    def watermark_us(self) -> int | None:
        """The time up to which nothing more is taken [us]; None before any has passed."""
        return self._reorder.watermark_us

    @property
    def n_late(self) -> int:
        """How many rows were older than that when they came."""
        return self._reorder.n_late

    @property
    def n_ahead(self) -> int:
        """How many rows were left out that waited too far ahead of all others."""
        return self._reorder.n_ahead

    def push(self, received: pa.Table, statics: pa.Table, now_us: int | None = None) -> pa.Table:
        """Take rows as read, and return the events that are new or changed.

        Parameters
        ----------
        received, statics : pyarrow.Table
            RECEIVED (other columns are left alone) and STATICS, in any order within the allowed
            lateness.
        now_us : int, optional
            The caller's clock [us]: with it a vessel that no other confirms is believed.

        Returns
        -------
        events : pyarrow.Table
            EVENTS, one row an `event_id`: of status `open`, `final` or `withdrawn`, revision 1 and
            up.
        """
        due = self._reorder.push(received, statics, now_us)
        if due is None:
            return schema.EVENTS.empty()
        assert self.watermark_us is not None
        until_us = self.watermark_us + 1
        if until_us == self._until_us:
            return schema.EVENTS.empty()
        return _one_each([self._advance(due, until_us), self._look(until_us)])

    def finish(self) -> pa.Table:
        """Return the events that are new or changed if the data ended here, as a view."""
        config, kinds, presets, anchorages = self._made_of
        ended = LiveEngine(config, kinds=kinds, presets=presets, anchorages=anchorages)
        ended.restore(self.state())
        rest = self._reorder.rest()
        last_us = [ended._until_us or 0, *_last_us(rest)]
        changed = [ended._advance(rest, max(last_us) + 1, watermark_us=max(last_us))]
        return _one_each([*changed, ended._look(max(last_us), all_news=True)])

    def state(self) -> State:
        """Return everything that is unfinished, but for the rows that wait, as plain arrays."""
        events, told_us = self._alerts.parts()
        until_us = [] if self._until_us is None else [self._until_us]
        state: State = {
            "live.fingerprint": np.array([self._fingerprint]),
            "live.until_us": np.array(until_us, dtype=np.int64),
            "live.events": packed(events),
            "live.told_us": told_us,
        }
        parts = {f"tracks.{part}": rows for part, rows in self._following.parts().items()}
        parts |= {f"detect.{kind}": one.state() for kind, one in self._detectors.items()}
        for part, rows in parts.items():
            state |= {f"{part}:{name}": column for name, column in rows.items()}
        return state

    def restore(self, state: State) -> None:
        """Take up a state that an engine of the same settings gave.

        Push then all rows that are later than `watermark_us`.

        Raises
        ------
        ConfigError
            If the state is of other settings.
        """
        found = str(state["live.fingerprint"][0])
        if found != self._fingerprint:
            msg = (
                f"the saved state of the live engine is of other settings ({found}); "
                f"these are {self._fingerprint}"
            )
            raise ConfigError(msg)
        parts: dict[str, State] = {}
        for name, column in state.items():
            part, colon, column_name = name.partition(":")
            if colon:
                parts.setdefault(part, {})[column_name] = column
        self._following.restore(
            {part: parts.get(f"tracks.{part}", {}) for part in self._following.parts()}
        )
        for kind, detector in self._detectors.items():
            detector.restore(parts.get(f"detect.{kind}", {}))
        self._alerts.restore(unpacked(state["live.events"]), state["live.told_us"])
        until_us = state["live.until_us"].tolist()
        self._until_us = until_us[0] if until_us else None
        self._reorder.resume(None if self._until_us is None else self._until_us - 1)

    def _advance(self, due: Released, until_us: int, watermark_us: int | None = None) -> pa.Table:
        """Take rows that are due through all stages, and return the events that are final now."""
        finals = [schema.EVENTS.empty()]
        for piece, piece_us in self._pieces(due, until_us):
            followed = self._following.push(piece.positions, piece.statics, piece_us)
            batch = Slice(
                fixes=followed.fixes,
                segments=schema.SEGMENTS.empty(),
                voyages=schema.VOYAGES.empty(),
                vessels=followed.vessels,
                said=followed.said,
                strays=followed.strays,
            )
            is_last = piece_us == until_us
            passed_us = piece_us if watermark_us is None or not is_last else watermark_us
            finals += [one.push(batch, passed_us) for one in self._detectors.values()]
        self._until_us = until_us
        return self._alerts.close(pa.concat_tables(finals))

    def _pieces(self, due: Released, until_us: int) -> Iterator[tuple[Released, int]]:
        """Yield rows cut where what vessels said is brought up to date, and where each piece ends.

        So an event knows the same of its vessels, however rows were cut into batches.
        """
        t_us, said_us = _times(due.positions), _times(due.statics)
        next_us = (said_us // self._told_us + 1) * self._told_us
        pending_us = self._following.due_us
        edges = {int(edge) for edge in np.unique(next_us)} | set(pending_us)
        stops = [*sorted(edge for edge in edges if edge < until_us), until_us]
        if len(stops) == 1:
            yield due, until_us
            return
        start_us = np.iinfo(np.int64).min
        for stop_us in stops:
            of_piece = (
                rows.filter(pa.array((when >= start_us) & (when < stop_us)))
                for rows, when in ((due.positions, t_us), (due.statics, said_us))
            )
            yield Released(*of_piece), stop_us
            start_us = stop_us

    def _look(self, now_us: int, *, all_news: bool = False) -> pa.Table:
        """Look at what is under way, and return what changed of it.

        A kind that takes long to look at is looked at more rarely; what is final in the end, and
        under which number, does not depend on it.
        """
        self._alerts.forget(now_us)
        changed = [schema.EVENTS.empty()]
        for kind, detector in self._detectors.items():
            if now_us < self._look_due_us.get(kind, now_us) and not all_news:
                continue
            began_s = time.process_time()
            changed.append(self._alerts.look(kind, detector.flush(), now_us, all_news=all_news))
            took_s = time.process_time() - began_s
            pause_s = max(self._live.look_s, took_s / self._live.look_frac)
            self._look_due_us[kind] = now_us + round(pause_s * US_PER_S)
        return pa.concat_tables(changed)


def kinds_told_live(kinds: Sequence[str] | None) -> tuple[str, ...]:
    """Return the kinds asked for, or all that can be told live.

    Raises
    ------
    ConfigError
        If one does not exist, or is found in whole voyages alone.
    """
    if kinds is None:
        return tuple(kind for kind in DETECTORS if kind not in NOT_LIVE)
    for kind in kinds:
        presets_of(kind)  # one that does not exist is said
        if kind in NOT_LIVE:
            msg = (
                f"{kind} is found in whole voyages, by `detect` and `run`; it cannot be told live"
            )
            raise ConfigError(msg)
    return tuple(dict.fromkeys(kinds))


def _fingerprint(
    config: Config,
    kinds: Sequence[str],
    presets: Mapping[str, tuple[str, ...]],
    anchorages: pa.Table | None,
) -> str:
    """Return a text that is another whenever the state would mean something else."""
    places = [] if anchorages is None else anchorages["anchorage_id"].to_pylist()
    of_file = currents_id(config.detect.drop_pickup.default.currents)
    settings = (
        config.tracks,
        config.detect,
        config.live,
        sorted(presets.items()),
        places,
        of_file,
    )
    return content_id("live", _FORMAT, ",".join(kinds), *(repr(one) for one in settings))


def _one_each(changed: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables([schema.EVENTS.empty(), *changed]).sort_by(_KEY)


def _times(rows: pa.Table) -> Ints:
    return np.asarray(rows["timestamp"].cast(pa.int64()).to_numpy())


def _last_us(due: Released) -> list[int]:
    return [int(t_us.max()) for t_us in (_times(due.positions), _times(due.statics)) if t_us.size]
