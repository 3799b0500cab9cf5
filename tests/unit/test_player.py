"""The pace at which archives are played, by a clock that only sleeping moves."""

import pytest

from vesseltrack import engine
from vesseltrack.engine.playing import Pace, Player
from vesseltrack.errors import SourceError
from vesseltrack.ingest.playing import NEVER_SAID, Unit

BEGIN_US = 1_709_294_400_000_000


class Hearer:
    """Notes when each line comes; taking one may take time."""

    def __init__(self, takes_s=0.0):
        self.now_s = 1_000.0
        self.takes_s = takes_s
        self.heard = []

    def sleep(self, seconds):
        assert seconds > 0
        self.now_s += seconds

    def send(self, sent):
        for lines in sent:
            self.heard += [(round(self.now_s - 1_000.0, 6), line) for line in lines]
            self.now_s += self.takes_s

    def close(self):
        pass

    def player(self, speed):
        pace = Pace(speed, now_s=lambda: self.now_s, sleep=self.sleep)
        return Player(self, pace, engine.silent)


def at(seconds, *lines):
    return Unit(BEGIN_US + round(seconds * 1e6), list(lines))


UNITS = [Unit(NEVER_SAID, ["before"]), at(0, "a"), at(0, "b"), at(2.5, "c", "d"), at(4, "e")]


@pytest.mark.parametrize("speed", [1, 2, 60])
def test_lines_are_sent_as_far_apart_as_they_were_heard(speed):
    hearer = Hearer()
    assert hearer.player(speed).play(UNITS) == 6
    assert hearer.heard == [
        (round(seconds / speed, 6), line)
        for seconds, line in [
            (0, "before"),
            (0, "a"),
            (0, "b"),
            (2.5, "c"),
            (2.5, "d"),
            (4, "e"),
        ]
    ]


def test_as_fast_as_possible_nothing_waits():
    hearer = Hearer()
    hearer.player(float("inf")).play(UNITS)
    assert [line for _, line in hearer.heard] == ["before", "a", "b", "c", "d", "e"]
    assert hearer.now_s == 1_000.0


def test_time_lost_to_a_slow_reader_is_caught_up():
    hearer = Hearer(takes_s=1.0)
    hearer.player(1).play([at(0, "a"), at(0.5, "b"), at(5, "c")])
    assert hearer.heard == [(0, "a"), (1, "b"), (5, "c")]


def test_lines_without_times_have_no_timing():
    silent = [Unit(NEVER_SAID, ["a"])] * 3
    with pytest.raises(SourceError, match=r"no times.*--speed max"):
        Hearer().player(1).play(silent)
    hearer = Hearer()
    assert hearer.player(float("inf")).play(silent) == 3
