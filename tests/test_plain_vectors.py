from __future__ import annotations

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from plain_catalogue import METRICS, compute, series
from plain_clock import elapsed
from plain_delivery import Question
from plain_events import Options
from plain_quick_check import scores
from plain_statistics import kaplan_meier, order_ranks, survival_percentile, wilson
from tribometer.events import parse_event
from vector_cases import Case, all_cases, compare, differences, load_tables, row_differences


def answer(case: Case) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    question = Question(case.now, case.window, case.service, options=Options(**case.options))
    done = compute(case.metric, case.events, question).whole
    result = done.as_json()
    if case.by:
        buckets = series(case.metric, case.events, question, case.by)
        result["series"] = [{"bucket": {"label": label}, **each.as_json()} for label, each in buckets]
    return result, [asdict(row) for row in done.rows]


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: f"{case.metric}:{case.name}")
def test_a_vector_gives_what_the_catalogue_says(case: Case) -> None:
    result, rows = answer(case)

    assert differences(case, result) + row_differences(case, rows) == []


@pytest.mark.parametrize("vector", load_tables("clock"), ids=lambda vector: str(vector["name"]))
def test_both_clocks_measure_a_wait_as_the_vector_says(vector: dict[str, Any]) -> None:
    zone = ZoneInfo(vector.get("zone", "UTC"))

    assert elapsed(vector["from"], vector["to"], "calendar", zone) == vector["calendar"]
    assert elapsed(vector["from"], vector["to"], "business", zone) == vector["business"]


@pytest.mark.parametrize("vector", load_tables("quick_check_scores"), ids=lambda vector: str(vector["name"]))
def test_quick_check_scores_follow_the_published_mapping(vector: dict[str, Any]) -> None:
    assert compare(vector["expect"], scores(vector["values"]), 1e-9) == []


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: f"{case.metric}:{case.name}")
def test_a_vector_is_made_of_events_the_contract_accepts(case: Case) -> None:
    assert [parse_event(event).id for event in case.events] == [str(event["id"]) for event in case.events]


def test_every_metric_has_a_vector() -> None:
    assert {case.metric for case in all_cases()} == set(METRICS)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(1, 4, 5, 70), (2, 20, 3, 30), (7, 10, 40, 89), (21, 30, 52, 83), (70, 100, 60, 78), (0, 10, 0, 28)],
)
def test_wilson_gives_the_published_percentages(hits: int, n: int, low: int, high: int) -> None:
    interval = wilson(hits, n)

    assert interval is not None
    assert (round(interval.low * 100), round(interval.high * 100)) == (low, high)


@pytest.mark.parametrize(("q", "minimum"), [(0.5, 6), (0.75, 13), (0.9, 36), (0.95, 72)])
def test_an_order_interval_exists_from_its_minimum_sample_on(q: float, minimum: int) -> None:
    assert order_ranks(minimum - 1, q) is None
    assert order_ranks(minimum, q) is not None


def test_the_median_of_42_lies_between_ranks_15_and_28() -> None:
    assert order_ranks(42, 0.5) == (15, 28)


def test_kaplan_meier_keeps_open_cases_in_the_risk_set() -> None:
    curve = kaplan_meier([2, 5, 9], [4, 12])

    assert [(time, round(share, 3)) for time, share in curve] == [(2, 0.8), (5, 0.533), (9, 0.267)]
    assert survival_percentile([2, 5, 9], [4, 12], 0.5) == 9
