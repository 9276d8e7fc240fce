"""Many questions at once: in order, never more at a time than allowed, taken up as needed, and ended at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from collectors.http import client as http
from collectors.http import waiting as http_waiting
from collectors.http.client import Client
from collectors.http.exchange import Request
from collectors.http.server import Server
from loopback import Answering, Asked, Loopback, Reply, Time, Told, limit, script, serving
from tribometer.errors import Ended, SourceForbidden

FINE = Told([1])


@contextmanager
def asking(answering: Answering, **how: Any) -> Iterator[tuple[Client, Loopback]]:
    with serving(answering) as server:
        settings = {"clock": Time().clock, "timeout": 5.0, **how}
        with Client(Server("forge:acme", server.url, **settings)) as client:
            yield client, server


@pytest.fixture(autouse=True)
def going_on() -> Iterator[None]:
    """Let the process not be about to end, whatever ran before, and not after the test."""
    ending = http_waiting._ending  # noqa: SLF001 - a process ends once, that of the tests several times
    ending.clear()
    yield
    ending.clear()


def echoing(asked: Asked) -> Reply:
    return Told(asked.path)


def test_answers_come_in_the_order_of_the_questions() -> None:
    with asking(echoing, at_once=4) as (client, server):
        answers = [answer.body for answer in client.each(Request(f"/{number}") for number in range(50))]
        assert answers == [f"/{number}" for number in range(50)]
        assert server.most_at_once <= 4


def test_several_are_asked_at_the_same_time() -> None:
    together = Barrier(3, timeout=10)

    def answering(asked: Asked) -> Reply:
        together.wait()
        return echoing(asked)

    with asking(answering, at_once=3) as (client, server):
        assert len(list(client.each([Request(f"/{number}") for number in range(6)]))) == 6
        assert server.most_at_once == 3


def test_several_clients_of_one_host_share_what_it_stands() -> None:
    together = Barrier(2, timeout=10)

    def answering(asked: Asked) -> Reply:
        together.wait()
        return echoing(asked)

    with asking(answering, at_once=2) as (one, server):
        settings = Server("forge:other", server.url, at_once=2, timeout=5.0)
        with Client(settings) as two:
            requests = [Request(f"/{number}") for number in range(60)]
            threads = [Thread(target=lambda client: list(client.each(requests)), args=(each,)) for each in (one, two)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert (len(server.log), server.most_at_once) == (120, 2)


def test_members_of_a_family_share_limits_and_count_for_themselves() -> None:
    limited = script(limit(429, retry_after=60), FINE)
    time = Time()
    with asking(limited, clock=time.clock, sleep=time.sleep) as (client, server):
        one, two = client.part(), client.part()
        one.get("/")
        assert (one.take_requests(), two.take_requests(), client.take_requests()) == (2, 0, 0)
        two.get("/")
        assert (two.take_requests(), len(server.log), time.slept) == (1, 3, [60])


def test_of_very_many_questions_only_the_next_few_are_taken_up() -> None:
    taken: list[int] = []

    def endless() -> Iterator[Request]:
        while True:
            taken.append(len(taken))
            yield Request("/")

    with asking(script(FINE), at_once=2) as (client, server):
        answers = client.each(endless())
        for _ in range(10):
            next(answers)
        answers.close()  # type: ignore[attr-defined]  # it is a generator
        assert len(taken) <= 10 + http.AHEAD * 2
        assert len(server.log) <= len(taken)


def test_the_first_error_ends_it_after_the_answers_before_it() -> None:
    def answering(asked: Asked) -> Reply:
        return limit(403, "no") if asked.path == "/3" else FINE

    with asking(answering, at_once=2) as (client, server):
        answers = client.each(Request(f"/{number}") for number in range(1000))
        assert [next(answers).body for _ in range(3)] == [[1]] * 3
        with pytest.raises(SourceForbidden):
            next(answers)
        assert len(server.log) <= 4 + http.AHEAD * 2


def test_an_error_does_not_wait_for_others_that_wait_for_a_limit() -> None:
    limited = Event()

    def answering(asked: Asked) -> Reply:
        if asked.path == "/0":
            limited.wait(10)
            return limit(403, "no")
        limited.set()
        return limit(429, retry_after=3000)

    with asking(answering, at_once=2) as (client, _), pytest.raises(SourceForbidden):
        list(client.each([Request("/0"), Request("/1")]))


def test_what_asks_for_questions_fails_where_they_fail() -> None:
    def questions() -> Iterator[Request]:
        yield Request("/0")
        raise LookupError

    with asking(script(FINE)) as (client, _), pytest.raises(LookupError):
        list(client.each(questions()))


def waits_of(source: str) -> None:
    while http.waiting_until(source) is None:
        Event().wait(0.001)


def test_who_waits_for_a_limit_is_woken_when_the_process_ends() -> None:
    raised: list[BaseException] = []

    def get() -> None:
        try:
            client.get("/")
        except Ended as error:
            raised.append(error)

    with asking(script(limit(429, retry_after=3000))) as (client, _):
        thread = Thread(target=get)
        thread.start()
        waits_of("forge:acme")
        http.end_waiting()
        thread.join(10)
        assert len(raised) == 1
        assert http.waiting_until("forge:acme") is None


def test_who_asks_many_things_is_woken_too_and_leaves_no_thread() -> None:
    with asking(script(limit(429, retry_after=3000)), at_once=3) as (client, _):

        def ending() -> None:
            waits_of("forge:acme")
            http.end_waiting()

        thread = Thread(target=ending)
        thread.start()
        with pytest.raises(Ended):
            list(client.each([Request(f"/{number}") for number in range(9)]))
        thread.join(10)


def test_a_wait_is_heard_of_once_however_many_wait() -> None:
    heard: list[tuple[str, datetime]] = []
    until = datetime(2026, 5, 1, tzinfo=UTC)
    with http_waiting.heard(lambda *told: heard.append(told)):
        with http_waiting.waiting("forge:acme", until), http_waiting.waiting("forge:acme", until):
            pass
        with http_waiting.waiting("forge:other", until):
            pass
    with http_waiting.waiting("forge:acme", until):
        pass
    assert heard == [("forge:acme", until), ("forge:other", until)]


def test_until_when_a_source_is_waited_for_is_told_while_anybody_waits() -> None:
    seen: list[object] = []
    time = Time()

    def sleeping(seconds: float) -> None:
        seen.append((http.waiting_until("forge:acme"), http.waiting_until("forge:other")))
        time.sleep(seconds)

    with asking(script(limit(429, retry_after=60), FINE), clock=time.clock, sleep=sleeping) as (client, _):
        began = time.now
        client.get("/")
        assert seen == [(time.now, None)]
        assert (time.now - began).total_seconds() == 60
    assert http.waiting_until("forge:acme") is None
