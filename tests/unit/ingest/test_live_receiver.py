"""Feeds received over the machine's own loopback, step by step; time stands still until told."""

import contextlib
import os
import resource
import socket

import pytest

from ingest_text import CLASS_A, CLASS_B, lines
from live_text import Hands
from vesseltrack.config.live import LiveConfig
from vesseltrack.errors import SourceError
from vesseltrack.ingest.live import Arrival, Receiver, address_of
from vesseltrack.ingest.live.inbox import Inbox

LISTEN = "tcp-listen://127.0.0.1:0"
UDP = "udp://127.0.0.1:0"


@pytest.fixture
def receiving():
    """Open receivers, and close them and all sockets in the end."""
    with contextlib.ExitStack() as opened:

        def open_(*urls, **settings):
            hands = Hands()
            addresses = [address_of(url) for url in urls]
            receiver = Receiver(addresses, LiveConfig(**settings), hands.clocks())
            opened.callback(receiver.close)
            return receiver, hands, opened

        yield open_


def port_of(receiver, feed=0):
    return int(receiver.names[feed].rpartition(":")[2])


def caller(opened, receiver):
    return opened.enter_context(socket.create_connection(("127.0.0.1", port_of(receiver))))


def received(receiver, until=None, n_steps=40):
    """Step until so many bytes have come, or all is quiet."""
    arrivals = []
    for _ in range(n_steps):
        n_ready = receiver.step(0.02)
        arrivals += receiver.take(0.0)
        if until is None and not n_ready:
            break
        if until is not None and sum(len(a.data) for a in arrivals) >= until:
            break
    return arrivals


def by_sender(arrivals):
    found = {}
    for arrival in arrivals:
        found[arrival.sender] = found.get(arrival.sender, b"") + arrival.data
    return found


def is_ended(connection):
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:  # what was sent last found nobody
        return True


def test_every_connection_is_a_sender_of_its_own(receiving):
    receiver, hands, opened = receiving(LISTEN)
    first, second = caller(opened, receiver), caller(opened, receiver)
    first.sendall(lines(CLASS_A))
    second.sendall(lines(CLASS_B))
    arrivals = received(receiver, until=len(CLASS_A) + len(CLASS_B) + 2)
    assert sorted(by_sender(arrivals).values()) == sorted([lines(CLASS_A), lines(CLASS_B)])
    assert {arrival.arrived_us for arrival in arrivals} == {hands.world_us}
    assert receiver.n_senders == 2
    first.close()
    (last,) = received(receiver)
    assert last.data == b""
    assert receiver.n_senders == 1


def test_a_reset_connection_is_the_end_of_its_sender_and_no_error(receiving):
    receiver, _, opened = receiving(LISTEN)
    rude = caller(opened, receiver)
    rude.sendall(CLASS_A[:20])
    received(receiver, until=20)
    rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    rude.close()
    assert [arrival.data for arrival in received(receiver)] == [b""]


def test_a_connection_without_a_whole_line_is_let_go_when_its_time_is_over(receiving):
    receiver, hands, opened = receiving(LISTEN, idle_s=300)
    loris, good = caller(opened, receiver), caller(opened, receiver)
    received(receiver)
    for _ in range(31):
        hands.pass_s(10)
        loris.sendall(b"!")
        good.sendall(lines(CLASS_A))
        received(receiver, until=len(CLASS_A) + 2)
    assert receiver.n_senders == 1
    assert is_ended(loris)
    good.sendall(lines(CLASS_B))
    assert received(receiver, until=len(CLASS_B) + 1)[-1].data == lines(CLASS_B)


def test_a_thousand_connections_do_not_push_out_one_that_sends(receiving):
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert limit > 300
    receiver, _, opened = receiving(LISTEN, max_senders=32)
    good = caller(opened, receiver)
    good.sendall(lines(CLASS_A))
    received(receiver, until=len(CLASS_A) + 1)
    for _ in range(20):
        with contextlib.ExitStack() as crowd:
            for _ in range(50):
                caller(crowd, receiver)
            received(receiver)
            assert receiver.n_senders == 32
            good.sendall(lines(CLASS_B))
            assert lines(CLASS_B) in [a.data for a in received(receiver, until=len(CLASS_B))]
    received(receiver)
    late = caller(opened, receiver)
    late.sendall(lines(CLASS_A))
    assert lines(CLASS_A) in [a.data for a in received(receiver, until=len(CLASS_A))]
    assert receiver.n_senders == 2


def test_where_all_send_a_further_one_is_refused(receiving):
    receiver, _, opened = receiving(LISTEN, max_senders=2)
    for _ in range(2):
        caller(opened, receiver).sendall(lines(CLASS_A))
        received(receiver, until=len(CLASS_A) + 1)
    refused = caller(opened, receiver)
    received(receiver)
    assert is_ended(refused)
    assert receiver.n_senders == 2


