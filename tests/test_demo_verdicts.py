"""The demo's interventions as verdicts tell them: the one that worked is found, the one that did not is not."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import pytest

from demo_columns import NOW
from tribometer.demo.planted import BUILD_CACHE, REVIEW_REMINDERS
from tribometer.service import demo
from tribometer.service.instance import Instance, opened
from tribometer.service.session import Direct
from tribometer.settings import Settings

pytestmark = pytest.mark.slow
SCALE = 0.3


@pytest.fixture(scope="module", name="instance")
def _instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    settings = Settings(data=tmp_path_factory.mktemp("demo") / "data")
    demo.ensure(settings, lambda _: None, lambda: NOW, partial(demo.generate, scale=SCALE))
    with opened(settings, lambda: NOW) as held:
        yield held


def verdict(instance: Instance, name: str) -> Mapping[str, Any]:
    return Direct(instance).perform("intervention_verdict", {"name": name}, lambda _: None)


def test_the_planted_build_cache_is_found_at_every_horizon_and_near_its_size(instance: Instance) -> None:
    told = verdict(instance, "Build cache")
    [metric] = told["metrics"]
    assert metric["treated"] == sorted(BUILD_CACHE.where)
    assert len(metric["never_treated"]) == 6
    *_, last = metric["findings"]
    assert (last["horizon_weeks"], last["verdict"], last["as_expected"]) == (26, "improved", True)
    # attempts hold pauses between their jobs too, which no cache shortens
    assert 1 + last["effect"] == pytest.approx(BUILD_CACHE.size, abs=0.15)
    assert last["interval"]["high"] < 0
    assert last["p_adjusted"] < 0.05


def test_reminders_that_changed_nothing_are_not_found_at_any_horizon(instance: Instance) -> None:
    [metric] = verdict(instance, "Review reminders")["metrics"]
    assert metric["treated"] == sorted(REVIEW_REMINDERS.where)
    assert {each["verdict"] for each in metric["findings"]} == {"no_detectable_change"}
    assert all(each["smallest_detectable"] is not None for each in metric["findings"])


def test_the_demo_says_that_its_registrations_are_generated(instance: Instance) -> None:
    listed = Direct(instance).perform("intervention_list", {}, lambda _: None)["interventions"]
    assert [(each["name"], each["status"], each["demo"]) for each in listed] == [
        ("Build cache", "released", True),
        ("Review reminders", "released", True),
    ]
    assert all(each["registered_at"] < each["first_release"] and not each["after_the_fact"] for each in listed)
