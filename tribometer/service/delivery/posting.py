"""JSON posted to a chat service: bounded in time and size, to the host meant and to no other.

Nothing is repeated here: whoever posts knows whether a repeat could be read twice.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import httpx

from tribometer.service.access import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = 20.0
WHOLE_ANSWER = 60.0
"""Seconds in which an answer must be whole, however steadily it trickles."""
LARGEST = 1 << 18
"""Bytes that an answer may have."""
LONGEST_REST = timedelta(hours=1)
SHORT_REST = timedelta(seconds=30)

# it writes every address it asks into the log, and an incoming webhook's address is a secret
logging.getLogger("httpx").addFilter(lambda record: record.levelno > logging.INFO)


class NotPosted(Exception):
    """It was certainly not taken: no connection could be made."""


class Unanswered(Exception):
    """It was handed over, and no whole answer came back."""


@dataclass(frozen=True)
class Reply:
    """An answer; ``content`` are its bytes, ``wait`` how long it asks to wait."""

    status: int
    content: bytes = field(repr=False)
    wait: timedelta | None

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object of the answer; empty where it is none."""
        try:
            read = json.loads(self.content)
        except (ValueError, RecursionError):
            return {}
        return read if isinstance(read, dict) else {}


class Poster:
    """Posts to chat services. Close it, or use it in a ``with`` statement."""

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        """``transport`` is the seam for tests; otherwise the proxies of the environment are used."""
        self._http = httpx.Client(
            timeout=httpx.Timeout(TIMEOUT),
            transport=transport,
            follow_redirects=False,
            headers={"user-agent": "tribometer"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def post(
        self,
        url: str,
        *,
        body: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Post JSON or a form once; raise `NotPosted` or `Unanswered`."""
        asking = {"accept-encoding": "identity", **(headers or {})}
        try:
            request = self._http.build_request(
                "POST", url, json=body if form is None else None, data=dict(form) if form else None, headers=asking
            )
            response = self._http.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise NotPosted(f"no connection ({type(error).__name__})") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            raise NotPosted("this is no address to post to") from None
        except httpx.TransportError as error:
            raise Unanswered(type(error).__name__) from None
        try:
            return Reply(response.status_code, _bounded(response), _asked_wait(response.headers))
        finally:
            response.close()


def protected(url: str) -> bool:
    """Whether what is posted there stays secret on the way: TLS, or this machine itself."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def _bounded(response: httpx.Response) -> bytes:
    content, ends = bytearray(), time.monotonic() + WHOLE_ANSWER
    # what a transport made without a network is there already
    parts = response.iter_bytes() if response.is_stream_consumed else response.iter_raw()
    try:
        for part in parts:
            content += part
            if len(content) > LARGEST or time.monotonic() > ends:
                raise Unanswered("the answer does not end")
    except (httpx.TransportError, httpx.StreamError) as error:
        raise Unanswered(type(error).__name__) from None
    return bytes(content)


def _asked_wait(headers: Mapping[str, str]) -> timedelta | None:
    """``Retry-After`` in seconds, never longer than an hour; None where nothing can be read."""
    said = headers.get("retry-after", "")
    return min(timedelta(seconds=min(int(said), 86_400)), LONGEST_REST) if said.isascii() and said.isdigit() else None
