"""The application: one service over one store."""

from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI

from vesseltrack_api import errors, middleware
from vesseltrack_api.alert_book import AlertBook
from vesseltrack_api.catalogue import Catalogue
from vesseltrack_api.context import Context
from vesseltrack_api.replays import Replays
from vesseltrack_api.routes import (
    collections,
    health,
    items,
    landing,
    live,
    live_view,
    map_page,
    replay,
    sea_routes,
    tiles,
)
from vesseltrack_api.settings import ApiSettings
from vesseltrack_api.streams import Streams
from vesseltrack_api.tiles.tileset import Tileset


def create_app(
    store_path: Path, settings: ApiSettings | None = None, *, may_steer: bool = False
) -> FastAPI:
    """Return the service over a store.

    Parameters
    ----------
    store_path : Path
        The store's folder. It may come into being later: until then requests that need it are
        answered with 503.
    settings : ApiSettings or None
        None reads them from `VESSELTRACK_API_*` variables.
    may_steer : bool
        Whether replays may be steered, whatever the settings say.

    Returns
    -------
    app : FastAPI
        An ASGI application that only reads, and hands on what replays are asked for.
    """
    settings = settings or ApiSettings()
    if may_steer:
        settings = settings.model_copy(update={"steer_replays": True})
    catalogue = Catalogue(store_path, settings.max_page_fixes)
    app = FastAPI(
        title=settings.title,
        version=version("vesseltrack"),
        openapi_url=None,  # ours is OpenAPI 3.0, at /api
        docs_url=None,  # FastAPI's pages load scripts from elsewhere
        redoc_url=None,
    )
    streams = Streams(settings.max_live_clients)
    tileset = Tileset(catalogue, settings)
    replays = Replays(store_path, settings.replay_archives)
    Context(settings, catalogue, tileset, streams, AlertBook(), replays).install(app)
    errors.install(app)
    middleware.install(app, settings)
    for family in (
        landing,
        health,
        collections,
        items,
        tiles,
        sea_routes,
        live,
        live_view,
        replay,
        map_page,
    ):
        app.include_router(family.router)
    return app
