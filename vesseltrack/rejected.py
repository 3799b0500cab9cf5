"""Lines that were rejected: listed, and read again with other settings."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from vesseltrack import engine, ingest
from vesseltrack.errors import NotFoundError
from vesseltrack.store import Filter, Store

Row = dict[str, Any]
_RETRIED: Final = "retried"  # folder in the store: what was read again stays there to be traced to
_HEADED: Final = frozenset({"dma", "marinecadastre"})  # formats whose first line names the columns


def lines(store: Store, source: str | None = None) -> list[Row]:
    """Return rejected lines with the `name` of their source, in the order of sources and lines.

    Parameters
    ----------
    store : Store
        Where they were recorded.
    source : str, optional
        Name or number of a source; all sources without it.

    Raises
    ------
    NotFoundError
        If no source has that name or number.
    """
    names = {
        row["source_id"]: row["name"] for row in store.select("sources", Filter()).to_pylist()
    }
    wanted = {id_ for id_, name in names.items() if source in (None, name, str(id_))}
    if source is not None and not wanted:
        listed = ", ".join(sorted(names.values())) or "none yet"
        msg = f"no source {source!r} in {store.path}; there are: {listed}"
        raise NotFoundError(msg)
    rows = store.select("rejects", Filter()).to_pylist()
    return [row | {"name": names[row["source_id"]]} for row in rows if row["source_id"] in wanted]


def retry(
    store: Store,
    rows: Sequence[Row],
    *,
    reading: engine.Reading,
) -> engine.IngestOutcome:
    """Read rejected lines again, each source's as a source of its own.

    What was recorded of the first reading stays; lines that can be used now add their positions.
    Those of a feed are read as far as they were recorded.
    `run` or `detect` then takes them into tracks and events.

    Parameters
    ----------
    store : Store
        Gets the rows, and a copy of the lines in its folder `retried`.
    rows : sequence of dict
        As `lines` gives them.
    reading : Reading
        How to read them this time.

    Raises
    ------
    SourceError
        If an archive is no longer where it was, or holds something else.
    """
    of_source: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        of_source[row["source_id"]].append(row)
    paths: dict[str, list[Path]] = defaultdict(list)
    for source_id, wanted in of_source.items():
        source = store.source(source_id)
        assert source is not None, "rejected lines belong to a finished source"
        format_ = source["format"] if reading.format == "auto" else reading.format
        paths[format_].append(_copied(store, source, wanted))
    outcome = engine.IngestOutcome()
    for format_, copies in paths.items():
        how = replace(reading, format=format_)
        engine.ingest_paths(store, copies, reading=how, outcome=outcome)
    return outcome


def _copied(store: Store, source: Row, rows: Sequence[Row]) -> Path:
    """Write lines of a source into the store, the line that names the columns first.

    The lines of a feed are not kept anywhere: they are taken as they were recorded.
    """
    numbers = {row["line"] for row in rows}
    wanted = numbers | {1} if source["format"] in _HEADED else numbers
    if source["path"] is None:
        found = iter([(row["line"], row["raw"]) for row in rows])
    else:
        found = ingest.original_lines(source, wanted)
    folder = store.path / _RETRIED
    folder.mkdir(exist_ok=True)
    copy = folder / f"{Path(source['name']).name}.{source['source_id']}.rejects"
    with copy.open("wb") as file:
        for _, text in found:
            file.write(ingest.unescaped(text) + b"\n")
    return copy
