"""A feed over a loopback socket into a store, end to end, the listener on one core.

The sender is this process, on the other cores: what it costs is printed and counts for nothing.
What waits in the sockets counts as time: a position has been sent when the sender gives it away.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from feed import feed
from traffic import GROUPS, STEP_S, Traffic
from vesseltrack.store import Store

RATE = 20_000  # positions a second
SECONDS = (120, 20)  # with alerts; as fast as positions are taken
KEPT_S = 60.0  # how long a standstill is kept before it is one
TOLD_S = 10
MINUTE_S = 60
LOOK_S = 5  # memory is looked at so often, and said every
SAID_S = 30
BYTES_A_SECOND = RATE * 48  # of sentences without tag blocks, line ends included
N_MESSAGES = 200_000
N_PLANTED = 1_000
TAG = re.compile(rb"\\[^\\]*\\")


def main(seconds=None):
    """Print what was sent, stored and told, and the listener's time and memory on the way."""
    with tempfile.TemporaryDirectory() as folder:
        alerts(Path(folder) / "alerts", seconds or SECONDS[0])
        lines, share = made(Path(folder))
        print(f"live: as fast as taken for {SECONDS[1]} s, {share:.2f} positions a line")
        run(Path(folder) / "fast", lines, SECONDS[1])


def alerts(path, lasts_s):
    """Send traffic in which vessels stop at once; print how soon after each that was told."""
    traffic = Traffic(RATE, N_PLANTED, lasts_s, seed=1)
    print(
        f"live: {RATE:,} positions/s of {traffic.mmsi.size:,} vessels for {lasts_s} s; core: "
        "processor time by the clock's, of the listener and its children",
        flush=True,
    )
    with listening(path) as (listener, port, _):
        watch, memory = Watch(listener.pid, port), Memory(listener.pid)
        with socket.create_connection(("127.0.0.1", port)) as sender:
            begun_s, sent_s = time.time(), []
            for k in range(round(lasts_s / STEP_S)):
                _, lines = traffic.step(k)
                time.sleep(max(0.0, begun_s + k * STEP_S - time.time()))
                if k % round(LOOK_S / STEP_S) == 0:
                    memory.look(k * STEP_S)
                if k and k % round(MINUTE_S / STEP_S) == 0:
                    watch.tell(k * STEP_S, time.time() - begun_s - k * STEP_S)
                sent_s.append(time.time())
                sender.sendall(b"".join(lines))
            watch.tell(lasts_s, time.time() - begun_s - lasts_s)
            memory.tell(lasts_s)
            time.sleep(5)
        busy_s, saved_s = cpu_s(listener.pid)
        begun_s = time.perf_counter()
        listener.send_signal(signal.SIGTERM)
        listener.wait()
        ended_s = time.perf_counter() - begun_s
    store = Store.open(path)
    print(
        f"  {store.tables()['positions']:,} positions in days; listener {busy_s / lasts_s:.0%} of "
        f"a core for a second of the feed, children {saved_s / lasts_s:.0%}, the sender "
        f"{time.process_time() / lasts_s:.0%} of another; SIGTERM to exit {ended_s:.1f} s, code "
        f"{listener.returncode}",
    )
    print(f"  told: {dict(Counter(store.alerts()['kind'].to_pylist()))}")
    print(f"  {latencies(store, traffic, sent_s)}", flush=True)


class Watch:
    """What a listener costs, minute by minute."""

    def __init__(self, pid, port):
        self.pid, self.port = pid, port
        self.last_s, self.last_cpu_s = time.time(), sum(cpu_s(pid))

    def tell(self, at_s, behind_s):
        """Print a line for what has passed since the last one."""
        now_s, now_cpu_s = time.time(), sum(cpu_s(self.pid))
        share = (now_cpu_s - self.last_cpu_s) / (now_s - self.last_s)
        self.last_s, self.last_cpu_s = now_s, now_cpu_s
        rss, peak = memory_mib(self.pid)
        print(
            f"  {at_s:5.0f} s  {share:4.0%} of a core  memory {rss:,} MiB, peak {peak:,}; sender "
            f"{behind_s:.2f} s behind, {in_sockets(self.port) / BYTES_A_SECOND:.1f} s in sockets",
            flush=True,
        )


