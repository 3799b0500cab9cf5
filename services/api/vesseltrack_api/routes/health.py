"""Whether the service runs, and whether it can answer."""

from typing import Final

from fastapi import APIRouter, Request, Response

from vesseltrack_api import openapi
from vesseltrack_api.context import Parts
from vesseltrack_api.features import encode
from vesseltrack_api.links import JSON
from vesseltrack_api.parameters import given

_NEVER_KEPT: Final = {"Cache-Control": "no-store"}
router: Final = APIRouter(tags=["service"])


@router.get("/healthz", openapi_extra=openapi.described())
def health(request: Request) -> Response:
    """Tell whether the process answers."""
    given(request)
    return Response(encode({"status": "ok"}), media_type=JSON, headers=_NEVER_KEPT)


@router.get("/readyz", openapi_extra=openapi.described())
def readiness(request: Request, parts: Parts) -> Response:
    """Tell whether the store can be read: 503 until it can."""
    given(request)
    store = parts.catalogue.store
    document = {"status": "ready", "version": store.version(), "tables": store.tables()}
    return Response(encode(document), media_type=JSON, headers=_NEVER_KEPT)
