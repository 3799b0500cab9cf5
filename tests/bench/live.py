"""A feed over a loopback socket into a store, end to end, the listener on one core."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from feed import feed
from vesseltrack.store import Store

RATES = (20_000, None)  # positions a second; None: as fast as they are taken
SECONDS = (60, 20)
STEP_S = 0.1
TOLD_S = 10
N_MESSAGES = 200_000
TAG = re.compile(rb"\\[^\\]*\\")


def main(seconds):
    """Print what was sent and stored, and the listener's time and memory on the way."""
    with tempfile.TemporaryDirectory() as folder:
        lines, share = made(Path(folder))
        for rate, lasts_s in zip(RATES, (seconds or SECONDS[0], SECONDS[1]), strict=True):
            name = "as fast as taken" if rate is None else f"{rate:,} positions/s"
            print(f"live: {name} for {lasts_s} s, {share:.2f} positions a line", flush=True)
            run(Path(folder) / f"store-{rate}", lines, share, rate, lasts_s)


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


def run(path, lines, share, rate, lasts_s):
    cores = sorted(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "vesseltrack", "listen", "tcp-listen://127.0.0.1:0"]
    with subprocess.Popen(
        [*command, "--store", path],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores[:1]),  # noqa: PLW1509 - no threads here
    ) as listener:
        os.sched_setaffinity(0, cores[1:] or cores)
        port = int(listener.stdout.readline().split("127.0.0.1:")[1].split()[0])
        with socket.create_connection(("127.0.0.1", port)) as sender:
            n_sent, lasted_s = send(sender, lines, rate and rate / share, lasts_s, listener.pid)
        busy_s = cpu_s(listener.pid)
        begun_s = time.perf_counter()
        listener.send_signal(signal.SIGTERM)
        said = listener.stdout.read()
        listener.wait()
        ended_s = time.perf_counter() - begun_s
    stored = int(re.search(r"Stored ([\d,]+) positions", said)[1].replace(",", ""))
    tables = Store.open(path).tables()
    print(
        f"  {n_sent:,} lines sent in {lasted_s:.1f} s; {stored:,} positions = "
        f"{stored / lasted_s:,.0f}/s stored, {tables['positions']:,} of them in days, "
        f"{tables['rejects']:,} lines rejected; listener {busy_s / lasted_s:.0%} of a core, "
        f"{stored / busy_s:,.0f} positions a second of its time; "
        f"SIGTERM to exit {ended_s:.1f} s, code {listener.returncode}",
        flush=True,
    )


def send(sender, lines, rate, lasts_s, pid):
    """Send lines again and again at a rate; return how many, and how long it took [s]."""
    begun_s = time.perf_counter()
    n_sent, at, told_s = 0, 0, 0.0
    while (elapsed_s := time.perf_counter() - begun_s) < lasts_s:
        if elapsed_s >= told_s:
            rss, peak = memory_mib(pid)
            print(f"  {elapsed_s:5.0f} s  {n_sent:>12,} lines  memory {rss} MiB, peak {peak} MiB")
            told_s += TOLD_S
        n_due = 5_000 if rate is None else int(rate * (elapsed_s + STEP_S)) - n_sent
        if n_due > 0:
            piece = lines[at : at + n_due]
            at = (at + len(piece)) % len(lines)
            sender.sendall(b"".join(piece))
            n_sent += len(piece)
        if rate is not None:
            time.sleep(max(0.0, n_sent / rate - (time.perf_counter() - begun_s)))
    return n_sent, time.perf_counter() - begun_s


def memory_mib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return tuple(int(status.split(f"{name}:")[1].split()[0]) >> 10 for name in ("VmRSS", "VmHWM"))


def cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
