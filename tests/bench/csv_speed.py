"""CSV archives to rows and into the store, against polars reading the same columns.

One core, as everybody here: polars and Arrow with one thread, and the whole process held on one
processor, so that nobody gains by threads. The peer reads the columns that positions and statics
come from, numbers as numbers and times as times: cleaned rows need both. What it takes without
reading the times is printed beside it.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow as pa

from csv_days import write_american_day, write_danish_day
from one_reader import read_by_us
from ratios import Comparison, measured
from vesseltrack.engine import ingest_paths
from vesseltrack.store import Store

N_ROWS = 2_000_000
DANISH_TIME = "# Timestamp"
DANISH_TEXT = ["Type of mobile", "Navigational status", "IMO", "Callsign", "Name", "Ship type"]
DANISH_TEXT += ["Cargo type", "Destination", "ETA"]
DANISH_NUMBERS = ["Latitude", "Longitude", "ROT", "SOG", "COG", "Heading", "Width", "Length"]
DANISH_NUMBERS += ["Draught", "A", "B", "C", "D"]
AMERICAN_TIME = "BaseDateTime"
AMERICAN_TEXT = ["VesselName", "IMO", "CallSign", "TransceiverClass"]
AMERICAN_NUMBERS = ["LAT", "LON", "SOG", "COG", "Heading", "VesselType", "Status", "Length"]
AMERICAN_NUMBERS += ["Width", "Draft"]


def print_csv_speed(n_rows: int = N_ROWS) -> None:
    """Print a row a job, and the bytes that a stored position takes."""
    with one_core(), tempfile.TemporaryDirectory() as folder:
        for name in ("dma", "marinecadastre"):
            path = Path(folder) / f"{name}.csv"
            {"dma": write_danish_day, "marinecadastre": write_american_day}[name](path, n_rows, 1)
            for comparison in readings(name, path):
                print(measured(comparison), flush=True)
        print(measured(whole(Path(folder) / "dma.csv", n_rows)), flush=True)
        print(stored_size(Path(folder) / "dma.csv"))


def readings(name: str, path: Path) -> Iterator[Comparison]:
    """Yield the file to cleaned rows against polars, with times read and without."""
    n_rows = read_by_us(path)
    n_columns = len(columns_of(name))
    for reads_times in (True, False):
        told = "and reading times" if reads_times else "times left as text"
        yield Comparison(
            f"{name}_csv: rows to positions and statics",
            n_rows,
            lambda: read_by_us(path),
            f"polars.read_csv of {n_columns} columns, {told}",
            lambda reads_times=reads_times: read_by_polars(name, path, reads_times=reads_times),
        )


def whole(path: Path, n_rows: int) -> Comparison:
    """Into a new store, landed batch by batch and folded into its day."""
    return Comparison(
        "dma_csv: file to the sorted store",
        n_rows,
        lambda: ingested(path),
        f"polars.read_csv of {len(columns_of('dma'))} columns, and reading times",
        lambda: read_by_polars("dma", path, reads_times=True),
    )


def columns_of(name: str) -> list[str]:
    """Return the columns that positions and statics come from."""
    if name == "dma":
        return [DANISH_TIME, "MMSI", *DANISH_TEXT, *DANISH_NUMBERS]
    return [AMERICAN_TIME, "MMSI", *AMERICAN_TEXT, *AMERICAN_NUMBERS]


def read_by_polars(name: str, path: Path, *, reads_times: bool) -> pl.DataFrame:
    """Read the columns with their types."""
    danish = name == "dma"
    time, text = (DANISH_TIME, DANISH_TEXT) if danish else (AMERICAN_TIME, AMERICAN_TEXT)
    types = dict.fromkeys(DANISH_NUMBERS if danish else AMERICAN_NUMBERS, pl.Float64)
    types |= dict.fromkeys([time, *text], pl.String) | {"MMSI": pl.Int64}
    frame = pl.read_csv(
        path, columns=columns_of(name), schema_overrides=types, null_values=["Unknown"]
    )
    if not reads_times:
        return frame
    form = "%d/%m/%Y %H:%M:%S" if danish else "%Y-%m-%dT%H:%M:%S"
    return frame.with_columns(pl.col(time).str.to_datetime(form))


def ingested(path: Path) -> Store:
    """Read a file into a store of its own."""
    folder = path.with_name("store")
    shutil.rmtree(folder, ignore_errors=True)
    store = Store.open(folder, create=True)
    ingest_paths(store, [path])
    return store


def stored_size(path: Path) -> str:
    """Return what a position takes in the table of days, in words."""
    store = ingested(path)
    n_bytes = sum(file.stat().st_size for file in store.path.glob("positions/day=*/*.parquet"))
    n_positions = store.tables()["positions"]
    return f"stored: {n_bytes / n_positions:.2f} bytes a position, {n_positions:,} of one day"


@contextmanager
def one_core() -> Iterator[None]:
    """Hold this process on one processor, and Arrow on one thread."""
    if pl.thread_pool_size() != 1:
        msg = "polars has several threads: set POLARS_MAX_THREADS=1 before it is imported"
        raise RuntimeError(msg)
    before, n_threads = os.sched_getaffinity(0), pa.cpu_count()
    os.sched_setaffinity(0, {min(before)})
    pa.set_cpu_count(1)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
        pa.set_cpu_count(n_threads)