def test_a_sender_that_floods_waits_and_others_are_heard(receiving):
    receiver, _, opened = receiving(LISTEN, max_sender_bytes=100_000)
    flood, good = caller(opened, receiver), caller(opened, receiver)
    received(receiver)
    flood.settimeout(0)
    sent = 0
    for _ in range(20_000):
        with contextlib.suppress(BlockingIOError):
            sent += flood.send(b"x" * 10_000)
        receiver.step(0.0)
        if sent > 50_000_000:
            break
    good.sendall(lines(CLASS_A))
    for _ in range(20):
        receiver.step(0.01)
    taken = receiver.take(0.0)
    of_sender = by_sender(taken)
    assert lines(CLASS_A) in of_sender.values()
    assert max(map(len, of_sender.values())) < 100_000 + (1 << 16)
    assert sent < 50_000_000  # it waits with its sender
    more = received(receiver, until=50_000)
    assert sum(len(arrival.data) for arrival in more) >= 50_000


def test_all_senders_together_have_a_limit(receiving):
    limits = {"max_sender_bytes": 200_000, "max_buffer_bytes": 300_000}
    receiver, _, opened = receiving(LISTEN, **limits, max_datagram_bytes=1)
    callers = [caller(opened, receiver) for _ in range(8)]
    for one in callers:
        one.settimeout(0)
    for _ in range(200):
        for one in callers:
            with contextlib.suppress(BlockingIOError):
                one.send(b"y" * 10_000)
        receiver.step(0.0)
    assert sum(len(arrival.data) for arrival in receiver.take(0.0)) < 300_000 + (1 << 16)


def test_datagrams_are_whole_lines_and_addresses_are_senders(receiving):
    receiver, _, opened = receiving(UDP)
    where = ("127.0.0.1", port_of(receiver))
    one, other = (
        opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2)
    )
    one.sendto(CLASS_A, where)
    one.sendto(CLASS_B + b"\r\n", where)
    other.sendto(CLASS_A, where)
    found = by_sender(received(receiver, until=3 * len(CLASS_A)))
    assert sorted(found.values()) == [CLASS_A + b"\n", CLASS_A + b"\n" + CLASS_B + b"\r\n\n"]
    assert receiver.n_senders == 2


def test_datagrams_of_too_many_addresses_are_dropped_and_told(receiving):
    receiver, hands, opened = receiving(UDP, max_senders=1, idle_s=60)
    where = ("127.0.0.1", port_of(receiver))
    one, other = (
        opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2)
    )
    one.sendto(CLASS_A, where)
    received(receiver, until=1)
    other.sendto(CLASS_B, where)
    (refused,) = received(receiver, until=1)
    assert (refused.dropped, refused.data) == ("too_many_senders", CLASS_B + b"\n")
    hands.pass_s(61)
    received(receiver)
    other.sendto(CLASS_B, where)
    assert [arrival.dropped for arrival in received(receiver, until=1)] == [None]


def test_datagrams_that_come_faster_than_they_are_read_are_dropped_and_told(receiving):
    receiver, _, opened = receiving(UDP, max_datagram_bytes=1_000)
    one = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    for _ in range(4):
        one.sendto(b"z" * 500, ("127.0.0.1", port_of(receiver)))
        receiver.step(1.0)
    arrivals = receiver.take(0.0)
    assert [arrival.dropped for arrival in arrivals] == [None, None, "overrun", "overrun"]


def test_datagrams_read_together_stay_lines_of_their_own(receiving):
    receiver, _, opened = receiving(UDP)
    one = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    for sentence in (CLASS_A[:20], b"", CLASS_B, CLASS_A):
        one.sendto(sentence, ("127.0.0.1", port_of(receiver)))
    (together,) = received(receiver, until=100)
    assert together.data == lines(CLASS_A[:20], b"", CLASS_B, CLASS_A)


def test_a_multicast_group_is_joined_on_the_interface_given(receiving):
    receiver, _, opened = receiving("udp://239.192.0.4:0?interface=127.0.0.1")
    sender = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    ours = socket.inet_aton("127.0.0.1")
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, ours)
    sender.sendto(CLASS_A, ("239.192.0.4", port_of(receiver)))
    assert [arrival.data for arrival in received(receiver, until=1)] == [CLASS_A + b"\n"]


