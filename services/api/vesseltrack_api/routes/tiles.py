"""Vector tiles and their description."""

from typing import Final

from fastapi import APIRouter, Request, Response

from vesseltrack_api import openapi
from vesseltrack_api.context import Parts
from vesseltrack_api.features import encode
from vesseltrack_api.links import JSON
from vesseltrack_api.parameters import given, integer
from vesseltrack_api.responses import answer
from vesseltrack_api.tiles.grid import MAX_ZOOM, Tile
from vesseltrack_api.tiles.tileset import layer_named

MVT: Final = "application/vnd.mapbox-vector-tile"
router: Final = APIRouter(tags=["tiles"])


@router.get("/tiles/{layer}/tilejson.json", openapi_extra=openapi.described(openapi.LAYER_PATH))
def tilejson(request: Request, parts: Parts) -> Response:
    """Return where a layer's tiles are, and what is in them (TileJSON 3.0)."""
    given(request)
    layer = layer_named(request.path_params["layer"])
    template = parts.links(request).url(f"/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt")
    version = parts.catalogue.store.version()
    return answer(
        request,
        version,
        lambda: encode(parts.tileset.description(version, layer, template)),
        JSON,
    )


@router.get(
    "/tiles/{layer}/{z}/{x}/{y}.mvt",
    openapi_extra=openapi.described(openapi.LAYER_PATH, *openapi.TILE_PATH, media_type=MVT),
)
def tile(request: Request, parts: Parts) -> Response:
    """Return one Mapbox vector tile; an empty body where nothing is."""
    given(request)
    layer = layer_named(request.path_params["layer"])
    address = _address(request.path_params)
    version = parts.catalogue.store.version()
    return answer(request, version, lambda: parts.tileset.tile(version, layer, address), MVT)


def _address(path: dict[str, str]) -> Tile:
    z = integer("z", path["z"], 0, MAX_ZOOM)
    last = (1 << z) - 1
    return Tile(z, integer("x", path["x"], 0, last), integer("y", path["y"], 0, last))
