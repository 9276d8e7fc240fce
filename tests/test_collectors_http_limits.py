"""Servers that are asked too often: how long the client waits, on which threads, with which token, and how it ends."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from threading import Barrier, Thread, current_thread, main_thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.base import Quota
from collectors.http.client import Client
from collectors.http.exchange import Answer, Limited, Request
from collectors.http.limits import limited, quota_of, retry_after
from collectors.http.server import HeaderToken, Server
from loopback import NOON, Answering, Asked, Loopback, Reply, Time, Told, limit, script, serving
from tribometer.errors import SourceBusy, SourceForbidden
from tribometer.settings import Secret

FINE = Told([{"number": 1}])
RESET = int((NOON + timedelta(minutes=10)).timestamp())
PATIENCE = 3660.0


@contextmanager
def asking(answering: Answering, tokens: int = 0, **how: Any) -> Iterator[tuple[Client, Loopback, Time]]:
    """A client of a server that answers so, with so many tokens, and the time that passes for it."""
    time = Time()
    with serving(answering) as server, pytest.MonkeyPatch.context() as patch:
        for number in range(tokens):
            patch.setenv(f"FORGE_TOKEN_{number}", f"token-{number}")
        credentials = tuple(HeaderToken(Secret(env=f"FORGE_TOKEN_{number}")) for number in range(tokens))
        settings = {"clock": time.clock, "sleep": time.sleep, "timeout": 5.0, **how}
        with Client(Server("forge:acme", server.url, credentials, **settings)) as client:
            yield client, server, time


def date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [
        (limit(429, retry_after=7), 7),
        (limit(429, retry_after=date(NOON + timedelta(minutes=2))), 120),
        (limit(429, retry_after=RESET), 600),
        (limit(429), 60),
        (limit(429, retry_after="soon"), 60),
        (limit(429, retry_after="-5"), 60),
        (limit(429, retry_after=0), 1),
        (limit(429, retry_after=date(NOON - timedelta(hours=5))), 1),
        (limit(403, retry_after=30), 30),
        (limit(403, x_ratelimit_remaining=0, x_ratelimit_reset=RESET), 600),
        (limit(403, x_ratelimit_remaining=0, x_ratelimit_reset=RESET, retry_after=5), 5),
        (limit(403, "You have exceeded a secondary rate limit"), 60),
        (limit(403, "You have triggered an abuse detection mechanism"), 60),
        (limit(403, "API rate limit exceeded for 192.0.2.1", x_ratelimit_remaining=0), 60),
        (limit(429, ratelimit_remaining=0, ratelimit_reset=17), 17),
        (limit(429, ratelimit_remaining=0, ratelimit_reset=RESET), 600),
        (limit(503, retry_after=20), 20),
    ],
    ids=str,
)
def test_a_limit_is_waited_out_as_long_as_the_server_says(refusal: Told, seconds: float) -> None:
    with asking(script(refusal, FINE)) as (client, server, time):
        assert client.get("/changes").body == [{"number": 1}]
        assert len(server.log) == 2
        assert time.slept == pytest.approx([seconds], abs=0.1)


@pytest.mark.parametrize("hours", [-9, -1, 1, 9])
def test_a_clock_that_is_hours_off_changes_no_wait(hours: int) -> None:
    theirs = NOON + timedelta(hours=hours)
    reset = int((theirs + timedelta(minutes=10)).timestamp())
    for headers in (
        {"x_ratelimit_remaining": 0, "x_ratelimit_reset": reset},
        {"retry_after": date(theirs + timedelta(minutes=10))},
        {"retry_after": 600},
    ):
        with asking(script(limit(403, date=date(theirs), **headers), FINE)) as (client, _, time):
            client.get("/changes")
            assert time.slept == [600]


def test_a_reset_in_the_past_without_a_date_is_waited_for_a_bounded_number_of_times() -> None:
    past = int((NOON - timedelta(hours=2)).timestamp())
    stubborn = limit(403, x_ratelimit_remaining=0, x_ratelimit_reset=past)
    with asking(script(stubborn)) as (client, server, time):
        with pytest.raises(SourceBusy):
            client.get("/changes")
        assert time.slept[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
        assert len(server.log) < PATIENCE / 60 + 10


def test_a_secondary_limit_without_a_hint_is_waited_for_twice_as_long_each_time() -> None:
    secondary = limit(403, "You have exceeded a secondary rate limit")
    with asking(script(secondary, secondary, secondary, FINE, secondary, FINE)) as (client, _, time):
        client.get("/changes")
        client.get("/changes")
        assert time.slept == [60, 120, 240, 60]


def test_a_limit_beyond_the_patience_is_told_with_its_end_and_waited_for_by_nobody() -> None:
    hours = int((NOON + timedelta(hours=3)).timestamp())
    with asking(script(limit(403, x_ratelimit_remaining=0, x_ratelimit_reset=hours))) as (client, server, time):
        with pytest.raises(SourceBusy, match=r"quota of requests is spent until 15:00 UTC. What was read") as raised:
            client.get("/changes")
        assert raised.value.until == NOON + timedelta(hours=3)
        with pytest.raises(SourceBusy):
            client.get("/others")
        assert (len(server.log), time.slept) == (1, [])


def test_a_refusal_that_speaks_of_no_limit_is_a_refusal_although_the_quota_is_told() -> None:
    refusal = limit(403, "Must have admin rights", x_ratelimit_remaining=4000, x_ratelimit_reset=RESET)
    with asking(script(refusal)) as (client, _, time):
        with pytest.raises(SourceForbidden, match="Must have admin rights"):
            client.get("/changes")
        assert time.slept == []


def test_a_success_that_leaves_nothing_makes_the_next_question_wait_rather_than_be_refused() -> None:
    last = Told([], headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(RESET)})
    with asking(script(last, FINE)) as (client, server, time):
        client.get("/changes")
        assert time.slept == []
        client.get("/changes")
        assert (len(server.log), time.slept) == (2, [600])


def test_the_quota_is_what_the_last_answer_said() -> None:
    told = Told([], headers={"x-ratelimit-remaining": "4321", "x-ratelimit-limit": "5000, 5000;w=3600"})
    with asking(script(told, FINE)) as (client, _, _):
        client.get("/changes")
        client.get("/changes")
        assert client.quota is not None
        assert (client.quota.left, client.quota.limit, client.quota.resets_at) == (4321, 5000, None)


def test_a_quota_may_be_larger_than_any_wait() -> None:
    quota = quota_of({"ratelimit-remaining": "50000000", "ratelimit-limit": "60000000"}, NOON)
    assert quota == Quota(50_000_000, 60_000_000)


def test_a_pause_holds_on_all_threads() -> None:
    both = Barrier(2, timeout=10)
    seen: list[Asked] = []

    def answering(asked: Asked) -> Reply:
        if len(seen) < 2:
            seen.append(asked)
            both.wait()
            return limit(429, retry_after=30)
        return FINE

    with asking(answering, at_once=2) as (client, server, time):
        answers = list(client.each(Request(f"/changes/{number}") for number in range(6)))
        assert [answer.body for answer in answers] == [FINE.body] * 6
        # the two that were refused are asked again, nobody else was told to wait by the server
        assert len(server.log) == 8
        assert time.now >= NOON + timedelta(seconds=30)
        assert client.requests == 8


class HasToWait(Exception):
    """Raised where somebody would wait."""


def test_while_one_thread_waits_for_a_limit_another_does_not_ask() -> None:
    entered, go_on = Barrier(2, timeout=10), Barrier(2, timeout=10)

    def sleeping(_: float) -> None:
        if current_thread() is main_thread():
            raise HasToWait
        entered.wait()
        go_on.wait()

    with asking(script(limit(429, retry_after=30), FINE), sleep=sleeping) as (client, server, _):
        waiting = Thread(target=client.get, args=("/a",))
        waiting.start()
        entered.wait()
        with pytest.raises(HasToWait):
            client.get("/b")
        assert len(server.log) == 1
        go_on.wait()
        waiting.join()
        assert [asked.path for asked in server.log] == ["/a", "/a"]


def by_token(limits: Mapping[str, Reply]) -> Answering:
    return lambda asked: limits.get(asked.headers["authorization"].removeprefix("Bearer "), FINE)


@pytest.mark.parametrize("hint", [{}, {"retry_after": 600}])
def test_when_one_token_is_spent_another_goes_on(hint: dict[str, Any]) -> None:
    spent = limit(429, x_ratelimit_remaining=0, x_ratelimit_reset=RESET, **hint)
    with asking(by_token({"token-0": spent}), tokens=2) as (client, server, time):
        for _ in range(3):
            client.get("/changes")
        used = [asked.headers["authorization"][-1] for asked in server.log]
        assert (used, time.slept) == (["0", "1", "1", "1"], [])


def test_when_all_tokens_are_spent_the_first_that_is_free_is_waited_for() -> None:
    spent = {
        f"token-{number}": limit(403, x_ratelimit_remaining=0, x_ratelimit_reset=RESET + 60 * (1 - number))
        for number in range(2)
    }
    with asking(by_token(spent), tokens=2) as (client, server, time):

        def free(asked: Asked) -> Reply:
            return FINE if time.slept else by_token(spent)(asked)

        server.answering = free
        client.get("/changes")
        assert time.slept == [600]
        assert [asked.headers["authorization"][-1] for asked in server.log] == ["0", "1", "1"]


def test_a_secondary_limit_holds_for_all_tokens() -> None:
    refusals = {"token-0": limit(403, "You have exceeded a secondary rate limit", retry_after=9)}
    with asking(by_token(refusals), tokens=2) as (client, server, time):
        server.answering = lambda asked: FINE if time.slept else by_token(refusals)(asked)
        client.get("/changes")
        assert time.slept == [9]


def test_the_token_with_most_left_is_used() -> None:
    def answering(asked: Asked) -> Reply:
        left = {"token-0": "10", "token-1": "900"}[asked.headers["authorization"].removeprefix("Bearer ")]
        return Told([], headers={"x-ratelimit-remaining": left})

    with asking(answering, tokens=2) as (client, server, _):
        for _ in range(4):
            client.get("/changes")
        assert [asked.headers["authorization"][-1] for asked in server.log] == ["0", "1", "1", "1"]


def test_a_limit_that_only_the_body_tells_is_waited_out_too() -> None:
    def judge(answer: Answer) -> None:
        if answer.body != FINE.body:
            raise Limited("asks for fewer questions", 40)

    with asking(script(Told({"errors": ["limited"]}), FINE)) as (client, _, time):
        client.send(Request("/graphql", method="POST", json={}, judge=judge))
        assert time.slept == [40]


texts = st.text(max_size=20) | st.integers().map(str) | st.floats().map(str) | st.datetimes().map(format_datetime)


@given(st.dictionaries(st.sampled_from(["retry-after", "date", "x-ratelimit-reset", "x-ratelimit-remaining"]), texts))
def test_nothing_that_a_header_says_is_waited_for_longer_than_a_year_or_breaks_the_client(
    headers: dict[str, str],
) -> None:
    wait = retry_after(headers, NOON)
    assert wait is None or 0 <= wait <= 366 * 86_400
    quota_of(headers, NOON)
    found = limited(429, headers, "", NOON)
    assert found is not None
    assert found.wait is None or NOON + timedelta(seconds=found.wait) > NOON - timedelta(seconds=1)
