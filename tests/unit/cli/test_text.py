import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.cli.text import one_line, terminal_safe


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\u202eb", "a\\u202eb"),  # right-to-left override
        ("a\u200bb", "a\\u200bb"),  # zero width space
        ("line\nbreak", "line\\nbreak"),
        ("\x9b31m", "\\x9b31m"),  # the 8-bit control sequence introducer
        ("\u2028", "\\u2028"),
        ("<SCRIPT SRC=//X.YZ>", "<SCRIPT SRC=//X.YZ>"),
        ("SØRØYSUND Ελλάς 東京", "SØRØYSUND Ελλάς 東京"),
    ],
)
def test_what_moves_the_cursor_or_hides_is_shown_as_an_escape(hostile, shown):
    assert terminal_safe(hostile) == shown


@given(st.text())
def test_nothing_that_controls_a_terminal_is_left(text):
    for character in terminal_safe(text):
        assert not unicodedata.category(character).startswith("C")


@given(st.text())
def test_an_error_is_one_line(text):
    assert len(one_line(text).splitlines()) <= 1
