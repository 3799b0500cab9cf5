"""What the endpoints read from the store: pages of features, single features, extents."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.errors import NotFoundError
from vesseltrack.schema.plain import iso_times
from vesseltrack.store import Filter, Store
from vesseltrack_api import geometry, lines
from vesseltrack_api.cache import PerVersion
from vesseltrack_api.collections import Collection
from vesseltrack_api.errors import echoed
from vesseltrack_api.features import features_of

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_GREGORIAN: Final = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
_EVERY_LON: Final = (-180.0, 180.0)


@dataclass(frozen=True)
class Page:
    """Some features of a collection, and how many there are."""

    features: list[dict[str, Any]]
    n_matched: int


class Catalogue:
    """The collections of one store. The store may come later than the service, and may change."""

    def __init__(self, store_path: Path, max_page_fixes: int) -> None:
        self._path = store_path
        self._max_page_fixes = max_page_fixes
        self._extents: PerVersion[dict[str, Any]] = PerVersion()

    @cached_property
    def store(self) -> Store:
        """The store, opened when it is first needed.

        Raises
        ------
        StoreMissingError
            If there is none yet; the next request tries again.
        """
        return Store.open(self._path)

    def page(self, collection: Collection, filter_: Filter, limit: int, offset: int) -> Page:
        """Return features in the table's order.

        A page of long lines may hold fewer than `limit`, but never none while some are left.
        """
        name = collection.table.name
        if name == "voyages" and filter_.bbox is not None:
            matched = self._voyages_in_box(filter_)
            rows, n_matched = matched.slice(offset, limit), matched.num_rows
        else:
            n_matched = self.store.count(name, filter_)
            rows = self.store.select(name, filter_, limit=limit, offset=offset)
        return Page(self._features(collection, self._within_budget(collection, rows)), n_matched)

    def feature(self, collection: Collection, identifier: str) -> dict[str, Any]:
        """Return one feature.

        Raises
        ------
        NotFoundError
            If the collection has none of that identifier.
        """
        rows = self.store.select(
            collection.table.name, Filter(equals={collection.identifier: identifier}), limit=1
        )
        if rows.num_rows == 0:
            msg = f"collection {collection.name} has no item {echoed(identifier)!r}"
            raise NotFoundError(msg)
        return self._features(collection, rows)[0]

    def extent(self, collection: Collection) -> dict[str, Any]:
        """Return an extent in space and time; a part that nothing fills is left out."""
        version = self.store.version()
        return self._extents.get(version, collection.name, lambda: self._extent(collection))

    def _voyages_in_box(self, filter_: Filter) -> pa.Table:
        # The table places a voyage by its ends alone; its line runs between them.
        assert filter_.bbox is not None
        elsewhere = Filter(since=filter_.since, until=filter_.until, equals=filter_.equals)
        rows = self.store.select("voyages", elsewhere)
        return lines.voyages_touching(self.store, rows, filter_.bbox)

    def _within_budget(self, collection: Collection, rows: pa.Table) -> pa.Table:
        if collection.shape == "point":
            return rows
        total = np.cumsum(rows["n_positions"].to_numpy())
        return rows.slice(0, max(1, int(np.searchsorted(total, self._max_page_fixes, "right"))))

    def _features(self, collection: Collection, rows: pa.Table) -> list[dict[str, Any]]:
        return features_of(collection, rows, self._geometries(collection, rows))

    def _geometries(
        self, collection: Collection, rows: pa.Table
    ) -> Sequence[dict[str, Any] | None]:
        if collection.name == "tracks":
            return lines.of_tracks(self.store, rows)
        if collection.name == "voyages":
            return lines.of_voyages(self.store, rows)
        places = zip(rows["lat"].to_pylist(), rows["lon"].to_pylist(), strict=True)
        return [geometry.point(lat, lon) for lat, lon in places]

    def _extent(self, collection: Collection) -> dict[str, Any]:
        extent: dict[str, Any] = {}
        if (bounds := self._bounds(collection)) is not None:
            extent["spatial"] = {"bbox": [bounds], "crs": CRS84}
        if collection.span is not None:
            first, last = collection.span
            rows = self.store.select(collection.table.name, columns=[first, last])
            if rows.num_rows:
                ends = pa.chunked_array([[pc.min(rows[first])], [pc.max(rows[last])]])
                extent["temporal"] = {"interval": [iso_times(ends)], "trs": _GREGORIAN}
        return extent

    def _bounds(self, collection: Collection) -> list[float] | None:
        """Return west, south, east, north; all longitudes if a track crosses the date line."""
        if collection.shape == "line":  # a voyage lies within its vessel's segments
            name, south, north, west, east = "segments", "min_lat", "max_lat", "min_lon", "max_lon"
        else:
            name, south, north, west, east = collection.table.name, "lat", "lat", "lon", "lon"
        rows = self.store.select(name, columns=[*dict.fromkeys((south, north, west, east))])
        if rows.num_rows == 0:
            return None
        crosses = pc.any(pc.greater(rows[west], rows[east])).as_py()
        lons = _EVERY_LON if crosses else (pc.min(rows[west]).as_py(), pc.max(rows[east]).as_py())
        return [lons[0], pc.min(rows[south]).as_py(), lons[1], pc.max(rows[north]).as_py()]
