import datetime as dt

import pytest

from ingest_text import BASE_STATION, CLASS_A, CLASS_B, STATIC, checked, lines, read, tag
from vesseltrack.config.ingest import IngestConfig
from vesseltrack.schema import Quality

NOON = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)
PGHP = checked(b"PGHP,1,2024,3,1,12,0,0,250,219,,2190074,1,27", b"$")
TAGGED = tag(b"s:one,c:1709294400")


def times_of(*given, **options):
    batch, _ = read(lines(*given), **options)
    found = batch.received["timestamp"].to_pylist()
    return [None if t is None else (t - NOON).total_seconds() for t in found]


def test_a_tag_block_gives_the_time():
    assert times_of(TAGGED + CLASS_B) == [0]


def test_a_tag_block_with_a_wrong_checksum_gives_none():
    batch, report = read(lines(TAGGED.replace(b"*", b"*0")[:-2] + b"\\" + CLASS_B))
    assert batch.received["timestamp"].to_pylist() == [None]
    assert report.used == 1


def test_gatehouse_gives_its_time_to_the_next_line_alone():
    assert times_of(PGHP, CLASS_B, CLASS_A) == [0.25, None]
    assert times_of(PGHP, b"# a comment", CLASS_B) == [None]
    assert times_of(PGHP, b"", CLASS_B) == [0.25]  # a blank line is none


def test_gatehouse_gives_its_time_to_both_parts():
    batch, report = read(lines(PGHP, *STATIC))
    (found,) = batch.statics["timestamp"].to_pylist()
    assert (found - NOON).total_seconds() == 0.25
    assert (report.used, report.ignored) == (2, {"time_line": 1})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (PGHP.replace(b"2024,3", b"2024,4"), "checksum"),
        (PGHP[:-3], "no_checksum"),
        (checked(b"PGHP,1,2024,13,1,12,0,0,250,219,,2190074,1,27", b"$"), "bad_time"),
    ],
)
def test_a_broken_gatehouse_line_is_rejected(line, reason):
    batch, report = read(lines(line, CLASS_B))
    assert report.rejected == {reason: 1}
    assert batch.received["timestamp"].to_pylist() == [None]


def test_a_tag_block_on_a_line_of_its_own_speaks_for_the_next():
    assert times_of(TAGGED, CLASS_B, CLASS_A) == [0, None]


@pytest.mark.parametrize(
    "behind", [b",1709294400", b",d-109,S2105,t050056.00,T56.13,r003669946,1709294400,1709294399"]
)
def test_receivers_write_the_time_behind(behind):
    assert times_of(CLASS_B + behind) == [0]


def test_the_time_nearest_to_the_receiver_counts():
    late = tag(b"c:1709294460")
    assert times_of(PGHP, late + CLASS_B + b",1709294500") == [60]
    assert times_of(PGHP, CLASS_B + b",1709294500") == [0.25]


def test_parts_are_paired_by_what_their_own_lines_say():
    # A relay wrote its own time before the first part, seconds after the receiver's behind both.
    first, second = (part + b",1709294390" for part in STATIC)
    batch, report = read(lines(PGHP, first, second))
    assert (report.used, batch.statics.num_rows) == (2, 1)


def test_without_line_times_parts_are_paired_by_how_far_the_feed_has_come():
    later = checked(b"PGHP,1,2024,3,1,12,0,30,250,219,,2190074,1,27", b"$")
    _, report = read(lines(PGHP, STATIC[0], later, CLASS_B, STATIC[1]))
    assert report.rejected == {"incomplete_multipart": 2}


def test_a_start_gives_the_first_line_its_time():
    # The first report is of second 31, the other of second 0.
    batch, _ = read(lines(CLASS_A, CLASS_B), start=NOON)
    later = NOON + dt.timedelta(seconds=29)
    assert batch.received["timestamp"].to_pylist() == [NOON, later]
    assert set(batch.received["quality"].to_pylist()) == {int(Quality.TIME_ASSUMED)}


def test_a_start_without_a_zone_is_utc():
    assert times_of(CLASS_A, start=NOON.replace(tzinfo=None)) == [0]


def test_base_stations_give_the_time_to_what_follows():
    batch, report = read(lines(CLASS_A, BASE_STATION, CLASS_B))
    told = dt.datetime(2015, 6, 21, 9, 30, 40, tzinfo=dt.UTC)  # as gpsd, libais and pyais read it
    assert batch.received["timestamp"].to_pylist() == [None, told, told]
    assert report.first_time == report.last_time == told
    qualities = [Quality(q) for q in batch.received["quality"].to_pylist()]
    assert qualities == [
        Quality.NO_TIME,
        Quality.TIME_FROM_BASE_STATION | Quality.NOT_A_VESSEL,
        Quality.TIME_FROM_BASE_STATION,
    ]


