"""The `gfw` preset of segments against the labels that Global Fishing Watch published.

26,524 positions of 28 MMSI; each carries the segment that gpsdio-segment gave it, or none where
it called it noise. Agreement is the adjusted Rand index over the positions of an MMSI that both
put into a segment (Hubert and Arabie 1985).
"""

import csv
import gzip
import itertools
import json
from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from archives import GFW_ARCHIVE, ROOT
from track_tables import read_archive, tracks_of
from vesseltrack.config.tracks import TrackPresets, TracksConfig
from vesseltrack.core.names import is_one_name
from vesseltrack.tracks.received import received

LABELS = ROOT / "fixtures" / "reference_cases" / "gfw_segments.csv.gz"
AS_GFW = TracksConfig(presets=TrackPresets(segments="gfw"))
NONE = -1


@pytest.fixture(scope="module")
def archive():
    return read_archive(GFW_ARCHIVE)


@pytest.fixture(scope="module")
def as_gfw(archive):
    table, said = archive
    return tracks_of(table, said=said, config=AS_GFW)


@pytest.fixture(scope="module")
def published():
    """The published segment of each position by the line of the archive; `NONE` for noise."""
    with gzip.open(LABELS, "rt", encoding="ascii") as handle:
        return {int(row["line"]): int(row["segment"] or NONE) for row in csv.DictReader(handle)}


def segment_of_each(table, segments, published):
    """Return MMSI, time [us], line and segment (`NONE`: in none) of each position published.

    One that ingest dropped as a duplicate is in none; its MMSI and time are 0.
    """
    stored = received(table)
    place = {
        key: row
        for row, key in enumerate(
            zip(stored.mmsi.tolist(), stored.t_us.tolist(), stored.nth.tolist(), strict=True)
        )
    }
    segment = np.full(stored.n, NONE)
    for number, row in enumerate(segments.to_pylist()):
        for one in row["fix_ranges"]:
            ends = [
                place[row["mmsi"], round(one[end].timestamp() * 1e6), one[f"{end}_nth"]]
                for end in ("start", "end")
            ]
            assert (segment[ends[0] : ends[1] + 1] == NONE).all()
            segment[ends[0] : ends[1] + 1] = number
    row_of = {line: row for row, line in enumerate(stored.line.tolist())}
    lines = np.array(sorted(published))
    rows = np.array([row_of.get(line, NONE) for line in lines.tolist()])
    mmsi, t_us, in_segment = (
        np.where(rows == NONE, unknown, column[rows])
        for column, unknown in ((stored.mmsi, 0), (stored.t_us, 0), (segment, NONE))
    )
    return mmsi, t_us, lines, in_segment


def adjusted_rand_index(ours, theirs):
    def pairs(counts):
        return sum(n * (n - 1) / 2 for n in counts)

    both = pairs(Counter(zip(ours, theirs, strict=True)).values())
    in_ours, in_theirs = pairs(Counter(ours).values()), pairs(Counter(theirs).values())
    expected = in_ours * in_theirs / pairs([len(ours)])
    most = (in_ours + in_theirs) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def agreement(table, segments, published):
    """Return the index and the number of published segments of each MMSI that has several."""
    mmsi, _, line, segment = segment_of_each(table, segments, published)
    labels = defaultdict(list)
    for sender, number, ours in zip(mmsi.tolist(), line.tolist(), segment.tolist(), strict=True):
        if sender:
            labels[sender].append((ours, published[number]))
    found = {}
    for sender, pairs in labels.items():
        n_published = len({theirs for _, theirs in pairs} - {NONE})
        both = [(ours, theirs) for ours, theirs in pairs if NONE not in (ours, theirs)]
        if n_published > 1:
            found[sender] = adjusted_rand_index(*zip(*both, strict=True)), n_published
    return found


def test_segments_are_those_published(archive, as_gfw, published):
    found = agreement(archive[0], as_gfw.segments, published)

    for mmsi, (index, n_published) in sorted(found.items()):
        text = f"{mmsi}: adjusted Rand index {index:.4f} over {n_published} segments"
        print(text)  # noqa: T201 - the figure itself is wanted, with -s
    assert len(found) == 17
    # Two long-range reports of the very second of another fix stand with that fix.
    assert found.pop(412_331_088)[0] == pytest.approx(0.9968, abs=1e-4)
    assert min(index for index, _ in found.values()) == pytest.approx(1.0, abs=1e-9)


def test_weighed_by_their_own_length_567000000_is_cut_otherwise(archive, published):
    table, said = archive
    own = table.filter(table["mmsi"].to_numpy() == 567_000_000)
    config = replace(AS_GFW, segments_gfw=replace(AS_GFW.segments_gfw, weigh_by_place=False))
    built = tracks_of(own, said=said, config=config)

    ((index, _),) = agreement(own, built.segments, published).values()
    assert index == pytest.approx(0.950, abs=5e-4)


def test_what_was_called_noise_is_dropped_as_a_duplicate_or_doubtful(archive, as_gfw, published):
    _, _, line, segment = segment_of_each(archive[0], as_gfw.segments, published)
    with gzip.open(LABELS, "rt", encoding="ascii") as handle:
        soon_after = {int(row["line"]) for row in csv.DictReader(handle) if row["is_soon"] == "1"}
    is_noise = np.array([published[number] == NONE for number in line.tolist()])
    is_soon = np.array([number in soon_after for number in line.tolist()])
    is_dropped = segment == NONE

    for what, part in (("all", slice(None)), ("within 5 s", is_soon), ("later", ~is_soon)):
        hits = np.count_nonzero((is_noise & is_dropped)[part])
        precision = hits / np.count_nonzero(is_dropped[part])
        recall = hits / np.count_nonzero(is_noise[part])
        n_noise = np.count_nonzero(is_noise[part])
        text = f"noise, {what}: {n_noise}, precision {precision:.4f}, recall {recall:.4f}"
        print(text)  # noqa: T201 - the figure itself is wanted, with -s
        assert min(precision, recall) >= 0.9


def test_every_position_is_in_one_segment_or_counted(archive, as_gfw):
    in_segments = sum(as_gfw.segments["n_positions"].to_pylist())

    assert in_segments + sum(as_gfw.discarded.values()) == archive[0].num_rows
    assert set(as_gfw.discarded) == {"seen_before"}


def test_the_order_of_rows_changes_nothing(archive, as_gfw):
    table, said = archive
    order = np.random.default_rng(5).permutation(table.num_rows)
    shuffled = tracks_of(table.take(order), said=said, config=AS_GFW)

    assert shuffled.segments.equals(as_gfw.segments)
    assert shuffled.vessels.equals(as_gfw.vessels)


def test_by_default_no_vessel_takes_turns_under_two_names(archive):
    """Of two names that a vessel sent, the one is given up before the other is sent.

    One name in two spellings is no alternation, nor is a report that no other one agrees with.
    """
    table, said = archive
    for row in tracks_of(table, said=said).vessels.to_pylist():
        named = [one for one in json.loads(row["identities"]) if one["name"]]
        for one, other in itertools.combinations(named, 2):
            if is_one_name(one["name"], other["name"]):
                continue
            assert min(one["n_reports"], other["n_reports"]) == 1 or (
                max(one["first_seen"], other["first_seen"])
                > min(one["last_seen"], other["last_seen"])
            ), row["identities"]


def test_nothing_gives_nothing():
    empty = tracks_of(pa.Table.from_pylist([], read_archive(GFW_ARCHIVE)[0].schema), config=AS_GFW)

    assert empty.segments.num_rows == empty.vessels.num_rows == 0
