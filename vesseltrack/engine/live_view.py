"""What a feed or a replay shows of itself: where vessels are, how alerts rank, how far it is."""

import dataclasses
import datetime as dt
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.config import Config
from vesseltrack.core.latest import Latest
from vesseltrack.core.records import Rows, take
from vesseltrack.core.runs import Ints
from vesseltrack.engine.alerts import WITHDRAWN
from vesseltrack.engine.news import Row
from vesseltrack.leads import rank_leads
from vesseltrack.schema import (
    EVENTS,
    LATEST,
    LEADS,
    OUTSIDE_TRACKS,
    VESSELS,
    LiveState,
    LiveStatus,
)
from vesseltrack.store import Store
from vesseltrack.units import E6, h_to_us

_MAX_EVENTS: Final = 20_000  # ranked; those told longest ago go first
_MAX_NAMES: Final = 200_000  # of vessels; all that send have some 150,000
_NO_STATUS: Final = -1  # of navigation: unknown
_MEASURED: Final = ("sog_kn", "cog_deg", "heading_deg")
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class LiveView:
    """Gathers what is shown, and writes it beside the store now and then.

    Parameters
    ----------
    store : Store
        Where it is written.
    config : Config
        How often, and the weights of leads.
    source : str
        What feeds the store: `replay` or `listen`.
    now_s : callable
        The clock [s].
    """

    def __init__(
        self, store: Store, config: Config, source: str, now_s: Callable[[], float]
    ) -> None:
        self._store = store
        self._config = config
        self._live = config.live
        begun = dt.datetime.now(dt.UTC)
        self._status = LiveStatus(source, LiveState.READING, begun, begun, process=os.getpid())
        self._now_s = now_s
        self._show_due_s = self._rank_due_s = now_s()
        self._latest = Latest("mmsi")
        self._has_moved = False
        self._names: dict[int, str] = {}
        self._events: OrderedDict[str, Row] = OrderedDict()
        self._ranked: list[tuple[str, int]] = []

    @property
    def status(self) -> LiveStatus:
        """What was said last."""
        return self._status

    def learn(self, rows: Iterable[Row]) -> None:
        """Take alerts as rows of EVENTS, in the order in which they were told."""
        for row in rows:
            self._events[row["event_id"]] = row
            self._events.move_to_end(row["event_id"])
        while len(self._events) > _MAX_EVENTS:
            self._events.popitem(last=False)

    def see(self, received: pa.Table, statics: pa.Table) -> None:
        """Take positions and reports as they were shown to the engine."""
        named = statics.filter(statics["name"].is_valid())
        self._names.update(zip(*(named[n].to_pylist() for n in ("mmsi", "name")), strict=True))
        if len(self._names) > _MAX_NAMES:
            self._names = {}  # they are said again
        if received.num_rows:
            newest = _newest(received)
            known_us = self._latest.look_up("t_us", newest["mmsi"], np.iinfo(np.int64).min)
            self._latest.put(take(newest, newest["t_us"] >= known_us))
            self._has_moved = True

    def forget_places(self) -> None:
        """Forget where vessels were: a replay goes on from another moment."""
        self._latest = Latest("mmsi")
        self._has_moved = True

    def say(self, state: LiveState, **changed: Any) -> None:  # noqa: ANN401 - fields of the status
        """Show everything now."""
        self._status = dataclasses.replace(self._status, state=state, **changed)
        self._show_due_s = self._now_s() + self._live.show_s
        latest, leads = self._latest_if_moved(), self._leads_if_changed()
        self._status = dataclasses.replace(
            self._status,
            written=dt.datetime.now(dt.UTC),
            n_vessels=self._status.n_vessels if latest is None else latest.num_rows,
            n_latest=self._status.n_latest + (latest is not None),
            n_leads=self._status.n_leads + (leads is not None),
        )
        self._store.show_live(self._status, latest, leads)

    def say_if_due(self, state: LiveState, at_us: int | None, behind_s: float | None) -> None:
        """Show everything when it is time; at once when the state is another."""
        if state is self._status.state and self._now_s() < self._show_due_s:
            return
        at = None if at_us is None else _EPOCH + dt.timedelta(microseconds=at_us)
        self.say(state, at=at, behind_s=None if behind_s is None else round(behind_s, 1))

    def _latest_if_moved(self) -> pa.Table | None:
        if not self._has_moved:
            return None
        self._has_moved = False
        t_us = self._latest.column("t_us")
        if t_us.size:
            self._latest.keep(t_us >= t_us.max() - h_to_us(self._live.shown_h))
        rows = self._latest.rows
        if not rows:
            return LATEST.empty()
        nav_status = rows["nav_status"]
        return LATEST.of(
            {
                "mmsi": rows["mmsi"],
                "name": [self._names.get(mmsi) for mmsi in rows["mmsi"].tolist()],
                "timestamp": pa.array(rows["t_us"], pa.timestamp("us", tz="UTC")),
                "lat": rows["lat_e6"] / E6,
                "lon": rows["lon_e6"] / E6,
                **{name: rows[name] for name in _MEASURED},
                "nav_status": pa.array(nav_status, mask=nav_status == _NO_STATUS),
            }
        )

    def _leads_if_changed(self) -> pa.Table | None:
        """Return the ranking of what was told of the time that is shown, if it is another."""
        now_s, at = self._now_s(), self._status.at
        if at is None or now_s < self._rank_due_s:
            return None
        since = at - dt.timedelta(hours=self._live.memory_h)
        rows = [
            row
            for row in self._events.values()
            # A replay that began anew knows of alerts that lie ahead.
            if row["start"] <= at and row["end"] >= since and row["status"] != WITHDRAWN
        ]
        ranked = [(row["event_id"], row["revision"]) for row in rows]
        if ranked == self._ranked:
            return None
        self._ranked = ranked
        leads = self._leads(rows)
        self._rank_due_s = now_s + (self._now_s() - now_s) / self._live.show_frac
        return leads

    def _leads(self, rows: list[Row]) -> pa.Table:
        if not rows:
            return LEADS.empty()
        known = [{name: row[name] for name in EVENTS.names} for row in rows]
        events = pa.Table.from_pylist(known, EVENTS.arrow)
        return rank_leads(events, self._vessels(known), config=self._config.leads)

    def _vessels(self, rows: Iterable[Row]) -> pa.Table:
        """Return what is known of the vessels of events, for names and the watch list."""
        of_events: dict[str, Row] = {}
        for row in rows:
            for prefix in ("", "other_"):
                vessel_id, mmsi = row[f"{prefix}vessel_id"], row[f"{prefix}mmsi"]
                if vessel_id is not None:
                    of_events[vessel_id] = {
                        **dict.fromkeys(VESSELS.names),
                        "vessel_id": vessel_id,
                        "mmsi": mmsi,
                        "name": self._names.get(mmsi),
                        "identities": "[]",
                        "first_seen": row["start"],
                        "last_seen": row["end"],
                        "n_positions": 0,
                        "lat": row["lat"],
                        "lon": row["lon"],
                    }
        return pa.Table.from_pylist(list(of_events.values()), VESSELS.arrow)


def _newest(received: pa.Table) -> Rows:
    """Return the latest position of each vessel, by MMSI."""
    is_of_vessel = pc.equal(pc.bit_wise_and(received["quality"], int(OUTSIDE_TRACKS)), 0)
    rows = received.filter(is_of_vessel)
    columns: Rows = {name: rows[name].to_numpy() for name in ("lat_e6", "lon_e6", *_MEASURED)}
    columns["mmsi"] = rows["mmsi"].to_numpy().astype(np.int64)
    columns["t_us"] = rows["timestamp"].cast(pa.int64()).to_numpy()
    columns["nav_status"] = rows["nav_status"].fill_null(_NO_STATUS).to_numpy()
    order: Ints = np.lexsort((columns["t_us"], columns["mmsi"]))
    ordered = take(columns, order)
    mmsi = ordered["mmsi"]
    return take(ordered, np.append(mmsi[1:] != mmsi[:-1], True)[: mmsi.size])
