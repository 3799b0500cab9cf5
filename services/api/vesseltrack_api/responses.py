"""Answers that a client may keep and ask about again (ETag, 304)."""

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from typing import Final

from fastapi import Request, Response

# A copy may be kept, but is asked about before it is shown: a store changes when it likes.
_REVALIDATE: Final = "no-cache"
_ETAG_BYTES: Final = 12


def answer(
    request: Request,
    store_version: str,
    encode: Callable[[], bytes],
    media_type: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a document, or 304 without computing it when the client has it already.

    Parameters
    ----------
    request : Request
        Its address and its `Host` and `Accept` headers select the document, with the next two.
    store_version : str
        What the document is computed from.
    encode : callable
        Computes the document.
    media_type : str
        Of the document.
    headers : mapping or None
        Sent beside the usual ones.
    """
    tag = _etag(request, store_version)
    kept = {"ETag": tag, "Cache-Control": _REVALIDATE, **(headers or {})}
    if _matches(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=kept)
    return Response(encode(), media_type=media_type, headers=kept)


def _etag(request: Request, store_version: str) -> str:
    parts = (
        _software_version(),
        store_version,
        request.scope["path"],
        request.scope["query_string"].decode("latin-1"),
        str(request.base_url),
        request.headers.get("accept", ""),
    )
    text = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    # Weak: the time stamp inside a page differs from one answer to the next.
    return f'W/"{hashlib.blake2b(text, digest_size=_ETAG_BYTES).hexdigest()}"'


def _matches(if_none_match: str, tag: str) -> bool:
    asked = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in asked or tag.removeprefix("W/") in asked


@cache
def _software_version() -> str:
    return version("vesseltrack")
