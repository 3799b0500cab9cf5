"""A feed over a loopback socket into a store, end to end, the listener on one core."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from feed import feed
from traffic import GROUPS, STEP_S, Traffic
from vesseltrack.store import Store

RATE = 20_000  # positions a second
SECONDS = (120, 20)  # with alerts; as fast as positions are taken
KEPT_S = 60.0  # how long a standstill is kept before it is one
TOLD_S = 10
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
        f"live: {RATE:,} positions/s of {traffic.mmsi.size:,} vessels for {lasts_s} s", flush=True
    )
    with listening(path) as (listener, port, _):
        with socket.create_connection(("127.0.0.1", port)) as sender:
            begun_s, sent_s = time.time(), []
            for k in range(round(lasts_s / STEP_S)):
                _, lines = traffic.step(k)
                time.sleep(max(0.0, begun_s + k * STEP_S - time.time()))
                if k % round(TOLD_S / STEP_S) == 0:
                    rss, peak = memory_mib(listener.pid)
                    behind_s = time.time() - begun_s - k * STEP_S
                    print(
                        f"  {k * STEP_S:5.0f} s  memory {rss} MiB, peak {peak} MiB, "
                        f"{cpu_s(listener.pid):.0f} s of its time, sender {behind_s:.2f} s late",
                        flush=True,
                    )
                sent_s.append(time.time())
                sender.sendall(b"".join(lines))
            time.sleep(5)
        busy_s = cpu_s(listener.pid)
        begun_s = time.perf_counter()
        listener.send_signal(signal.SIGTERM)
        listener.wait()
        ended_s = time.perf_counter() - begun_s
    store = Store.open(path)
    print(
        f"  {store.tables()['positions']:,} positions in days; listener {busy_s / lasts_s:.0%} of "
        f"a core; SIGTERM to exit {ended_s:.1f} s, code {listener.returncode}",
    )
    print(f"  told: {dict(Counter(store.alerts()['kind'].to_pylist()))}")
    print(f"  {latencies(store, traffic, sent_s)}", flush=True)


def latencies(store, traffic, sent_s):
    """Return in words how long after the position that completed it each event was in the feed."""
    told = {}
    for row in store.alerts().select(["mmsi", "kind", "appended"]).to_pylist():
        if row["kind"] == "sudden_speed_change":
            told.setdefault(row["mmsi"], row["appended"].timestamp())
    took_s, n_missed = [], 0
    for mmsi, first in traffic.first_slow.items():
        steps = range(first, len(sent_s), GROUPS)  # its reports; a sender that is late counts
        kept = next((n for n in steps if sent_s[n] - sent_s[first] >= KEPT_S), None)
        if kept is None:
            continue
        if mmsi in told:
            took_s.append(told[mmsi] - sent_s[kept])
        else:
            n_missed += 1
    if not took_s:
        return f"none of {n_missed} planted stops was told"
    p50, p99 = np.percentile(took_s, [50, 99])
    return (
        f"{len(took_s)} planted stops told, {n_missed} missed; from the completing position to "
        f"the feed p50 {p50:.2f} s, p99 {p99:.2f} s, longest {max(took_s):.2f} s"
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
        busy_s = cpu_s(listener.pid)
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
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
