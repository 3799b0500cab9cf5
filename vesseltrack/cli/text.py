"""Foreign text made safe for a terminal."""

import unicodedata
from typing import Final

# Other (control, format, surrogate, private, unassigned) and line or paragraph separators: they
# move the cursor, reverse the reading direction, or hide what stands beside them.
_UNSAFE: Final = ("C", "Zl", "Zp")


def terminal_safe(text: str) -> str:
    r"""Return text with every control, bidi and invisible character written as an escape.

    `"\x1b[2J"` becomes the six visible characters `\x1b[2J`; ordinary letters of any script stay.
    """
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character).startswith(_UNSAFE)
        else character
        for character in text
    )


def one_line(text: str) -> str:
    """Return an error text on one line, safe for a terminal."""
    return terminal_safe(" ".join(text.split()))
