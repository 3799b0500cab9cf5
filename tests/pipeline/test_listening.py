"""Live feeds into the store: everything that was received, once, whatever ends the listening."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager

import pytest

from archives import GFW_ARCHIVE, SOLENT_ARCHIVE
from ingest_text import CLASS_A, CLASS_B, STATIC, lines, tag
from vesseltrack import engine, rejected
from vesseltrack.config import Config
from vesseltrack.config.live import LiveConfig
from vesseltrack.engine import listening as listening_module
from vesseltrack.engine.folding import BackgroundFold
from vesseltrack.engine.playing import Pace
from vesseltrack.errors import SourceError, StoreBusyError, StoreDamagedError
from vesseltrack.ingest.live import StreamOutlet, address_of
from vesseltrack.store import Store

LISTEN = "tcp-listen://127.0.0.1:0"
QUICK = LiveConfig(read_s=0.01, commit_s=0.05, fold_s=0.1, fold_frac=1.0)


def at(seconds, sentence):
    return tag(b"c:%d" % (1_709_294_400 + seconds)) + sentence


def places(store):
    return store.select("positions").drop_columns(["source_id", "line"])


def port_of(name):
    return int(name.rpartition(":")[2])


def listened(path, *steps, live=QUICK):
    """Listen, and take a step of a test whenever the one before it has come true; then stop."""
    store = Store.open(path, create=True)
    todo = list(steps)

    def tell(heard):
        if todo and todo[0](heard) is not False:
            todo.pop(0)
        if not todo:
            listener.stop()

    listener = engine.Listener(
        store, [address_of(LISTEN)], engine.Manner(Config(live=live), tell=tell)
    )
    return store, listener.run()


def sending(text):
    def step(heard):
        with socket.create_connection(("127.0.0.1", port_of(heard.feeds[0]))) as sender:
            sender.sendall(text)

    return step


def test_what_was_received_is_in_the_store_with_its_account(tmp_path):
    text = lines(at(0, CLASS_A), at(1, CLASS_B), at(2, STATIC[0]), at(2, STATIC[1]), b"?")
    store, outcome = listened(tmp_path, sending(text))
    assert store.tables()["positions"] == 2
    assert store.tables()["statics"] == 1
    (report,) = outcome.reports
    assert (report.lines, report.used, report.rejected) == (5, 4, {"not_a_sentence": 1})
    (row,) = store.select("sources").to_pylist()
    assert (row["name"], row["status"]) == (report.name, "complete")
    (line,) = rejected.lines(store, report.name)
    assert (line["line"], line["reason"], line["raw"]) == (5, "not_a_sentence", "?")


def test_rejected_lines_of_a_feed_are_read_again_as_they_were_recorded(tmp_path):
    store, _ = listened(
        tmp_path, sending(lines(at(0, STATIC[0]))), sending(lines(at(0, STATIC[1])))
    )
    assert store.tables()["statics"] == 0  # two senders
    outcome = rejected.retry(store, rejected.lines(store), reading=engine.Reading())
    assert outcome.problems == []
    assert store.tables()["statics"] == 1


def test_readers_see_positions_and_rejected_lines_while_it_listens(tmp_path):
    def seen(_heard):
        reader = Store.open(tmp_path)
        if reader.tables()["positions"] < 1:
            return False
        (row,) = reader.select("sources").to_pylist()
        assert row["status"] == "partial"
        assert row["error"].startswith("still listened to; counted up to ")
        assert [one["reason"] for one in rejected.lines(reader, row["name"])] == ["checksum"]
        assert (reader.live_status().source, reader.live_status().state) == ("listen", "listening")
        return True

    text = lines(at(0, CLASS_A), CLASS_B.replace(b"*27", b"*28"))
    store, outcome = listened(tmp_path, sending(text), seen)
    assert outcome.reports[0].status == "complete"
    assert store.live_status().state == "ended"
    latest = store.live_latest()
    assert latest["mmsi"].to_pylist() == store.select("positions")["mmsi"].to_pylist()


def test_a_store_that_another_writes_is_refused_with_its_process(tmp_path):
    with (
        Store.open(tmp_path, create=True).writing(),
        pytest.raises(StoreBusyError, match=rf"process {os.getpid()} is writing"),
    ):
        listened(tmp_path)


def test_nobody_else_can_write_while_it_listens(tmp_path):
    def refused(_heard):
        with pytest.raises(StoreBusyError, match=f"process {os.getpid()}"):
            Store.open(tmp_path).fold_days()

    listened(tmp_path, refused)


def sorting_as(monkeypatch, *folding):
    """Have the process that sorts days do something else in place of it."""
    source = "\n".join(
        [
            "import os, time",
            "from pathlib import Path",
            "from vesseltrack.store import Store, sort_days",
            "def fold_days(store, *, may_part):",
            *(f"    {line}" for line in folding),
            "Store.fold_days = fold_days",
            "os._exit(sort_days.main())",
        ]
    )
    monkeypatch.setattr("vesseltrack.engine.folding._CHILD", ("-c", source))


BEGUN = "sorting-has-begun"
ENDLESS = (f"(store.path / {BEGUN!r}).touch()", "time.sleep(600)")


def test_a_fold_is_given_up_when_it_must_end_and_the_next_work_makes_up_for_it(
    tmp_path, monkeypatch
):
    store = Store.open(tmp_path, create=True)
    tells = []

    def tell(heard):
        tells.append(heard)
        if len(tells) == 1:
            sending(lines(at(0, CLASS_A)))(heard)
        elif heard.messages:
            listener.stop()

    def hurry_once_begun():
        while not (tmp_path / BEGUN).exists():
            time.sleep(0.01)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)

    live = LiveConfig(read_s=0.01, commit_s=1000, fold_s=1000)
    listener = engine.Listener(
        store, [address_of(LISTEN)], engine.Manner(Config(live=live), tell=tell)
    )
    before = signal.signal(signal.SIGALRM, lambda *_: listener.hurry())
    with monkeypatch.context() as patched:
        sorting_as(patched, *ENDLESS)
        watch = threading.Thread(target=hurry_once_begun)
        watch.start()
        listener.run()
        watch.join()
    signal.signal(signal.SIGALRM, before)
    assert listener.has_unsorted
    assert store.tables()["positions"] == 0
    engine.analyse(store)
    assert store.tables()["positions"] == 1


def test_what_comes_is_read_while_days_are_sorted_and_a_stop_ends_that(tmp_path, monkeypatch):
    sorting_as(monkeypatch, *ENDLESS)
    store = Store.open(tmp_path, create=True)

    def is_begun(_heard):
        return (tmp_path / BEGUN).exists()

    def sort_again(_heard):
        monkeypatch.undo()

    store, outcome = listened(
        tmp_path,
        sending(lines(at(0, CLASS_A))),
        is_begun,
        sending(lines(at(1, CLASS_A))),
        lambda heard: heard.messages == 2,
        sort_again,
    )
    assert outcome.reports[0].positions == 2
    assert store.tables()["positions"] == 2


def test_more_than_may_wait_ends_the_sorting_of_days_and_is_stored(tmp_path, monkeypatch):
    sorting_as(monkeypatch, *ENDLESS)
    live = LiveConfig(read_s=0.01, commit_s=0.05, commit_rows=1, fold_s=0.1, fold_frac=1.0)

    def sort_again(heard):
        if heard.stored < 11:
            return False
        monkeypatch.undo()
        return True

    store, _ = listened(
        tmp_path,
        sending(lines(at(0, CLASS_A))),
        lambda _: (tmp_path / BEGUN).exists(),
        sending(lines(*(at(1 + k, CLASS_A) for k in range(10)))),
        sort_again,
        live=live,
    )
    assert store.tables()["positions"] == 11


def test_what_comes_when_days_have_just_been_sorted_is_stored(tmp_path, monkeypatch):
    begin = BackgroundFold.begin

    def begin_and_end(fold, **chosen):
        begin(fold, **chosen)
        while fold.is_running:
            time.sleep(0.01)

    monkeypatch.setattr(BackgroundFold, "begin", begin_and_end)
    text = [lines(at(k, CLASS_A)) for k in range(5)]

    def sending_next(heard):
        if heard.stored < 5 - len(text):
            return False
        sending(text.pop())(heard)
        return not text

    store, _ = listened(tmp_path, sending_next)
    assert store.tables()["positions"] == 5


def test_a_fold_that_fails_is_no_haste(tmp_path, monkeypatch):
    sorting_as(
        monkeypatch,
        "from vesseltrack.errors import StoreDamagedError",
        "raise StoreDamagedError('a fault')",
    )
    with pytest.raises(StoreDamagedError, match=r"^a fault$"):
        listened(tmp_path, sending(lines(at(0, CLASS_A))))


def test_a_source_at_its_limit_is_followed_by_another(tmp_path):
    live = LiveConfig(read_s=0.01, commit_s=0.05, max_source_rejects=3)
    text = lines(*[b"?"] * 5)

    def counted(n):
        return lambda heard: heard.stored >= n

    store, outcome = listened(
        tmp_path,
        sending(text),
        counted(5),
        sending(text),
        counted(10),
        sending(lines(at(0, CLASS_A))),
        live=live,
    )
    assert [report.lines for report in outcome.reports] == [5, 5, 1]
    rows = store.select("sources").to_pylist()
    assert sorted(row["lines"] for row in rows) == [1, 5, 5]
    assert len({row["name"] for row in rows}) == 1
    assert len(rejected.lines(store, rows[0]["name"])) == 10
    assert store.tables()["positions"] == 1


def test_many_rows_are_stored_before_their_time(tmp_path):
    live = LiveConfig(read_s=0.01, commit_s=1000, commit_rows=10)
    text = lines(*(at(i, CLASS_A) for i in range(10)))
    store, _ = listened(tmp_path, sending(text), lambda heard: heard.stored == 10, live=live)
    assert store.tables()["positions"] == 10


def test_a_port_that_is_taken_leaves_the_store_free(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = address_of(f"tcp-listen://127.0.0.1:{server.getsockname()[1]}")
        store = Store.open(tmp_path, create=True)
        with pytest.raises(SourceError, match="in use"):
            engine.Listener(store, [address], engine.Manner()).run()
    assert Store.open(tmp_path).fold_days() == []


def test_feeds_of_all_kinds_are_heard_at_once(tmp_path):
    store = Store.open(tmp_path, create=True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        urls = [f"tcp://127.0.0.1:{server.getsockname()[1]}", LISTEN, "udp://127.0.0.1:0"]

        def tell(heard):
            if len(done) == 0:
                done.append(None)
                with server.accept()[0] as served:
                    served.sendall(lines(at(0, CLASS_A)))
                sending(lines(at(1, CLASS_A)))(
                    type(heard)(**{**vars(heard), "feeds": feeds(heard)})
                )
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.sendto(at(2, CLASS_A), ("127.0.0.1", port_of(heard.feeds[2])))
            elif heard.messages == 3:
                listener.stop()

        done = []
        listener = engine.Listener(
            store, list(map(address_of, urls)), engine.Manner(Config(live=QUICK), tell=tell)
        )
        outcome = listener.run()
    assert [report.positions for report in outcome.reports] == [1, 1, 1]
    assert store.tables()["positions"] == 3
    assert len(set(store.select("positions")["source_id"].to_pylist())) == 3


def feeds(heard):
    return heard.feeds[1:]


@contextmanager
def listening(store, *options):
    """The command as a process, and the port it listens at; what it stores is looked at here."""
    command = [sys.executable, "-m", "vesseltrack", "listen", LISTEN, "--store", str(store)]
    command += ["--no-detect"]
    with subprocess.Popen(
        [*command, *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            said = process.stdout.readline()
            assert said.startswith("Listening: tcp-listen://127.0.0.1:"), process.stderr.read()
            yield process, int(said.split("127.0.0.1:")[1].split()[0])
        finally:
            process.kill()


def ended(process, number=signal.SIGTERM):
    begun_s = time.monotonic()
    process.send_signal(number)
    said, problems = process.communicate(timeout=30)
    assert time.monotonic() - begun_s < 10
    assert process.returncode == 0, problems
    assert problems == ""
    return said


def sent(port, *paths):
    """Play archives, and wait until they have been received to their end."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sender:
        with sender.makefile("wb") as stream:
            engine.play_paths(paths, StreamOutlet(stream), pace=Pace(float("inf")))
        sender.shutdown(socket.SHUT_WR)
        assert sender.recv(1) == b""


