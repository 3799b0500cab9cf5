import pytest

from ingest_text import (
    CLASS_A,
    CLASS_B,
    DMA_HEADER,
    DMA_ROW,
    STATIC,
    checked,
    lines,
    source_of,
    tag,
)
from vesseltrack.config.ingest import IngestConfig
from vesseltrack.errors import SourceError
from vesseltrack.ingest.playing import NEVER_SAID, in_time, units

T_S = 1_709_294_400
S = 1_000_000
PGHP = checked(b"PGHP,1,2024,3,1,12,0,5,0,231,45,992190934,1,2B", b"$")  # 12:00:05


def at(seconds, sentence=CLASS_A):
    return tag(b"c:%d" % (T_S + seconds)) + sentence


def played(*text, **options):
    """Seconds since the beginning, and the lines of each unit."""
    found = [(u.time_us, u.lines) for u in units(source_of(lines(*text), **options))]
    return [(None if t == NEVER_SAID else t / S - T_S, unit) for t, unit in found]


def test_every_line_is_played_at_its_own_time_or_with_the_one_before():
    text = [b"# comment", at(0), CLASS_B, at(2), b"garbage"]
    assert played(*text) == [
        (None, [text[0]]),
        (0, [text[1]]),
        (0, [text[2]]),
        (2, [text[3]]),
        (2, [text[4]]),
    ]


def test_the_parts_of_a_message_are_kept_together():
    first, second = at(1, STATIC[0]), at(1, STATIC[1])
    assert played(at(0), first, CLASS_A, second, at(3)) == [
        (0, [at(0)]),
        (1, [first, CLASS_A, second]),
        (3, [at(3)]),
    ]


def test_a_part_whose_other_never_comes_holds_up_nothing():
    first = at(1, STATIC[0])
    assert played(first, at(1), at(2), at(3)) == [
        (1, [first, at(1), at(2)]),
        (3, [at(3)]),
    ]


def test_a_line_that_tells_the_time_of_the_next_is_played_with_it():
    alone = tag(b"c:%d" % (T_S + 9))
    assert played(at(0), PGHP, CLASS_A, alone, CLASS_B, at(10)) == [
        (0, [at(0)]),
        (5, [PGHP, CLASS_A]),
        (9, [alone, CLASS_B]),
        (10, [at(10)]),
    ]


def test_times_never_go_back_and_a_jump_that_the_next_line_takes_back_is_not_believed():
    text = [at(0), at(5), at(3), at(86_400), at(6), at(86_400 * 3), at(86_400 * 3 + 1)]
    times = [seconds for seconds, _ in played(*text)]
    assert times == [0, 5, 5, 5, 6, 86_400 * 3, 86_400 * 3 + 1]


def test_units_do_not_depend_on_how_the_source_is_cut_into_blocks():
    text = [at(i // 3, CLASS_A if i % 4 else STATIC[i % 8 // 4]) for i in range(200)]
    whole = played(*text)
    assert len(whole) > 50
    for block_bytes in (1, 100, 1_000):
        assert played(*text, config=IngestConfig(block_bytes=block_bytes)) == whole


def test_sources_are_merged_by_time_unit_by_unit():
    first = source_of(lines(at(0, STATIC[0]), at(0, STATIC[1]), at(10)))
    second = source_of(lines(at(0, STATIC[0]), at(1, STATIC[1]), at(5), at(11)))
    merged = [(unit.time_us / S - T_S, len(unit.lines)) for unit in in_time([first, second])]
    assert merged == [(0, 2), (0, 2), (5, 1), (10, 1), (11, 1)]


def test_only_sentences_can_be_played():
    table = source_of(lines(DMA_HEADER, DMA_ROW), "dma")
    with pytest.raises(SourceError, match="memory is dma: only NMEA archives hold sentences"):
        list(in_time([table]))
