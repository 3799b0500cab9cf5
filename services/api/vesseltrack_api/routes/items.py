"""The features of a collection, one of them, and the course of a track in time."""

from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Request, Response

from vesseltrack_api import moving, openapi
from vesseltrack_api.context import Asked, Parts
from vesseltrack_api.features import GEOJSON, encode
from vesseltrack_api.links import JSON, Link, Links, items_path
from vesseltrack_api.parameters import given, items_query
from vesseltrack_api.responses import answer

router: Final = APIRouter(tags=["features"])


@router.get(
    "/collections/{collection}/items",
    openapi_extra=openapi.described(openapi.COLLECTION_PATH, media_type=GEOJSON),
)
def items(request: Request, parts: Parts, asked: Asked) -> Response:
    """Return some features of a collection, in the order of its table."""
    query = items_query(request, asked, parts.settings)
    links = parts.links(request)

    def encoded() -> bytes:
        page = parts.catalogue.page(asked, query.filter, query.limit, query.offset)
        n_returned = len(page.features)
        return encode(
            {
                "type": "FeatureCollection",
                "timeStamp": _now(),
                "numberMatched": page.n_matched,
                "numberReturned": n_returned,
                "links": [
                    *links.pages(items_path(asked.name), query, n_returned, page.n_matched),
                    links.to(f"/collections/{asked.name}", "collection", JSON),
                ],
                "features": page.features,
            }
        )

    return answer(request, parts.catalogue.store.version(), encoded, GEOJSON)


@router.get(
    "/collections/{collection}/items/{item}",
    openapi_extra=openapi.described(
        openapi.COLLECTION_PATH, openapi.ITEM_PATH, media_type=GEOJSON
    ),
)
def feature(request: Request, parts: Parts, asked: Asked) -> Response:
    """Return one feature."""
    given(request)
    identifier: str = request.path_params["item"]

    def encoded() -> bytes:
        found = parts.catalogue.feature(asked, identifier)
        return encode(
            {**found, "links": _item_links(parts.links(request), asked.name, identifier)}
        )

    return answer(request, parts.catalogue.store.version(), encoded, GEOJSON)


@router.get(
    "/collections/tracks/items/{item}/tgsequence",
    openapi_extra=openapi.described(openapi.ITEM_PATH),
)
def temporal_geometry(request: Request, parts: Parts) -> Response:
    """Return one track in time: where it was when, and how fast (OGC Moving Features JSON)."""
    given(request)
    identifier: str = request.path_params["item"]
    path = items_path("tracks", identifier)
    links = parts.links(request)

    def encoded() -> bytes:
        course = moving.temporal_geometry_sequence(parts.catalogue.store, identifier)
        course["timeStamp"] = _now()
        course["links"] = [
            links.to(f"{path}/tgsequence", "self", JSON),
            links.to(path, "item", GEOJSON, "the track"),
        ]
        return encode(course)

    return answer(request, parts.catalogue.store.version(), encoded, JSON)


def _item_links(links: Links, collection: str, identifier: str) -> list[Link]:
    path = items_path(collection, identifier)
    listed = [
        links.to(path, "self", GEOJSON),
        links.to(f"/collections/{collection}", "collection", JSON),
    ]
    if collection == "tracks":
        listed.append(links.to(f"{path}/tgsequence", "tgsequence", JSON, "the track in time"))
    return listed


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
