"""Everything that is nothing here answers 404: Streamlit alone would show its start page with 200 for any path."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Match

from tribometer.service.problems import problem

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COMPONENTS = "component"  # the only folder with pages of its own
STREAMLIT_FOLDERS = frozenset({"_stcore", "auth", "media", "static"})
STREAMLIT_FILES = frozenset({"favicon.png", "manifest.json", "oauth2callback"})
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not found - Tribometer</title>
<style>:root {{ color-scheme: light dark; }} body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem; }}</style>
<h1>There is nothing at {path}</h1>
<p><a href="{root}/">To the start page</a></p>
</html>
"""


class OnlyKnownPaths:
    """Middleware that lets through our routes, the pages, and what Streamlit's frontend asks for."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], pages: Collection[str]) -> None:
        """``pages`` are paths without slashes."""
        self._app = app
        self._routes = routes
        self._alone = {"", *pages, *STREAMLIT_FILES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] != "http" or self._is_known(scope):
            await self._app(scope, receive, send)
        elif _folder(scope) in STREAMLIT_FOLDERS:
            await self._app(scope, receive, _Unless(scope, receive, send).html)
        else:
            await _nothing(Request(scope))(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        ours = any(route.matches(scope)[0] is not Match.NONE for route in self._routes)
        return ours or _path(scope) in self._alone or _folder(scope) == COMPONENTS


class _Unless:
    """Sends an answer on unless it is Streamlit's start page, which stands for every file that it does not have."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._refused = False

    async def html(self, message: Message) -> None:
        """Take one message of the answer."""
        if message["type"] == "http.response.start" and _is_html(message):
            self._refused = True
            await _nothing(Request(self._scope))(self._scope, self._receive, self._send)
        elif not self._refused:
            await self._send(message)


def _is_html(start: Message) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/html") for name, value in start["headers"])


def _path(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(scope.get("root_path", "")).strip("/")


def _folder(scope: Scope) -> str | None:
    folder, slash, _ = _path(scope).partition("/")
    return folder if slash else None


def _nothing(request: Request) -> Response:
    """Answer a browser with a page, anybody else with a problem document."""
    path = request.url.path
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(PAGE.format(path=escape(path), root=escape(request.scope.get("root_path", ""))), 404)
    return problem(404, f"There is nothing at {path}. See /api/docs for what there is.")
