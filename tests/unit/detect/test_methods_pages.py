"""Each kind has a page whose numbers are those of the configuration."""

import dataclasses

import pytest

from archives import ROOT
from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect import DETECTORS, presets_of

CASES = [(kind, preset) for kind in DETECTORS for preset in presets_of(kind)]
CASES += [("ais_gap", "reception"), ("encounter", "close"), ("encounter", "innocent")]


def as_written(value):
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


@pytest.mark.parametrize(("kind", "preset"), CASES)
def test_numbers_of_a_page(kind, preset):
    page = (ROOT / "docs" / "methods" / f"{kind}.md").read_text(encoding="utf-8")
    section = getattr(getattr(DetectConfig(), kind), preset)
    assert f"`detect.{kind}.{preset}`:" in page
    for field in dataclasses.fields(section):
        value, about = as_written(getattr(section, field.name)), field.metadata
        row = f"| `{field.name}` | {value} | {about['unit']} | {about['source']} |"
        assert row in page


@pytest.mark.parametrize("kind", DETECTORS)
def test_a_page_has_a_figure(kind):
    page = (ROOT / "docs" / "methods" / f"{kind}.md").read_text(encoding="utf-8")
    assert "](../img/" in page


@pytest.mark.parametrize("kind", DETECTORS)
def test_a_page_says_what_is_innocent_and_where_it_fails(kind):
    page = (ROOT / "docs" / "methods" / f"{kind}.md").read_text(encoding="utf-8")
    for heading in ("## `default`", "## Confidence", "## Innocent", "## Where it fails"):
        assert heading in page
