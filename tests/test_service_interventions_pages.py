"""What the page on interventions gets from the service: the record as it stands, and verdicts that are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import factories as make
from service_places import NOON
from tribometer.errors import UsageError
from tribometer.events import parse_event
from tribometer.service.instance import Instance, opened
from tribometer.service.interventions.pages import InterventionPages
from tribometer.service.session import Direct
from tribometer.settings import Settings
from tribometer.store.records import Intervention

TEAMS = ("checkout", "mobile", "search")
EVENTS = [
    *(make.event("team", team, name=team, parent=None) for team in TEAMS),
    *(make.ownership(f"{team}-api", team, service=f"{team}-api") for team in TEAMS),
    *(
        make.deployment(f"{team}-{number}", f"{team}-api", NOON - timedelta(days=number + 1), artifact=f"{number}")
        for team in TEAMS
        for number in range(0, 300, 2)
    ),
]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with opened(Settings(data=tmp_path / "data"), lambda: NOON) as held:
        held.store.land([parse_event(each) for each in EVENTS])
        held.changed()
        yield held


def perform(instance: Instance, operation: str, name: str, **given: Any) -> None:
    told = {
        "metrics": [], "directions": [], "expected": [], "release": None, "teams": [], "services": [], "rollout": [],
        "notes": None, "after_the_fact": False,
    } | given  # fmt: skip
    Direct(instance).perform(f"intervention_{operation}", {**told, "name": name}, lambda _: None)


def registered(instance: Instance, name: str, days: int) -> None:
    """One for the checkout team, so many days before today, or after."""
    release = f"{NOON.date() - timedelta(days=days)}"
    given = {"metrics": ["deployment_frequency"], "release": release, "teams": ["checkout"]}
    perform(instance, "add", name, **given, after_the_fact=days > 0)


def standing(pages: InterventionPages) -> list[Intervention]:
    return [each.intervention for each in pages.standings()]


def test_the_newest_release_stands_first_with_its_state_and_what_is_to_be_known(instance: Instance) -> None:
    registered(instance, "old", 90)
    registered(instance, "soon", -7)

    first, second = InterventionPages(instance).standings()
    assert (first.intervention.name, first.status, first.remarks) == ("soon", "planned", ())
    assert (second.intervention.name, second.status) == ("old", "released")
    assert "registered after its release" in second.remarks[0]


def test_a_verdict_is_reached_when_it_is_asked_for_and_kept_until_something_lands(instance: Instance) -> None:
    registered(instance, "old", 120)
    pages = InterventionPages(instance)
    [old] = standing(pages)

    assert pages.kept(old) is None
    judged = pages.judged(old)
    assert pages.judged(old) is pages.kept(old) is judged
    instance.changed()
    assert pages.kept(old) is None


def test_a_verdict_is_the_one_that_the_terminal_tells_with_the_weeks_behind_it(instance: Instance) -> None:
    registered(instance, "old", 120)
    told = Direct(instance).perform("intervention_verdict", {"name": "old"}, lambda _: None)

    pages = InterventionPages(instance)
    judged = pages.judged(*standing(pages))
    [metric] = judged.metrics
    assert [each.verdict for each in metric.findings] == [each["verdict"] for each in told["metrics"][0]["findings"]]
    assert (judged.level, list(judged.caveats)) == ("team", told["caveats"])
    assert {each.reached_units for each in metric.aligned.weeks} == {1}
    assert max(each.waiting_units for each in metric.aligned.weeks) == 2


def test_what_is_amended_is_judged_anew_and_both_stand_on_record(instance: Instance) -> None:
    registered(instance, "soon", -7)
    pages = InterventionPages(instance)
    judged = pages.judged(*standing(pages))
    assert {each.verdict for each in judged.metrics[0].findings} == {"not_enough_data"}

    perform(instance, "amend", "soon", expected=["20%"])

    assert pages.kept(*standing(pages)) is None
    assert [each.plan.expectations[0].share for each in pages.history("soon")] == [None, 0.2]


def test_what_was_withdrawn_is_refused_with_its_reason(instance: Instance) -> None:
    registered(instance, "soon", -7)
    perform(instance, "withdraw", "soon")

    pages = InterventionPages(instance)
    with pytest.raises(UsageError, match="withdrawn before its release"):
        pages.judged(*standing(pages))
