"""Output that nobody reads, on a small pipe."""

import fcntl
import os

import pytest

from vesseltrack.cli.unread import OutLines

F_SETPIPE_SZ = 1031  # of Linux; a page is the least


@pytest.fixture
def pipe():
    """A pipe of one page: the end to read from, and the other."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, F_SETPIPE_SZ, 4096)
    os.set_blocking(reading, False)
    with os.fdopen(writing, "w") as stream:
        yield reading, stream
    os.close(reading)


def read(reading):
    try:
        return os.read(reading, 1 << 20).decode()
    except BlockingIOError:
        return ""


def test_what_is_read_comes_at_once_and_in_order(pipe):
    reading, stream = pipe
    fcntl.fcntl(stream, F_SETPIPE_SZ, 1 << 16)
    out = OutLines(stream)
    stream.write("before\n")
    out.put("one")
    out.put("zwei \N{GREEK SMALL LETTER ALPHA}")
    assert read(reading) == "before\none\nzwei \N{GREEK SMALL LETTER ALPHA}\n"


def test_what_nobody_reads_waits_then_is_left_out_and_counted(pipe):
    reading, stream = pipe
    out = OutLines(stream)
    for number in range(3_000):
        out.put(f"{number:04d} " + "x" * 90)
    text = ""
    while piece := read(reading):
        text += piece
        out.flush()
    lines = text.splitlines()
    n_shown = len(lines) - 1
    assert 1_000 <= n_shown <= 1_100  # what the pipe holds, and what waits
    assert [int(line[:4]) for line in lines[:-1]] == list(range(n_shown))
    assert lines[-1] == (
        f"{3_000 - n_shown:,} alerts are not shown, as nobody read them; all are in the alert "
        "feed of the store"
    )
    out.put("again")
    assert read(reading) == "again\n"


def test_ended_unread_it_says_so_and_what_follows_holds_nothing_up(pipe, capfd):
    _, stream = pipe
    out = OutLines(stream)
    for _ in range(1_200):
        out.put("x" * 90)
    out.close()
    assert "alerts are not shown" in capfd.readouterr().err
    stream.write("y" * 100_000)
    stream.flush()  # would wait for ever


def test_who_has_gone_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        OutLines(stream).put("one")
