"""A listener ended, or killed, in the middle of a full feed and begun again: what is lost of it.

Every report has a time of its own, and its sender sends again what it sent in the seconds before
the connection broke, as one must that wants to lose nothing: it cannot know what of that had been
read from a socket, or read and not yet stored.
"""

import json
import shutil
import signal
import socket
import tempfile
import time
from collections import Counter, deque
from pathlib import Path

import numpy as np
import pyarrow as pa

from feed import exclusive_or
from live import N_PLANTED, RATE, listening
from traffic import DEGREES_A_SECOND, GROUPS, SPEED_KN, STEP_S, Traffic, reports
from vesseltrack.config import Config
from vesseltrack.engine import NOT_LIVE, LiveEngine, analyse
from vesseltrack.engine.event_time import MAX_PART_US, in_event_time
from vesseltrack.errors import StoreError
from vesseltrack.schema import EVENTS, RECEIVED
from vesseltrack.store import Store

SECONDS = 300
AGAIN_S = (
    20.0  # of what was sent is sent again; a killed listener loses 5 s and what it was behind
)
BEHIND_S = 2.5  # caught up: the engine's time is a second and a push behind in any case
OFTEN_S = 0.2
ANYTHING = {name for name in EVENTS.names if name not in {"revision", "sequence", "appended"}}
N_OF_EACH = 40  # other vessels, of each kind
FIRST_OTHER_MMSI = 311_000_001
AWAY_DEG = 0.5  # a jump and back
PAIR_DEG = 0.0005  # 55 m


def main(seconds=None):
    """Print both ways of ending it."""
    for name, number in (("SIGTERM", signal.SIGTERM), ("kill -9", signal.SIGKILL)):
        with tempfile.TemporaryDirectory() as folder:
            restarted(Path(folder), name, number, seconds or SECONDS)


