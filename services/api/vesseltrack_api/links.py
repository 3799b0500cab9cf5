"""Links of answers, each with what it leads to and in which form."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from fastapi import Request

from vesseltrack_api.features import GEOJSON
from vesseltrack_api.parameters import ItemsQuery
from vesseltrack_api.settings import ApiSettings

JSON: Final = "application/json"
HTML: Final = "text/html"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA: Final = "application/schema+json"
QUERYABLES_REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/queryables"

Link = dict[str, str]


class Links:
    """Makes absolute links of one request."""

    def __init__(self, request: Request, settings: ApiSettings) -> None:
        self._base = (settings.public_url or str(request.base_url)).rstrip("/")

    def url(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """Return the absolute address of a path with its leading slash."""
        return f"{self._base}{path}?{urlencode(query)}" if query else f"{self._base}{path}"

    def to(self, path: str, rel: str, media_type: str, title: str = "") -> Link:
        """Return a link to a path."""
        link = {"href": self.url(path), "rel": rel, "type": media_type}
        return link | {"title": title} if title else link

    def pages(self, path: str, query: ItemsQuery, n_returned: int, n_matched: int) -> list[Link]:
        """Return the links of a page of features to itself, the one before and the next one."""
        links = [self._page(path, query.given, "self")]
        if query.offset > 0:
            before = max(0, query.offset - query.limit)
            links.append(self._page(path, {**query.given, "offset": str(before)}, "prev"))
        following = query.offset + n_returned
        if n_returned and following < n_matched:
            links.append(self._page(path, {**query.given, "offset": str(following)}, "next"))
        return links

    def _page(self, path: str, query: Mapping[str, str], rel: str) -> Link:
        return {"href": self.url(path, query), "rel": rel, "type": GEOJSON}


def items_path(collection: str, identifier: str | None = None) -> str:
    """Return the path of a collection's features, or of one of them."""
    path = f"/collections/{collection}/items"
    return path if identifier is None else f"{path}/{quote(identifier, safe='')}"
