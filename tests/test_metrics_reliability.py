from __future__ import annotations

import pytest

import factories as make
from factories import day
from metric_answers import answer, rows, versions


def days(service: str, *good: float, objective: float = 0.99, total: float = 1000) -> list[make.Event]:
    """Make one window a day of a service's objective."""
    return [
        make.slo(f"{service}-{n}", service, day(n), day(n + 1), good=each, total=total, objective=objective)
        for n, each in enumerate(good)
    ]


def test_reliability_is_the_share_of_windows_that_met_their_objective() -> None:
    result = answer("reliability", days("api", 1000, 990, 989, 995))

    assert (result["status"], result["value"], result["n"]) == ("ok", 0.75, 4)
    assert result["interval"]["method"] == "wilson"


def test_the_error_budget_that_is_left_may_be_overspent() -> None:
    assert answer("reliability", days("api", 1000, 995))["error_budget_remaining"] == pytest.approx(0.75)
    assert answer("reliability", days("api", 970, 1000))["error_budget_remaining"] == pytest.approx(-0.5)


def test_an_objective_that_allows_nothing_bad_leaves_no_budget_to_speak_of() -> None:
    assert answer("reliability", days("api", 1000, objective=1.0))["error_budget_remaining"] is None


def test_a_window_without_events_is_left_out() -> None:
    (row,) = rows("reliability", days("api", 0, total=0))

    assert (row["counted"], row["rule"], row["value"]) == (False, "empty", None)


def test_a_window_that_ends_at_midnight_belongs_to_the_day_before() -> None:
    assert [row["id"] for row in rows("reliability", days("api", 1000, 1000), start=day(0), end=day(1))] == ["api-0"]


def test_without_any_objective_reliability_is_not_observable() -> None:
    assert answer("reliability", versions("v1", "v2"))["status"] == "not_observable"


def test_a_service_without_an_objective_is_not_observable_among_others_that_have_one() -> None:
    events = [*days("web", 1000, 1000), *versions("v1", "v2")]

    result = answer("reliability", events, by="service")

    assert {each["bucket"]["label"]: each["status"] for each in result["series"]} == {
        "api": "not_observable",
        "web": "ok",
    }
    assert (result["status"], result["value"], result["not_defined_share"]) == ("ok", 1.0, 0.5)


def test_an_objective_without_a_window_in_the_period_is_no_data() -> None:
    assert answer("reliability", days("api", 1000), start=day(50), end=day(60))["status"] == "no_data"
