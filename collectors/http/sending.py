"""One exchange with a server: within its origin, within the bounds of an answer, with what breaks on the wire told."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import httpx

from collectors.http.body import PACKING, TooLarge, body_of, content_of
from collectors.http.exchange import Again, Answer
from collectors.http.wire import broken, origin, transport_of
from tribometer.errors import SourceError, SourceGone, SourceMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from collectors.http.exchange import Request
    from collectors.http.server import Server

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
WHOLE_ANSWER = 10
"""One whole answer may take this many times the time without a byte."""
AGENT = "tribometer"


class Sender:
    """Sends requests to one origin. Safe to use from several threads."""

    def __init__(self, server: Server) -> None:
        """Raise `SourceGone` when the proxy or the certificates that the environment names cannot be used."""
        self._server = server
        self._http = httpx.Client(
            timeout=httpx.Timeout(server.timeout),
            transport=transport_of(server),
            follow_redirects=False,
            trust_env=False,
            # a cookie would tie the requests of several credentials together
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
        self.origin = origin(httpx.URL(server.url))
        """Scheme, host and port, which nothing that is sent leaves."""

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def send(self, request: Request, headers: Mapping[str, str], count: Callable[[], None]) -> Answer:
        """Send one request and follow redirects within the origin; the answer has the address that was asked first.

        ``count`` is called for each request that goes out. Raise `Again`, `SourceMissing` or `SourceGone`.
        """
        first = built = self._built(request, self._server.url + request.path, headers, request.params)
        for _ in range(MOST_REDIRECTS + 1):
            count()
            answer = self._one(request, built)
            if answer.status not in REDIRECTS or "location" not in answer.headers:
                return replace(answer, url=str(first.url))
            built = self._built(request, self._redirected(answer), headers)
        raise SourceGone(self._server.source, f"{request.path} redirects without end", "Check `url`")

    def _built(
        self,
        request: Request,
        url: httpx.URL | str,
        headers: Mapping[str, str],
        params: Mapping[str, Any] | None = None,
    ) -> httpx.Request:
        """Make a request within the origin; `SourceMissing` for what can be no address there."""
        asking = {"if-none-match": request.etag} if request.etag else {}
        polite = {"user-agent": AGENT, "accept-encoding": PACKING}
        try:
            built = self._http.build_request(
                request.method,
                url,
                params=dict(params) if params else None,
                json=request.json,
                headers={**polite, **self._server.headers, **asking, **request.headers, **headers},
            )
        except httpx.InvalidURL:
            raise self._no_address(request) from None
        if origin(built.url) != self.origin:
            raise self._no_address(request)
        return built

    def _no_address(self, request: Request) -> SourceError:
        fix = "Nothing was sent. Check the name that it is made of"
        return SourceMissing(self._server.source, f"{request.path!r} can be no address of this server", fix)

    def _one(self, request: Request, built: httpx.Request) -> Answer:
        with self._translated(request), self._answering(built) as response:
            content = content_of(response, self._server.largest, WHOLE_ANSWER * self._server.timeout)
            body = body_of(content, request, response.status_code)
            return Answer(request, str(built.url), response.status_code, dict(response.headers), body)

    @contextmanager
    def _answering(self, built: httpx.Request) -> Iterator[httpx.Response]:
        response = self._http.send(built, stream=True)
        try:
            yield response
        finally:
            response.close()

    def _redirected(self, answer: Answer) -> httpx.URL:
        path, source = answer.request.path, self._server.source
        try:
            target = httpx.URL(answer.url).join(answer.headers["location"])
        except (httpx.InvalidURL, ValueError):
            raise SourceGone(source, f"{path} redirects to what is no address", "Check `url`") from None
        if origin(target) != self.origin:
            fix = "Nothing was sent there. If the server has moved, set `url` to its new address"
            raise SourceGone(source, f"{path} redirects to another host ({target.host})", fix)
        return target

    @contextmanager
    def _translated(self, request: Request) -> Iterator[None]:
        """Turn what goes wrong on the wire into another try, or into what to do about it."""
        try:
            yield
        except TooLarge:
            problem = f"{request.path} answers with more than {self._server.largest >> 20} MB"
            fix = "Ask its operator why; narrow what is collected until then"
            raise SourceGone(self._server.source, problem, fix) from None
        except httpx.TransportError as error:
            raise broken(error, self._server.source) from None
        except (httpx.DecodingError, httpx.StreamError):
            raise Again("the answer cannot be unpacked") from None
