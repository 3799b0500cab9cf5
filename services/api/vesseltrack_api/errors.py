"""Domain errors become problem documents (RFC 9457), by one table."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import orjson
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from vesseltrack.errors import (
    InputError,
    NotFoundError,
    RouteError,
    StoreError,
    VesseltrackError,
)
from vesseltrack_api.security import API_HEADERS

PROBLEM: Final = "application/problem+json"
_MAX_ECHO: Final = 100  # characters of a bad value that are shown again
_LOGGER: Final = logging.getLogger(__name__)


class ParameterError(VesseltrackError):
    """A parameter of a request is unknown, malformed or out of range."""

    def __init__(self, name: str, value: str, allowed: str) -> None:
        self.name, self.value, self.allowed = echoed(name), echoed(value), allowed
        super().__init__(f"parameter {self.name} must be {allowed}; got {self.value!r}")


class MapNotBuiltError(VesseltrackError):
    """The map's bundle is not part of this installation."""


class TooManyStreamsError(VesseltrackError):
    """As many clients follow `/live` as may."""


class ForbiddenError(VesseltrackError):
    """The operator does not allow it."""


class ConflictError(VesseltrackError):
    """It does not go with what is under way."""


# The nearest class in an error's ancestry counts.
STATUS: Final[Mapping[type[Exception], HTTPStatus]] = {
    ParameterError: HTTPStatus.BAD_REQUEST,
    InputError: HTTPStatus.BAD_REQUEST,
    NotFoundError: HTTPStatus.NOT_FOUND,
    RouteError: HTTPStatus.UNPROCESSABLE_ENTITY,  # understood, but the sea allows no answer
    ForbiddenError: HTTPStatus.FORBIDDEN,
    ConflictError: HTTPStatus.CONFLICT,
    MapNotBuiltError: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyStreamsError: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    VesseltrackError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


def echoed(text: str) -> str:
    """Return foreign text fit to be shown again: valid Unicode, and not long."""
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= _MAX_ECHO else f"{clean[:_MAX_ECHO]}..."


def problem(status: HTTPStatus, detail: str, **members: str) -> Response:
    """Return a problem document.

    Parameters
    ----------
    status : HTTPStatus
        Its phrase is the title.
    detail : str
        One sentence on this occurrence.
    **members : str
        What a program may want to know: for a bad parameter its name, value and what is allowed.
    """
    document = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        **members,
    }
    # The security headers are set here too: an unexpected error passes by every middleware.
    return Response(orjson.dumps(document), status, dict(API_HEADERS), media_type=PROBLEM)


def status_of(error: VesseltrackError) -> HTTPStatus:
    """Return the status that the table gives an error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def install(app: FastAPI) -> None:
    """Make an application answer every error with a problem document."""
    app.add_exception_handler(VesseltrackError, _domain_problem)
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(Exception, _unexpected_problem)


def _domain_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, VesseltrackError)
    status = status_of(error)
    if isinstance(error, ParameterError):
        return problem(
            status, str(error), parameter=error.name, value=error.value, allowed=error.allowed
        )
    is_ours = isinstance(error, MapNotBuiltError | TooManyStreamsError)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and not is_ours:
        # Its text names paths of the server, which are no business of a client.
        _LOGGER.error("store not readable: %s", error)
        return problem(status, "the store cannot be read now; the server's log says why")
    return problem(status, str(error))


def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    details = {
        HTTPStatus.NOT_FOUND: f"nothing at {echoed(request.scope['path'])}; / lists what is here",
        HTTPStatus.METHOD_NOT_ALLOWED: "this is only read: GET and HEAD are allowed",
    }
    response = problem(status, details.get(status, str(error.detail)))
    response.headers.update(error.headers or {})
    return response


def _unexpected_problem(_request: Request, _error: Exception) -> Response:
    # The server logs the traceback; a client learns nothing of the inside.
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected fault; the server's log has it")
