"""The layers of points: events and ports."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.schema.plain import iso_times
from vesseltrack.store import Store
from vesseltrack_api.tiles import mvt
from vesseltrack_api.tiles.grid import BUFFER_UNITS, EXTENT, WORLD, Int32s, Tile, project

EVENT_FIELDS: Final = {
    "event_id": "String",
    "kind": "String",
    "vessel_id": "String",
    "mmsi": "Number",
    "name": "String",
    "confidence": "Number",
    "start": "String",
}
PORT_FIELDS: Final = {
    "port_id": "String",
    "name": "String",
    "locode": "String",
    "is_large": "Boolean",
}


@dataclass(frozen=True)
class Points:
    """Points in the grid, the most important first, with a column for each property."""

    name: str
    x: Int32s
    y: Int32s
    properties: dict[str, list[Any]]

    def encode(self, tile: Tile, max_features: int) -> bytes:
        """Return a tile of the layer; the most important points when there are too many."""
        size, margin = tile.size, BUFFER_UNITS >> tile.z
        places, numbers = [], []
        # Beside the date line a symbol of the world's other end reaches in.
        for world in (-WORLD, 0, WORLD):
            dx = self.x.astype(np.int64) - world - tile.x * size
            dy = self.y.astype(np.int64) - tile.y * size
            inside = (
                (dx >= -margin) & (dx <= size + margin) & (dy >= -margin) & (dy <= size + margin)
            )
            number = np.flatnonzero(inside)
            places.append(np.stack([dx[number], dy[number]], axis=1))
            numbers.append(number)
        number = np.concatenate(numbers)
        chosen = np.argsort(number, kind="stable")[:max_features]
        xy = np.round(np.concatenate(places)[chosen] * (EXTENT / size)).astype(np.int64)
        rows = number[chosen].tolist()
        return mvt.layer(
            self.name,
            mvt.Kind.POINT,
            xy,
            np.arange(len(rows) + 1),
            {key: [values[row] for row in rows] for key, values in self.properties.items()},
        )


def events(store: Store) -> Points:
    """Return the layer of events that stand (none withdrawn), the most certain first."""
    columns = [name for name in EVENT_FIELDS if name != "name"]
    rows = store.select("events", columns=[*columns, "lat", "lon", "status"])
    rows = rows.filter(pc.not_equal(rows["status"], "withdrawn"))
    rows = rows.sort_by([("confidence", "descending"), ("event_id", "ascending")])
    vessels = store.select("vessels", columns=["vessel_id", "name"]).to_pylist()
    names = {vessel["vessel_id"]: vessel["name"] for vessel in vessels}
    properties = {name: rows[name].to_pylist() for name in columns if name != "start"}
    properties["start"] = iso_times(rows["start"])
    properties["name"] = [names.get(vessel) for vessel in properties["vessel_id"]]
    return _points("events", rows, {name: properties[name] for name in EVENT_FIELDS})


def ports(store: Store) -> Points:
    """Return the layer of ports, the large ones first."""
    rows = store.select("ports", columns=[*PORT_FIELDS, "lat", "lon"])
    rows = rows.sort_by([("is_large", "descending"), ("port_id", "ascending")])
    return _points("ports", rows, {name: rows[name].to_pylist() for name in PORT_FIELDS})


def _points(name: str, rows: pa.Table, properties: dict[str, list[Any]]) -> Points:
    x, y = project(rows["lat"].to_numpy(), rows["lon"].to_numpy())
    return Points(name, x, y, properties)
