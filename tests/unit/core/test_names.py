import pytest

from vesseltrack.core.names import is_one_name, name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PEI YUH NO.6", "PEI YUH NO6"),
        ("PEI YUH NO.6", "PEI YUH NO.6@@@@@@BL"),
        ("208", "HUA YING 208"),
        ("Åsa", "ASA"),
    ],
)
def test_one_name_written_in_two_ways(one, other):
    assert is_one_name(one, other)
    assert is_one_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("KENG2", "KENG6"), ("B D C 2", "SOR.BANTHAI 19"), ("", "ALMA"), ("17", "JULONGJIAYA17")],
)
def test_two_names(one, other):
    assert not is_one_name(one, other)


def test_what_is_no_letter_is_left_out():
    assert name_key(" <B>\x1b7 ") == "B7"
