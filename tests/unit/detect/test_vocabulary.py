import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.config.detect.shared import ROAMING_CLASSES
from vesseltrack.core.identity import mmsi_of_key, vessel_id, vessel_key
from vesseltrack.core.ship_class import ShipClass, codes_of, ship_class
from vesseltrack.core.text import printable
from vesseltrack.core.vessel_keys import keys_of, mmsis_of


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (30, "fishing"),
        (31, "tug"),
        (52, "tug"),
        (33, "dredger"),
        (50, "pilot"),
        (51, "search and rescue"),
        (55, "law enforcement"),
        (60, "passenger"),
        (79, "cargo"),
        (80, "tanker"),
        (0, "unknown"),
        (-1, "unknown"),
        (20, "unknown"),
        (100, "unknown"),
        (255, "unknown"),
    ],
)
def test_classes_of_the_standards_codes(code, name):
    # ITU-R M.1371-5, table 53.
    assert ship_class(code).value == name


def test_codes_of_classes():
    assert codes_of(("fishing", "tug")).tolist() == [30, 31, 32, 52]
    assert codes_of(()).size == 0
    with pytest.raises(ValueError, match="canoe"):
        codes_of(("canoe",))


def test_the_configured_classes_exist():
    assert {ShipClass(name) for name in ROAMING_CLASSES} <= set(ShipClass)


@given(st.integers(0, 2**30 - 1), st.booleans(), st.integers(0, 10**15))
def test_keys_and_their_text_are_one(mmsi, is_first, t_us):
    key = vessel_key(mmsi, None if is_first else (t_us, 1, 2))
    assert keys_of([vessel_id(key)]).tolist() == [key]
    assert mmsis_of(keys_of([vessel_id(key)])).tolist() == [mmsi_of_key(key)]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("EVER GIVEN", "EVER GIVEN"),
        ("\x1b[31mRED\x07", "[31mRED"),
        ("  TWO\r\nLINES\t ", "TWO LINES"),
        ("\u202eGNORW", "GNORW"),
        ("ÅLESUND Ж", "ÅLESUND Ж"),
        ("\ud800X\ue000", "X"),
        ("<SCRIPT SRC=//X.YZ>", "<SCRIPT SRC=//X.YZ>"),
    ],
)
def test_text_that_can_stand_in_a_sentence(sent, shown):
    assert printable(sent) == shown
