"""The connections to one server, each used by one thread at a time.

One httpx transport for several threads would do for HTTP/1.1. Over HTTP/2 it is not safe: httpcore 1.0 takes the
number of a stream and uses it without a lock in between, so that two threads can get the same one, and mixed answers.
"""

from __future__ import annotations

import logging
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from collectors.http.exchange import Again
from collectors.http.server import LOOPBACK
from tribometer.errors import SourceGone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collectors.http.server import Server

for _name in ("httpcore.http11", "httpcore.http2", "hpack.hpack", "hpack.table"):
    # they write headers into the debug log, and with them tokens
    logging.getLogger(_name).addFilter(lambda record: record.levelno > logging.DEBUG)


class Wire(httpx.BaseTransport):
    """Lends a connection to each request until its answer is closed; as many as are needed at the same time."""

    def __init__(self, url: str) -> None:
        """Raise `ValueError`, `ImportError` or `OSError` for a proxy or certificates that cannot be used."""
        proxy, secure = proxy_of(url), url.startswith("https:")
        verify = httpx.create_ssl_context() if secure else False
        self._make = partial(httpx.HTTPTransport, verify=verify, http2=True, proxy=proxy)
        self._free = [self._make()]
        self._lock = Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send on a connection that nobody else uses."""
        with self._lock:
            line = self._free.pop() if self._free else None
        line = line or self._make()
        try:
            response = line.handle_request(request)
        except BaseException:
            self._give_back(line)
            raise
        stream = cast("httpx.SyncByteStream", response.stream)
        response.stream = _Lent(stream, lambda: self._give_back(line))
        return response

    def close(self) -> None:
        """Close the connections; nobody may be using one."""
        with self._lock:
            for line in self._free:
                line.close()

    def _give_back(self, line: httpx.HTTPTransport) -> None:
        with self._lock:
            self._free.append(line)


class _Lent(httpx.SyncByteStream):
    """The bytes of an answer; closing gives the connection back."""

    def __init__(self, stream: httpx.SyncByteStream, give_back: Callable[[], None]) -> None:
        self._stream = stream
        self._give_back = give_back
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            try:
                self._stream.close()
            finally:
                self._give_back()


def proxy_of(url: str) -> str | None:
    """The proxy that the environment names for this address; never one for this machine itself."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in LOOPBACK or proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def transport_of(server: Server) -> httpx.BaseTransport:
    """What stands between a client and its server; `SourceGone` when the environment's way there cannot be gone."""
    if server.transport:
        return server.transport()
    try:
        return Wire(server.url)
    except (ValueError, ImportError, OSError, httpx.InvalidURL) as error:
        # the words of the error may repeat a proxy's password
        problem = f"no way to {server.url} ({type(error).__name__})"
        fix = "Check HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE in the environment"
        raise SourceGone(server.source, problem, fix) from None


def origin(url: httpx.URL) -> str:
    """Scheme, host and port, which a token must not leave; with whatever user an address names, that is another."""
    port = url.port or {"https": 443, "http": 80}.get(url.scheme)
    return f"{url.scheme}://{url.userinfo.decode()}{'@' if url.userinfo else ''}{url.host}:{port}"


def broken(error: httpx.TransportError, source: str) -> Exception:
    """What a failure on the wire means: another try, or what to do about it."""
    if isinstance(error, httpx.UnsupportedProtocol):
        return SourceGone(source, "this is no address to ask", "Check `url`")
    if isinstance(error, httpx.ConnectError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        fix = "If it is signed by your own authority, name a file with its certificate in SSL_CERT_FILE"
        return SourceGone(source, "the server's certificate cannot be verified", fix)
    if isinstance(error, httpx.TimeoutException):
        return Again("no answer in time")
    if isinstance(error, httpx.ConnectError):
        return Again(f"no connection ({error})")
    if isinstance(error, httpx.ProxyError):
        return Again("the proxy does not let it through")
    return Again("the connection broke")
