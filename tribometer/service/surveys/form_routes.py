"""The survey form, mounted at ``/s``: a personal link shows it, takes answers, and takes them back.

No sign-in stands before it: whoever has the link is the one who was asked. Looking changes nothing, for mail systems
open links to look for malware. No answer and no token stands in a log line.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from tribometer.errors import TribometerError
from tribometer.service import body
from tribometer.service.surveys.form_answers import FormAnswers
from tribometer.service.surveys.form_desk import RETRY_SECONDS, Desk, retry, short_page
from tribometer.service.surveys.form_guard import Guard, client_address
from tribometer.service.surveys.rates import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from surveys.form import PageKind
    from surveys.form_fields import Fields
    from tribometer.service.instance import Instance

LOG = logging.getLogger(__name__)
LARGEST = 64 * 1024
MOST_FIELDS = 1_000
URLENCODED = "application/x-www-form-urlencoded"
PAGES: Mapping[int, PageKind] = {
    400: "unread", 403: "foreign", 404: "unknown", 405: "method", 413: "large", 415: "unread", 429: "busy",
}  # fmt: skip


def form(instance: Instance, limits: Limits | None = None) -> FastAPI:
    """Build the app that is mounted at ``/s``."""
    rates = limits or Limits()
    answers = FormAnswers(instance)
    guard = Guard.of(instance.store.pseudonyms, instance.settings.surveys.url)
    desk = Desk(answers, guard)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(TribometerError, _failed)
    app.add_exception_handler(Exception, _failed)

    @app.api_route("/{token}", methods=["GET", "HEAD"])
    async def show(token: str, request: Request) -> Response:
        """Show the form of a personal link, with what was saved before; looking changes nothing."""
        _may_ask(rates, request)
        return await run_in_threadpool(desk.show, request, token)

    @app.post("/{token}")
    async def take(token: str, request: Request) -> Response:
        """Save what the form says, or withdraw it; what does not fit is shown again with everything that was typed."""
        _may_ask(rates, request)
        if not answers.is_signed(token):
            raise HTTPException(404)
        if guard.is_foreign(request):
            raise HTTPException(403)
        fields = await _fields(request)
        wait = max(rates.posts.wait(client_address(request)), rates.saves.wait(token.lower()))
        return await run_in_threadpool(desk.take, request, token, fields, wait)

    return app


def _may_ask(rates: Limits, request: Request) -> None:
    """Let pass or raise 429; with this many requests not even what was typed can be shown again."""
    if wait := rates.requests.wait(client_address(request)):
        raise HTTPException(429, headers=retry(wait))


async def _fields(request: Request) -> Fields:
    """What a browser sent; raises 413, 415 or 400."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != URLENCODED:
        raise HTTPException(415)
    content = await body.read(request, LARGEST, "comments can be shorter")
    try:
        return parse_qs(content.decode("ascii"), keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None


async def _refused(request: Request, error: Exception) -> Response:
    """Word what routing and guards refuse as a page."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    seconds = int((error.headers or {}).get("Retry-After", 0))
    answer = short_page(request, PAGES.get(error.status_code, "broken"), error.status_code, seconds=seconds)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = "GET, HEAD, POST"
    return answer


async def _failed(request: Request, error: Exception) -> Response:
    """Say that it will work later; what went wrong is for the log, in words that were written before any answer."""
    if isinstance(error, TribometerError):
        LOG.error("A survey form could not be shown: %s", error)
        return short_page(request, "broken", HTTPStatus.SERVICE_UNAVAILABLE, seconds=RETRY_SECONDS)
    return short_page(request, "broken", HTTPStatus.INTERNAL_SERVER_ERROR)
