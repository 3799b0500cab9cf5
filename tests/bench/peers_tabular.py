"""CSV archives, held against polars reading the same columns."""

import gzip
from pathlib import Path

import polars as pl

from archives import DMA_ARCHIVE
from one_reader import read_by_us
from ratios import Comparison

DMA_COLUMNS = ["# Timestamp", "Type of mobile", "MMSI", "Latitude", "Longitude", "SOG", "COG"]
DMA_COLUMNS += ["Navigational status", "ROT", "Heading", "IMO", "Callsign", "Name", "Ship type"]
DMA_COLUMNS += ["Width", "Length", "Draught", "Destination", "ETA", "A", "B", "C", "D"]


def dma_csv(folder: Path) -> Comparison:
    """A DMA day to cleaned rows, against polars reading the same columns."""
    path = folder / "dma.csv"
    path.write_bytes(gzip.decompress(DMA_ARCHIVE.read_bytes()))
    n_rows = read_by_us(path)
    return Comparison(
        "dma_csv: rows to positions and statics",
        n_rows,
        lambda: read_by_us(path),
        f"polars.read_csv of {len(DMA_COLUMNS)} columns",
        lambda: pl.read_csv(path, columns=DMA_COLUMNS, infer_schema_length=0),
    )
