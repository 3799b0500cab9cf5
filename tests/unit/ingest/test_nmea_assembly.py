import pytest

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.ingest.nmea.assembly import Assembler, Heard, Line
from vesseltrack.ingest.nmea.sentence import Sentence

S = 1_000_000


class Bench:
    """An assembler, and the lines that it gave up."""

    def __init__(self, **settings):
        self.lost = []
        self.assembler = Assembler(
            IngestConfig(**settings), lambda line, reason: self.lost.append((line.number, reason))
        )

    def add(self, number, of=2, *, line, feed_us=None, **sentence):
        given = {"talker": b"AI", "sequence": b"1", "channel": b"A", **sentence}
        source = given.pop("source", None)
        text = Sentence(
            given["talker"], of, number, given["sequence"], given["channel"], b"%d" % line, 2
        )
        return self.assembler.add(Heard(text, Line(line, b""), feed_us, feed_us, source))


def test_parts_in_order_become_one_message():
    bench = Bench()
    assert bench.add(1, 3, line=7) is None
    assert bench.add(2, 3, line=8) is None
    whole = bench.add(3, 3, line=9, feed_us=5 * S)
    assert (whole.payload, whole.fill_bits, whole.line, whole.time_us) == (b"789", 2, 7, 5 * S)
    assert bench.lost == []


@pytest.mark.parametrize(
    "other",
    [{"talker": b"BS"}, {"sequence": b"2"}, {"channel": b"B"}, {"source": b"station"}],
)
def test_parts_of_different_stations_channels_or_messages_stay_apart(other):
    bench = Bench()
    bench.add(1, line=1)
    assert bench.add(2, line=2, **other) is None
    assert bench.lost == [(2, "incomplete_multipart")]
    assert bench.add(2, line=3).payload == b"13"


def test_a_part_without_its_first_is_lost():
    bench = Bench()
    assert bench.add(2, line=1) is None
    assert bench.lost == [(1, "incomplete_multipart")]


def test_the_end_of_one_message_is_not_welded_to_the_start_of_another():
    # Second part of one ship, then the first of the next with the same sequence id.
    bench = Bench()
    bench.add(2, line=1)
    bench.add(1, line=2)
    bench.assembler.finish()
    assert [line for line, _ in bench.lost] == [1, 2]


def test_a_new_first_part_gives_up_the_old_one():
    bench = Bench()
    bench.add(1, line=1)
    bench.add(1, line=2)
    assert bench.lost == [(1, "incomplete_multipart")]
    assert bench.add(2, line=3).payload == b"23"


@pytest.mark.parametrize("number", [1, 3])
def test_a_part_out_of_order_gives_up_the_message(number):
    bench = Bench()
    bench.add(1, 3, line=1)
    bench.add(number, 3, line=2)
    bench.add(3, 3, line=3)
    bench.assembler.finish()
    assert sorted(line for line, _ in bench.lost) == [1, 2, 3]


def test_a_part_of_another_total_does_not_join():
    bench = Bench()
    bench.add(1, 3, line=1)
    assert bench.add(2, 2, line=2) is None
    assert [line for line, _ in bench.lost] == [1, 2]


@pytest.mark.parametrize(("later_s", "joins"), [(0, True), (5, True), (6, False), (-6, False)])
def test_parts_are_seconds_apart_at_most(later_s, joins):
    bench = Bench(max_part_age_s=5.0)
    bench.add(1, line=1, feed_us=100 * S)
    assert (bench.add(2, line=2, feed_us=(100 + later_s) * S) is not None) is joins


@pytest.mark.parametrize(("apart", "joins"), [(250, True), (251, False)])
def test_without_times_parts_are_lines_apart_at_most(apart, joins):
    bench = Bench(max_part_lines=250)
    bench.add(1, line=1)
    assert (bench.add(2, line=1 + apart) is not None) is joins


def test_open_messages_are_few_and_the_oldest_go_first():
    bench = Bench(max_open_messages=3)
    for n in range(5):
        bench.add(1, line=n, source=b"%d" % n)
    assert bench.lost == [(0, "incomplete_multipart"), (1, "incomplete_multipart")]
