"""Metrics of people against the same computed a second time, over generated organisations."""

from __future__ import annotations

from typing import Any

import pytest

import metrics
import plain_people
from metric_answers import RULES, landed
from metrics import Query
from organisation_people import workforce
from plain_events import Options
from vector_cases import compare


def disagreements(expected: dict[str, Any], result: dict[str, Any]) -> list[str]:
    """Where a result is not what the plain computation says."""
    found = compare(expected, result, 1e-6)
    if result["exclusions"] != expected["exclusions"]:
        found.append(f"exclusions: expected {expected['exclusions']}, got {result['exclusions']}")
    return found


def compared(metric: str, seed: int) -> list[str]:
    """Where a metric disagrees over an organisation and over each of its cohorts."""
    made = workforce(seed)
    start, end = made.window
    clock = ("calendar", "business")[seed % 2]
    with landed(made.events, made.now) as reader:
        query = Query(metric, start=start, end=end, by="cohort", clock=clock, now=made.now)
        result = metrics.compute(reader, query, RULES).to_dict()
    whole, series = plain_people.compute(metric, made.events, made.window, made.now, Options(clock=clock))
    found = disagreements(whole, result)
    if len(series) != len(result["series"]):
        return [*found, f"{len(series)} cohorts expected, got {len(result['series'])}"]
    pairs = zip(series, result["series"], strict=True)
    return found + [f"{got['bucket']['label']}: {line}" for one, got in pairs for line in disagreements(one, got)]


@pytest.mark.parametrize("seed", range(1, 5))
@pytest.mark.parametrize("metric", plain_people.TELL)
def test_sql_and_plain_python_say_the_same_of_people(metric: str, seed: int) -> None:
    assert compared(metric, seed) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 105))
@pytest.mark.parametrize("metric", plain_people.TELL)
def test_sql_and_plain_python_say_the_same_of_many_organisations(metric: str, seed: int) -> None:
    assert compared(metric, seed) == []
