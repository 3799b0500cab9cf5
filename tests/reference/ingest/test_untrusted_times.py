"""Clocks that were wrong: the rows are kept, and their times are not trusted."""

import datetime as dt

import pytest

from ingest_text import CLASS_A, CLASS_B, DMA_HEADER, DMA_ROW, checked, lines, read, tag
from vesseltrack import engine
from vesseltrack.config.ingest import IngestConfig
from vesseltrack.schema import Quality
from vesseltrack.store import Store

IN_2024 = 1_709_294_400


def at(t_s, sentence=CLASS_B):
    return tag(b"c:%d" % t_s) + sentence


def qualities(batch):
    return [Quality(value) for value in batch.received["quality"].to_pylist()]


@pytest.mark.parametrize("t_s", [946_684_800, 315_964_800, 4_102_444_800])
def test_a_time_out_of_the_span_is_quarantined_and_the_span_does_not_show_it(t_s):
    # 2000 and 1980, where clocks start anew, and the year 2100.
    batch, report = read(lines(at(IN_2024), at(t_s), at(IN_2024 + 5, CLASS_A)))
    assert qualities(batch) == [0, Quality.TIME_QUARANTINED, 0]
    assert report.as_json()["first_time"] == "2024-03-01T12:00:00Z"
    assert report.as_json()["last_time"] == "2024-03-01T12:00:05Z"
    assert report.positions == 3


def test_rows_of_a_table_are_judged_alike():
    rows = [DMA_ROW.replace("02/03/2022 04", f"{day} 04") for day in ("01/01/1970", "01/01/2099")]
    batch, report = read(lines(DMA_HEADER, DMA_ROW, *rows), "dma")
    assert qualities(batch) == [0, Quality.TIME_QUARANTINED, Quality.TIME_QUARANTINED]
    assert report.as_json()["last_time"] == "2022-03-02T04:00:00Z"


def test_an_archive_that_is_not_in_order_of_time_is_trusted_whole():
    years = [dt.datetime(year, 5, 1, tzinfo=dt.UTC) for year in (2023, 2016, 2019, 2024)]
    batch, _ = read(lines(*(at(int(year.timestamp())) for year in years)))
    assert qualities(batch) == [0] * 4


def test_how_far_before_can_be_set():
    config = IngestConfig(max_before_s=3600.0)
    batch, _ = read(lines(*[at(IN_2024)] * 3, at(IN_2024 - 7200, CLASS_A)), config=config)
    assert qualities(batch)[-1] == Quality.TIME_QUARANTINED


@pytest.mark.parametrize(
    ("name", "text", "lines_with_a_time"),
    [
        (
            "gatehouse.nmea",
            lines(
                checked(b"PGHP,1,1900,6,11,11,46,11,874,219,,2190047,1,56", b"$"),
                CLASS_B,
                checked(b"PGHP,1,9999,12,31,11,46,11,874,219,,2190047,1,56", b"$"),
                CLASS_B,
                at(IN_2024),
            ),
            1,
        ),
        (
            "day.csv",
            lines(
                DMA_HEADER,
                DMA_ROW,
                DMA_ROW.replace("2022", "1900", 1),
                DMA_ROW.replace("02/03/2022", "31/12/9999", 1),
            ),
            1,
        ),
    ],
)
def test_a_time_without_a_storable_day_keeps_nothing_else_out(
    tmp_path, name, text, lines_with_a_time
):
    (tmp_path / name).write_bytes(text)
    store = Store.open(tmp_path / "store", create=True)
    outcome = engine.ingest_paths(store, [tmp_path / name])
    assert outcome.problems == []
    times = store.select("positions")["timestamp"].drop_null()
    assert len(times) == lines_with_a_time
