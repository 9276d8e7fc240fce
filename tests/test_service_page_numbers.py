"""Pages show the newest number that is known at once, and the newer one when it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from time import monotonic
from typing import cast

import pytest

from metrics import Query
from metrics.result import MetricResult
from page_reader import result
from tribometer.errors import StoreError
from tribometer.service.numbers import Numbers
from tribometer.service.page_numbers import PageNumbers

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
PATIENCE = 20.0


def asked(metric: str = "change_lead_time", now: datetime = NOON) -> Query:
    return Query(metric, start=NOON - timedelta(days=28), end=NOON, now=now)


class Slow:
    """Numbers that rise by one with every landing, and are there only when they may be."""

    def __init__(self) -> None:
        self.landed, self.may, self.asked, self.shared = 1.0, Event(), 0, 0
        self.kept: dict[Query, MetricResult] = {}
        self.fails = False
        self.services_known: tuple[str, ...] = ("shop",)
        self.scopes: dict[str, Query] = {}
        self.rests: list[float] = []
        self.over = Event()
        self.may.set()

    def land(self) -> None:
        """Something new; what was kept is forgotten."""
        self.landed += 1
        self.kept.clear()

    def known(self, query: Query) -> MetricResult | None:
        """What is kept."""
        return self.kept.get(query)

    def teams(self) -> tuple[str, ...]:
        """One."""
        return ("alpha",)

    def services(self) -> tuple[str, ...]:
        """As set."""
        return self.services_known

    def scoped(self, query: Query, level: str) -> dict[str, MetricResult]:
        """Keep that every scope was asked for."""
        self.scopes[level] = query
        return self.known_scoped(query, level) or {}

    def known_scoped(self, query: Query, level: str) -> dict[str, MetricResult] | None:
        """Ten, of the only scope there is, where that was asked for."""
        known = {"team": "alpha", "service": "shop"}[level]
        return {known: result(query.metric, value=10.0)} if self.scopes.get(level) == query else None

    @contextmanager
    def together(self) -> Iterator[Callable[[Query], MetricResult]]:
        """Note that it was asked for."""
        self.shared += 1
        yield self.compute

    def compute(self, query: Query) -> MetricResult:
        """Wait until it may be told."""
        self.asked += 1
        assert self.may.wait(PATIENCE)
        if self.fails:
            raise StoreError("the store is away")
        self.kept[query] = result(query.metric, value=self.landed)
        return self.kept[query]

    def pause(self, seconds: float) -> bool:
        """Wait for nothing; the end is that of the test."""
        self.rests.append(seconds)
        return self.over.is_set()


@pytest.fixture
def numbers() -> Iterator[Slow]:
    slow = Slow()
    yield slow
    slow.may.set()
    slow.over.set()


def the_end(_seconds: float) -> bool:
    return True


def prepared(numbers: Slow) -> PageNumbers:
    """Pages of which one opens with the question, and that somebody has opened."""
    read = pages(numbers)
    read.compute(asked("ci_queue_time"))
    read.work_ahead([lambda reader: map(reader.prepare, [asked()])], numbers.pause)
    until(lambda: any(numbers.rests[1:]))
    return read


def pages(numbers: Slow, patience: float = 0.01) -> PageNumbers:
    return PageNumbers(cast("Numbers", numbers), patience=patience)


def until_caught_up(read: PageNumbers) -> None:
    until(lambda: not read.behind())


def until(condition: Callable[[], bool]) -> None:
    waiting = Event()
    for _ in range(2_000):
        if condition():
            return
        waiting.wait(0.01)
    pytest.fail("never came")


def test_the_first_answer_is_waited_for() -> None:
    numbers = Slow()
    assert pages(numbers).compute(asked()).value == 1.0


def test_after_a_landing_the_answer_from_before_is_shown_until_the_new_one_is_there(numbers: Slow) -> None:
    read = pages(numbers)
    read.compute(asked())
    numbers.land()
    numbers.may.clear()
    assert read.compute(asked()).value == 1.0
    assert read.behind() == 1
    numbers.may.set()
    until_caught_up(read)
    assert read.compute(asked()).value == 2.0


def test_an_answer_that_comes_within_the_patience_is_the_new_one(numbers: Slow) -> None:
    read = pages(numbers, PATIENCE)
    read.compute(asked())
    numbers.land()
    assert read.compute(asked()).value == 2.0
    assert read.behind() == 0


def test_a_question_asked_many_times_meanwhile_is_worked_out_once(numbers: Slow) -> None:
    read = pages(numbers)
    read.compute(asked())
    numbers.land()
    numbers.may.clear()
    for _ in range(5):
        read.compute(asked())
    numbers.may.set()
    until_caught_up(read)
    assert numbers.asked == 2


def test_another_hour_is_another_moment_of_the_same_question_and_another_team_is_not(numbers: Slow) -> None:
    read = pages(numbers)
    read.compute(asked())
    numbers.landed = 5.0
    numbers.may.clear()
    assert read.compute(asked(now=NOON + timedelta(hours=1))).value == 1.0
    numbers.may.set()
    assert read.compute(Query("change_lead_time", team="alpha", now=NOON)).value == 5.0


def test_an_answer_that_cannot_be_given_any_more_is_an_error_and_not_the_one_from_before(numbers: Slow) -> None:
    read = pages(numbers, PATIENCE)
    read.compute(asked())
    numbers.land()
    numbers.fails = True
    with pytest.raises(StoreError, match="away"):
        read.compute(asked())


def test_what_pages_open_with_is_worked_out_ahead_but_for_what_is_known_and_not_after_the_end(numbers: Slow) -> None:
    read = pages(numbers)
    read.compute(asked())
    others = [asked("ci_queue_time"), asked("ci_success_rate")]
    read.work_ahead([lambda reader: map(reader.compute, [asked(), others[0]])], numbers.pause)
    assert set(numbers.kept) == {asked(), others[0]}
    read.work_ahead([lambda reader: map(reader.compute, others)], the_end)
    assert others[1] not in numbers.kept


def test_ahead_of_a_page_the_new_answer_is_waited_for(numbers: Slow) -> None:
    read = pages(numbers)
    read.compute(asked())
    numbers.land()
    found: list[MetricResult] = []

    def ahead(reader: PageNumbers) -> Iterator[object]:
        found.append(reader.compute(asked()))
        yield found

    read.work_ahead([ahead], numbers.pause)
    assert [each.value for each in found] == [2.0]


def test_a_page_whose_questions_fail_does_not_keep_the_others_from_being_worked_out(numbers: Slow) -> None:
    def broken(_reader: PageNumbers) -> Iterator[object]:
        raise StoreError("away")

    pages(numbers).work_ahead([broken, lambda reader: map(reader.compute, [asked()])], numbers.pause)
    assert asked() in numbers.kept


def test_a_team_that_nobody_asked_for_is_answered_from_what_is_known_of_all(numbers: Slow) -> None:
    read = prepared(numbers)
    numbers.may.clear()
    assert read.compute(replace(asked(), team="alpha")).value == 10.0
    assert read.compute(replace(asked(), service="shop")).value == 10.0


def test_after_a_landing_a_team_has_the_answer_from_before_until_its_own_is_there(numbers: Slow) -> None:
    read = prepared(numbers)
    numbers.land()
    numbers.scopes.clear()
    numbers.may.clear()
    assert read.compute(replace(asked(), team="alpha")).value == 10.0
    assert read.behind() == 1
    numbers.may.set()
    until_caught_up(read)
    assert read.compute(replace(asked(), team="alpha")).value == 2.0


def test_a_store_of_very_many_services_is_not_worked_out_service_by_service(numbers: Slow) -> None:
    numbers.services_known = tuple(f"s{number}" for number in range(201))
    prepared(numbers)
    assert numbers.scopes.keys() == {"team"}


def test_what_is_known_of_all_is_not_what_was_asked_of_another_window(numbers: Slow) -> None:
    read = prepared(numbers)
    other = replace(asked(), team="alpha", start=NOON - timedelta(days=7))
    assert read.compute(other).value == 1.0


def test_teams_and_services_are_worked_out_as_soon_as_somebody_came_and_each_step_is_followed_by_a_rest(
    numbers: Slow,
) -> None:
    read = pages(numbers)
    read.work_ahead([lambda reader: map(reader.prepare, [asked()])], numbers.pause)
    until(lambda: len(numbers.rests) > 3)
    assert numbers.scopes == {}
    assert not any(numbers.rests[1:])
    read.compute(asked())
    until(lambda: numbers.scopes.keys() == {"team", "service"} and any(numbers.rests[1:]))


def test_the_queries_of_a_page_wait_together_for_no_longer_than_one(numbers: Slow) -> None:
    read = pages(numbers, 0.5)
    several = [asked(name) for name in ("change_lead_time", "ci_queue_time", "ci_success_rate", "ci_flake_rate")]
    for each in several:
        read.compute(each)
    numbers.land()
    numbers.may.clear()
    begun = monotonic()
    assert [read.compute(each).value for each in several] == [1.0] * 4
    assert monotonic() - begun < 1.5


def test_several_queries_are_worked_out_together_and_what_is_known_is_told_as_ever(numbers: Slow) -> None:
    read = pages(numbers)
    read.compute(asked())
    with read.together() as compute:
        assert [compute(asked()).value, compute(asked("ci_queue_time")).value] == [1.0, 1.0]
    assert (numbers.shared, numbers.asked) == (1, 2)
    numbers.land()
    numbers.may.clear()
    with read.together() as compute:
        assert compute(asked()).value == 1.0
    assert read.behind() == 1
