import pytest

from vesseltrack.core.imo import is_imo_number


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("9074729", True),  # the example of the IMO's circular
        ("9176187", True),
        ("9074728", False),
        ("907472", False),
        ("90747290", False),
        ("", False),
        ("907472x", False),
        ("٩٠٧٤٧٢٩", False),
    ],
)
def test_the_seventh_digit_checks_the_six_before(text, is_one):
    assert is_imo_number(text) is is_one
