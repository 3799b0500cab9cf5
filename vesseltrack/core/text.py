"""Foreign text made safe to stand in a sentence."""

import unicodedata


def printable(text: str) -> str:
    """Return text without control, format, private and unassigned characters, blanks as one.

    What is left can neither steer a terminal nor turn the reading direction. Markup stays: it is
    for whoever writes HTML or CSV to escape it there.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = "".join(
        " " if unicodedata.category(character) in {"Zs", "Zl", "Zp", "Cc"} else character
        for character in text
        if unicodedata.category(character) not in {"Cf", "Cs", "Co", "Cn"}
    )
    return " ".join(kept.split())
