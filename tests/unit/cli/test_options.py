import datetime as dt

import pytest
import typer

from vesseltrack.cli.options import box, instant, numbers, place


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-01-08", dt.datetime(2021, 1, 8, tzinfo=dt.UTC)),
        ("2021-01-08T12:00:00Z", dt.datetime(2021, 1, 8, 12, tzinfo=dt.UTC)),
        ("2021-01-08T12:00:00+02:00", dt.datetime(2021, 1, 8, 10, tzinfo=dt.UTC)),
        (None, None),
    ],
)
def test_times_are_utc(text, expected):
    assert instant(text, "--since") == expected


@pytest.mark.parametrize("text", ["yesterday", "2021-13-01", ""])
def test_what_is_no_time_is_refused_with_its_form(text):
    with pytest.raises(typer.BadParameter, match="write it as 2021-01-08"):
        instant(text, "--since")


def test_a_place_is_latitude_first():
    assert place("51.95,4.05", "--from") == (51.95, 4.05)
    assert place("-33,181", "--from") == (-33.0, 181.0)


@pytest.mark.parametrize("text", ["91,0", "0,361", "0", "0,0,0", "nan,0", "inf,0", "a,b"])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(typer.BadParameter):
        place(text, "--from")


def test_a_box_may_cross_the_date_line_but_not_stand_on_its_head():
    assert box("170,-20,-170,20") == (170.0, -20.0, -170.0, 20.0)
    with pytest.raises(typer.BadParameter, match=r"south 20\.0 lies above north -20\.0"):
        box("170,20,-170,-20")


def test_numbers_must_be_as_many_as_asked_for():
    assert numbers("1,2,3", 3, "--x", "A,B,C") == [1.0, 2.0, 3.0]
    with pytest.raises(typer.BadParameter, match="must be A,B,C"):
        numbers("1,2", 3, "--x", "A,B,C")
