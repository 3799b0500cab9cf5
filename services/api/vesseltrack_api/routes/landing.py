"""The landing page, what the service conforms to, and its description."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from vesseltrack_api import openapi, pages
from vesseltrack_api.context import Context, Parts
from vesseltrack_api.features import encode
from vesseltrack_api.links import HTML, JSON, OPENAPI, Link, Links
from vesseltrack_api.parameters import given
from vesseltrack_api.responses import answer
from vesseltrack_api.tiles.tileset import LAYERS

router: Final = APIRouter(tags=["service"])
CONFORMANCE: Final = tuple(
    f"http://www.opengis.net/spec/{name}"
    for name in (
        "ogcapi-features-1/1.0/conf/core",
        "ogcapi-features-1/1.0/conf/oas30",
        "ogcapi-features-1/1.0/conf/geojson",
        "ogcapi-features-3/1.0/conf/queryables",
        "ogcapi-features-3/1.0/conf/queryables-query-parameters",
    )
)
_DESCRIPTION: Final = (
    "Vessels, their tracks, voyages and apparent behaviours, read from one store. "
    "What is flagged is what was observed, with the reason; it is never an accusation."
)
_FORMATS: Final = ("json", "html")


@router.get("/", openapi_extra=openapi.described())
def landing(request: Request, parts: Parts) -> Response:
    """Return what is here, as JSON or, for a browser, as a page."""
    asked = given(request, formats=_FORMATS).get("f")
    accepted = request.headers.get("accept", "")
    wants_html = HTML in accepted and JSON not in accepted
    document = _landing_document(parts, parts.links(request))
    if asked == "html" or (asked is None and wants_html):
        body, media_type = pages.landing(document), HTML
    else:
        body, media_type = encode(document), JSON
    return Response(body, media_type=media_type, headers={"Vary": "Accept"})


@router.get("/conformance", openapi_extra=openapi.described())
def conformance(request: Request) -> Response:
    """Return the standards that the service follows."""
    given(request)
    return Response(encode({"conformsTo": CONFORMANCE}), media_type=JSON)


@router.get("/api", openapi_extra=openapi.described(media_type=OPENAPI))
def description(request: Request, parts: Parts) -> Response:
    """Return every path and parameter, in OpenAPI 3.0."""
    given(request)
    return answer(request, "", lambda: encode(_api(request, parts)), OPENAPI)


@router.get("/api.html", openapi_extra=openapi.described(media_type=HTML))
def description_page(request: Request, parts: Parts) -> Response:
    """Return every path and parameter, as a page."""
    given(request, formats=("html",))
    return answer(request, "", lambda: pages.description(_api(request, parts)), HTML)


@router.get("/style.css", include_in_schema=False)
def style() -> Response:
    """Return the style of the pages."""
    return Response(pages.STYLE, media_type="text/css")


def _api(request: Request, parts: Context) -> dict[str, Any]:
    return openapi.document(request.app, parts.settings, parts.links(request).url(""))


def _landing_document(parts: Context, links: Links) -> dict[str, Any]:
    listed: list[Link] = [
        links.to("/", "self", JSON, "this document"),
        links.to("/?f=html", "alternate", HTML, "this document as a page"),
        links.to("/api", "service-desc", OPENAPI, "the description in OpenAPI 3.0"),
        links.to("/api.html", "service-doc", HTML, "the description as a page"),
        links.to("/conformance", "conformance", JSON, "the standards followed"),
        links.to("/collections", "data", JSON, "the collections"),
        links.to("/map/", "related", HTML, "the map"),
        *(
            links.to(f"/tiles/{layer}/tilejson.json", "tiles", JSON, f"vector tiles of {layer}")
            for layer in LAYERS
        ),
    ]
    return {"title": parts.settings.title, "description": _DESCRIPTION, "links": listed}
