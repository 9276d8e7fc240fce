"""What the doctor reports of how much every metric could judge, and of what would let it judge more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from metrics import CATALOGUE
from service_places import clock, clone, deployments, lines
from tribometer.service.collecting import collect
from tribometer.service.doctor import report
from tribometer.service.doctor_coverage import RAISED_BY
from tribometer.service.importing import import_files
from tribometer.service.instance import Instance, opened
from tribometer.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def tell(_message: object) -> None:
    """Progress is not looked at here."""


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    git = {"kind": "git", "path": str(clone(tmp_path / "acme")), "name": "shop"}
    with opened(Settings(data=tmp_path / "data", sources=(git,)), clock) as held:
        yield held


def import_events(instance: Instance, tmp_path: Path, events: list[Any]) -> None:
    import_files(instance, {"files": [str(lines(tmp_path / "events.jsonl", events))]}, tell)


def test_coverage_tells_shares_and_what_no_source_tells_of_and_every_share_says_what_raises_it(
    instance: Instance, tmp_path: Path
) -> None:
    steps: list[Any] = []
    measured = [metric for metric in CATALOGUE.values() if metric.statistic is not None]
    nothing = report(instance, steps.append).coverage
    assert {each.status for each in nothing} == {"not_observable"}
    assert {metric.name for metric in measured if metric.needs} <= {each.metric for each in nothing}
    assert all(each.do for each in nothing)
    import_events(instance, tmp_path, deployments(8))
    known = {each.metric: each for each in report(instance, tell).coverage}
    assert "deployment_frequency" not in known
    assert known["change_lead_time"].coverage is not None
    assert "`job`" in str(known["ci_queue_time"].do)
    asked = {each.fact for metric in CATALOGUE.values() for each in (metric.coverage, metric.gate) if each}
    assert asked == RAISED_BY.keys()
    assert steps[-1]["progress"]["done"] == len(measured)


def test_a_coverage_below_its_whole_says_what_to_send(instance: Instance, tmp_path: Path) -> None:
    collect(instance, {}, tell)
    import_events(instance, tmp_path, deployments(8))
    [lead] = [each for each in report(instance, tell).coverage if each.metric == "change_lead_time"]
    assert (lead.status, lead.coverage and lead.coverage["share"]) == ("low_coverage", 0.0)
    assert lead.do is not None
    assert "whole history" in lead.do
    [finding] = [each for each in report(instance, tell).findings if "change_lead_time" in each.what]
    assert finding.do.startswith(lead.do)


def test_nobody_is_told_to_send_what_a_source_may_tell_of_at_its_first_collection(instance: Instance) -> None:
    with instance.source_lock("git:shop"):
        rows = {each.metric: each.do for each in report(instance, tell).coverage}
    waited = "Not read yet: the first collection of git:shop is under way"
    assert (rows["deployment_frequency"], rows["change_lead_time"]) == (waited, waited)
    assert rows["incident_load"] == "Send `incident` events: no source tells of them"
    collect(instance, {}, tell)
    assert not [each.do for each in report(instance, tell).coverage if each.do and "Not read yet" in each.do]


def test_a_metric_without_anything_to_cover_says_what_it_would_cover_and_what_to_send(instance: Instance) -> None:
    rows = {each.metric: each for each in report(instance, tell).coverage}
    failing = rows["change_fail_rate"]
    assert failing.coverage == {"share": None, "floor": 0.6, "of": "incidents classified as change-caused or not"}
    assert (failing.status, rows["deployment_frequency"].coverage) == ("not_observable", None)
    assert rows["incident_load"].do == failing.do == "Send `incident` events: no source tells of them"
