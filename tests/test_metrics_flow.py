"""Beside the flow of changes: what is open, whose time a review is, and what is taken back."""

from __future__ import annotations

from typing import Any

import pytest

import factories as make
from factories import Event, day
from metric_answers import answer, rows

MONTH = {"start": day(0), "end": day(28)}
API = make.service("api", repository="acme/api")
HOUR, DAY = 3600.0, 86_400.0


def change(number: int, opened: float, merged: float | None = None, /, **fields: Any) -> Event:
    """Make a person's change, opened and merged so many days after the first Monday."""
    ends = day(merged) if merged is not None else None
    return make.change("acme/api", number, day(opened), **{"author_kind": "human", "merged_at": ends, **fields})


def test_what_is_open_when_the_window_ends_is_told_by_its_age() -> None:
    events = [
        API,
        make.repository("acme/api", default_branch="main"),
        *(change(n, 0, n, base="main") for n in range(1, 7)),
        change(10, 18, base="main"),
        # merged later: it was open then
        change(11, 24, 40, base="main"),
        change(12, 20, base="main", closed_at=day(21)),
        change(13, 20, base="main", author_kind="bot"),
        change(14, 20, base="develop"),
        change(15, 30, base="main"),
    ]

    result = answer("pr_cycle_time", events, **MONTH)

    assert (result["n"], result["value"]) == (6, 3.5 * DAY)
    assert result["open_for"] == {"p50": 7 * DAY, "p90": pytest.approx(9.4 * DAY), "longest": 10 * DAY, "n": 2}
    open_ones = [row for row in rows("pr_cycle_time", events, **MONTH) if row["unit"] == "open_change"]
    assert [(row["id"], row["counted"], row["rule"]) for row in open_ones] == [
        ("acme/api#10", False, None),
        ("acme/api#11", False, None),
    ]


def test_what_is_open_counts_for_whoever_owns_it_at_the_end() -> None:
    moved = [
        make.ownership("o1", "red", service="api", valid_to=day(20)),
        make.ownership("o2", "blue", service="api", valid_from=day(20)),
    ]
    events = [API, *moved, change(1, 10, 11), change(2, 21, 22), change(3, 15)]

    red, blue = (answer("pr_cycle_time", events, team=team, **MONTH) for team in ("red", "blue"))

    assert "open_for" not in red
    assert (blue["n"], blue["open_for"]["n"]) == (1, 1)


def test_no_period_of_a_series_tells_what_is_open() -> None:
    result = answer("pr_cycle_time", [API, change(1, 0, 1), change(2, 2)], by="week", **MONTH)

    assert result["open_for"]["n"] == 1
    assert all("open_for" not in each for each in result["series"])


def test_a_review_is_the_time_of_the_team_that_was_asked() -> None:
    owned = [
        make.ownership("o1", "writers", service="api"),
        make.person("ann"),
        make.ownership("o2", "readers", person="ann"),
    ]
    asked = make.event("review_request", "q", change="acme/api#1", reviewer="ann", requested_at=day(0, 9))
    reviewed = make.review("r", "acme/api#1", day(0, 11), author="ann", author_kind="human", state="approved")
    events = [API, *owned, change(1, 0, author="bob"), asked, reviewed]

    counts = {team: answer("review_response_time", events, team=team, **MONTH) for team in ("readers", "writers")}

    assert (counts["readers"]["n"], counts["readers"]["value"]) == (1, 2 * HOUR)
    assert counts["writers"]["n"] == 0


def test_a_change_is_taken_back_within_thirty_days_or_not_at_all() -> None:
    undone = [
        change(1, 0, 1),
        change(2, 0, 1),
        change(3, 30, 30.9, reverts=1, title="Revert #1"),
        change(4, 30, 31.1, reverts=2, title="Revert #2"),
    ]

    told = {row["id"]: row["value"] for row in rows("revert_rate", [API, *undone], start=day(0), end=day(90))}

    assert told == {"acme/api#1": 1.0, "acme/api#2": 0.0, "acme/api#3": 0.0, "acme/api#4": 0.0}


def test_what_was_merged_lately_may_still_be_taken_back() -> None:
    result = answer("revert_rate", [API, change(1, 0, 1), change(2, 80, 81)], start=day(0), end=day(90))

    assert (result["n"], result["exclusions"]) == (1, {"too_fresh": 1})
