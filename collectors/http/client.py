"""The one way in which collectors ask servers: politely, within bounds, and never anybody else than the server meant.

- A request goes to a path below the server's address. Redirects are followed within that origin only, so that no
  token leaves it.
- What may be different in a moment (cut connections, 5xx, answers that are no JSON) is tried again, with random waits
  that grow; what a server limits waits as long as the server says, on all threads; what is refused is not repeated.
- Several credentials share the work: each rests when its quota is spent.
- An answer has a largest size and a longest time. Errors repeat no secret.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from tenacity import Retrying, retry_if_exception_type

from collectors.http.answers import refusal, words_of
from collectors.http.credentials import Pool
from collectors.http.exchange import Again, Answer, Limited, Request
from collectors.http.limits import limited, quota_of
from collectors.http.paging import Walk
from collectors.http.patience import Patience
from collectors.http.sending import Sender
from collectors.http.waiting import Stop, end_waiting, sleep, turn, waiting, waiting_until
from tribometer.errors import SourceBusy, SourceError, SourceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from collectors.base import Quota
    from collectors.http.paging import Paginator
    from collectors.http.server import Credential, Server

PASSING = frozenset({408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524})
AHEAD = 2
"""Of many questions, this many times as many as are asked at once are taken up at a time."""


class Client:
    """Asks one server. Safe to use from several threads; `close` it, or use it in a ``with`` statement."""

    def __init__(self, server: Server) -> None:
        """Raise `SourceGone` when the proxy or the certificates that the environment names cannot be used."""
        self.server = server
        self.requests = 0
        """Exchanges with the server so far, repeats and not-modified ones included."""
        self.quota: Quota | None = None
        """What the last answer said is left."""
        self._lock = Lock()
        self._renewing = Lock()
        self._pool = Pool(server.credentials, server.clock)
        self._taken = 0
        self._sender = Sender(server)

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, etag: str | None = None) -> Answer:
        """Ask for JSON; see `send` for the errors."""
        return self.send(Request(path, params or {}, etag=etag))

    def post(self, path: str, body: object) -> Answer:
        """Send JSON as a question (GraphQL, search); it is repeated like a GET, so it must change nothing."""
        return self.send(Request(path, method="POST", json=body))

    def send(self, request: Request) -> Answer:
        """Ask until there is an answer.

        Raise `SourceForbidden` or `SourceMissing` for this one thing, `SourceGone` when nothing helps but mending it,
        `SourceBusy` when the server's limits outlast the patience, `SourceUnavailable` when it did not answer.
        """
        return self._sent(request, Stop())

    def each(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Ask many things, several at a time, and yield the answers in the order of the requests.

        The requests are taken up as the answers are. The first error ends it; answers before it have been given.
        """
        todo, stop = iter(requests), Stop()
        with ThreadPoolExecutor(self.server.at_once, thread_name_prefix="ask") as pool:
            ahead = deque(pool.submit(self._sent, each, stop) for each in islice(todo, AHEAD * self.server.at_once))
            try:
                while ahead:
                    answer = ahead.popleft().result()
                    ahead.extend(pool.submit(self._sent, each, stop) for each in islice(todo, 1))
                    yield answer
            finally:
                stop.set()

    def pages(self, request: Request, paginator: Paginator) -> Iterator[Answer]:
        """Walk a list page by page; a not-modified first page is the only one. See `collectors.http.paging`."""
        walk = Walk(paginator, self.server.source)
        asking: Request | None = walk.first(request)
        while asking is not None:
            answer = self.send(asking)
            yield answer
            asking = walk.after(answer)

    def take_requests(self) -> int:
        """Count the requests since this was asked last, for a page that tells what it cost."""
        with self._lock:
            count, self._taken = self.requests - self._taken, self.requests
        return count

    def part(self) -> Client:
        """The same client for one member of a family, with a count of requests of its own; who made this closes it."""
        part = copy(self)
        part.requests = part._taken = 0  # noqa: SLF001 - its own class
        return part

    def close(self) -> None:
        """Let go of the connections."""
        self._sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _sent(self, request: Request, stop: Stop) -> Answer:
        patience = Patience(self._pool, self.server, request.tries)
        retrying = Retrying(
            retry=retry_if_exception_type(Again),
            wait=patience.wait,
            stop=patience.is_over,
            sleep=partial(self._wait, stop=stop),
            reraise=True,
        )
        try:
            answer: Answer = retrying(self._once, request, stop)
        except Again as again:
            raise self._given_up(again, request) from None
        return answer

    def _wait(self, seconds: float, *, stop: Stop) -> None:
        if not seconds:
            return
        until = self.server.clock() + timedelta(seconds=seconds)
        with waiting(self.server.source, until), self._pool.passing(seconds):
            if self.server.sleep:
                self.server.sleep(seconds)
            else:
                sleep(seconds, stop)

    def _once(self, request: Request, stop: Stop) -> Answer:
        with turn(self._sender.origin, self.server.at_once, stop):
            credential = self._pool.best()
            headers = credential.headers(self._exchange) if credential else {}
            answer = self._exchange(request, headers)
        return self._judged(answer, credential, headers)

    def _exchange(self, request: Request, headers: Mapping[str, str]) -> Answer:
        return self._sender.send(request, headers, self._count)

    def _count(self) -> None:
        with self._lock:
            self.requests += 1

    def _judged(self, answer: Answer, credential: Credential | None, sent: Mapping[str, str]) -> Answer:
        now, words = self.server.clock(), words_of(answer, self._without_secrets)
        quota = quota_of(answer.headers, now)
        self.quota = quota or self.quota
        limit = limited(answer.status, answer.headers, words, now)
        if limit:
            self._pool.rest(credential, limit)
            raise limit
        if answer.status in PASSING:
            raise Again(f"it answers {answer.status} {_phrase(answer.status)}")
        if answer.status == HTTPStatus.UNAUTHORIZED and credential and self._renewed(credential, sent):
            raise Again("refused a secret that has been replaced", 0.0)
        problem = refusal(answer, self.server.source, credential, words)
        if problem:
            raise problem
        self._pool.used(credential, quota)
        if answer.request.judge and not answer.not_modified:
            self._ask_to_judge(answer.request.judge, answer, credential)
        return answer

    def _renewed(self, credential: Credential, sent: Mapping[str, str]) -> bool:
        """Whether there is another secret than the one that was sent; another thread may have found it before."""
        with self._renewing:
            return credential.headers(self._exchange) != sent or credential.renewed()

    def _ask_to_judge(self, judge: Callable[[Answer], None], answer: Answer, credential: Credential | None) -> None:
        try:
            judge(answer)
        except Limited as limit:
            self._pool.rest(credential, limit)
            raise

    def _given_up(self, again: Again, request: Request) -> SourceError:
        source, problem = self.server.source, self._without_secrets(again.problem)
        if isinstance(again, Limited):
            until = self._pool.free_at
            when = f" until {until:%H:%M} UTC" if until else ""
            fix = "What was read is kept, and the next collection goes on there. More tokens share the work"
            return SourceBusy(source, f"{problem}{when}", fix, until)
        fix = "What was read is kept. Check that the server is up and `url` is right; the next collection tries again"
        return SourceUnavailable(source, f"{self.server.url}{request.path}: {problem}", fix)

    def _without_secrets(self, text: str) -> str:
        for credential in self.server.credentials:
            for secret in credential.secrets:
                text = text.replace(secret, "***")
        return text


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "(no standard status)"


__all__ = ["Client", "end_waiting", "waiting_until"]
