import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_text import tag
from vesseltrack.ingest.nmea.arrays import UNKNOWN
from vesseltrack.ingest.nmea.calendar import utc_us_of
from vesseltrack.ingest.nmea.tag_block import EMPTY, Groups, TagBlock, tag_of
from vesseltrack.ingest.nmea.times import Clock, epoch_us, gatehouse_us, utc_us
from vesseltrack.ingest.span import Span
from vesseltrack.schema import Quality

NOON = int(dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC).timestamp()) * 1_000_000
NEVER = 1 << 62


@pytest.mark.parametrize(
    ("digits", "us"),
    [
        (b"1709294400", NOON),
        (b"1709294400123", NOON + 123_000),
        (b"1709294400123456", NOON + 123_456),
        (b"100000000", 100_000_000_000_000),
        (b"99999999", None),
        (b"12345678901234567890", None),
        (b"", None),
        (b"-1709294400", None),
        (b"17092944x0", None),
        ("１７０９２９４４００".encode(), None),  # noqa: RUF001 - full-width digits
    ],
)
def test_counts_since_1970_in_three_units(digits, us):
    assert epoch_us(digits) == us


def test_a_date_that_is_none_has_no_time():
    assert utc_us(2024, 2, 29) is not None
    assert utc_us(2023, 2, 29) is None
    assert utc_us(2024, 13, 1) is None
    assert utc_us(0, 0, 0, 24, 60, 60) is None


def test_gatehouse_sentences_carry_milliseconds():
    line = b"$PGHP,1,2010,6,11,11,46,11,390,231,45,992190934,1,2B*5B"
    expected = dt.datetime(2010, 6, 11, 11, 46, 11, 390_000, tzinfo=dt.UTC)
    assert gatehouse_us(line) == round(expected.timestamp() * 1e6)
    assert gatehouse_us(b"$PGHP,1,2010,13,11,11,46,11,390,231,45,992190934,1,2B*5B") is None
    assert gatehouse_us(b"$PGHP,1,2010,6,11,11,46,11,1390,231,45,992190934,1,2B*5B") is None
    assert gatehouse_us(b"$PGHP,1,2010*5B") is None


def test_a_tag_block_says_source_time_and_group():
    said = tag_of(b"\\g:1-2-1604,s:rORBCOMM008,c:1418169601,T:2014-12-10 00.00.01*37\\")
    assert said == TagBlock(b"rORBCOMM008", 1_418_169_601_000_000, b"1604")
    assert tag_of(b"\\g:1-2-4875,s:rORBCOMM000,c:1411921225*5b\\").group == b"4875"


@pytest.mark.parametrize(
    "prefix",
    [
        b"\\c:1420030798*00\\",  # as in a real recording: the checksum is wrong
        b"\\c:1709294400\\",
        b"\\c:1709294400*\\",
        b"\\c:1709294400*3\\",
        b"\\c:1709294400",
        b"junk",
        b"",
    ],
)
def test_a_tag_block_whose_checksum_is_wrong_says_nothing(prefix):
    assert tag_of(prefix) == EMPTY


def test_of_two_tag_blocks_the_later_holds():
    prefix = tag(b"s:one,c:1709294400") + tag(b"c:1709294401")
    assert tag_of(prefix) == TagBlock(b"one", NOON + 1_000_000)


def test_a_tag_block_with_a_strange_time_keeps_its_source():
    assert tag_of(tag(b"s:one,c:soon")) == TagBlock(b"one", None)


def test_sentences_of_a_group_share_what_its_first_says():
    groups = Groups()
    first = TagBlock(b"x", NOON, b"7")
    assert groups.complete(first) == first
    assert groups.complete(TagBlock(group=b"7")) == first
    assert groups.complete(TagBlock(group=b"8")) == TagBlock(group=b"8")
    assert groups.complete(EMPTY) is EMPTY