@pytest.fixture(scope="module")
def ingested(tmp_path_factory):
    """The store that reading the archives as files makes."""
    store = Store.open(tmp_path_factory.mktemp("ingested") / "store", create=True)
    engine.ingest_paths(store, [SOLENT_ARCHIVE, GFW_ARCHIVE])
    return store


@pytest.mark.slow
def test_archives_played_to_a_listener_give_the_store_of_the_archives(
    vesseltrack, ingested, tmp_path
):
    """Also when it is ended and begun again between two of them: nothing is lost or doubled."""
    path = tmp_path / "live"
    with listening(path) as (process, port):
        to = f"tcp://127.0.0.1:{port}"
        done = vesseltrack("replay", SOLENT_ARCHIVE, "--to", to, "--speed", "max")
        assert done.returncode == 0, done.stderr
        assert (done.stdout, done.stderr) == ("", "18,624 lines sent\n")
        said = ended(process, signal.SIGINT)
    assert f"Stored 18,623 positions in {path}" in said
    assert f"vesseltrack detect --store {path}" in said
    with listening(path) as (process, port):
        sent(port, GFW_ARCHIVE)
        ended(process)
    live = Store.open(path)
    assert places(live) == places(ingested)
    assert live.tables()["statics"] == ingested.tables()["statics"]
    assert live.tables()["sources"] == 2
    assert live.verify() == []


