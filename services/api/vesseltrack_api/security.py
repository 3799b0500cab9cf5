"""The headers that keep a browser from doing anything with an answer but showing it."""

from collections.abc import Mapping
from typing import Final

# Every page is ours and loads from us alone; nothing an AIS sender writes can become a script.
_API_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# The map draws with WebGL, decodes tiles in workers (some made from blobs) and icons as blobs.
_MAP_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "worker-src 'self' blob:; child-src 'self' blob:; img-src 'self' data: blob:; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)

API_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": _API_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
MAP_HEADERS: Final[Mapping[str, str]] = {**API_HEADERS, "Content-Security-Policy": _MAP_POLICY}
