"""Messages as plain dicts, for people and scripts rather than for tables."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow as pa

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.errors import SourceError
from vesseltrack.ingest.account import SourceReport, escaped, iso_us
from vesseltrack.ingest.available import RAW
from vesseltrack.ingest.opening import DEFAULT_CONFIG, STDIN, open_sources
from vesseltrack.ingest.sniff import AUTO

# Columns for files that need the same ones for every message; what else a message of a rare type
# says is in its dict alone.
_TEXTS: Final = ("callsign", "name", "destination", "text", "data", "vendorid")
_FLAGS: Final = ("accuracy", "raim", "assigned", "off_position", "virtual_aid", "retransmit")
_NUMBERS: Final = ("lat", "lon", "sog", "cog", "rot", "draught", "length", "beam")
_INTEGERS: Final = (
    *("heading", "nav_status", "rot_raw", "second", "maneuver", "radio", "altitude"),
    *("imo", "ship_type", "to_bow", "to_stern", "to_port", "to_starboard", "epfd", "part"),
    *("mothership_mmsi", "aid_type", "dac", "fid", "dest_mmsi", "seqno"),
)
MESSAGE_FIELDS: Final[dict[str, pa.DataType]] = {
    "source": pa.string(),
    "line": pa.int64(),
    "timestamp": pa.string(),
    "type": pa.int64(),
    "repeat": pa.int64(),
    "mmsi": pa.int64(),
    **dict.fromkeys(_NUMBERS, pa.float64()),
    **dict.fromkeys(_INTEGERS, pa.int64()),
    **dict.fromkeys(_TEXTS, pa.string()),
    **dict.fromkeys(_FLAGS, pa.bool_()),
    "eta": pa.list_(pa.int64()),
    "utc": pa.list_(pa.int64()),
}


def message_fields(*, with_raw: bool = False) -> dict[str, pa.DataType]:
    """Return the columns of files of messages, and their types."""
    return {**MESSAGE_FIELDS, RAW: pa.list_(pa.string())} if with_raw else MESSAGE_FIELDS


class Decoding:
    """The messages of a file; iterate to read them.

    Attributes
    ----------
    reports : list of SourceReport
        One for each source that was read to its end or failed.
    """

    def __init__(
        self,
        path: Path | Literal["-"],
        *,
        format: str,  # noqa: A002 - the word of the command line
        start: dt.datetime | None,
        as_transmitted: bool,
        with_raw: bool,
        config: IngestConfig,
    ) -> None:
        """Name what is read, and how."""
        self.reports: list[SourceReport] = []
        self._path = path
        self._format = format
        self._start = start
        self._as_transmitted = as_transmitted
        self._with_raw = with_raw
        self._config = config

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the messages in the order in which they are complete."""
        self.reports.clear()
        for source in open_sources(
            self._path, format=self._format, start=self._start, config=self._config
        ):
            for message in source.messages(
                as_transmitted=self._as_transmitted, with_raw=self._with_raw
            ):
                message["timestamp"] = iso_us(message["timestamp"])
                yield {"source": source.name, **message}
            self.reports.append(source.report)


def decode(
    path: Path | Literal["-"],
    *,
    format: str = AUTO,  # noqa: A002 - the word of the command line
    start: dt.datetime | None = None,
    as_transmitted: bool = False,
    with_raw: bool = False,
    config: IngestConfig = DEFAULT_CONFIG,
) -> Decoding:
    """Return the messages of a file, one dict each, and what became of its lines.

    Parameters
    ----------
    path : Path or "-"
        A file, or standard input; see `open_sources` for what can be read.
    format : str
        nmea, dma, marinecadastre, gfw, or auto: told by content.
    start : datetime, optional
        Time of the first line of a source whose lines carry none.
    as_transmitted : bool
        Keep the values by which the standard says "not available" instead of None.
    with_raw : bool
        Add `raw`, the lines that a message came in, escaped.
    config : IngestConfig
        Limits and settings.

    Returns
    -------
    messages : Decoding
        Iterable of dicts: `source`, `line` (of the first sentence, from 1), `timestamp` (ISO 8601
        with Z, or None), `type`, `mmsi` and the fields of the type. Its `reports` fill up while it
        is read. Iterating raises what `open_sources` raises.
    """
    return Decoding(
        path,
        format=format,
        start=start,
        as_transmitted=as_transmitted,
        with_raw=with_raw,
        config=config,
    )


def original_lines(
    source: Mapping[str, Any],
    numbers: Collection[int],
    *,
    config: IngestConfig = DEFAULT_CONFIG,
) -> Iterator[tuple[int, str]]:
    """Yield lines of a source as they came, escaped, by their numbers.

    Parameters
    ----------
    source : mapping
        What is recorded of it: `name`, `path`, `format`, `size_bytes` and `content_hash`.
    numbers : collection of int
        The lines wanted, from 1.
    config : IngestConfig
        Limits and settings.

    Yields
    ------
    line : (int, str)
        In the order of the source.

    Raises
    ------
    SourceError
        If its file is not known or no longer holds what was read.
    """
    path = source.get("path")
    if path in (None, STDIN):
        why = "it came from standard input" if path else "it came live, or was not kept"
        msg = f"{source['name']} cannot be read again: {why}"
        raise SourceError(msg)
    wanted = set(numbers)
    for candidate in open_sources(Path(str(path)), format=source["format"], config=config):
        size_bytes = source["size_bytes"]  # the file may have grown since
        if candidate.prefixes({size_bytes}).get(size_bytes) != source["content_hash"]:
            continue
        for number, raw in candidate.lines():
            if number in wanted:
                yield number, escaped(raw)
                wanted.remove(number)
            if not wanted:
                return
        return
    msg = f"{path} no longer holds {source['name']} as it was read: its content differs"
    raise SourceError(msg)