class Memory:
    """What a listener and its children hold, and whether that grows."""

    def __init__(self, pid):
        self._pid = pid
        self._looks = []  # [s], [MiB] of the listener, [MiB] of its children

    def look(self, at_s):
        """Look, and say what was most since the last half minute."""
        of_children = sum(map(private_mib, children_of(self._pid)))
        self._looks.append((at_s, memory_mib(self._pid)[0], of_children))
        if at_s and at_s % SAID_S == 0:
            lately = [look for look in self._looks if look[0] > at_s - SAID_S]
            own, children = (max(look[k] for look in lately) for k in (1, 2))
            print(f"  {at_s:5.0f} s  own memory {own:,.0f} MiB, of children {children:,.0f}")

    def tell(self, lasts_s):
        """Say by how much the listener's memory rose in the second half, by least squares."""
        at_s, own, children = np.array(self._looks).T
        late = at_s >= lasts_s / 2
        slope = np.polyfit(at_s[late] / MINUTE_S, own[late], 1)[0]
        print(
            f"  own memory, {lasts_s / 2:.0f} to {lasts_s:.0f} s: {slope:+.1f} MiB a minute, "
            f"{own[late].min():,.0f} to {own[late].max():,.0f} MiB; of children at most "
            f"{children.max():,.0f}, of all {(own + children).max():,.0f}",
            flush=True,
        )


