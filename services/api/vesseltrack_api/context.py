"""What every endpoint works with: the settings, the catalogue and the tiles of one application."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, FastAPI, Request

from vesseltrack_api.alert_book import AlertBook
from vesseltrack_api.catalogue import Catalogue
from vesseltrack_api.collections import Collection, collection_named
from vesseltrack_api.links import Links
from vesseltrack_api.replays import Replays
from vesseltrack_api.settings import ApiSettings
from vesseltrack_api.streams import Streams
from vesseltrack_api.tiles.tileset import Tileset


@dataclass(frozen=True)
class Context:
    """The parts of one application."""

    settings: ApiSettings
    catalogue: Catalogue
    tileset: Tileset
    streams: Streams
    alerts: AlertBook
    replays: Replays

    def links(self, request: Request) -> Links:
        """Return the maker of a request's links."""
        return Links(request, self.settings)

    def install(self, app: FastAPI) -> None:
        """Make the parts known to an application's endpoints."""
        app.state.context = self


def context_of(app: FastAPI) -> Context:
    """Return the parts of an application that `install` made known."""
    return cast("Context", app.state.context)


def _context(request: Request) -> Context:
    return context_of(request.app)


def _collection(request: Request) -> Collection:
    return collection_named(request.path_params["collection"])


Parts = Annotated[Context, Depends(_context)]
Asked = Annotated[Collection, Depends(_collection)]