def test_a_client_connects_again_after_the_connection_is_lost(receiving):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        url = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        receiver, hands, opened = receiving(url, first_retry_s=1)
        assert receiver.problems == {url: "not connected yet"}
        receiver.step(0.0)
        first = opened.enter_context(server.accept()[0])
        first.sendall(lines(CLASS_A))
        assert received(receiver, until=len(CLASS_A))[-1].data == lines(CLASS_A)
        assert receiver.problems == {}
        first.close()
        assert [arrival.data for arrival in received(receiver)] == [b""]
        assert receiver.problems == {url: "the connection has ended"}
        hands.pass_s(1.5)
        receiver.step(0.0)
        second = opened.enter_context(server.accept()[0])
        second.sendall(lines(CLASS_B))
        arrivals = received(receiver, until=len(CLASS_B))
        assert arrivals[-1].data == lines(CLASS_B)
        assert arrivals[-1].sender == (0, "2")


def test_what_has_reached_us_is_read_before_the_end(receiving):
    receiver, _, opened = receiving(LISTEN, max_sender_bytes=100_000)
    sender = caller(opened, receiver)
    sender.sendall(lines(CLASS_A) * 5_000)
    sender.close()
    taken = b""
    while arrivals := receiver.rest():
        taken += b"".join(arrival.data for arrival in arrivals)
    assert taken == lines(CLASS_A) * 5_000


def test_in_a_thread_it_receives_by_itself_and_wakes_when_there_is_room(receiving):
    receiver, _, opened = receiving(LISTEN, max_sender_bytes=50_000)
    receiver.start()
    sender = caller(opened, receiver)
    text = lines(CLASS_A) * 20_000
    sender.settimeout(10)
    taken, begin = b"", 0
    while len(taken) < len(text):
        with contextlib.suppress(TimeoutError):
            begin += sender.send(text[begin : begin + 100_000]) if begin < len(text) else 0
        taken += b"".join(arrival.data for arrival in receiver.take(0.05))
    receiver.stop()
    assert taken == text


def test_a_fault_of_the_thread_is_heard_where_its_arrivals_are(receiving, monkeypatch):
    receiver, _, _ = receiving(LISTEN)

    def fail(_timeout_s):
        raise ZeroDivisionError

    monkeypatch.setattr(receiver, "step", fail)
    receiver.start()
    receiver.stop()
    with pytest.raises(ZeroDivisionError):
        receiver.take(0.0)


def test_accepting_rests_when_the_system_has_no_more_to_give(receiving):
    receiver, hands, opened = receiving(LISTEN)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    waiting = caller(opened, receiver)
    waiting.sendall(lines(CLASS_A))
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        assert received(receiver, n_steps=5) == []
        assert receiver.step(0.0) == 0  # it does not run in circles
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    hands.pass_s(2)
    assert received(receiver, until=1)[-1].data == lines(CLASS_A)


@pytest.mark.parametrize("scheme", ["tcp-listen", "udp"])
def test_a_port_that_is_taken_is_refused_by_name(receiving, scheme):
    receiver, _, _ = receiving(f"{scheme}://127.0.0.1:0")
    with pytest.raises(SourceError, match=f"cannot listen on {scheme}://127.0.0.1:.*in use"):
        receiving(f"{scheme}://127.0.0.1:0", receiver.names[0])


def test_a_host_that_is_not_ours_is_refused(receiving):
    with pytest.raises(SourceError, match=r"cannot listen on udp://192\.0\.2\.1:4001"):
        receiving("udp://192.0.2.1:4001")


def test_a_sender_that_is_dismissed_is_disconnected(receiving):
    receiver, _, opened = receiving(LISTEN)
    bad, good = caller(opened, receiver), caller(opened, receiver)
    bad.sendall(lines(b"?"))
    (arrival,) = received(receiver, until=2)
    good.sendall(lines(CLASS_A))
    received(receiver, until=len(CLASS_A))
    receiver.dismiss(arrival.sender)
    assert [(a.sender, a.data) for a in received(receiver)] == [(arrival.sender, b"")]
    assert is_ended(bad)
    assert receiver.n_senders == 1
    receiver.dismiss(arrival.sender)  # it has ended already
    assert received(receiver) == []


def test_of_a_sender_that_sends_much_others_do_not_wait_for_the_rest():
    inbox = Inbox(LiveConfig(max_turn_bytes=1_000))
    for sender, n in (("flood", 5), ("good", 1), ("flood", 1)):
        for _ in range(n):
            inbox.put(Arrival((0, sender), b"z" * 600, 0))
    inbox.put(Arrival((0, "flood"), b"", 0))
    turns = []
    while arrivals := inbox.take(0.0):
        turns.append([(arrival.sender[1], len(arrival.data)) for arrival in arrivals])
    assert turns == [
        [("flood", 600), ("flood", 600), ("good", 600)],
        [("flood", 600), ("flood", 600)],
        [("flood", 600), ("flood", 600)],
        [("flood", 0)],
    ]
    assert inbox.has_room((0, "flood"), 1)
