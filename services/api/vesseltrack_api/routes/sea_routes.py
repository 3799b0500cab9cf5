"""The shortest way by sea between two places."""

from typing import Final

from fastapi import APIRouter, Request, Response

from vesseltrack import routing
from vesseltrack_api import openapi
from vesseltrack_api.errors import ParameterError
from vesseltrack_api.features import GEOJSON, encode
from vesseltrack_api.parameters import given, number, place
from vesseltrack_api.responses import answer

_MAX_LENGTH_M: Final = 1_000.0  # twice the longest ship ever built
_MAX_DRAUGHT_M: Final = 100.0
_QUERY: Final = tuple(parameter["name"] for parameter in openapi.ROUTE_QUERY)
router: Final = APIRouter(tags=["routes"])


@router.get("/routes", openapi_extra=openapi.described(*openapi.ROUTE_QUERY, media_type=GEOJSON))
def shortest_route(request: Request) -> Response:
    """Return the shortest way by sea between two places, as a GeoJSON feature."""
    values = given(request, _QUERY)
    for name in ("from", "to"):
        if name not in values:
            raise ParameterError(name, "", "given, as lat,lon [deg]")
    start, end = place("from", values["from"]), place("to", values["to"])
    via, avoid = (_passages(name, values.get(name, "")) for name in ("via", "avoid"))
    draught_m = _size("draught_m", values, _MAX_DRAUGHT_M)
    length_m = _size("length_m", values, _MAX_LENGTH_M)

    def encoded() -> bytes:
        route = routing.shortest_route(
            start, end, via=via, avoid=avoid, draught_m=draught_m, length_m=length_m
        )
        return encode(route.feature())

    return answer(request, "", encoded, GEOJSON)


def _passages(name: str, text: str) -> tuple[str, ...]:
    known = {passage.id for passage in routing.passages()}
    named = tuple(dict.fromkeys(text.split(","))) if text else ()
    if not known.issuperset(named):
        raise ParameterError(name, text, f"some of {', '.join(sorted(known))}, comma separated")
    return named


def _size(name: str, values: dict[str, str], most_m: float) -> float | None:
    return number(name, values[name], 0.0, most_m) if name in values else None
