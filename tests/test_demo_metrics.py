"""The planted effects as the metrics tell them, from the demo's own events in a store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from statistics import median

import pytest

import metrics
from demo_columns import END, NOW
from metrics import Query
from metrics.friction.board import board
from metrics.friction.measuring import measured
from metrics.result import MetricResult
from tribometer.demo.organisation import TEAMS
from tribometer.demo.planted import FLAKY_WORKFLOW, REVIEW_WAIT, STRONG, WEAK
from tribometer.service import demo
from tribometer.settings import Friction, Rules, Settings
from tribometer.store import EventStore, Reader

pytestmark = pytest.mark.slow
SCALE = 0.12
OTHERS = tuple(team.key for team in TEAMS if team.key not in {*STRONG.where, *WEAK.where})


@pytest.fixture(scope="module", name="reader")
def _reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    settings = Settings(data=tmp_path_factory.mktemp("demo") / "data")
    demo.ensure(settings, lambda _: None, lambda: NOW, partial(demo.generate, scale=SCALE))
    with EventStore.open(settings.data, clock=lambda: NOW) as store, store.reader() as found:
        yield found


def pooled(reader: Reader, metric: str, team: str) -> float:
    """A team's value over the last year, all its services together."""
    query = Query(metric, team=team, start=END - timedelta(days=365), end=END, now=NOW)
    found = metrics.compute(reader, query, Rules())
    assert found.pooled is not None
    assert found.pooled.value is not None
    return found.pooled.value


@pytest.mark.parametrize(
    ("metric", "sign"),
    [
        ("deployment_frequency", 1),
        ("change_lead_time", -1),
        ("change_fail_rate", -1),
        ("failed_deployment_recovery_time", -1),
        ("deployment_rework_rate", -1),
    ],
)
def test_the_delivery_keys_tell_strong_and_weak_teams_apart(reader: Reader, metric: str, sign: int) -> None:
    ask = cache(partial(pooled, reader, metric))
    strong, others, weak = (median(map(ask, teams)) for teams in (STRONG.where, OTHERS, WEAK.where))
    assert strong * sign > others * sign > weak * sign


def test_what_the_demo_deploys_is_known_to_its_commit_graph(reader: Reader) -> None:
    found = metrics.compute(
        reader, Query("change_lead_time", start=END - timedelta(days=365), end=END, now=NOW), Rules()
    )
    assert found.status == "ok"
    assert found.coverage is not None
    assert found.coverage.share is not None
    assert found.coverage.share > 0.99


@pytest.mark.parametrize("metric", sorted(metrics.CATALOGUE))
def test_no_metric_is_without_an_answer(reader: Reader, metric: str) -> None:
    query = Query(metric, start=END - timedelta(days=365), end=END, now=NOW)
    told = {"ok", "too_few"} if metrics.CATALOGUE[metric].reads else {"not_observable"}
    assert metrics.compute(reader, query, Rules()).status in told


def test_the_planted_flaky_workflow_is_the_pipeline_whose_rate_is_surely_highest(reader: Reader) -> None:
    query = Query("ci_flake_rate", start=END - timedelta(days=365), end=END, by="pipeline", now=NOW)
    series = metrics.compute(reader, query, Rules()).series
    flaky, *others = sorted((each for each in series if each.interval), key=lambda each: -surely(each))

    assert flaky.bucket is not None
    assert flaky.bucket.label == "/".join(FLAKY_WORKFLOW.where)
    # its interval lies above the rate of all others together, by some multiple
    rest = sum((each.value or 0.0) * (each.n or 0) for each in others) / sum(each.n or 0 for each in others)
    assert surely(flaky) > 4 * rest
    assert surely(flaky) > max(map(surely, others))


def surely(result: MetricResult) -> float:
    """The lower bound of a share."""
    return result.interval.low if result.interval else 0.0


def test_services_made_from_the_golden_template_are_in_production_in_half_the_time(reader: Reader) -> None:
    query = Query("service_time_to_first_deploy", start=END - timedelta(days=730), end=END, by="template", now=NOW)
    result = metrics.compute(reader, query, Rules())
    days = {each.bucket.label: (each.value or 0.0) / 86_400 for each in result.series if each.bucket}
    compared = result.extra["by_template"]

    assert days["service-golden"] == pytest.approx(days["service-classic"] / 2, rel=0.25)
    assert (compared["verdict"], compared["template"]["n"], compared["none"]["n"]) == ("different", 18, 8)
    assert compared["p_value"] < 0.05


def test_the_planted_friction_stands_first_on_the_board(reader: Reader) -> None:
    query = Query("friction_cost", end=END, now=NOW)
    found = measured(reader, query, Rules())
    made = board(
        found.cells, found.weeks, window=query.window, scope={}, months=found.months, observable=found.observable,
        settings=Friction(),
    )  # fmt: skip
    lines = {line.kind.name: line for line in made.lines}
    (team, *_), (pipeline, *_) = (
        [place.name for place in lines[kind].places if place.what == what]
        for kind, what in (("review_wait", "team"), ("flaky_reruns", "pipeline"))
    )

    assert lines["review_wait"].first == 1
    assert team == REVIEW_WAIT.where[0]
    assert pipeline == "/".join(FLAKY_WORKFLOW.where)


def test_the_files_of_the_survey_stand_beside_the_store(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    with EventStore.open(settings.data) as store, store.generating("now"):
        demo.generate(store, settings.data, NOW, lambda _: None, scale=0.01)
    assert len(list((settings.data / demo.SURVEYS).glob("pulse_v1-*.csv"))) == 4
