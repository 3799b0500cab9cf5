"""Sphinx configuration: the pages are Markdown, the reference pages are generated from code."""

import dataclasses
from pathlib import Path

from vesseltrack import __version__
from vesseltrack.config import Config
from vesseltrack.schema import TABLES

project = "vesseltrack"
author = "the vesseltrack authors"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "pydata_sphinx_theme"
html_theme_options = {"navigation_with_keys": False, "show_toc_level": 2}
html_show_sourcelink = False
exclude_patterns = ["_build"]
myst_enable_extensions = ["dollarmath"]
autodoc_typehints = "none"

GENERATED = Path(__file__).parent / "_generated"


def _tables_page() -> str:
    lines = [
        "# Tables",
        "",
        "Generated from `vesseltrack.schema`, their single source. Unknown is null.",
        "",
    ]
    for table in TABLES.values():
        lines += [f"## {table.name}", "", f"A row is {table.row}; its key is "]
        lines[-1] += ", ".join(f"`{name}`" for name in table.key) + "."
        lines += [
            "",
            "| column | type | may be null | what it says |",
            "| --- | --- | --- | --- |",
        ]
        for column in table.columns:
            null = "yes" if column.nullable else ""
            doc = column.doc.replace("|", "\\|")
            lines.append(f"| `{column.name}` | {column.type} | {null} | {doc} |")
        lines.append("")
    return "\n".join(lines)


def _settings_page() -> str:
    lines = [
        "# Settings",
        "",
        "Generated from `vesseltrack.config`. A TOML file (`--config FILE.toml`) changes any of",
        "them; an unknown key is an error. `vesseltrack detect --preset KIND=NAME` picks one.",
        "",
        *_section(Config(), ""),
    ]
    return "\n".join(lines)


def _section(section: object, path: str) -> list[str]:
    assert dataclasses.is_dataclass(section)
    fields = dataclasses.fields(section)
    nested = [f for f in fields if dataclasses.is_dataclass(getattr(section, f.name))]
    plain = [f for f in fields if f not in nested]
    lines = []
    if plain:
        doc = (type(section).__doc__ or "").strip().splitlines()[0]
        lines += [f"## `[{path}]`", "", doc, ""]
        lines += ["| key | default | unit | source |", "| --- | --- | --- | --- |"]
        for field in plain:
            unit, source = (field.metadata.get(k, "") for k in ("unit", "source"))
            value = str(getattr(section, field.name)).replace("|", "\\|")
            lines.append(f"| `{field.name}` | {value} | {unit} | {source} |")
        lines.append("")
    for field in nested:
        inner = f"{path}.{field.name}" if path else field.name
        lines += _section(getattr(section, field.name), inner)
    return lines


GENERATED.mkdir(exist_ok=True)
(GENERATED / "tables.md").write_text(_tables_page(), encoding="utf-8")
(GENERATED / "settings.md").write_text(_settings_page(), encoding="utf-8")
