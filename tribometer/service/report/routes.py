"""``/report``: the report of a month as a page and as PDF, for whoever may read numbers."""

from __future__ import annotations

import logging
from collections import Counter, OrderedDict
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tribometer.errors import TribometerError
from tribometer.service.problems import UNEXPECTED, problem, status_of
from tribometer.service.report import chromium
from tribometer.service.report.content import content
from tribometer.service.report.links import Links
from tribometer.service.report.months import NoReport, month_of, scope_of
from tribometer.service.report.page import page, refusal, style_source
from tribometer.service.url_words import in_url_words

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from starlette.requests import Request

    from tribometer.service.access import Access
    from tribometer.service.instance import Instance
    from tribometer.service.report.content import Report
    from tribometer.service.report.months import Month

LOG = logging.getLogger(__name__)
PARAMETERS = ("service", "team")
MOST_KEPT = 20
RETRY = {"Retry-After": "30"}


def report_routes(instance: Instance, access: Access) -> list[Route]:
    """Build the routes; they work in threads, since a report takes seconds."""
    desk = Desk(instance)

    async def newest(request: Request) -> Response:
        """Show the report of the last whole month, of everything or of one `team` or `service`."""
        return await _answered(request, access, desk.page)

    async def show(request: Request) -> Response:
        """Show the report of a month like 2026-10; parameters as above."""
        return await _answered(request, access, desk.page)

    async def printed(request: Request) -> Response:
        """Send the report of a month as PDF, printed by this machine's Chromium; 501 where there is none."""
        return await _answered(request, access, desk.pdf)

    return [Route("/report", newest), Route("/report/{month}.pdf", printed), Route("/report/{month}", show)]


class Desk:
    """Answers requests for the reports of one instance; what was made is kept until something lands."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._guard = Lock()
        self._kept: OrderedDict[Hashable, Report] = OrderedDict()

    def page(self, request: Request) -> Response:
        """The page; blocks while the report is made."""
        found = self._report(request)
        shown = page(found, Links(_root(request), found.scope), is_served=True)
        return HTMLResponse(shown, headers=_headers())

    def pdf(self, request: Request) -> Response:
        """The PDF; its links name this service as its readers do."""
        if chromium.program() is None:
            raise chromium.NoChromium
        found = self._report(request)
        base = self._instance.settings.surveys.url or str(request.base_url)
        made = chromium.printed(page(found, Links(base.rstrip("/"), found.scope)))
        name = "-".join(["report", found.month.name, *map(_plain, found.scope.values())])
        headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', **_headers()}
        return Response(made, media_type="application/pdf", headers=headers)

    def _report(self, request: Request) -> Report:
        _check(request)
        month = month_of(self._instance.clock(), request.path_params.get("month"))
        asked = {name: request.query_params.get(name) for name in PARAMETERS}
        return self._made(month, scope_of(self._instance, **asked))

    def _made(self, month: Month, scope: Mapping[str, str]) -> Report:
        """Make it, or return what is kept; one at a time, for two readers who open the same wait for one answer."""
        with self._guard:
            # an hour at most: sources get older, and verdicts come
            key = (month, *scope.items(), self._instance.numbers.generation, f"{self._instance.clock():%Y-%m-%d %H}")
            if key not in self._kept:
                self._kept[key] = content(self._instance, month, scope)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]


async def _answered(request: Request, access: Access, answer: Callable[[Request], Response]) -> Response:
    """Let pass who may read, and answer; whatever is refused becomes a problem, for a browser as a page."""
    try:
        access.may_read(request)
        return await run_in_threadpool(answer, request)
    except HTTPException as error:
        return _refused(request, error.status_code, error.detail, error.headers)
    except NoReport as error:
        return _refused(request, HTTPStatus.NOT_FOUND, str(error))
    except chromium.NoChromium as error:
        return _refused(request, HTTPStatus.NOT_IMPLEMENTED, str(error))
    except TribometerError as error:
        return _refused(request, status_of(error), in_url_words(str(error)), RETRY if error.transient else None)
    except Exception:
        LOG.exception("%s failed", request.url.path)
        return _refused(request, HTTPStatus.INTERNAL_SERVER_ERROR, UNEXPECTED)


def _check(request: Request) -> None:
    """Raise 400 for a parameter that is not known, or given twice: both would mislead."""
    given = Counter(name for name, _ in request.query_params.multi_items())
    if unknown := [name for name in given if name not in PARAMETERS]:
        there = ", ".join(PARAMETERS)
        raise HTTPException(400, f"There is no query parameter {', '.join(map(repr, unknown))}; there are: {there}.")
    if twice := [name for name, times in given.items() if times > 1]:
        raise HTTPException(400, f"Give each query parameter once: {', '.join(twice)}.")


def _refused(request: Request, status: int, why: str, headers: Mapping[str, str] | None = None) -> Response:
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(refusal(why, Links(_root(request), {})), status, {**_headers(), **(headers or {})})
    return problem(status, why, headers)


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")


def _plain(name: str) -> str:
    """A name as a part of a file's name."""
    return "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in name)


def _headers() -> dict[str, str]:
    """What every page is sent with: nothing but its own style may be loaded, and nobody keeps or frames it."""
    policy = ("default-src 'none'", f"style-src {style_source()}", "frame-ancestors 'none'", "base-uri 'none'")
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
