"""Replays of archives into the store: watched and, if the operator allows it, steered."""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from vesseltrack.errors import NotFoundError
from vesseltrack.schema import LiveState, LiveStatus
from vesseltrack_api import openapi
from vesseltrack_api.context import Context, Parts
from vesseltrack_api.errors import ConflictError, ForbiddenError, ParameterError, echoed
from vesseltrack_api.features import encode
from vesseltrack_api.links import JSON
from vesseltrack_api.live_clock import identifier, said
from vesseltrack_api.parameters import given, instant
from vesseltrack_api.replays import Wanted

_NOW: Final = {"Cache-Control": "no-store"}
_MAX_BODY_BYTES: Final = 10_000
_MAX_SPEED: Final = 1e6
_ENDS: Final = (LiveState.ANALYSING, LiveState.ENDED)  # nothing is steered any more
router: Final = APIRouter(tags=["replays"])


@router.get("/replays", openapi_extra=openapi.described())
def replays(request: Request, parts: Parts) -> Response:
    """Return the replay that feeds the store, or fed it last, and what may be done."""
    given(request)
    status = _status(parts)
    return _json(
        {
            "replays": [] if status is None else [said(status)],
            "can_steer": parts.settings.steer_replays,
            "archives": parts.replays.archives,
        }
    )


@router.get("/replays/{item}", openapi_extra=openapi.described(openapi.ITEM_PATH))
def replay(request: Request, parts: Parts) -> Response:
    """Return how far a replay is."""
    given(request)
    return _json(said(_named(request, parts)))


@router.post("/replays", openapi_extra=openapi.described())
async def start(request: Request, parts: Parts) -> Response:
    """Start a replay: JSON with `archives`, and `speed`, `from` and `until` if wanted."""
    if parts.settings.replay_archives is None:
        msg = "the operator has named no folder of archives to replay"
        raise ForbiddenError(msg)
    wanted = _wanted(await _body(request, ("archives", "speed", "from", "until")), parts)
    status = await run_in_threadpool(parts.replays.start, wanted)
    location = parts.links(request).url(f"/replays/{identifier(status)}")
    return _json(said(status), HTTPStatus.CREATED, {"Location": location})


@router.patch("/replays/{item}", openapi_extra=openapi.described(openapi.ITEM_PATH))
async def steer(request: Request, parts: Parts) -> Response:
    """Hold a replay, let it go on, or from another moment: JSON with `is_paused`, `at`."""
    status = _steered(request, parts)
    asked = await _body(request, ("is_paused", "at"))
    is_paused, text = asked.get("is_paused"), asked.get("at")
    if not isinstance(is_paused, bool | None):
        raise ParameterError(name="is_paused", value=str(is_paused), allowed="true or false")
    at = None if text is None else instant("at", str(text))
    is_inside = at is None or (
        (status.since is None or at >= status.since)
        and (status.until is None or at <= status.until)
    )
    if not is_inside:
        raise ParameterError(
            name="at", value=str(text), allowed=f"within {status.since} and {status.until}"
        )
    store = parts.catalogue.store
    await run_in_threadpool(store.ask_replay, status.begun, is_paused=is_paused, at=at)
    return _json(said(status), HTTPStatus.ACCEPTED)


@router.delete("/replays/{item}", openapi_extra=openapi.described(openapi.ITEM_PATH))
def stop(request: Request, parts: Parts) -> Response:
    """End a replay; what was played stays, and is analysed."""
    status = _steered(request, parts)
    parts.catalogue.store.ask_replay(status.begun, is_stopped=True)
    return _json(said(status), HTTPStatus.ACCEPTED)


def _status(parts: Context) -> LiveStatus | None:
    status = parts.catalogue.store.live_status()
    return status if status is not None and status.source == "replay" else None


def _named(request: Request, parts: Context) -> LiveStatus:
    wanted = request.path_params["item"]
    status = _status(parts)
    if status is None or identifier(status) != wanted:
        msg = f"no replay {echoed(wanted)!r}; /replays lists the one that there is"
        raise NotFoundError(msg)
    return status


def _steered(request: Request, parts: Context) -> LiveStatus:
    """Return the replay that is meant, if it may be steered by this request."""
    _check_origin(request)
    status = _named(request, parts)
    if not parts.settings.steer_replays and parts.settings.replay_archives is None:
        msg = "the operator does not allow replays to be steered"
        raise ForbiddenError(msg)
    if status.state in _ENDS:
        msg = f"the replay is {status.state}"
        raise ConflictError(msg)
    return status


def _check_origin(request: Request) -> None:
    # A page from elsewhere must not steer with the help of a reader's browser.
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        msg = "only pages of this service may do this"
        raise ForbiddenError(msg)


async def _body(request: Request, known: tuple[str, ...]) -> dict[str, Any]:
    """Return the JSON object of a request, of known members."""
    _check_origin(request)
    given(request)
    if request.headers.get("content-type", "").partition(";")[0].strip() != JSON:
        raise ParameterError(
            name="Content-Type", value=request.headers.get("content-type", ""), allowed=JSON
        )
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > _MAX_BODY_BYTES:
            raise ParameterError(
                name="body", value="...", allowed=f"at most {_MAX_BODY_BYTES} bytes"
            )
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict) or not document.keys() <= set(known):
        text = content.decode("utf-8", "replace")
        raise ParameterError(
            name="body", value=text, allowed=f"a JSON object of {', '.join(known)}"
        )
    return document


def _wanted(asked: dict[str, Any], parts: Context) -> Wanted:
    names, speed = asked.get("archives"), asked.get("speed")
    known = parts.replays.archives
    # Only names found in the folder are replayed, so no name can lead out of it.
    if not isinstance(names, list) or not names or any(name not in known for name in names):
        raise ParameterError(
            name="archives", value=str(names), allowed=f"a list of some of {', '.join(known)}"
        )
    is_number = isinstance(speed, int | float) and not isinstance(speed, bool)
    if speed is not None and not (is_number and 0 < speed <= _MAX_SPEED):
        raise ParameterError(
            name="speed", value=str(speed), allowed=f"a number above 0, at most {_MAX_SPEED:g}"
        )
    times = []
    for name in ("from", "until"):
        text = asked.get(name)
        times.append("" if text is None else instant(name, str(text)).isoformat())
    return Wanted(tuple(names), None if speed is None else float(speed), *times)


def _json(
    document: dict[str, Any],
    status: HTTPStatus = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
) -> Response:
    return Response(encode(document), status, {**_NOW, **(headers or {})}, media_type=JSON)
