"""The rows behind a number that still wait: the oldest first, however many came later."""

from __future__ import annotations

from datetime import datetime

import pytest

import factories as make
from factories import Event, day
from metric_answers import RULES, landed, query
from metrics import still_open
from tribometer.errors import UsageError

WAIT = "provisioning_wait"


def asked(name: str, at: datetime, team: str = "red", **known: object) -> Event:
    """A request that nobody has answered, unless told otherwise."""
    return make.event("request", name, kind="database", team=team, requested_at=at, **known)


EVENTS = [
    make.event("team", "red"),
    make.event("team", "blue"),
    asked("oldest", day(2)),
    *(asked(f"done{number}", day(3, number % 24), usable_at=day(60)) for number in range(40)),
    asked("other", day(4), "blue"),
    asked("newest", day(50)),
    asked("before the window", day(-5)),
]


def test_what_waits_longest_comes_first_and_all_of_it_is_counted() -> None:
    with landed(EVENTS) as reader:
        found = still_open(reader, query(WAIT), RULES, 2)

    assert [row["id"] for row in found.oldest] == ["oldest", "other"]
    assert found.total == 3
    assert (found.oldest[0]["team"], found.oldest[0]["at"]) == ("red", make.text(day(2)))
    assert found.oldest[0]["evidence"]["kind"] == "database"
    assert "in_all" not in found.oldest[0]["evidence"]


def test_a_team_sees_its_own() -> None:
    with landed(EVENTS) as reader:
        found = still_open(reader, query(WAIT, team="blue"), RULES, 50)
        nobody = still_open(reader, query(WAIT, team="green"), RULES, 50)

    assert ([row["id"] for row in found.oldest], found.total) == (["other"], 1)
    assert (nobody.oldest, nobody.total) == ((), 0)


def test_on_the_business_clock_the_same_waits_are_open() -> None:
    with landed([*EVENTS, make.gate("a", day(9), request="oldest")]) as reader:
        found = still_open(reader, query("approval_wait"), RULES, 50)

    assert [row["id"] for row in found.oldest] == ["a"]


def test_a_metric_whose_units_do_not_wait_says_so() -> None:
    with landed([]) as reader, pytest.raises(UsageError, match="change_lead_time do not wait"):
        still_open(reader, query("change_lead_time"), RULES, 1)
