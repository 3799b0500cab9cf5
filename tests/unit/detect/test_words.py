import pytest

from vesseltrack.detect.words import moment, pair, share


@pytest.mark.parametrize(("value", "said"), [(0.0, "0 %"), (0.844, "84 %"), (1.0, "100 %")])
def test_a_share_is_whole_percent(value, said):
    assert share(value) == said


def test_a_pair_has_the_smaller_number_first_and_nine_digits():
    assert pair(219000002, 2190001) == "MMSI 002190001 and MMSI 219000002"


def test_a_moment_is_to_the_second():
    assert moment(1_610_107_800_999_999) == "2021-01-08 12:10:00 UTC"