def children_of(pid):
    """Processes that a process has begun and that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(path.parent.name))
    return found


def private_mib(pid):
    """Memory of a process that no other shares, 0 when it has ended [MiB].

    A child that saves the state is a fork: most of what it has is its parent's.
    """
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, re.findall(r"^Private_\w+: +(\d+) kB", text, re.MULTILINE))) / 1024


def in_sockets(port):
    """Bytes on their way to a port, in the sockets of both sides."""
    n_bytes = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        sent, received = (int(part, 16) for part in queues.split(":"))
        if int(remote.split(":")[1], 16) == port:
            n_bytes += sent
        elif int(local.split(":")[1], 16) == port and remote != "00000000:0000":
            n_bytes += received
    return n_bytes


def latencies(store, traffic, sent_s):
    """Return in words how long after the position that completed it each event was in the feed.

    That is the first report 60 s or more after the first slow one that the engine believed, as
    the event tells: a speed that the step before denies is unknown, which costs a report.
    """
    told = {}
    for row in store.alerts().to_pylist():
        if row["kind"] == "sudden_speed_change":
            told.setdefault(row["mmsi"], row)
    took_s, n_missed, n_doubted = [], 0, 0
    for mmsi, first in traffic.first_slow.items():
        steps = np.arange(first, len(sent_s), GROUPS)  # its reports
        at_s = np.array(sent_s)[steps]  # a sender that is late counts
        if not np.any(at_s - at_s[0] >= KEPT_S + GROUPS * STEP_S):
            continue
        if mmsi not in told:
            n_missed += 1
            continue
        kept_s = json.loads(told[mmsi]["measures"])["kept_s"]["value"]
        believed_s = told[mmsi]["end"].timestamp() - kept_s
        slow = np.searchsorted(at_s, believed_s, side="right") - 1
        n_doubted += slow > 0
        kept = np.flatnonzero(at_s - at_s[slow] >= KEPT_S)[0]
        took_s.append(told[mmsi]["appended"].timestamp() - at_s[kept])
    if not took_s:
        return f"none of {n_missed} planted stops was told"
    p50, p99 = np.percentile(took_s, [50, 99])
    return (
        f"{len(took_s)} planted stops told, {n_missed} missed, the first slow report of "
        f"{n_doubted} doubted; from the completing position to the feed p50 {p50:.2f} s, p99 "
        f"{p99:.2f} s, longest {max(took_s):.2f} s"
    )


def made(folder):
    """Lines without times of their own, and how many positions a line has."""
    text = TAG.sub(b"", feed(N_MESSAGES, seed=1))
    path = folder / "feed.nmea"
    path.write_bytes(text)
    n_lines = text.count(b"\n")
    subprocess.run(
        [sys.executable, "-m", "vesseltrack", "ingest", path, "--store", folder / "share"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (source,) = Store.open(folder / "share").select("sources").to_pylist()
    return text.splitlines(keepends=True), source["positions"] / n_lines


@contextmanager
def listening(path, *options):
    """A listener on one core, its port, and where its words go; the rest of us on the others."""
    cores = sorted(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "vesseltrack", "listen", "tcp-listen://127.0.0.1:0"]
    said = path.with_suffix(".txt")  # a pipe that nobody empties would hold it up
    with (
        said.open("w") as file,
        subprocess.Popen(
            [*command, "--store", path, *options],
            stdout=file,
            preexec_fn=lambda: os.sched_setaffinity(0, cores[:1]),  # noqa: PLW1509 - no threads here
        ) as listener,
    ):
        os.sched_setaffinity(0, cores[1:] or cores)
        try:
            while not (found := re.search(r"127\.0\.0\.1:(\d+) ", said.read_text())):
                time.sleep(0.1)
            yield listener, int(found[1]), said
        finally:
            listener.kill()
            os.sched_setaffinity(0, cores)


def run(path, lines, lasts_s):
    """Store as fast as lines are taken."""
    with listening(path, "--no-detect") as (listener, port, said):
        with socket.create_connection(("127.0.0.1", port)) as sender:
            n_sent, lasted_s = send(sender, lines, lasts_s, listener.pid)
        busy_s, _ = cpu_s(listener.pid)
        begun_s = time.perf_counter()
        listener.send_signal(signal.SIGTERM)
        listener.wait()
        ended_s = time.perf_counter() - begun_s
    stored = int(re.search(r"Stored ([\d,]+) positions", said.read_text())[1].replace(",", ""))
    tables = Store.open(path).tables()
    print(
        f"  {n_sent:,} lines sent in {lasted_s:.1f} s; {stored:,} positions = "
        f"{stored / lasted_s:,.0f}/s stored, {tables['positions']:,} of them in days, "
        f"{tables['rejects']:,} lines rejected; listener {busy_s / lasted_s:.0%} of a core, "
        f"{stored / busy_s:,.0f} positions a second of its time; "
        f"SIGTERM to exit {ended_s:.1f} s, code {listener.returncode}",
        flush=True,
    )


def send(sender, lines, lasts_s, pid):
    """Send lines again and again; return how many, and how long it took [s]."""
    begun_s = time.perf_counter()
    n_sent, at, told_s = 0, 0, 0.0
    while (elapsed_s := time.perf_counter() - begun_s) < lasts_s:
        if elapsed_s >= told_s:
            rss, peak = memory_mib(pid)
            print(f"  {elapsed_s:5.0f} s  {n_sent:>12,} lines  memory {rss} MiB, peak {peak} MiB")
            told_s += TOLD_S
        piece = lines[at : at + 5_000]
        at = (at + len(piece)) % len(lines)
        sender.sendall(b"".join(piece))
        n_sent += len(piece)
    return n_sent, time.perf_counter() - begun_s


def memory_mib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return tuple(int(status.split(f"{name}:")[1].split()[0]) >> 10 for name in ("VmRSS", "VmHWM"))


def cpu_s(pid):
    """Processor time of a process, and of its children that have ended [s]."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own, children = (int(fields[11]) + int(fields[12])), (int(fields[13]) + int(fields[14]))
    return own / os.sysconf("SC_CLK_TCK"), children / os.sysconf("SC_CLK_TCK")
