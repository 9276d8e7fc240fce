"""Numbers that are asked for together are those that are asked for one by one."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import metrics
from metrics import CATALOGUE, Query
from organisations import organisation_of
from tribometer.clock import utc_midnight
from tribometer.errors import StoreError
from tribometer.events import parse_event
from tribometer.service.instance import opened
from tribometer.settings import Settings


def test_metrics_that_share_facts_say_what_each_says_alone(tmp_path: Path) -> None:
    made = organisation_of(3)
    midnight = utc_midnight(made.now)
    window: dict[str, Any] = {"start": midnight - timedelta(days=90), "end": midnight, "now": midnight}
    queries = [Query(metric=each.name, **window) for each in CATALOGUE.values() if each.statistic is not None]
    with opened(Settings(data=tmp_path), lambda: made.now) as instance:
        instance.store.land([parse_event(each) for each in made.events], source="test")
        instance.store.refresh()
        with instance.numbers.together() as compute:
            together = [compute(each).to_dict() for each in queries]
        instance.numbers.forget()
        assert together == [instance.numbers.compute(each).to_dict() for each in queries]


def test_what_fails_among_others_is_asked_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreError("no room for all of this")

    with opened(Settings(data=tmp_path)) as instance, instance.numbers.together() as compute:
        query = Query(metric="deployment_frequency")
        with monkeypatch.context() as broken:
            broken.setattr(metrics, "compute", fail, raising=False)
            told = compute(query)
        assert told == instance.numbers.compute(query)
