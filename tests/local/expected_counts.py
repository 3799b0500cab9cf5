"""Archives whose counts are known: the hostile cases, and the tables and tracks."""

import json
from collections.abc import Iterator
from pathlib import Path

from figure import Figure

from vesseltrack.ingest import SourceReport, open_sources

OUR_REASON = {
    "checksum": "checksum",
    "missing_part": "incomplete_multipart",
    "truncated_payload": "bad_length",
}
# Rows or messages, as the data's own description counts them.
ROWS = {
    "csv_dma/DERIVED_dma_layout_2010-06-11_from_nmea.csv.gz": 3_565,
    "csv_dma/DERIVED_dma_layout_2021-01-08_from_ais_instants.csv.gz": 156_837,
    "csv_dma/real_rows_aisdk-2023-03-18.csv": 9,
    "csv_dma/real_rows_aisdk_2025-2026.csv": 5,
    "csv_marinecadastre/AIS_2022_01_03_sample_atlantic_gulf.csv.gz": 74_654,
    "csv_marinecadastre/real_rows_2026_new_header.csv": 2,
}
TRACKS_MESSAGES, TRACKS_POSITIONS = 38_087, 26_524


def check(data: Path) -> Iterator[Figure]:
    """Yield a figure a table, and one for the tracks."""
    for name, n_rows in ROWS.items():
        report = read(data / name)
        said = f"{report.used:,} of {n_rows:,} rows, {report.status}"
        is_right = (report.used, report.status) == (n_rows, "complete")
        yield Figure(name.partition("/")[2], said, is_right)
    reports = [read(path) for path in sorted((data / "tracks_gfw").glob("*.jsonl.gz"))]
    n_messages = sum(report.messages for report in reports)
    n_positions = sum(report.positions for report in reports)
    yield Figure(
        "tracks_gfw",
        f"{len(reports)} files, {n_messages:,} messages, {n_positions:,} positions",
        (n_messages, n_positions) == (TRACKS_MESSAGES, TRACKS_POSITIONS),
    )


def check_hostile(folder: Path) -> Iterator[Figure]:
    """Yield one figure: how many cases came out as expected, and which did not."""
    cases = json.loads((folder / "expectations.json").read_text(encoding="utf-8"))["cases"]
    cases = [case for case in cases if case["kind"] != "api"]
    wrong = [case["id"] for case in cases if not as_expected(folder, case)]
    said = f"{len(cases) - len(wrong)} of {len(cases)} as expected"
    yield Figure("hostile cases", f"{said}; not {', '.join(wrong)}" if wrong else said, not wrong)


def as_expected(folder: Path, case: dict[str, dict[str, object]]) -> bool:
    """Return whether a case's counts are those written down for it."""
    expected, report = case["expected"], read(folder / str(case["file"]))
    if "archive_error" in expected:
        return report.status == "partial" and str(expected["archive_error"]) in str(report.error)
    found = {
        "decoded": report.messages,
        "rejected": sum(report.rejected.values()),
        "positions": report.positions,
        "first_time": report.as_json()["first_time"],
    }
    reasons = expected.get("reasons", {})
    assert isinstance(reasons, dict)
    is_reason = all(report.rejected.get(OUR_REASON[why]) == n for why, n in reasons.items())
    return is_reason and all(expected.get(name, value) == value for name, value in found.items())


def read(path: Path) -> SourceReport:
    """Return what became of the lines of a file's one source."""
    (source,) = open_sources(path)
    for _ in source.batches():
        pass
    return source.report
