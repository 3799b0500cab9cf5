"""One IMO number under one flag after the other: 2 changes in 90 days, 3 in 365."""

import itertools
import json

import numpy as np
import pyarrow as pa
import pytest

from detect_tables import DAY, HOUR, T0, fixes, said, slice_of, track
from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect import make_detector

DE, CY, PA, LR, DE_TOO = 211000001, 209000001, 351000001, 636000001, 211000002
NUMBER = {"imo": 9_074_729}


def under(mmsi, day, *, days=2.0, imo=NUMBER):
    """Fixes every hour for some days, in one place, and two reports of the number."""
    t_us = T0 + np.arange(day * DAY, (day + days) * DAY, HOUR).astype(np.int64)
    spoken = [(mmsi, int(t_us[0]) + hours * HOUR + 1, imo) for hours in (1, 2)]
    return track(mmsi, t_us, 50.0, -4.0, sog_kn=0.0), spoken


def found(*ways, cuts_days=()):
    """The events of days cut somewhere, each piece by a detector that takes up the last state."""
    table = fixes(*(one for one, _ in ways))
    told = said(*(row for _, spoken in ways for row in spoken))
    detector = make_detector("identity_change", DetectConfig())
    edges = [T0 - 1, *(T0 + day * DAY for day in cuts_days), T0 + 500 * DAY]
    rows = []
    for low, high in itertools.pairwise(edges):
        parts = []
        for whole in (table, told):
            t_us = whole["timestamp"].cast("int64").to_numpy()
            parts.append(whole.filter(pa.array((t_us >= low) & (t_us < high))))
        rows += detector.push(slice_of(parts[0], said_table=parts[1]), high).to_pylist()
        state = detector.state()
        detector = make_detector("identity_change", DetectConfig())
        detector.restore(state)
    assert detector.flush().num_rows == 0
    return rows


def values(event):
    return {name: one["value"] for name, one in json.loads(event["measures"]).items()}


def test_the_second_change_within_ninety_days_is_told():
    (event,) = found(under(DE, 0), under(CY, 30), under(PA, 119))
    assert (event["mmsi"], event["other_mmsi"]) == (CY, PA)
    told = values(event)
    assert (told["n_flags_90_days"], told["n_flags_365_days"]) == (2, 2)
    assert told["imo"] == "9074729"
    assert [one["flag"] for one in told["flown"]] == ["DE", "CY", "PA"]
    assert event["start"].timestamp() * 1e6 == T0 + 119 * DAY
    assert "2 in 90 days, 2 in 365, by the MMSI that it was sent with: DE" in event["explanation"]
    assert [item["mmsi"] for item in json.loads(event["evidence"])] == [CY, PA]


@pytest.mark.parametrize(
    "ways",
    [
        [(DE, 0), (CY, 30)],
        [(DE, 0), (CY, 30), (PA, 121)],  # 91 days apart
        [(DE, 0), (DE_TOO, 10), (CY, 20)],  # one change of flag
        [(DE, 0), (CY, 1), (PA, 1.5)],  # while the others go on
    ],
    ids=["once", "too slowly", "another MMSI of the flag", "at once"],
)
def test_what_is_too_few(ways):
    assert found(*(under(mmsi, day) for mmsi, day in ways)) == []


def test_the_third_within_a_year_is_told():
    (event,) = found(under(DE, 0), under(CY, 100), under(PA, 200), under(LR, 464))
    assert values(event)["n_flags_90_days"] == 1
    assert values(event)["n_flags_365_days"] == 3


def test_a_number_whose_check_digit_is_wrong_counts_for_nothing():
    wrong = {"imo": 9_074_728}
    assert found(*(under(m, d, imo=wrong) for m, d in [(DE, 0), (CY, 30), (PA, 60)])) == []


def test_however_it_is_cut_and_restored_it_is_the_same():
    ways = [under(DE, 0), under(CY, 30), under(PA, 60), under(LR, 80)]
    whole = found(*ways)
    assert len(whole) == 2
    assert found(*ways, cuts_days=(1, 31, 60, 61, 79)) == whole
