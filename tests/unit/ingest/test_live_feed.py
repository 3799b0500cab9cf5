import pyarrow.compute as pc
import pytest

from ingest_text import BASE_STATION, CLASS_A, CLASS_B, STATIC, lines, tag
from live_text import NOON_US, adds_up, arrival, ended, heard, new_feed
from vesseltrack.config.ingest import IngestConfig
from vesseltrack.schema import Quality

TIMED = tag(b"c:1709294300") + CLASS_A
S = 1_000_000


def times_us(rows):
    return rows["timestamp"].cast("int64").to_pylist()


def test_lines_have_the_time_of_their_tag_block_or_else_of_their_arrival():
    feed = new_feed()
    rows = heard(
        feed,
        arrival(lines(TIMED, CLASS_B)),
        arrival(lines(CLASS_A), at_us=NOON_US + S),
    ).received
    assert times_us(rows) == [NOON_US - 100 * S, NOON_US, NOON_US + S]
    arrived = int(Quality.TIME_OF_ARRIVAL)
    assert [quality & arrived for quality in rows["quality"].to_pylist()] == [0, arrived, arrived]


def test_a_base_station_does_not_set_the_time_of_a_live_feed():
    rows = heard(new_feed(), arrival(lines(BASE_STATION, CLASS_A))).received  # it says 2015
    assert times_us(rows) == [NOON_US, NOON_US]


