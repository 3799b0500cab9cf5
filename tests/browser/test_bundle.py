"""The map's source and built bundle, without a browser: rules that a reader cannot see break."""

import hashlib
import re
from pathlib import Path

import pytest

MAP = Path(__file__).parents[2] / "services" / "map"
SOURCES = sorted((MAP / "src").iterdir())
MAX_BYTES = 5_000_000

# Every way to have a browser read text as markup or as code.
READS_MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|setHTML|DOMParser|srcdoc"
    r"|createContextualFragment|\beval\(|new Function|javascript:"
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_source_reads_text_as_markup(path: Path) -> None:
    assert READS_MARKUP.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", [*SOURCES, MAP / "index.html"], ids=lambda path: path.name)
def test_no_source_names_another_host(path: Path) -> None:
    assert re.findall(r"https?://[^\s\"'`]+", path.read_text(encoding="utf-8")) == []


def test_the_bundle_is_built_from_this_source() -> None:
    names = ["index.html", "package-lock.json", "tsconfig.json", "vite.config.ts"]
    for folder in ("public", "src"):
        names += [f"{folder}/{path.name}" for path in (MAP / folder).iterdir()]
    digest = hashlib.sha256()
    for name in sorted(names):
        digest.update(name.encode() + b"\0" + (MAP / name).read_bytes() + b"\0")

    built_from = (MAP / "dist" / "source.sha256").read_text(encoding="ascii").strip()
    assert built_from == digest.hexdigest(), "the source has changed: build the map ('make map')"


def test_the_page_names_only_files_of_the_bundle() -> None:
    page = (MAP / "dist" / "index.html").read_text(encoding="utf-8")

    named = re.findall(r"(?:src|href)=\"([^\"]+)\"", page)

    assert len(named) >= 3
    assert [name for name in named if not name.startswith("./")] == []
    assert [name for name in named if not (MAP / "dist" / name).is_file()] == []


def test_the_bundle_is_small_and_without_source_maps() -> None:
    files = [path for path in (MAP / "dist").rglob("*") if path.is_file()]

    assert [path.name for path in files if path.stat().st_size >= MAX_BYTES] == []
    assert [path.name for path in files if path.suffix == ".map"] == []
    script = next(path for path in files if path.match("assets/index-*.js"))
    assert "sourceMappingURL" not in script.read_text(encoding="utf-8")[-200:]


def test_the_page_forbids_what_it_does_not_need() -> None:
    page = (MAP / "dist" / "index.html").read_text(encoding="utf-8")

    policy = re.search(r"Content-Security-Policy\"\s+content=\"([^\"]+)\"", page)

    assert policy
    assert policy[1].startswith("default-src 'self';")
    assert "unsafe" not in policy[1]
    assert "http" not in policy[1]


def test_the_lock_file_names_no_registry() -> None:
    lock = (MAP / "package-lock.json").read_text(encoding="utf-8")

    assert '"resolved"' not in lock
    assert '"integrity": "sha512-' in lock


def test_the_licences_of_what_is_bundled_come_with_it() -> None:
    licences = (MAP / "dist" / "THIRD_PARTY_LICENCES.txt").read_text(encoding="utf-8")

    assert "maplibre-gl\n===========" in licences
    assert "topojson-client\n===============" in licences
    assert licences.count("Copyright") >= 2
