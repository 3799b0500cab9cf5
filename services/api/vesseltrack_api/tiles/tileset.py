"""The layers of tiles over one store: which there are, their tiles, and their description."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from vesseltrack.errors import NotFoundError
from vesseltrack_api.cache import PerVersion
from vesseltrack_api.catalogue import Catalogue
from vesseltrack_api.collections import COLLECTIONS
from vesseltrack_api.errors import echoed
from vesseltrack_api.settings import ApiSettings
from vesseltrack_api.tiles import points, tracks
from vesseltrack_api.tiles.grid import MAX_LAT, MAX_ZOOM, Tile
from vesseltrack_api.tiles.stretches import Stretches

_FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "tracks": tracks.FIELDS,
    "events": points.EVENT_FIELDS,
    "ports": points.PORT_FIELDS,
}
LAYERS: Final = tuple(_FIELDS)
_WORLD_BOUNDS: Final = [-180.0, -MAX_LAT, 180.0, MAX_LAT]


def layer_named(name: str) -> str:
    """Return a layer's name.

    Raises
    ------
    NotFoundError
        If there is none of that name; the text lists those there are.
    """
    if name not in _FIELDS:
        msg = f"no layer {echoed(name)!r}; there are {', '.join(LAYERS)}"
        raise NotFoundError(msg)
    return name


class Tileset:
    """Encodes tiles and keeps the latest ones; safe to use from several threads."""

    def __init__(self, catalogue: Catalogue, settings: ApiSettings) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._tracks: PerVersion[tracks.Tracks] = PerVersion()
        self._levels: PerVersion[Stretches] = PerVersion()
        self._points: PerVersion[points.Points] = PerVersion()
        self._encoded = lru_cache(maxsize=settings.tile_cache_entries)(self._encode)

    def tile(self, version: str, layer: str, tile: Tile) -> bytes:
        """Return a tile of one version of the store; empty bytes where nothing is."""
        return self._encoded(version, layer, tile)

    def description(self, version: str, layer: str, url_template: str) -> dict[str, Any]:
        """Return the TileJSON of a layer of one version of the store."""
        extent = self._catalogue.extent(COLLECTIONS[layer])
        bounds = extent["spatial"]["bbox"][0] if "spatial" in extent else _WORLD_BOUNDS
        return {
            "tilejson": "3.0.0",
            "name": layer,
            "description": self._what_is_drawn(version, layer),
            "tiles": [url_template],
            "minzoom": 0,
            "maxzoom": MAX_ZOOM,
            "bounds": bounds,
            "vector_layers": [{"id": layer, "fields": dict(_FIELDS[layer])}],
        }

    def _what_is_drawn(self, version: str, layer: str) -> str:
        if layer != "tracks":
            return COLLECTIONS[layer].description
        drawn = self._all_tracks(version)
        whole = drawn.n_drawn == drawn.n_tracks
        return f"{'all' if whole else f'the newest {drawn.n_drawn} of'} {drawn.n_tracks} tracks"

    def _encode(self, version: str, layer: str, tile: Tile) -> bytes:
        most = self._settings.max_tile_features
        if layer == "tracks":
            all_tracks = self._all_tracks(version)
            level = self._levels.get(version, tile.z, lambda: all_tracks.level(tile.z))
            return all_tracks.encode(level, tile, most)
        store = self._catalogue.store
        make = points.events if layer == "events" else points.ports
        return self._points.get(version, layer, lambda: make(store)).encode(tile, most)

    def _all_tracks(self, version: str) -> tracks.Tracks:
        store, most = self._catalogue.store, self._settings.max_layer_fixes
        return self._tracks.get(version, "tracks", lambda: tracks.Tracks(store, most))
