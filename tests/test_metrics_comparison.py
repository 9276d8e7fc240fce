"""Differences between two results: what is more than noise, and what nobody can tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import day
from metric_answers import NOW, query
from metrics import Query
from metrics.comparison import compared, difference_interval, other_query
from metrics.result import Interval, MetricResult, Pooled, Services
from tribometer.errors import UsageError
from tribometer.intervals import wilson


def share(hits: int, n: int, **more: Any) -> MetricResult:
    low, high = wilson(hits, n)
    told = {
        "metric": "change_fail_rate",
        "version": 1,
        "unit": "share",
        "better": "lower",
        "scope": {},
        "window": {"from": day(0), "to": day(28)},
        "status": "ok",
        "statistic": "share",
        "value": hits / n,
        "n": n,
        "interval": Interval(low=low, high=high, method="wilson"),
        "clock": "calendar",
        "data_as_of": None,
        "computed_at": NOW,
    }
    return MetricResult(**{**told, **more})


def test_two_shares_differ_as_newcombe_counted_them_out() -> None:
    # Newcombe (1998), table II, method 10: 56/70 against 48/80
    found = compared(share(56, 70), share(48, 80), "previous")

    assert found.interval is not None
    assert found.difference == pytest.approx(0.2)
    assert found.interval.low == pytest.approx(0.0524, abs=1e-4)
    assert found.interval.high == pytest.approx(0.3339, abs=1e-4)
    assert (found.verdict, found.reason) == ("worse", None)


def test_a_difference_whose_interval_holds_zero_cannot_be_told() -> None:
    found = compared(share(2, 20), share(3, 20), "previous")

    assert found.verdict == "cannot_tell"
    assert found.reason == "the interval of the difference holds 0"


@pytest.mark.parametrize(
    ("better", "verdict"), [("lower", "better"), ("higher", "worse"), ("neither", "lower")], ids=str
)
def test_the_verdict_follows_the_direction_of_the_metric(better: str, verdict: str) -> None:
    assert compared(share(5, 100, better=better), share(50, 100, better=better), "previous").verdict == verdict


@pytest.mark.parametrize("status", ["no_data", "not_observable", "low_coverage", "suppressed"])
def test_a_side_without_a_value_cannot_be_compared(status: str) -> None:
    missing = share(1, 10, status=status, value=None, interval=None)

    for this, other in ((missing, share(5, 10)), (share(5, 10), missing)):
        found = compared(this, other, "previous")
        assert (found.verdict, found.difference, found.interval) == ("cannot_tell", None, None)
        assert status in (found.reason or "")


def test_a_metric_without_an_interval_cannot_tell() -> None:
    found = compared(share(5, 10, interval=None), share(1, 10), "previous")

    assert (found.verdict, found.reason) == ("cannot_tell", "one of the two has no interval")


def test_of_several_services_all_units_pooled_are_compared() -> None:
    spread = Services(n=2, ok=2, p25=0.1, p50=0.1, p75=0.1)
    pooled = Pooled(value=0.5, interval=Interval(low=0.4, high=0.6, method="wilson"))
    found = compared(share(1, 10, services=spread, pooled=pooled, interval=None), share(5, 100), "previous")

    assert found.value == 0.5
    assert found.verdict == "worse"


@given(st.integers(1, 200), st.integers(1, 200), st.floats(0, 1), st.floats(0, 1))
def test_the_difference_turned_round_is_the_same_with_the_other_sign(n: int, m: int, part: float, other: float) -> None:
    sides = [
        (
            round(share * size) / size,
            Interval(**dict(zip(("low", "high"), wilson(round(share * size), size), strict=True)), method="wilson"),
        )
        for size, share in ((n, part), (m, other))
    ]
    one = difference_interval(*sides[0], *sides[1])
    two = difference_interval(*sides[1], *sides[0])

    assert one.low == pytest.approx(-two.high)
    assert one.high == pytest.approx(-two.low)
    assert one.low <= sides[0][0] - sides[1][0] <= one.high


def test_the_previous_window_is_as_long_and_ends_where_this_one_begins() -> None:
    asked = query("change_fail_rate", by="week")
    other = other_query(asked, "previous")

    assert other.window == (day(0) - (day(90) - day(0)), day(0))
    assert other.by is None


def test_another_scope_is_asked_for_the_same_window() -> None:
    asked = Query("change_fail_rate", service="api", now=NOW)

    assert other_query(asked, "team:payments").scope == {"team": "payments"}
    assert other_query(asked, "team:payments").window == asked.window


@pytest.mark.parametrize(
    ("scope", "against", "says"),
    [
        ({"service": "api"}, "yesterday", "choose previous, service:NAME or team:NAME"),
        ({"service": "api"}, "service:", "choose previous"),
        ({"service": "api"}, "service:api", "the scope itself"),
        ({}, "service:api", "everything holds it"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_what_can(scope: dict[str, str], against: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        other_query(replace(query("change_fail_rate"), **scope), against)  # type: ignore[arg-type]  # names of fields


def test_a_comparison_as_json_names_window_values_and_verdict() -> None:
    told = compared(share(56, 70), share(48, 80), "previous").to_dict()

    window = {name: each.isoformat().replace("+00:00", "Z") for name, each in (("from", day(0)), ("to", day(28)))}
    assert told["window"] == window
    assert (told["against"], told["status"], told["n"]) == ("previous", "ok", 80)
    assert (told["value"], told["other_value"], told["verdict"]) == (0.8, 0.6, "worse")
