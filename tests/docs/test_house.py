"""The house is kept as CONTRIBUTING says: files stay short, and nothing is left unfinished."""

import re

from archives import ROOT

MAX_LINES = 500
FOLDERS = ("vesseltrack", "services/api", "services/map/src", "tests", "fixtures/make", "docs")
UNFINISHED = re.compile("TO" + "DO|FIX" + "ME|raise Not" + "ImplementedError")


def _sources():
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".ts", ".css"} and "_build" not in path.parts:
                yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


def test_a_source_file_is_one_thought():
    lines = {path: len(text.splitlines()) for path, text in _sources()}
    assert len(lines) > 200
    assert [path for path, n_lines in lines.items() if n_lines > MAX_LINES] == []


def test_nothing_is_left_unfinished():
    assert [path for path, text in _sources() if UNFINISHED.search(text)] == []
