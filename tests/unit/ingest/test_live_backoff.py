import socket
import threading

import pytest

from vesseltrack.config.live import LiveConfig
from vesseltrack.errors import ConfigError
from vesseltrack.ingest.live import address_of
from vesseltrack.ingest.live.backoff import BackOff
from vesseltrack.ingest.live.dialling import Dialler

ADDRESS = address_of("tcp://feed.example:4001")


def test_pauses_double_up_to_the_limit_and_begin_again_after_success():
    back_off = BackOff(LiveConfig(first_retry_s=1, max_retry_s=60), uniform=lambda: 0.0)
    assert [back_off.pause_s() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    for _ in range(2_000):
        assert back_off.pause_s() == 60
    back_off.succeed()
    assert back_off.pause_s() == 1


@pytest.mark.parametrize(("drawn", "pause_s"), [(0.0, 8.0), (0.5, 6.0), (1.0, 4.0)])
def test_up_to_half_of_a_pause_is_left_out_at_random(drawn, pause_s):
    back_off = BackOff(LiveConfig(first_retry_s=8, retry_jitter_frac=0.5), uniform=lambda: drawn)
    assert back_off.pause_s() == pause_s


class Network:
    """Answers each try as told, at once."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.n_tries = 0

    def connect(self, _address, _timeout_s):
        self.n_tries += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def dialler_on(network, woken):
    config = LiveConfig(first_retry_s=1, max_retry_s=60)
    return Dialler(ADDRESS, config, uniform=lambda: 0.0, wake=woken.set, connect=network.connect)


def dialled(dialler, woken, now_s):
    dialler.dial(now_s)
    woken.wait(5)
    woken.clear()
    return dialler.take(now_s)


def test_a_feed_is_dialled_again_later_and_later_and_soon_after_it_was_useful(event):
    with socket.socket() as first, socket.socket() as second:
        network = Network(
            ConnectionRefusedError(111, "Connection refused"),
            UnicodeError("label too long"),
            first,
            second,
        )
        dialler = dialler_on(network, event)
        assert dialled(dialler, event, 0.0) is None
        assert dialler.problem == "Connection refused"
        dialler.dial(0.9)
        assert network.n_tries == 1
        assert dialled(dialler, event, 1.0) is None
        assert "no host has this name" in dialler.problem
        dialler.dial(2.9)
        assert network.n_tries == 2
        assert dialled(dialler, event, 3.0) is first
        assert dialler.problem is None
        dialler.dial(100.0)  # it is connected
        assert network.n_tries == 3
        dialler.lose(100.0, was_useful=True)
        assert dialled(dialler, event, 101.0) is second
        dialler.lose(200.0, was_useful=False)  # the second in a row: 2 s
        dialler.dial(201.9)
        assert network.n_tries == 4
        assert dialler.problem == "the connection has ended"


@pytest.fixture
def event():
    return threading.Event()


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(ConfigError, match=r"idle_s must be positive \[s\]; got 0"):
        LiveConfig(idle_s=0)
    with pytest.raises(ConfigError, match="max_sender_bytes must be at most max_buffer_bytes"):
        LiveConfig(max_sender_bytes=10, max_datagram_bytes=9, max_buffer_bytes=9)