def test_groups_are_forgotten_oldest_first():
    groups = Groups()
    for n in range(1001):
        groups.complete(TagBlock(b"x", NOON, b"%d" % n))
    assert groups.complete(TagBlock(group=b"0")).source is None
    assert groups.complete(TagBlock(group=b"1")).source == b"x"


def stamp(clock, line_us=None, second=60, told=None):
    """Time and quality of one message, by a clock of many."""
    times = [UNKNOWN if t is None else t for t in (line_us, told and utc_us(*told))]
    columns = (np.array([value]) for value in (*times, second))
    (time_us,), (quality,) = clock.stamp(*columns)
    return None if time_us == UNKNOWN else time_us, quality


def test_a_line_with_a_time_needs_no_clock():
    clock = Clock(start_us=0, span=Span(0, NOON))
    assert stamp(clock, NOON, 5) == (NOON, 0)
    assert stamp(clock, NOON + 1, 5) == (NOON + 1, Quality.TIME_QUARANTINED)


def test_without_any_time_there_is_none():
    clock = Clock(start_us=None, span=Span(0, NEVER))
    assert stamp(clock) == (None, Quality.NO_TIME)


def test_the_last_base_station_gives_the_time():
    clock = Clock(start_us=None, span=Span(0, NEVER))
    stamped = stamp(clock, told=(2024, 3, 1, 12, 0, 0))
    assert stamped == (NOON, Quality.TIME_FROM_BASE_STATION)
    assert stamp(clock) == stamped
    stamp(clock, told=(2024, 3, 1, 12, 0, 10))
    assert stamp(clock)[0] == NOON + 10_000_000


def test_a_base_station_tells_the_time_to_those_behind_it_alone():
    clock = Clock(start_us=None, span=Span(0, NEVER))
    none = np.full(4, UNKNOWN)
    told_us = np.array([UNKNOWN, NOON, UNKNOWN, NOON + 1])
    time_us, _ = clock.stamp(none, told_us, np.full(4, 60))
    assert time_us.tolist() == [UNKNOWN, NOON, NOON, NOON + 1]


def test_a_base_station_in_the_future_is_not_believed():
    clock = Clock(start_us=None, span=Span(0, NOON))
    assert stamp(clock, told=(2199, 1, 1, 0, 0, 0)) == (None, Quality.NO_TIME)


def test_from_a_start_seconds_are_counted_on():
    clock = Clock(start_us=NOON, span=Span(0, NEVER))
    # Seconds of reports: 50 s pass to 40; the one of 35 comes 5 s late; 60 and 61 are no second.
    seconds = [50, 52, 60, 10, 40, 35, 61, 40, 0]
    elapsed = [(stamp(clock, second=s)[0] - NOON) / 1e6 for s in seconds]
    assert elapsed == [0, 2, 2, 20, 50, 45, 50, 50, 70]
    assert stamp(clock, second=0)[1] == Quality.TIME_ASSUMED


def test_nothing_is_before_the_start():
    clock = Clock(start_us=NOON, span=Span(0, NEVER))
    assert [stamp(clock, second=s)[0] for s in (30, 20)] == [NOON, NOON]


# The strategy takes bounds without a time zone.
dates = st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59))  # noqa: DTZ001


@given(dates)
def test_times_of_many_dates_are_those_of_each(date):
    parts = (date.year, date.month, date.day, date.hour, date.minute, date.second)
    assert utc_us_of(*(np.array([part]) for part in parts)).tolist() == [utc_us(*parts)]


@given(
    st.tuples(
        st.sampled_from([0, 1, 1900, 2000, 2023, 2024, 9999, 10_000]),
        *(st.integers(low, high) for low, high in ((0, 13), (0, 32), (0, 25), (0, 61), (0, 61))),
    )
)
def test_what_is_no_date_of_one_is_none_of_many(parts):
    (found,) = utc_us_of(*(np.array([part]) for part in parts)).tolist()
    assert (None if found == UNKNOWN else found) == utc_us(*parts)
