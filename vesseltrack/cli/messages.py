"""Decoded messages written as JSON lines, CSV or Parquet."""

import csv
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from vesseltrack.exports import safe_cell, writing_whole

Message = Mapping[str, Any]
Writer = Callable[[Message], None]
ROWS_A_GROUP: Final = 50_000  # bounds the memory of a Parquet row group


@contextmanager
def message_writer(output: Path | None, *, with_raw: bool = False) -> Iterator[Writer]:
    """Yield a function that writes one message; the file appears only when all went well.

    Raises
    ------
    InputError
        If the file's ending is none of `.jsonl`, `.csv`, `.parquet`.
    """
    if output is None:
        yield lambda message: print(_json(message))
        sys.stdout.flush()
        return
    with writing_whole(output, allowed=(".jsonl", ".csv", ".parquet")) as path:
        if output.suffix == ".jsonl":
            with path.open("w", encoding="utf-8") as file:
                yield lambda message: print(_json(message), file=file)
        elif output.suffix == ".csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                yield _csv_writer(file, with_raw=with_raw)
        else:
            with _parquet_writer(path, with_raw=with_raw) as write:
                yield write


def _json(message: Message) -> str:
    return json.dumps(message, ensure_ascii=False, allow_nan=False)


def _csv_writer(file: Any, *, with_raw: bool) -> Writer:  # noqa: ANN401 - a text file
    from vesseltrack.ingest import message_fields

    names = list(message_fields(with_raw=with_raw))
    rows = csv.writer(file)
    rows.writerow(names)

    def write(message: Message) -> None:
        rows.writerow(safe_cell(message.get(name)) for name in names)

    return write


@contextmanager
def _parquet_writer(path: Path, *, with_raw: bool) -> Iterator[Writer]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from vesseltrack.ingest import message_fields

    fields = message_fields(with_raw=with_raw)
    schema = pa.schema([pa.field(name, type_) for name, type_ in fields.items()])
    waiting: list[Message] = []
    with pq.ParquetWriter(path, schema, compression="zstd") as file:

        def flush() -> None:
            file.write_table(pa.Table.from_pylist([dict(m) for m in waiting], schema=schema))
            waiting.clear()

        def write(message: Message) -> None:
            waiting.append(message)
            if len(waiting) >= ROWS_A_GROUP:
                flush()

        yield write
        flush()
