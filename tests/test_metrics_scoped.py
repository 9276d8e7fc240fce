"""All teams, or services, answered at once are told what each is told by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import metrics
from metric_answers import RULES, landed
from metrics import CATALOGUE, Query
from metrics.result import MetricResult
from metrics.scoped import Level, fits, of_scope, scoped
from organisations import organisation_of
from tribometer.clock import utc_midnight

MADE = organisation_of(7)
MIDNIGHT = utc_midnight(MADE.now)
SOME = ("change_lead_time", "change_fail_rate", "golden_path_adoption")


def asked(metric: str, by: str | None = None) -> Query:
    return Query(metric, start=MIDNIGHT - timedelta(days=45), end=MIDNIGHT, now=MIDNIGHT, by=by)


def told(result: MetricResult) -> Any:
    """What it says, to ten digits: in which order a sum is added up differs from one statement to the next."""
    return rounded(result.to_dict())


def rounded(told: Any) -> Any:
    if isinstance(told, float):
        return float(f"{told:.10g}")
    if isinstance(told, dict):
        return {name: rounded(each) for name, each in told.items()}
    return [rounded(each) for each in told] if isinstance(told, list | tuple) else told


def disagreements(names: tuple[str, ...], level: Level, by: str) -> list[str]:
    """The metrics and scopes of which the two say anything else."""
    found = []
    with landed(MADE.events, MADE.now) as reader:
        for name in names:
            query = asked(name, by)
            if not fits(query, level):
                continue
            for scope, result in scoped(reader, query, RULES, level).items():
                alone = told(metrics.compute(reader, of_scope(query, level, scope), RULES))
                if told(result) != alone:
                    wrong = [field for field, value in told(result).items() if alone[field] != value]
                    found.append(f"{name} of {scope}: {wrong}")
    return found


@pytest.mark.parametrize("level", ["team", "service"])
def test_every_scope_is_told_what_it_is_told_alone(level: Level) -> None:
    assert disagreements(SOME, level, "week") == []


@pytest.mark.thorough
@pytest.mark.parametrize(("level", "by"), [("team", "month"), ("service", "week")])
def test_every_scope_is_told_of_every_metric_what_it_is_told_alone(level: Level, by: str) -> None:
    assert disagreements(tuple(name for name, metric in CATALOGUE.items() if by in metric.by), level, by) == []


@pytest.mark.parametrize("level", ["team", "service"])
def test_a_composition_of_one_window_is_told_of_every_scope_too(level: Level) -> None:
    query = asked("quick_check")
    with landed(MADE.events, MADE.now) as reader:
        found = scoped(reader, query, RULES, level)
        alone = {name: told(metrics.compute(reader, of_scope(query, level, name), RULES)) for name in found}
    assert len(found) > 1
    assert {name: told(each) for name, each in found.items()} == alone


def test_metrics_of_people_and_other_cuts_are_not_told_of_scopes() -> None:
    assert not fits(asked("time_to_first_change"), "team")
    assert not fits(asked("quick_check", "week"), "team")
    assert not fits(Query("quick_check", now=MIDNIGHT), "team")
    assert not fits(asked("ci_flake_rate", "pipeline"), "team")
    assert fits(asked("ci_flake_rate"), "service")


def test_without_any_team_there_is_nothing_to_tell() -> None:
    with landed([], MADE.now) as reader:
        assert scoped(reader, asked("change_lead_time", "week"), RULES, "team") == {}
