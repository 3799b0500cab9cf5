"""Rows become GeoJSON features, and documents become bytes."""

from collections.abc import Sequence
from typing import Any, Final

import orjson
import pyarrow as pa

from vesseltrack.schema.plain import plain_rows
from vesseltrack_api.collections import Collection

GEOJSON: Final = "application/geo+json"


def encode(document: Any) -> bytes:  # noqa: ANN401 - any JSON document
    """Return a document as JSON: arrays as lists, NaN and infinity as null."""
    try:
        return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
    except orjson.JSONEncodeError:
        # Escaped in stored JSON a sender's text may hold half a character, which no UTF-8 can.
        return orjson.dumps(_valid(document), option=orjson.OPT_SERIALIZE_NUMPY)


def features_of(
    collection: Collection, rows: pa.Table, geometries: Sequence[dict[str, Any] | None]
) -> list[dict[str, Any]]:
    """Return rows as GeoJSON features.

    Parameters
    ----------
    collection : Collection
        What the rows are.
    rows : pyarrow.Table
        With every served column of the collection.
    geometries : (n,)
        One a row; None where it has none.
    """
    served = rows.select([column.name for column in collection.served])
    return [
        {
            "type": "Feature",
            "id": properties[collection.identifier],
            "geometry": geometry,
            "properties": properties,
        }
        for geometry, properties in zip(geometries, plain_rows(served), strict=True)
    ]


def _valid(value: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    """Return a value with a question mark for each half character."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_valid(key): _valid(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_valid(item) for item in value]
    return value
