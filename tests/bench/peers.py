"""The jobs that are compared, each with a peer that does the same on the same input."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from peers_nmea import nmea, nmea_libais, nmea_memory, nmea_process
from peers_routes import routes
from peers_tracks import tracks
from ratios import Row

JOBS = (nmea, nmea_libais, nmea_process, nmea_memory, tracks, routes)


def comparisons(wanted: set[str]) -> Iterator[Row]:
    """Yield the jobs whose name is wanted; all when none is given."""
    with tempfile.TemporaryDirectory() as folder:
        for make in JOBS:
            if not wanted or make.__name__ in wanted:
                yield make(Path(folder))