def test_a_time_in_the_future_is_quarantined_and_counts_for_nothing():
    batch, report = read(lines(tag(b"c:4102444800") + CLASS_B, TAGGED + CLASS_A))
    qualities = batch.received["quality"].to_pylist()
    assert qualities == [int(Quality.TIME_QUARANTINED), 0]
    assert report.last_time == NOON
    assert report.positions == 2


def test_parts_of_a_group_belong_together():
    # As ORBCOMM sends: only the first sentence of a group names source and time.
    first = tag(b"g:1-2-6745,s:rORBCOMM000,c:1709294400") + STATIC[0]
    second = tag(b"g:2-2-6745") + STATIC[1]
    batch, report = read(lines(first, second))
    assert report.used == 2
    assert batch.statics["timestamp"].to_pylist() == [NOON]


def test_parts_heard_by_different_stations_stay_apart():
    one, two = tag(b"s:one,c:1709294400"), tag(b"s:two,c:1709294400")
    _, report = read(lines(one + STATIC[0], two + STATIC[1]))
    assert report.rejected == {"incomplete_multipart": 2}
    _, report = read(lines(one + STATIC[0], two + STATIC[0], one + STATIC[1], two + STATIC[1]))
    assert (report.used, report.messages) == (4, 2)


def test_parts_wait_across_blocks():
    config = IngestConfig(block_bytes=10)
    batch, report = read(lines(*STATIC, CLASS_B), config=config)
    assert (report.used, report.messages, batch.statics.num_rows) == (3, 2, 1)


def test_a_whole_message_of_a_wrong_length_loses_all_its_lines():
    first, second = checked(b"AIVDM,2,1,1,A,53Rab,0"), checked(b"AIVDM,2,2,1,A,000,0")
    batch, report = read(lines(first, second))
    assert report.rejected == {"bad_length": 2}
    assert batch.rejects["raw"].to_pylist() == [first.decode(), second.decode()]


def test_lines_glued_together_are_both_read_and_count_once():
    batch, report = read(lines(CLASS_B + CLASS_A, STATIC[0] + CLASS_B, STATIC[1]))
    assert (report.lines, report.used, report.messages) == (3, 3, 4)
    assert batch.received["line"].to_pylist() == [1, 1, 2]


def test_a_line_that_is_too_long_is_rejected_and_the_next_is_read():
    batch, report = read(lines(CLASS_B + b"," + b"x" * 2000, CLASS_A))
    assert report.rejected == {"line_too_long": 1}
    assert batch.received["line"].to_pylist() == [2]
    (raw,) = batch.rejects["raw"].to_pylist()
    assert len(raw) == 512


def test_rejected_lines_keep_their_bytes_escaped():
    batch, _ = read(lines(b"\x1b[31m\\ \xff"))
    assert batch.rejects.to_pylist() == [
        {
            "source_id": batch.rejects["source_id"][0].as_py(),
            "line": 1,
            "reason": "not_a_sentence",
            "raw": "\\x1b[31m\\\\ \\xff",
        }
    ]


def test_what_is_no_ais_is_ignored_with_its_reason():
    _, report = read(lines(b"# a comment", b"  # another", b"$GPGGA,1*00", b"", b"\0\0", CLASS_B))
    assert report.ignored == {"comment": 2, "not_ais": 1}
    assert (report.lines, report.used) == (4, 1)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("encoding", ["ascii", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_line_ends_and_encodings_make_no_difference(end, encoding):
    text = end.join([TAGGED + CLASS_B, b"", CLASS_A]).decode().encode(encoding)
    batch, report = read(text)
    assert batch.received["line"].to_pylist() == [1, 3]
    assert (report.lines, report.used) == (2, 2)


def test_zeros_and_blanks_around_a_line_do_no_harm():
    _, report = read(b"\0\0  " + CLASS_B + b" \0\t\n\x1a")
    assert (report.lines, report.used) == (1, 1)


def test_times_and_vessels_are_counted():
    _, report = read(lines(TAGGED + CLASS_B, tag(b"c:1709294430") + CLASS_A, CLASS_B))
    assert (report.messages, report.positions, report.vessels) == (3, 3, 2)
    assert (report.first_time, report.last_time) == (NOON, NOON + dt.timedelta(seconds=30))
