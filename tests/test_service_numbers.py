"""Numbers that are asked for together are those that are asked for one by one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event
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
        alone = [instance.numbers.compute(each).to_dict() for each in queries]
    assert [rounded(each) for each in together] == [rounded(each) for each in alone]


def rounded(told: Any) -> Any:
    """The same to ten digits: in which order a sum is added up differs from one statement to the next."""
    if isinstance(told, float):
        return float(f"{told:.10g}")
    if isinstance(told, dict):
        return {name: rounded(each) for name, each in told.items()}
    return [rounded(each) for each in told] if isinstance(told, list | tuple) else told


def test_what_many_ask_at_once_is_worked_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Query] = []
    begun, may = Event(), Event()
    answer = metrics.answer

    def slow(reader: Any, query: Query, *more: Any) -> Any:
        asked.append(query)
        begun.set()
        assert may.wait(20)
        return answer(reader, query, *more)

    monkeypatch.setattr(metrics, "answer", slow, raising=False)
    query = Query(metric="deployment_frequency")
    with opened(Settings(data=tmp_path)) as instance, ThreadPoolExecutor(4) as many:
        found = [many.submit(instance.numbers.compute, query) for _ in range(4)]
        assert begun.wait(20)
        may.set()
        assert len({id(each.result()) for each in found}) == 1
    assert asked == [query]


def test_what_fails_among_others_is_asked_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreError("no room for all of this")

    with opened(Settings(data=tmp_path)) as instance, instance.numbers.together() as compute:
        query = Query(metric="deployment_frequency")
        with monkeypatch.context() as broken:
            broken.setattr(metrics, "compute", fail, raising=False)
            told = compute(query)
        assert told == instance.numbers.compute(query)
