"""The map: its built bundle, and the land that it draws."""

import gzip
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from vesseltrack.errors import NotFoundError
from vesseltrack_api.errors import MapNotBuiltError, echoed
from vesseltrack_api.links import JSON
from vesseltrack_api.security import MAP_HEADERS

BUNDLE: Final = Path(__file__).parent.parent / "map_dist"
_PAGE: Final = "index.html"
_HASHED: Final = "assets/"  # vite names these by their content: a name never changes its meaning
_FOREVER: Final = "public, max-age=31536000, immutable"
_MONTH: Final = "public, max-age=2592000"
_REVALIDATE: Final = "no-cache"
router: Final = APIRouter(include_in_schema=False)


@router.get("/map")
def map_root() -> Response:
    """Lead to the folder: the page names its files relative to it."""
    return RedirectResponse("map/")


@router.get("/map/land-10m.json")
def land(request: Request) -> Response:
    """Natural Earth land at 1:10 million, as TopoJSON."""
    headers = {"Cache-Control": _MONTH, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(_land_gzip(), media_type=JSON, headers=headers)
    return Response(_land(), media_type=JSON, headers=headers)


@router.get("/map/{name:path}")
def bundle(name: str) -> Response:
    """Serve one file of the map's bundle."""
    built = _bundle(BUNDLE)
    asked = name or _PAGE
    # Only names found in the bundle are served, so no name can lead out of it.
    if asked not in built:
        msg = f"the map has no file {echoed(asked)!r}"
        raise NotFoundError(msg)
    keep = _FOREVER if asked.startswith(_HASHED) else _REVALIDATE
    return FileResponse(built[asked], headers={**MAP_HEADERS, "Cache-Control": keep})


def _bundle(folder: Path) -> dict[str, Path]:
    """Return the files of the bundle by name."""
    if not (folder / _PAGE).is_file():
        msg = "the map is not built in this installation; 'make map' builds it, with Node"
        raise MapNotBuiltError(msg)
    return {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }


@cache
def _land() -> bytes:
    return (files("vesseltrack") / "data" / "land-10m.json").read_bytes()


@cache
def _land_gzip() -> bytes:
    """Return the land compressed once: it takes longer than any answer should."""
    return gzip.compress(_land(), compresslevel=6, mtime=0)
