"""Errors over HTTP as RFC 9457 problem documents; the one place where an exception becomes a status."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from tribometer.errors import TribometerError, UsageError
from tribometer.service.asked import UnknownMetric
from tribometer.service.interventions.operations import UnknownIntervention
from tribometer.service.url_words import in_url_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

LOG = logging.getLogger(__name__)
UNEXPECTED = "The service met an error it did not expect; its log in the data folder has the details."
MEDIA_TYPE = "application/problem+json"
SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what happened and what to do next"},
    },
}
MEANINGS = {
    400: "a parameter is unknown, or its value makes no sense",
    401: "no token where one is needed, or a wrong one",
    403: "a web page of another site asked, or the token lacks the scope",
    404: "there is no such metric or intervention",
    413: "the body is too large",
    422: "a parameter or an event is not of the type it should be; `errors` lists which and why",
}


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None, **facts: object) -> JSONResponse:
    """Make the response; `facts` are extension members, e.g. ``errors``."""
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return JSONResponse(body | {"detail": detail} | facts, status, dict(headers or {}), MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what the OpenAPI document says of the problems a route may answer with."""
    content = {MEDIA_TYPE: {"schema": SCHEMA}}
    return {status: {"description": MEANINGS[status], "content": content} for status in statuses}


def status_of(error: TribometerError) -> int:
    """Return the HTTP status that says the same as the error's exit code."""
    if isinstance(error, UnknownMetric | UnknownIntervention):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, UsageError):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.SERVICE_UNAVAILABLE if error.transient else HTTPStatus.INTERNAL_SERVER_ERROR


async def on_http(_request: Request, error: Exception) -> JSONResponse:
    """Word what routing and guards refuse: 401, 403, 404, 405, 413."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    detail = (
        error.detail if error.detail != HTTPStatus(error.status_code).phrase else "See /api/docs for what there is."
    )
    return problem(error.status_code, detail, error.headers)


async def on_validation(_request: Request, error: Exception) -> JSONResponse:
    """Word parameters that do not fit."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    errors = [{"at": ".".join(map(str, found["loc"])), "reason": found["msg"]} for found in error.errors()]
    return problem(422, "; ".join(f"{found['at']}: {found['reason']}" for found in errors), errors=errors)


async def on_ours(_request: Request, error: Exception) -> JSONResponse:
    """Word our own errors: their message already says what to do next."""
    assert isinstance(error, TribometerError)  # noqa: S101 - registered for this class only
    return problem(status_of(error), in_url_words(str(error)), exit_code=error.exit_code)


async def on_unexpected(request: Request, error: Exception) -> JSONResponse:
    """Keep the traceback in the log and out of the answer."""
    LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(500, UNEXPECTED)


def install(app: FastAPI) -> None:
    """Answer every error of the app with a problem document."""
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(TribometerError, on_ours)
    app.add_exception_handler(Exception, on_unexpected)
