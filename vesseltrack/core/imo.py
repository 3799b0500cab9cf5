"""IMO numbers: seven digits, the last of which checks the others."""

from typing import Final

_WEIGHTS: Final = (7, 6, 5, 4, 3, 2)


def is_imo_number(text: str) -> bool:
    """Return whether digits are an IMO number: the weighted sum of six ends in the seventh.

    References
    ----------
    .. [1] IMO resolution A.1117(30), IMO Ship Identification Number Scheme.
    """
    if not (text.isascii() and text.isdigit() and len(text) == len(_WEIGHTS) + 1):
        return False
    *digits, check = map(int, text)
    total = sum(weight * digit for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return total % 10 == check
