"""What the pages say is run: examples, commands, links."""

import re
import shlex
import subprocess
import sys

import pytest

from archives import ROOT
from vesseltrack.detect import DETECTORS

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/*/*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_python_example_runs_as_it_stands(demo_store, tmp_path):
    (tmp_path / "vesseltrack-store").symlink_to(demo_store.path)
    (example,) = _blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Rotterdam Saint Petersburg" in done.stdout
    assert "kiel" in done.stdout


def _commands():
    for block in _blocks("sh"):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["vesseltrack"]:
                yield words[1:]


@pytest.mark.parametrize("words", list(_commands()), ids=lambda words: words[0])
def test_every_command_and_option_of_the_readme_exists(vesseltrack, words):
    done = vesseltrack(words[0], "--help")
    assert done.returncode == 0
    for option in (word for word in words if word.startswith("--")):
        assert option in done.stdout


def test_every_make_verb_of_the_readme_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"\bmake ([a-z]+)\b", " ".join(_blocks("sh"))))
    assert verbs >= {"demo", "test"}
    for verb in verbs:
        assert re.search(rf"^{verb}:", makefile, flags=re.MULTILINE), verb


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_detector_has_a_page():
    pages = {path.stem for path in (ROOT / "docs" / "methods").glob("*.md")}
    assert pages >= set(DETECTORS)
