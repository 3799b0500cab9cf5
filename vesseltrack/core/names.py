"""Names of vessels held against each other: what is one name written in two ways."""

import re
import unicodedata
from typing import Final

_MIN_PART: Final = 3  # letters and digits: fewer stand in many names


def name_key(name: str) -> str:
    """Return the letters and digits of a name, as capitals without accents."""
    plain = unicodedata.normalize("NFKD", name).upper()
    return re.sub(r"[^A-Z0-9]+", "", plain.encode("ascii", "ignore").decode("ascii"))


def is_one_name(one: str, other: str) -> bool:
    """Return whether two names are one: equal letters, or one cut short.

    ``PEI YUH NO.6`` is ``PEI YUH NO6``; ``208`` is part of ``HUA YING 208``, which two sets aboard
    one hull send in turn.
    """
    short, long = sorted((name_key(one), name_key(other)), key=len)
    return short == long or (len(short) >= _MIN_PART and short in long)