@pytest.mark.slow
def test_killed_it_keeps_what_was_committed_and_goes_on(vesseltrack, tmp_path):
    path, settings = tmp_path / "live", tmp_path / "quick.toml"
    settings.write_text("[live]\ncommit_s = 0.1\nfold_s = 0.2\nfold_frac = 1.0\n")
    with listening(path, "--config", settings) as (process, port):
        with socket.create_connection(("127.0.0.1", port)) as sender:
            sender.sendall(lines(*(at(i, CLASS_A) for i in range(1_000))))
            until_s = time.monotonic() + 20
            while Store.open(path).tables()["positions"] < 1_000:
                assert time.monotonic() < until_s
                time.sleep(0.1)
            sender.sendall(lines(*(at(i, CLASS_A) for i in range(1_000, 1_100))))
        process.kill()
        process.wait()
    assert Store.open(path).verify() == []
    with listening(path) as (process, port):
        with socket.create_connection(("127.0.0.1", port)) as sender:
            sender.sendall(lines(*(at(i, CLASS_A) for i in range(500, 1_100))))
        ended(process)
    store = Store.open(path)
    assert store.tables()["positions"] == 1_100
    assert [row["status"] for row in store.select("sources").to_pylist()].count("partial") == 1
    assert vesseltrack("detect", "--store", path).returncode == 0
    assert store.tables()["segments"] == 1