def test_a_time_too_far_ahead_of_its_arrival_is_not_trusted():
    ahead = tag(b"c:%d" % (NOON_US // S + 601)) + CLASS_A
    feed = new_feed()
    first = heard(feed, arrival(lines(ahead))).received
    later = heard(feed, arrival(lines(ahead), at_us=NOON_US + 10 * S)).received
    quarantined = int(Quality.TIME_QUARANTINED)
    assert first["quality"][0].as_py() & quarantined
    assert not later["quality"][0].as_py() & quarantined


def test_parts_of_a_message_are_joined_within_one_sender_alone():
    feed = new_feed()
    heard(feed, arrival(lines(STATIC[0]), "a"))
    crossed = heard(feed, arrival(lines(STATIC[1]), "b"))
    assert crossed.statics.num_rows == 0
    assert crossed.rejects["reason"].to_pylist() == ["incomplete_multipart"]
    joined = heard(feed, arrival(lines(STATIC[1]), "a"))
    assert joined.statics.num_rows == 1
    assert joined.statics["line"].to_pylist() == [1]


def test_many_lines_of_others_do_not_part_a_message():
    feed = new_feed()
    heard(feed, arrival(lines(CLASS_A, STATIC[0]), "a"))
    heard(feed, arrival(lines(*[CLASS_B] * 1000), "b"))
    batch = heard(feed, arrival(lines(STATIC[1], CLASS_A), "a"))
    assert batch.statics["line"].to_pylist() == [2]
    assert batch.received["line"].to_pylist() == [1004]
    assert batch.rejects.num_rows == 0


@pytest.mark.parametrize(("pause_s", "n_joined"), [(4.9, 1), (5.1, 0)])
def test_parts_without_times_are_joined_only_if_they_arrive_within_seconds(pause_s, n_joined):
    feed = new_feed()
    later_us = NOON_US + round(pause_s * S)
    heard(feed, arrival(lines(STATIC[0])))
    batch = heard(feed, arrival(lines(STATIC[1]), at_us=later_us), now_us=later_us)
    assert batch.statics.num_rows == n_joined
    assert sorted(batch.rejects["line"].to_pylist()) == ([] if n_joined else [1, 2])


def test_a_part_that_stays_alone_is_told_when_its_time_is_over():
    feed = new_feed()
    heard(feed, arrival(lines(CLASS_A), "b"), arrival(lines(CLASS_B, STATIC[0]), "a"))
    assert heard(feed, now_us=NOON_US + 5 * S).rejects.num_rows == 0
    rejects = heard(feed, now_us=NOON_US + 6 * S).rejects
    assert rejects["line"].to_pylist() == [3]
    assert rejects["reason"].to_pylist() == ["incomplete_multipart"]


def test_a_sender_that_stops_in_mid_sentence_leaves_a_line_with_a_reason():
    feed = new_feed()
    heard(feed, arrival(lines(CLASS_A) + CLASS_B[:30], "a"))
    rows = heard(feed, arrival(b"", "a"), arrival(lines(CLASS_B), "b"))
    assert rows.rejects["reason"].to_pylist() == ["no_checksum"]
    assert rows.received.num_rows == 1
    report = feed.report(None)
    assert (report.lines, report.used) == (3, 2)
    assert adds_up(report)


def test_an_endless_line_is_kept_up_to_the_limit_and_rejected_once():
    feed = new_feed(IngestConfig(max_sentence_bytes=100))
    for _ in range(1_000):
        heard(feed, arrival(b"!AIVDM,1,1," * 100, "a"))
    kept = feed._senders["a"]._framer._unfinished
    assert len(kept) == 101
    batch = heard(feed, arrival(b"\n" + lines(CLASS_A), "a"))
    assert batch.rejects["reason"].to_pylist() == ["line_too_long"]
    assert len(batch.rejects["raw"][0].as_py()) == 101
    assert batch.received.num_rows == 1


def test_what_was_dropped_is_counted_line_by_line():
    feed = new_feed()
    batch = heard(feed, arrival(lines(CLASS_A, CLASS_B, b""), "", dropped="overrun"))
    assert batch.received.num_rows == 0
    report = feed.report(None)
    assert report.ignored == {"overrun": 2}
    assert adds_up(report)


def test_a_feed_is_a_source_by_its_name_and_beginning():
    feed, other = new_feed(), new_feed()
    heard(feed, arrival(lines(CLASS_A, b"nonsense")))
    row = feed.as_row("still listened to").to_pylist()[0]
    assert row["name"] == "tcp://feed.example:4001"
    assert row["source_id"] == feed.source_id == other.source_id
    assert (row["status"], row["error"], row["path"]) == ("partial", "still listened to", None)
    assert (row["lines"], row["used"], row["size_bytes"]) == (2, 1, len(CLASS_A) + 10)
    assert feed.as_row(None)["status"].to_pylist() == ["complete"]


def test_a_source_at_its_limit_is_followed_by_another_with_the_same_senders():
    first = new_feed()
    heard(first, arrival(lines(CLASS_A, STATIC[0]) + CLASS_B[:20], "a"))
    second = first.succeeded(NOON_US + S)
    last = first.take()
    assert last.rejects["line"].to_pylist() == [2]
    assert adds_up(first.report(None))
    rows = heard(second, arrival(CLASS_B[20:] + b"\n", "a")).received
    assert rows["source_id"].to_pylist() == [second.source_id]
    assert second.source_id != first.source_id
    assert rows["line"].to_pylist() == [1]


def test_a_feed_pauses_after_each_sender_so_that_rows_can_be_stored():
    feed = new_feed()
    arrivals = [arrival(lines(*[CLASS_A] * 5), name) for name in "abc"]
    waiting = [feed.n_waiting for _ in feed.read(arrivals, NOON_US)]
    assert waiting == [5, 10, 15]
    assert feed.take().received.num_rows == 1  # the others repeat it
    assert feed.report(None).duplicates == 14


def test_rows_of_one_batch_keep_who_said_what():
    feed = new_feed()
    rows = heard(
        feed, arrival(lines(CLASS_A, TIMED), "a"), arrival(lines(CLASS_B, TIMED), "b")
    ).received
    assert pc.all(pc.equal(rows["source_id"], feed.source_id)).as_py()
    assert rows["line"].to_pylist() == [1, 2, 3]
    assert ended(feed).received.num_rows == 0


def test_a_sender_of_nothing_but_bad_lines_is_read_no_more():
    feed = new_feed(max_bad_lines=10)
    good, bad = arrival(lines(CLASS_A), "good"), arrival(lines(*[b"?"] * 5), "bad")
    heard(feed, good, bad)
    assert feed.dismissed() == []
    heard(feed, good, bad)
    assert feed.dismissed() == ["bad"]
    assert feed.dismissed() == []
    heard(feed, good, bad, arrival(lines(CLASS_A), "bad"))
    report = feed.report(None)
    assert (report.used, report.rejected) == (3, {"not_a_sentence": 10})
    assert report.ignored == {"hopeless_sender": 6}
    assert adds_up(report)
    heard(feed, arrival(b"", "bad"))  # it has ended; who comes after it is another
    assert heard(feed, arrival(lines(CLASS_A), "bad")).received.num_rows == 1


def test_bad_lines_between_good_ones_are_forgiven():
    feed = new_feed(max_bad_lines=10)
    for _ in range(5):
        heard(feed, arrival(lines(*[b"?"] * 9), "a"))
        heard(feed, arrival(lines(CLASS_A), "a"))
    assert feed.dismissed() == []


def test_lines_that_are_not_ais_are_not_bad():
    feed = new_feed(max_bad_lines=10)
    heard(feed, arrival(lines(*[b"$GPZDA,,,,,,*48"] * 100), "a"))
    assert feed.dismissed() == []
