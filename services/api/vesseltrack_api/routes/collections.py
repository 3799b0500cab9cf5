"""The collections: which there are, what each is, and what it can be asked for."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from vesseltrack_api import openapi
from vesseltrack_api.catalogue import CRS84
from vesseltrack_api.collections import COLLECTIONS, Collection, queryables_document
from vesseltrack_api.context import Asked, Context, Parts
from vesseltrack_api.features import GEOJSON, encode
from vesseltrack_api.links import JSON, QUERYABLES_REL, SCHEMA, Links, items_path
from vesseltrack_api.parameters import given
from vesseltrack_api.responses import answer

router: Final = APIRouter(tags=["collections"])


@router.get("/collections", openapi_extra=openapi.described())
def collections(request: Request, parts: Parts) -> Response:
    """Return the collections of the store."""
    given(request)
    links = parts.links(request)

    def encoded() -> bytes:
        described = [_description(parts, links, one) for one in COLLECTIONS.values()]
        self_link = links.to("/collections", "self", JSON)
        return encode({"links": [self_link], "collections": described})

    return answer(request, parts.catalogue.store.version(), encoded, JSON)


@router.get("/collections/{collection}", openapi_extra=openapi.described(openapi.COLLECTION_PATH))
def collection(request: Request, parts: Parts, asked: Asked) -> Response:
    """Return one collection: its extent, and where its features are."""
    given(request)
    return answer(
        request,
        parts.catalogue.store.version(),
        lambda: encode(_description(parts, parts.links(request), asked)),
        JSON,
    )


@router.get(
    "/collections/{collection}/queryables",
    openapi_extra=openapi.described(openapi.COLLECTION_PATH, media_type=SCHEMA),
)
def queryables(request: Request, parts: Parts, asked: Asked) -> Response:
    """Return what the features can be filtered on, as a JSON schema."""
    given(request)
    url = parts.links(request).url(f"/collections/{asked.name}/queryables")
    return answer(request, "", lambda: encode(queryables_document(asked, url)), SCHEMA)


def _description(parts: Context, links: Links, asked: Collection) -> dict[str, Any]:
    path = f"/collections/{asked.name}"
    return {
        "id": asked.name,
        "title": asked.title,
        "description": asked.description,
        "itemType": "feature",
        "crs": [CRS84],
        "extent": parts.catalogue.extent(asked),
        "links": [
            links.to(path, "self", JSON),
            links.to(items_path(asked.name), "items", GEOJSON, "the features"),
            links.to(f"{path}/queryables", QUERYABLES_REL, SCHEMA, "what they are filtered on"),
        ],
    }
