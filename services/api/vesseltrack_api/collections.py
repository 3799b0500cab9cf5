"""What each collection is: its table, its words, its geometry, and what it can be asked for."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import pyarrow as pa

from vesseltrack import schema
from vesseltrack.errors import NotFoundError
from vesseltrack.schema import Column, Table
from vesseltrack.schema.plain import CELL_COLUMNS, JSON_COLUMNS
from vesseltrack_api.errors import echoed

Shape = Literal["point", "line"]
_NOT_SERVED: Final = frozenset({"fix_ranges"})  # the store's own bookkeeping
_ENUMS: Final[dict[str, tuple[str, ...]]] = {
    "kind": schema.KINDS,
    "status": ("open", "final", "withdrawn"),
    "origin_by": ("call", "declared", "edge"),
    "destination_by": ("call", "declared", "edge"),
    "ais_class": ("A", "B"),
}


@dataclass(frozen=True)
class Collection:
    """One collection of features over one stored table."""

    name: str
    title: str
    description: str
    table: Table
    identifier: str  # the column that names a feature
    shape: Shape
    span: tuple[str, str] | None  # the columns of its first and last instant

    @property
    def served(self) -> tuple[Column, ...]:
        """The columns that become properties."""
        return tuple(c for c in self.table.columns if c.name not in _NOT_SERVED)

    @property
    def queryables(self) -> dict[str, Column]:
        """The columns that can be filtered on: every served one that holds a plain value."""
        return {
            column.name: column
            for column in self.served
            if column.name not in JSON_COLUMNS and not pa.types.is_nested(column.type)
        }


COLLECTIONS: Final[dict[str, Collection]] = {
    collection.name: collection
    for collection in (
        Collection(
            "vessels",
            "Vessels",
            "Every physical vessel as far as can be told, at its last position.",
            schema.VESSELS,
            "vessel_id",
            "point",
            ("first_seen", "last_seen"),
        ),
        Collection(
            "tracks",
            "Tracks",
            "Continuous stretches of single vessels. One that stays in place has no line.",
            schema.SEGMENTS,
            "segment_id",
            "line",
            ("start", "end"),
        ),
        Collection(
            "voyages",
            "Voyages",
            "Passages from port call to port call, with the sailed and the shortest distance. "
            "One of which only the ends were received has no line.",
            schema.VOYAGES,
            "voyage_id",
            "line",
            ("start", "end"),
        ),
        Collection(
            "port_calls",
            "Port calls",
            "Stays in ports.",
            schema.PORT_CALLS,
            "port_call_id",
            "point",
            ("arrival", "departure"),
        ),
        Collection(
            "events",
            "Events",
            "Apparent behaviours, each with measures, thresholds, margins and evidence.",
            schema.EVENTS,
            "event_id",
            "point",
            ("start", "end"),
        ),
        Collection(
            "leads",
            "Leads",
            "Vessels worth a look, the first to look at first, each with its reasons.",
            schema.LEADS,
            "lead_id",
            "point",
            ("window_start", "window_end"),
        ),
        Collection(
            "ports",
            "Ports",
            "The listed ports that calls are named by.",
            schema.PORTS,
            "port_id",
            "point",
            None,
        ),
    )
}


def collection_named(name: str) -> Collection:
    """Return a collection.

    Raises
    ------
    NotFoundError
        If there is none of that name; the text lists those there are.
    """
    if name not in COLLECTIONS:
        msg = f"no collection {echoed(name)!r}; there are {', '.join(COLLECTIONS)}"
        raise NotFoundError(msg)
    return COLLECTIONS[name]


def json_schema_of(column: Column) -> dict[str, Any]:
    """Return the JSON schema of one plain column: how its values are served, and asked for."""
    described: dict[str, Any] = {"title": column.name, "description": column.doc}
    if column.name in _ENUMS:
        described["enum"] = list(_ENUMS[column.name])
    return described | _type_schema(column)


def _type_schema(column: Column) -> dict[str, Any]:
    if column.name in CELL_COLUMNS:
        return {"type": "string", "pattern": "^[0-9a-f]{15}$"}
    if pa.types.is_timestamp(column.type):
        return {"type": "string", "format": "date-time"}
    if pa.types.is_boolean(column.type):
        return {"type": "boolean"}
    if pa.types.is_integer(column.type):
        return {"type": "integer"}
    if pa.types.is_floating(column.type):
        return {"type": "number"}
    return {"type": "string"}


def queryables_document(collection: Collection, url: str) -> dict[str, Any]:
    """Return the JSON schema of what a collection can be filtered on (OGC API Features part 3)."""
    geometry = "geometry-point" if collection.shape == "point" else "geometry-any"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": url,
        "title": collection.title,
        "description": collection.description,
        "type": "object",
        "properties": {
            "geometry": {
                "title": "geometry",
                "format": geometry,
                "x-ogc-role": "primary-geometry",
            },
            **{name: json_schema_of(column) for name, column in collection.queryables.items()},
        },
        "additionalProperties": False,
    }
