"""Flag states by the maritime identification digits (MID) of an MMSI."""

import csv
import functools
import importlib.resources
from collections.abc import Mapping

_AUXILIARY_PREFIX = "98"


def flag_of(mmsi: int) -> str | None:
    """Return the flag state of an MMSI as ISO 3166 alpha-2; None when its digits name none."""
    digits = f"{mmsi:09d}"
    mid = digits[2:5] if digits.startswith(_AUXILIARY_PREFIX) else digits[:3]
    return _mid_table().get(mid)


@functools.cache
def country_codes() -> Mapping[str, str]:
    """Return ISO 3166 alpha-2 codes by the countries' names in capitals."""
    return {row["name"].upper(): row["country"] for row in _rows() if row["country"]}


@functools.cache
def _mid_table() -> Mapping[str, str]:
    return {row["mid"]: row["country"] for row in _rows() if row["country"]}


def _rows() -> list[dict[str, str]]:
    text = importlib.resources.files("vesseltrack").joinpath("data", "mid.csv")
    return list(csv.DictReader(text.read_text(encoding="utf-8").splitlines()))
