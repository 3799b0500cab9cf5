"""Heads that are read in words of eight characters say what Arrow reads in their fields."""

import datetime as dt

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from vesseltrack.ingest.tabular import words
from vesseltrack.ingest.tabular.cursor import WINDOW_BYTES, Cursor
from vesseltrack.ingest.tabular.layouts import DMA
from vesseltrack.ingest.tabular.rows import nav_status
from vesseltrack.ingest.tabular.usual import UsualHeads
from vesseltrack.ingest.tabular.wordtree import WordTree
from vesseltrack.ingest.text import LineBlock

NAMES = ("time", "mobile", "mmsi", "lat", "lon", "nav_status", "rot", "sog", "cog", "heading")
TAIL = (
    ",9728506,FFH9,SOME NAME,Tug,No additional information,22,121,GPS,13.0,HERE,,AIS,60,61,11,11"
)
SHORT = st.one_of(st.just(""), st.from_regex(r"-?[0-9]{1,3}(\.[0-9]{1,2})?", fullmatch=True))
LONG = st.one_of(st.just(""), st.from_regex(r"-?[0-9]{1,3}(\.[0-9]{1,7})?", fullmatch=True))
MOBILES = ["Class A", "Class B", "Base Station", "AtoN", "SAR Airborne", "", "Else"]
STATUS = ["Moored", "At anchor", "Under way using engine", "Under way sailing", "Unknown value"]
HEADS = st.tuples(
    st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(9998, 12, 31)),  # noqa: DTZ001 - UTC all
    st.sampled_from(MOBILES),
    st.integers(0, 999_999_999),
    LONG,
    LONG,
    st.sampled_from(STATUS),
    *[SHORT] * 4,
)
NEW_YEAR = dt.datetime(2025, 1, 1)  # noqa: DTZ001 - UTC all


def line_of(head):
    time, *rest = head
    return (
        ",".join(
            [time.strftime("%d/%m/") + f"{time:%Y}".zfill(4) + f" {time:%H:%M:%S}"]
            + [str(field) for field in rest]
        )
        + TAIL
    )


def float_of(text):
    return pa.scalar(text).cast(pa.float64()).as_py() if text else float("nan")


def heads_of(lines):
    return UsualHeads(NAMES, DMA).read(LineBlock(1, "\n".join(lines).encode()))


@settings(max_examples=60, deadline=None)
@given(st.lists(HEADS, min_size=1, max_size=12))
def test_usual_heads_are_all_read_and_say_what_their_fields_say(rows):
    lines = [line_of(row) for row in rows]
    heads, cuts = heads_of(lines)
    assert heads.is_good.all()
    ends = np.cumsum([len(line) + 1 for line in lines]) - 1
    assert (ends - cuts).tolist() == [len(TAIL)] * len(rows)
    time, mobile, mmsi, lat, lon, status, rot, sog, cog, heading = zip(*rows, strict=True)
    epoch = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - as above
    microseconds = [
        (t.replace(microsecond=0) - epoch) // dt.timedelta(microseconds=1) for t in time
    ]
    assert heads.t_us.tolist() == microseconds
    assert heads.mmsi.tolist() == list(mmsi)
    assert heads.coded["mobile"].tolist() == [words.MSG_TYPES.get(m.lower(), 1) for m in mobile]
    expected = [words.nav_status_code(s.lower()) for s in status]
    found = [None if np.isnan(code) else code for code in heads.coded["nav_status"]]
    assert found == expected
    texts = {"lat": lat, "lon": lon, "rot": rot, "sog": sog, "cog": cog, "heading": heading}
    for name, fields in texts.items():
        numbers = np.array([float_of(text) for text in fields])
        # To the bit, so that -0.0 is not 0.0; all NaN alike.
        np.testing.assert_array_equal(heads.measured[name], numbers)
        is_number = ~np.isnan(numbers)
        assert np.signbit(heads.measured[name])[is_number].tolist() == (
            np.signbit(numbers[is_number]).tolist()
        )


def test_a_head_longer_than_is_looked_at_is_left_alone():
    usual = line_of((NEW_YEAR, "Class A", 1, "1", "2", "Moored", *"3456"))
    many = "Power-driven vessel pushing ahead or towing alongside"
    long = usual.replace("Moored", many).replace(",1,2,", ",-111.1234567,-122.1234567,")
    long = long.replace(",3,4,5,6,", ",-127.12,-102.21,-359.91,-511.11,")
    assert long.index(TAIL) > WINDOW_BYTES
    heads, _ = heads_of([usual, long, usual])
    assert heads.is_good.tolist() == [True, False, True]


def test_the_last_lines_of_a_block_need_nothing_behind_them():
    usual = line_of((NEW_YEAR, "Class A", 1, "1", "2", "Moored", *"3456"))
    cut = usual[: usual.index(TAIL)]
    heads, _ = heads_of([usual, usual, cut + ",", cut, "", "2"])
    assert heads.is_good.tolist() == [True, True, True, False, False, False]


def test_words_alike_at_first_are_told_apart_and_too_long_ones_are_left():
    tree = WordTree(nav_status)
    texts = ["", "1", "Under way using engine", "Under way sailing", "Under wa", "y" * 7, "y" * 8]
    texts += ["Moored", "Moored\0", "Moored\0\0", "z" * 63, "z" * 64]
    chars = np.frombuffer("".join(f"{text},".ljust(200) for text in texts).encode(), np.uint8)
    for _ in range(2):
        cursor = Cursor(chars, np.arange(len(texts)) * 200)
        codes = tree.read(cursor)
        expected = [words.nav_status_code(text.lower()) for text in texts]
        assert [None if np.isnan(code) else code for code in codes] == expected
        assert cursor.is_usual.tolist() == [True] * (len(texts) - 1) + [False]


def test_a_column_of_ever_new_words_is_not_learnt_for_ever():
    tree = WordTree(nav_status)
    n_read = 0
    for block in range(20):
        texts = [f"{block} {n}" for n in range(16)]
        chars = np.frombuffer("".join(f"{text},".ljust(200) for text in texts).encode(), np.uint8)
        cursor = Cursor(chars, np.arange(len(texts)) * 200)
        tree.read(cursor)
        n_read += int(cursor.is_usual.sum())
    assert n_read == 64
