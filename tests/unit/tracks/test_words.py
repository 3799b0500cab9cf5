import pytest

from vesseltrack.core.flags import flag_of
from vesseltrack.core.ship_types import ship_type_name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (30, "fishing"),
        (52, "tug"),
        (60, "passenger"),
        (71, "cargo, hazardous category A"),
        (84, "tanker, hazardous category D"),
        (99, "other"),
        (0, None),
        (38, None),
        (15, None),
        (199, None),
        (None, None),
    ],
)
def test_ship_types_read_as_in_the_recommendation(code, name):
    assert ship_type_name(code) == name


@pytest.mark.parametrize(
    ("mmsi", "flag"),
    [
        (209515000, "CY"),
        (257136000, "NO"),
        (412331088, "CN"),
        (982191234, "DK"),
        (600000019, None),
        (123456789, None),
        (1193046, None),
    ],
)
def test_flags_follow_the_mid(mmsi, flag):
    assert flag_of(mmsi) == flag
