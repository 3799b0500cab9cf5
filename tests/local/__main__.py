"""Checks on archives that may not be shipped: `make check-local DATA=DIR`.

DIR holds `nmea/`, `csv_dma/`, `csv_marinecadastre/` and `tracks_gfw/`, and `hostile/` in it or
beside it; what is not there is passed over with a word. A line a check; the exit code says whether
all are right.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import expected_counts
import labelled
import real_nmea
from figure import Figure


def checks(data: Path) -> Iterator[tuple[str, Path, Callable[[Path], Iterator[Figure]]]]:
    """Yield what a check needs, where it looks, and the check."""
    hostile = data / "hostile" if (data / "hostile").is_dir() else data.parent / "hostile"
    yield "expectations.json", hostile, expected_counts.check_hostile
    yield "csv_dma", data, expected_counts.check
    yield f"nmea/{labelled.FRIO}", data, labelled.check
    yield "nmea", data, real_nmea.check


def main(data: Path) -> int:
    """Run what can be run on a folder."""
    n_wrong = n_done = 0
    for needed, folder, check in checks(data):
        if not (folder / needed).exists():
            print(f"not checked: {folder / needed} is not there")
            continue
        for figure in check(folder):
            n_done += 1
            n_wrong += not figure.is_right
            said = "right" if figure.is_right else "WRONG"
            print(f"{said}  {figure.what}: {figure.figure}", flush=True)
    print(f"{n_done - n_wrong} of {n_done} right")
    return int(n_wrong > 0 or n_done == 0)


if len(sys.argv) != 2:
    sys.exit("which folder? make check-local DATA=DIR")
sys.exit(main(Path(sys.argv[1])))
