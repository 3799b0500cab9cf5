"""The description of the service in OpenAPI 3.0, with a path for each collection.

FastAPI writes OpenAPI 3.1 with one path for all collections. GDAL reads 3.0 alone, and sends a
filter to the server only when the property is a declared parameter of the collection's own path.
"""

from copy import deepcopy
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI

from vesseltrack_api.collections import COLLECTIONS, Collection, json_schema_of
from vesseltrack_api.errors import PROBLEM
from vesseltrack_api.parameters import MAX_OFFSET, MAX_TEXT
from vesseltrack_api.settings import ApiSettings
from vesseltrack_api.tiles.grid import MAX_ZOOM
from vesseltrack_api.tiles.tileset import LAYERS

VERSION: Final = "3.0.3"
COLLECTION: Final = "{collection}"
_ITEMS: Final = "/items"
Spec = dict[str, Any]


def query(name: str, description: str, schema: Spec, *, required: bool = False) -> Spec:
    """Return the description of a query parameter."""
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": description,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


def path(name: str, description: str, schema: Spec) -> Spec:
    """Return the description of a part of the path."""
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
    }


def described(*parameters: Spec, media_type: str = "application/json") -> Spec:
    """Return what a route adds to its operation: parameters, and the form of answer and error."""
    return {
        "parameters": list(parameters),
        "responses": {
            "200": {"description": "as asked", "content": {media_type: {}}},
            "default": {
                "description": "a problem document (RFC 9457)",
                "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/problem"}}},
            },
        },
    }


_PLACE: Final[Spec] = {"type": "string", "example": "51.95,4.05"}
_METRES: Final[Spec] = {"type": "number", "minimum": 0}

COLLECTION_PATH: Final = path("collection", "collection", {"type": "string"})
ITEM_PATH: Final = path("item", "identifier of the feature", {"type": "string"})
LAYER_PATH: Final = path("layer", "layer", {"type": "string", "enum": list(LAYERS)})
TILE_PATH: Final = (
    path("z", "zoom", {"type": "integer", "minimum": 0, "maximum": MAX_ZOOM}),
    path("x", "column, from the west", {"type": "integer", "minimum": 0}),
    path("y", "row, from the north", {"type": "integer", "minimum": 0}),
)
ROUTE_QUERY: Final = (
    query("from", "start as lat,lon [deg]", _PLACE, required=True),
    query("to", "end as lat,lon [deg]", _PLACE, required=True),
    query("via", "passages to go through, in order", {"type": "string", "example": "kiel"}),
    query("avoid", "passages not to take", {"type": "string", "example": "suez,panama"}),
    query("draught_m", "the vessel's draught [m]", _METRES),
    query("length_m", "the vessel's length [m]", _METRES),
)
LIVE_QUERY: Final = (
    query("after", "only alerts with a higher number", {"type": "integer", "minimum": 0}),
    query("recent", "so many that were told before, first", {"type": "integer", "minimum": 0}),
)
LIVE_NAMES: Final = tuple(parameter["name"] for parameter in LIVE_QUERY)
_MOST: Final[Spec] = {"type": "integer", "minimum": 1}
_BOX: Final[Spec] = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 4,
    "maxItems": 6,
}
LATEST_QUERY: Final = (
    query("bbox", "west,south,east,north; west > east crosses the date line", _BOX),
    query("limit", "vessels at most, the same ones at every look", _MOST),
)
RANKED_QUERY: Final = (query("limit", "so many at most, the first of them", _MOST),)
_PROBLEM_SCHEMA: Final[Spec] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "parameter": {"type": "string"},
        "value": {"type": "string"},
        "allowed": {"type": "string"},
    },
}


def document(app: FastAPI, settings: ApiSettings, url: str) -> Spec:
    """Return the whole description.

    Parameters
    ----------
    app : FastAPI
        Its routes are described.
    settings : ApiSettings
        Their limits are declared.
    url : str
        Where the service is.
    """
    # FastAPI keeps its document and hands out the same one again.
    generated = deepcopy(app.openapi())
    paths: Spec = {}
    for template, operations in generated["paths"].items():
        operation = operations["get"]
        # We parse parameters ourselves, and answer 400 where FastAPI expects its 422.
        for each in operations.values():
            each["responses"].pop(str(HTTPStatus.UNPROCESSABLE_ENTITY.value), None)
        if COLLECTION in template:
            for collection in COLLECTIONS.values():
                specific = template.replace(COLLECTION, collection.name)
                paths[specific] = {
                    "get": _of_collection(operation, template, collection, settings)
                }
        else:
            paths[template] = operations
    return {
        "openapi": VERSION,
        "info": generated["info"],
        "servers": [{"url": url}],
        "paths": paths,
        "components": {"schemas": {"problem": _PROBLEM_SCHEMA}},
    }


def _of_collection(
    operation: Spec, template: str, collection: Collection, settings: ApiSettings
) -> Spec:
    specific = deepcopy(operation)
    specific["operationId"] = f"{operation['operationId']}_{collection.name}"
    specific["tags"] = [collection.name]
    specific["parameters"] = [p for p in operation["parameters"] if p["name"] != "collection"]
    if template.endswith(_ITEMS):
        specific["parameters"] += items_query(collection, settings)
    return specific


def items_query(collection: Collection, settings: ApiSettings) -> list[Spec]:
    """Return the descriptions of what a collection's features can be asked for."""
    numbers = {"type": "array", "items": {"type": "number"}}
    limit = {
        "type": "integer",
        "minimum": 1,
        "maximum": settings.max_limit,
        "default": settings.default_limit,
    }
    offset = {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0}
    return [
        query(
            "bbox",
            "west,south,east,north [deg]; west above east crosses the date line",
            {**numbers, "minItems": 4, "maxItems": 6},
        ),
        query("datetime", "instant, day or interval start/end; '..' is open", {"type": "string"}),
        query("limit", "features a page", limit),
        query("offset", "features to pass over", offset),
        *(
            query(name, column.doc, _filter_schema(json_schema_of(column)))
            for name, column in collection.queryables.items()
        ),
    ]


def _filter_schema(schema: Spec) -> Spec:
    kept: Spec = {
        key: schema[key] for key in ("type", "format", "enum", "pattern") if key in schema
    }
    return kept | {"maxLength": MAX_TEXT} if kept == {"type": "string"} else kept
