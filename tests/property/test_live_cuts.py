"""However a feed's bytes are cut and read, its rows are those of a file of the same bytes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_text import CLASS_A, CLASS_B, STATIC, checked, read, tag
from live_text import NOON_US, adds_up, arrival, ended, heard, new_feed, together
from vesseltrack.config.ingest import IngestConfig

CONFIG = IngestConfig(max_sentence_bytes=100)
TIMED = [CLASS_A, CLASS_B, *STATIC, CLASS_A[:-1] + b"E"]
LINES = [
    *TIMED,
    checked(b"PGHP,1,2024,3,1,12,0,5,390,231,45,992190934,1,2B", b"$"),
    b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47",
    b"!" * 101,
    b"x" * 300,
    b"",
    b"\0",
    b"# a comment",
    CLASS_A[:20],
    b"\xff\xfe\x00",
]


def in_order(lines):
    """Each sentence a second after the one before it, so that none is the repeat of another."""
    return b"# text in bytes: a file may be in UTF-16\n" + b"".join(
        (tag(b"s:north,c:%d" % (1_709_294_400 + i)) if line in TIMED else b"") + line + end
        for i, (line, end) in enumerate(lines)
    )


texts = st.lists(
    st.tuples(st.sampled_from(LINES), st.sampled_from([b"\n", b"\r\n", b"\r"])), max_size=12
).map(in_order)
cuts = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30)


def comparable(rows):
    """Rows without the name of their source."""
    return rows.drop_columns("source_id")


@settings(max_examples=200)
@given(texts, st.sampled_from([CLASS_A[:20], b"x" * 300, b""]), cuts)
def test_any_cut_gives_the_rows_of_the_file(text, unfinished, where):
    data = text + unfinished
    file, file_report = read(data, config=CONFIG)
    feed = new_feed(CONFIG)
    places = sorted((round(share * len(data)), is_read) for share, is_read in where)
    batches, waiting, begin = [], [], 0
    for place, is_read in [*places, (len(data), True)]:
        if place > begin:
            waiting.append(arrival(data[begin:place]))
            begin = place
        if is_read:
            batches.append(heard(feed, *waiting))
            waiting = []
    live = together([*batches, ended(feed)])
    report = feed.report(None)
    for name in ("received", "statics", "rejects"):
        assert comparable(getattr(live, name)) == comparable(getattr(file, name))
    assert (report.lines, report.used) == (file_report.lines, file_report.used)
    assert (report.rejected, report.ignored) == (file_report.rejected, file_report.ignored)
    assert adds_up(report)


@settings(max_examples=30)
@given(texts)
def test_byte_by_byte_gives_the_rows_of_all_at_once(data):
    at_once, byte_by_byte = new_feed(CONFIG), new_feed(CONFIG)
    whole = together([heard(at_once, arrival(data)), ended(at_once)])
    for i in range(len(data)):
        for _ in byte_by_byte.read([arrival(data[i : i + 1])], NOON_US):
            pass
    assert ended(byte_by_byte) == whole
    assert byte_by_byte.report(None).rejected == at_once.report(None).rejected
