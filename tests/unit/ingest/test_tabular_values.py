import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.ingest.tabular import values, words

ISO = "YYYY-MM-DD.hh:mm:ss"
DANISH = "DD/MM/YYYY hh:mm:ss"


def text(*given):
    return pa.array(given, pa.string())


@pytest.mark.parametrize(
    "field",
    [
        *("43.0_1", "4 3", "x", "43,0", "--1", "1e", "0x1F", "4３.0"),  # noqa: RUF001 - full width
        *("２３５", "½", "1.2.3", "+-3"),  # noqa: RUF001 - full width
    ],
)
def test_what_python_or_other_scripts_take_for_a_number_is_none(field):
    numbers, is_good = values.floats(text("1.5", field, "2"))
    assert is_good.tolist() == [True, False, True]
    assert numbers[[0, 2]].tolist() == [1.5, 2.0]
    assert np.isnan(numbers[1])


@pytest.mark.parametrize("field", ["", "Unknown", "NaN", "nan", "NULL", "Undefined"])
def test_unknown_is_nan_and_no_fault(field):
    numbers, is_good = values.floats(text(field, "1"))
    assert is_good.all()
    assert np.isnan(numbers[0])


def test_infinity_is_no_measurement():
    numbers, _ = values.floats(text("inf", "-inf", "1e999"))
    assert np.isnan(numbers).all()


def test_blanks_around_a_number_do_no_harm():
    assert values.floats(text(" 43.0 "))[0].tolist() == [43.0]


@given(st.lists(st.sampled_from(["1", "-2.5", "", "x", "1_0", " 3", "4 4"]), max_size=40))
def test_each_field_is_judged_alone(fields):
    numbers, is_good = values.floats(text(*fields))
    alone = [values.floats(text(field)) for field in fields]
    assert is_good.tolist() == [bool(good[0]) for _, good in alone]
    assert np.array_equal(numbers, [number[0] for number, _ in alone], equal_nan=True)


@pytest.mark.parametrize(
    "field",
    ["", "Unknown", "21912345x", "-219123457", "1234567890", "2.19e8", "２１９", " 1"],  # noqa: RUF001 - full width
)
def test_an_mmsi_is_one_to_nine_digits(field):
    found, is_good = values.mmsi(text("219123457", field, "7"))
    assert found[[0, 2]].tolist() == [219123457, 7]
    assert is_good.tolist() == [True, False, True]


@given(st.datetimes())
def test_times_are_those_of_the_calendar(instant):
    instant = instant.replace(microsecond=0, tzinfo=dt.UTC)
    us = (instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    iso, danish = f"{instant:%Y-%m-%dT%H:%M:%S}".rjust(19, "0"), f"{instant:%d/%m/}"
    danish += f"{instant.year:04d} {instant:%H:%M:%S}"
    for field, layout in ((iso, ISO), (iso.replace("T", " "), ISO), (danish, DANISH)):
        found, is_good = values.times(text("", field), layout=layout)
        assert (found.tolist(), is_good.tolist()) == ([0, us], [False, True])


@pytest.mark.parametrize(
    "field",
    [
        *("2023-02-29T00:00:00", "2024-02-30T00:00:00", "1900-02-29T00:00:00"),
        *("2024-13-01T00:00:00", "2024-00-01T00:00:00", "2024-04-31T00:00:00"),
        *("2024-01-00T00:00:00", "2024-01-01T24:00:00", "2024-01-01T00:60:00"),
        *("2024-01-01T00:00:60", "0000-01-01T00:00:00", "2024-01-01 0:00:00 "),
        *("2024-01-01", "", "2024/01/01T00:00:00", "2024-01-01400:00:00"),
        *("2024-01-01T00:00:0x", "2024-01-01T00:00:00Z", "２024-01-01T00:00"),  # noqa: RUF001 - width
    ],
)
def test_what_is_no_time_is_told(field):
    found, is_good = values.times(text("2024-02-29T23:59:59", field), layout=ISO)
    assert is_good.tolist() == [True, False]
    assert found[1] == 0


def test_times_of_a_slice_are_its_own():
    whole = text("2024-01-01T00:00:00", "x", "1970-01-01T00:00:01", "1970-01-01T00:00:02")
    found, is_good = values.times(whole[1:], layout=ISO)
    assert found.tolist() == [0, 1_000_000, 2_000_000]
    assert is_good.tolist() == [False, True, True]


def test_nothing_gives_nothing():
    nothing = text()
    assert [len(x) for x in values.floats(nothing)] == [0, 0]
    assert [len(x) for x in values.mmsi(nothing)] == [0, 0]
    assert [len(x) for x in values.times(nothing, layout=ISO)] == [0, 0]
    assert len(values.codes(nothing, {})) == 0


def test_codes_are_looked_up_without_case():
    found = values.codes(text("Moored", "MOORED ", "nonsense", ""), words.nav_status_code)
    assert found[:2].tolist() == [5, 5]
    assert np.isnan(found[2:]).all()


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("under way using engine", 0),
        ("restricted maneuverability", 3),
        ("reserved for future use [13]", 13),
        ("reserved for future amendment [hsc]", 9),
        ("unknown value", None),
        ("12", 12),
        ("15", 15),
        ("１", None),  # noqa: RUF001 - full width
        ("²", None),
        ("", None),
    ],
)
def test_navigational_status(word, code):
    assert words.nav_status_code(word) == code


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("cargo|category x", 71),
        ("cargo|", 70),
        ("tanker|no additional information", 89),
        ("passenger|category os", 64),
        ("fishing|", 30),
        ("fishing|category x", 30),
        ("towing long/wide|", 32),
        ("undefined|", None),
        ("reserved|", None),
    ],
)
def test_ship_types_in_words(kind, code):
    # ITU-R M.1371-5, table 53.
    assert words.ship_type_of_words(kind) == code


@pytest.mark.parametrize(
    ("kind", "code"),
    [("70|", 70), ("0|", None), ("255|", 255), ("256|", None), ("1012|", None), ("|", None)],
)
def test_ship_types_in_numbers(kind, code):
    assert words.ship_type_of_number(kind) == code
