"""The product's numbers against the same computed a second time in plain Python, over generated organisations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import metrics
import plain_delivery
from metric_answers import RULES, landed
from metrics import CATALOGUE, Query
from organisations import Organisation, organisations
from plain_delivery import Question
from plain_events import Options
from tribometer.store import Reader
from vector_cases import Case, all_cases, compare, differences, row_differences

METRICS = sorted(set(CATALOGUE) & set(plain_delivery.METRICS))
COMPARED = ("status", "n", "value", "interval", "exclusions", "statistic")
THOROUGH = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
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


def disagreements(expected: Mapping[str, Any], result: Mapping[str, Any], more: Sequence[str] = ()) -> list[str]:
    """Where a result of the product is not what the plain computation says."""
    wanted = {name: expected[name] for name in (*COMPARED, *more)}
    if expected["coverage"] is not None:
        wanted["coverage"] = {name: expected["coverage"][name] for name in ("share", "floor", "of")}
    # lead times need commits, and where no source ever told of any the product says so
    if result["status"] == "not_observable" and expected["status"] == "no_data":
        return []
    found = compare(wanted, result, 1e-6)
    return found + [
        f"exclusions: {result['exclusions']}" for _ in [0] if result["exclusions"] != expected["exclusions"]
    ]


def compared(reader: Reader, metric: str, events: Sequence[dict[str, Any]], question: Question) -> list[str]:
    """Where one metric disagrees, by service and as a whole."""
    whole = metrics.compute(reader, query_of(metric, question, by="service"), RULES).to_dict()
    expected = plain_delivery.compute(metric, events, question)
    found = [
        f"{each['bucket']['label']}: {line}"
        for each in whole["series"]
        for line in disagreements(expected.services[each["bucket"]["label"]].as_json(), each, ["parts"])
    ]
    # where too little is known to show any service, all of them together are hidden too
    pooled = [] if whole["status"] == "low_coverage" else ["pooled"]
    return found + disagreements(expected.whole.as_json(), whole, ["services", *pooled])


@THOROUGH
@given(organisation=organisations(), options=OPTIONS)
def test_sql_and_plain_python_say_the_same(organisation: Organisation, options: Options) -> None:
    question = Question(organisation.now, organisation.window, options=options)
    with landed(organisation.events, organisation.now) as reader:
        found = {name: compared(reader, name, organisation.events, question) for name in METRICS}

    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("by", ["week", "month", "team"])
@THOROUGH
@given(organisation=organisations(), metric=st.sampled_from(METRICS))
def test_every_bucket_of_a_series_is_what_plain_python_says(by: str, organisation: Organisation, metric: str) -> None:
    question = Question(organisation.now, organisation.window)
    with landed(organisation.events, organisation.now) as reader:
        result = metrics.compute(reader, query_of(metric, question, by=by), RULES).to_dict()
    expected = plain_delivery.series(metric, organisation.events, question, by)

    assert [each["bucket"]["label"] for each in result["series"]] == [label for label, _ in expected]
    for (label, one), other in zip(expected, result["series"], strict=True):
        assert (label, disagreements(one.as_json(), other)) == (label, [])


@pytest.mark.parametrize(
    "case", [c for c in all_cases() if c.metric in CATALOGUE], ids=lambda c: f"{c.metric}:{c.name}"
)
def test_the_product_gives_what_a_vector_says(case: Case) -> None:
    with landed(case.events, case.now) as reader:
        start, end = case.window
        query = Query(
            case.metric, service=case.service, start=start, end=end, by=case.by, now=case.now, **dict(case.options)
        )
        result = metrics.compute(reader, query, RULES).to_dict()
        has_units = query.definition.statistic is not None
        rows = list(metrics.unit_rows(reader, query, RULES)) if has_units else []

    assert differences(case, result) + row_differences(case, rows) == []