@pytest.mark.slow
def test_hostile_senders_raise_nothing_and_disturb_nobody(ingested, tmp_path):
    path = tmp_path / "live"
    with listening(path) as (process, port):
        here = ("127.0.0.1", port)
        with ExitStack() as opened:

            def caller():
                return opened.enter_context(socket.create_connection(here))

            endless, garbage = caller(), caller()
            endless.sendall(b"# who never gave a line makes room for others\n")
            garbage.sendall(random.Random(1).randbytes(1_000_000))  # noqa: S311 - garbage
            for _ in range(400):
                caller()
            for _ in range(20):
                endless.sendall(b"!AIVDM,1,1,,A," * 10_000)
            sent(port, SOLENT_ARCHIVE, GFW_ARCHIVE)
        said = ended(process)
    assert "line_too_long" in said
    assert places(Store.open(path)) == places(ingested)


def test_a_wrong_address_is_wrong_usage(vesseltrack):
    done = vesseltrack("listen", "feed.example:4001")
    assert done.returncode == 2
    assert "is no feed: the scheme must be one of tcp" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_played_to_standard_output_an_archive_is_itself(tmp_path):
    text = lines(
        at(0, CLASS_A), at(0, STATIC[0]), at(0, STATIC[1]), b"\xff\x00odd", at(1, CLASS_B)
    )
    archive = tmp_path / "a.nmea"
    archive.write_bytes(text)
    command = [sys.executable, "-m", "vesseltrack", "replay", archive, "--to", "-"]
    done = subprocess.run([*command, "--speed", "max"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == text.replace(b"\n", b"\r\n")
    assert done.stderr == b"5 lines sent\n"
    begun_s = time.monotonic()
    paced = subprocess.run(command, capture_output=True, check=False)
    assert paced.stdout == done.stdout
    assert time.monotonic() - begun_s > 1.0  # as far apart as they were


def test_lines_for_which_there_is_no_time_at_the_end_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(listening_module, "_LAST_S", 0.0)
    live = LiveConfig(read_s=0.01, finish_s=1e-9, max_turn_bytes=1_000)
    store, (report,) = _outcome_of_a_hasty_end(tmp_path, live)
    assert report.lines == 1_000
    assert report.used + report.ignored["unread_at_end"] == 1_000
    assert report.used < 1_000
    assert store.tables()["positions"] == report.used


def _outcome_of_a_hasty_end(path, live):
    def sent_and_there(heard):
        sending(lines(*(at(i, CLASS_A) for i in range(1_000))))(heard)
        time.sleep(0.2)  # the receiver's thread takes it up; the reader does not

    store, outcome = listened(path, sent_and_there, live=live)
    return store, outcome.reports