class Others(Traffic):
    """The same traffic, and vessels of other behaviours in the Atlantic.

    Pairs side by side, vessels that jump away for 70 s and come back, and numbers that two vessels
    far apart send.
    """

    def __init__(self, rate, n_planted, lasts_s, seed):
        super().__init__(rate, n_planted, lasts_s, seed)
        rng = np.random.default_rng(seed + 1)
        n = N_OF_EACH
        self._place = -10 + 0.3 * np.arange(3 * n), -30 + rng.uniform(0, 5, 3 * n)
        self._away_s = rng.uniform(40, lasts_s - 110, n)
        self._other_mmsi = FIRST_OTHER_MMSI + np.arange(4 * n)

    def step(self, k):
        """Return the MMSI that report in a step, and their lines."""
        mmsi, lines = super().step(k)
        if k % GROUPS not in {0, GROUPS // 2}:
            return mmsi, lines
        n, now_s = N_OF_EACH, k * STEP_S
        lat, lon = (column.copy() for column in self._place)
        lat += DEGREES_A_SECOND * now_s * np.repeat([0.3, 1, 1], n)
        sog = SPEED_KN * np.repeat([0.3, 1, 1], n)
        is_away = (now_s >= self._away_s) & (now_s < self._away_s + 70)
        lon[n : 2 * n] += AWAY_DEG * is_away
        own = np.arange(3 * n)
        if k % GROUPS:  # the other of each pair, and the other place of each number sent by two
            own = np.concatenate((own[:n], own[2 * n :]))
            lat, lon, sog = lat[own], lon[own], sog[own]
            lon[:n] += PAIR_DEG
            lon[n:] += 5.0
            own[:n] += 3 * n
        ours = self._other_mmsi[own]
        from_these = reports(ours, lat, lon, sog)
        return np.append(mmsi, ours), [*lines, *sentences(from_these)]


def sentences(payloads):
    """Lines of payloads that need one each."""
    bodies = (b"AIVDM,1,1,,A,%s,0" % payload for payload in payloads)
    return [b"!%s*%02X\n" % (body, exclusive_or(body)) for body in bodies]


class Sender:
    """Traffic on its way, a step every 0.1 s, whether or not anybody takes it."""

    def __init__(self, lasts_s):
        self.traffic = Others(RATE, N_PLANTED, lasts_s, seed=1)
        self.n_steps = round(lasts_s / STEP_S)
        self.n_made = 0
        self.sent = []  # MMSI of each step
        self.begun_s = time.time()
        self._kept = deque(maxlen=round(AGAIN_S / STEP_S))  # text of the last steps
        self._due = deque()
        self._socket = None

    @property
    def now_s(self):
        return time.time() - self.begun_s

    @property
    def is_behind(self):
        return bool(self._due) or self.n_made < min(self.n_steps, int(self.now_s / STEP_S))

    def time_us(self, k):
        """When the reports of a step say that they were received, to the millisecond."""
        return round((self.begun_s + k * STEP_S) * 1000) * 1000

    def connect(self, port):
        """Begin with what was sent last, to whomever that was."""
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._due = deque([*self._kept, *self._due])
        self._kept.clear()

    def go_on(self, until_s):
        """Send what is due until a moment; False if nobody is there any more."""
        while self.n_made < self.n_steps and self.n_made * STEP_S <= until_s:
            if not self._due:
                time.sleep(max(0.0, self.n_made * STEP_S - self.now_s))
            self.make()
            if self._socket is not None and not self._send():
                return False
        return self._socket is None or self._send()

    def make(self):
        """Make all steps that are due by now."""
        while self.n_made < self.n_steps and self.n_made * STEP_S <= self.now_s:
            mmsi, lines = self.traffic.step(self.n_made)
            self.sent.append(mmsi)
            body = b"c:%d" % (self.time_us(self.n_made) // 1000)
            tag = b"\\%s*%02X\\" % (body, exclusive_or(body))
            self._due.append(b"".join(tag + line for line in lines))
            self.n_made += 1

    def close(self):
        """Be gone, as far as whoever listens can tell."""
        self._socket.close()

    def _send(self):
        while self._due:
            try:
                self._socket.sendall(self._due[0])
            except OSError:
                self._socket = None
                return False
            self._kept.append(self._due.popleft())
            self.make()
        return True


def restarted(folder, name, number, lasts_s):
    """End a listener in the middle in some way, begin another, and print what became of it all."""
    path, sender = folder / "store", Sender(lasts_s)
    print(f"{name} in the middle of {lasts_s} s of {RATE:,} positions/s", flush=True)
    with listening(path) as (listener, port, _):
        sender.begun_s = time.time()
        sender.connect(port)
        sender.go_on(lasts_s / 2)
        begun_s = time.time()
        listener.send_signal(number)
        while sender.go_on(sender.now_s) and time.time() < begun_s + AGAIN_S / 2:
            pass
        listener.wait()
        ended_s = time.time() - begun_s
        n_given = sum(mmsi.size for mmsi in sender.sent)
    shutil.copytree(path, folder / "first")
    begun_s = time.time()
    with listening(path) as (listener, port, _):
        ready_s = time.time() - begun_s
        sender.connect(port)
        caught_up_s = None
        while sender.n_made < sender.n_steps:
            sender.go_on(sender.now_s)
            if caught_up_s is None and not sender.is_behind and is_current(path):
                caught_up_s = time.time() - begun_s
            time.sleep(OFTEN_S / 10)
        time.sleep(5)
        listener.send_signal(signal.SIGTERM)
        listener.wait()
    words = "not before the end" if caught_up_s is None else f"{caught_up_s:.1f} s"
    print(
        f"  {ended_s:.1f} s to exit; the next took lines after {ready_s:.1f} s, and was up to "
        f"{BEHIND_S} s behind after: {words}"
    )
    store = settled(path)
    print_rows(store, settled(folder / "first"), sender, n_given)
    events = {row["event_id"]: row for row in store.alerts().to_pylist()}
    planted(store, sender)
    compare("an engine that nobody stopped", events, undisturbed(store))
    analyse(store)
    archived = store.select("events").to_pylist()
    found = {row["event_id"]: row for row in archived if row["kind"] not in NOT_LIVE}
    compare("a run on the same rows", events, found)


def is_current(path):
    """Whether the listener says that its engine has come to what is sent now."""
    try:
        status = Store.open(path).live_status()
    except StoreError:
        return False
    if status is None or status.behind_s is None or time.time() - status.written.timestamp() > 3:
        return False
    return status.behind_s <= BEHIND_S


def settled(path):
    """A store of which all rows are in days."""
    store = Store.open(path)
    with store.writing():
        store.fold_days()
    return store


def print_rows(store, first, sender, n_given):
    """Print which rows of those sent are stored."""
    sent = keys_of(
        np.concatenate(sender.sent),
        np.repeat(
            [sender.time_us(k) for k in range(sender.n_made)], [m.size for m in sender.sent]
        ),
    )
    stored, of_first = (
        keys_of(rows["mmsi"].to_numpy().astype(np.int64), times_us(rows))
        for rows in (
            one.select("positions", columns=["mmsi", "timestamp"]) for one in (store, first)
        )
    )
    n_missed = n_given - of_first.size
    print(
        f"  {sent.size:,} positions made; {n_given:,} when the first ended, of which it had "
        f"stored {of_first.size:,}: {n_missed:,} ({n_missed / RATE:.1f} s) had been in "
        "sockets, or read and not yet stored, or were made when it was gone"
    )
    print(
        f"  stored in the end {stored.size:,}: {np.setdiff1d(sent, stored).size:,} of those sent "
        f"are missing, {np.setdiff1d(stored, sent).size:,} were never sent, "
        f"{stored.size - np.unique(stored).size:,} are there twice",
        flush=True,
    )


def keys_of(mmsi, t_us):
    """One number a report, rising."""
    return np.sort(mmsi * 1_000_000_000 + t_us // 1000 % 1_000_000_000)


def times_us(rows):
    return rows["timestamp"].cast(pa.int64()).to_numpy()


def planted(store, sender):
    """Print how many of the planted stops were told, and how often."""
    last = {row["event_id"]: row for row in store.alerts().to_pylist()}
    n_told = Counter(
        row["mmsi"]
        for row in last.values()
        if row["kind"] == "sudden_speed_change" and row["status"] != "withdrawn"
    )
    final_s = (sender.n_made - 1) * STEP_S
    due = [m for m, k in sender.traffic.first_slow.items() if final_s - k * STEP_S > 65]
    of_each = Counter(n_told[mmsi] for mmsi in due)
    withdrawn = sum(row["status"] == "withdrawn" for row in last.values())
    print(
        f"  planted stops: {of_each[1]} of {len(due)} told once, {of_each[0]} not at all, "
        f"{sum(n for times, n in of_each.items() if times > 1)} more than once; "
        f"{sum(mmsi not in sender.traffic.first_slow for mmsi in n_told)} told of others; "
        f"{withdrawn} events of any kind withdrawn"
    )


def undisturbed(store):
    """Return the last word on each event of an engine that is shown what is stored, in one go."""
    engine, told = LiveEngine(Config(), anchorages=store.select("anchorages")), {}
    stretches = in_event_time(store, None, None, max_rows=200_000)
    for stretch in stretches:
        for part in stretch.parts(MAX_PART_US):
            for row in engine.push(part.received.select(RECEIVED.names), part.statics).to_pylist():
                told[row["event_id"]] = row
    return told


def compare(whom, live, other):
    """Print, by kind, how the last words of the feed stand against those of another."""
    live, other = (
        {event_id: row for event_id, row in one.items() if row["status"] != "withdrawn"}
        for one in (live, other)
    )
    print(f"  against {whom}:")
    for kind in sorted({row["kind"] for row in [*live.values(), *other.values()]}):
        ours, theirs = (
            {event_id for event_id, row in one.items() if row["kind"] == kind}
            for one in (live, other)
        )
        differ = Counter(
            ", ".join(difference)
            for event_id in ours & theirs
            if (difference := unlike(live[event_id], other[event_id]))
        )
        print(
            f"    {kind:<22} {len(ours & theirs) - sum(differ.values())} the same, "
            f"{len(ours - theirs)} only told, {len(theirs - ours)} only found, "
            f"{dict(differ) or 'none'} different",
            flush=True,
        )
        for event_id in [*sorted(ours ^ theirs)][:2]:
            row = live.get(event_id) or other[event_id]
            print(
                "     ",
                {n: str(row[n])[:300] for n in ("mmsi", "status", "start", "end", "measures")},
            )


def unlike(one, other):
    """Return the columns in which an event differs; of one under way, those that do not grow."""
    is_open = "open" in {one["status"], other["status"]}
    names = ANYTHING & one.keys() & other.keys()
    if is_open:
        names &= {"kind", "preset", "start", "mmsi", "other_mmsi", "vessel_id", "innocent"}
    return sorted(n for n in names if said(one[n]) != said(other[n]))


def said(value):
    """Return a value as it is read, however it is written."""
    try:
        return json.dumps(json.loads(value), sort_keys=True) if isinstance(value, str) else value
    except ValueError:
        return value
