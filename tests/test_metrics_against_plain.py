"""The product's numbers against the same computed a second time in plain Python, over generated organisations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import metrics
import plain_catalogue
from metric_answers import RULES, landed
from metrics import CATALOGUE, Query
from organisations import Organisation, organisation_of, organisations
from plain_delivery import Question
from plain_events import Options
from tribometer.store import Reader
from vector_cases import Case, all_cases, compare, differences, row_differences

METRICS = sorted(CATALOGUE.keys() & plain_catalogue.METRICS)
OF_COMMITS = [name for name in METRICS if "commit" in CATALOGUE[name].reads]
SEEDS = (1,)
BY = ("week", "month", "team", "quarter", "year")
THOROUGH = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
OPTIONS = st.builds(
    Options,
    unit=st.sampled_from(["change", "commit"]),
    blame=st.sampled_from(["first", "last"]),
    bots=st.sampled_from(["include", "exclude", None]),
    clock=st.sampled_from(["calendar", "business"]),
)


def query_of(metric: str, question: Question, **more: Any) -> Query:
    start, end = question.window
    options = question.options
    return Query(
        metric,
        service=question.service,
        team=question.team,
        start=start,
        end=end,
        clock=options.clock,
        unit=options.unit,
        blame=options.blame,
        bots=options.bots,
        now=question.now,
        **more,
    )


def disagreements(expected: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    """Where a result of the product is not what the plain computation says."""
    found = compare(expected, result, 1e-6)
    if result["exclusions"] != expected["exclusions"]:
        found.append(f"exclusions: expected {expected['exclusions']}, got {result['exclusions']}")
    return found


def compared(reader: Reader, metric: str, events: Sequence[dict[str, Any]], question: Question) -> list[str]:
    """Where one metric disagrees, by service and as a whole."""
    whole = metrics.compute(reader, query_of(metric, question, by="service"), RULES).to_dict()
    expected = plain_catalogue.compute(metric, events, question)
    labels = [each["bucket"]["label"] for each in whole["series"]]
    found = [] if labels == sorted(expected.services) else [f"services: {labels}"]
    return (
        found
        + [
            f"{each['bucket']['label']}: {line}"
            for each in whole["series"]
            for line in disagreements(expected.services[each["bucket"]["label"]].as_json(), each)
        ]
        + disagreements(expected.whole.as_json(), whole)
    )


def all_disagreements(
    organisation: Organisation, options: Options, names: Sequence[str] = METRICS
) -> dict[str, list[str]]:
    """Where any metric of these disagrees over an organisation."""
    question = Question(organisation.now, organisation.window, options=options)
    with landed(organisation.events, organisation.now) as reader:
        found = {name: compared(reader, name, organisation.events, question) for name in names}
    return {name: lines for name, lines in found.items() if lines}


def options_of(seed: int) -> Options:
    """The options that go with an organisation: every value of each within a few seeds."""
    return Options(
        unit=("change", "commit")[seed % 2],
        blame=("first", "last")[seed // 2 % 2],
        bots=("include", "exclude", None)[seed % 3],
        clock=("calendar", "business")[(seed + 1) // 2 % 2],
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_sql_and_plain_python_say_the_same(seed: int) -> None:
    # half of the metrics for each; the suites that are run more seldom ask every organisation for all
    assert all_disagreements(organisation_of(seed), options_of(seed), METRICS[seed % 2 :: 2]) == {}


def with_cuts(organisation: Organisation, seed: int) -> Organisation:
    """The organisation with some commits that nobody collected; most of those built on them say so."""
    dice = Random(seed)  # noqa: S311 - nothing here is secret
    lost = {each["sha"] for each in organisation.events if each["type"] == "commit" and dice.random() < 0.1}
    kept = [each for each in organisation.events if each["type"] != "commit" or each["sha"] not in lost]
    return replace(organisation, events=[
        {**each, "history_cut": dice.random() < 0.8} if lost & set(each.get("parents") or ()) else each
        for each in kept
    ])  # fmt: skip


@pytest.mark.parametrize("seed", range(11, 12))
def test_sql_and_plain_python_say_the_same_of_cut_histories(seed: int) -> None:
    organisation = with_cuts(organisation_of(seed), seed)

    assert all_disagreements(organisation, options_of(seed), OF_COMMITS) == {}


@pytest.mark.thorough
@THOROUGH
@given(organisation=organisations(), options=OPTIONS)
def test_sql_and_plain_python_say_the_same_whatever_is_drawn(organisation: Organisation, options: Options) -> None:
    assert all_disagreements(organisation, options) == {}


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(100, 103))
def test_sql_and_plain_python_say_the_same_of_larger_organisations(seed: int) -> None:
    assert all_disagreements(organisation_of(seed), options_of(seed)) == {}


def series_disagreements(
    names: Sequence[str], by: str, organisation: Organisation, options: Options
) -> dict[str, list[str]]:
    """Where the buckets of any metric's series, or their labels, disagree."""
    question = Question(organisation.now, organisation.window, options=options)
    with landed(organisation.events, organisation.now) as reader:
        series = {
            name: metrics.compute(reader, query_of(name, question, by=by), RULES).to_dict()["series"]
            for name in names
            if by in CATALOGUE[name].by
        }
    found = {name: _differing(name, by, each, organisation, question) for name, each in series.items()}
    return {name: lines for name, lines in found.items() if lines}


def _differing(
    metric: str, by: str, series: Sequence[Mapping[str, Any]], organisation: Organisation, question: Question
) -> list[str]:
    expected = dict(plain_catalogue.series(metric, organisation.events, question, by))
    labels = [each["bucket"]["label"] for each in series]
    lines = [
        f"{label}: {line}"
        for label, each in zip(labels, series, strict=True)
        if label in expected
        for line in disagreements(expected[label].as_json(), each)
    ]
    return lines if labels == list(expected) else [*lines, f"buckets: expected {list(expected)}, got {labels}"]


@pytest.mark.parametrize("place", range(10))
def test_every_bucket_of_a_series_is_what_plain_python_says(place: int) -> None:
    some = METRICS[place::10]

    assert series_disagreements(some, BY[place % len(BY)], organisation_of(place + 5), options_of(place)) == {}


@pytest.mark.thorough
@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("seed", [20])
def test_every_metric_says_the_same_in_every_series(seed: int, by: str) -> None:
    assert series_disagreements(METRICS, by, organisation_of(seed), options_of(seed)) == {}


@pytest.mark.parametrize(
    "case", [c for c in all_cases() if c.metric in CATALOGUE], ids=lambda c: f"{c.metric}:{c.name}"
)
def test_the_product_gives_what_a_vector_says(case: Case) -> None:
    with landed(case.events, case.now) as reader:
        start, end = case.window
        options: dict[str, Any] = dict(case.options)
        query = Query(case.metric, service=case.service, start=start, end=end, by=case.by, now=case.now, **options)
        result = metrics.compute(reader, query, RULES).to_dict()
        rows = list(metrics.unit_rows(reader, query, RULES)) if case.rows else []

    assert differences(case, result) + row_differences(case, rows) == []
