"""Whoever asks for everything, and subtracts one answer from another, learns of no fewer than five people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import combinations, pairwise, product
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import metrics
import plain_people
from metric_answers import RULES, landed
from metrics import CATALOGUE, Query
from organisation_people import workforce
from plain_events import Options, World, build_world
from plain_people import Joined
from tribometer.events import parse_event
from tribometer.service.access import Access
from tribometer.service.asgi import routes
from tribometer.service.instance import opened
from tribometer.settings import Settings
from tribometer.store import Reader

ONBOARDING = sorted(name for name, metric in CATALOGUE.items() if "cohort" in metric.cuts and metric.people)
PEOPLE = [*ONBOARDING, "pages_per_shift"]
SEED = 37
FEW = {1, 2, 3, 4}
TOKEN = {"Authorization": "Bearer the-local-token"}

Cell = frozenset[frozenset[str]]
"""People, each by all handles."""


@dataclass(frozen=True)
class Cohort:
    """A cohort from outside: its edges, and whom it has by the rule that leaves them out, or None."""

    edges: tuple[datetime, datetime]
    cells: Mapping[str | None, Cell]


@cache
def world() -> World:
    """The organisation that is asked."""
    made = workforce(SEED)
    return build_world(made.events, made.now)


@cache
def cohorts(metric: str) -> list[Cohort]:
    """Find the cohorts of a metric from outside."""
    people = plain_people.humans(world())
    here = [each for each in people if each.start <= world().now]
    told = [plain_people.TELL[metric](world(), each, Options(), metric) for each in here]
    return [
        Cohort(edges, _cells([each for each in told if edges[0] <= each.human.start < edges[1]]))
        for edges in plain_people.cohorts(people, world().now)
    ]


def _cells(told: list[Joined]) -> dict[str | None, Cell]:
    rules = {each.rule for each in told}
    return {rule: frozenset(each.human.handles for each in told if each.rule == rule) for rule in rules}


def population(metric: str, window: tuple[datetime, datetime]) -> dict[str | None, Cell]:
    """Tell whom an answer about a window may be about, by rule: cells of five or more."""
    found: dict[str | None, Cell] = {}
    for each in cohorts(metric):
        if each.edges[0] < window[1] and window[0] < each.edges[1]:
            for rule, people in each.cells.items():
                if len(people) >= plain_people.FEWEST:
                    found[rule] = found.get(rule, frozenset()) | people
    return found


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    made = workforce(SEED)
    with landed(made.events, made.now) as found:
        yield found


def windows(metric: str) -> list[tuple[datetime, datetime]]:
    """Windows that hold cohorts, parts of them, and nothing."""
    edges = [edge for each in cohorts(metric) for edge in each.edges]
    middles = [begin + (end - begin) / 3 for begin, end in pairwise(sorted(set(edges)))]
    return list(combinations(sorted({edges[0], edges[-1], *middles[:: len(middles) // 2]}), 2))


@pytest.mark.parametrize("metric", ONBOARDING)
def test_no_two_answers_differ_by_fewer_than_five_people(metric: str, reader: Reader) -> None:
    seen: dict[str | None, set[Cell]] = {None: {frozenset()}}
    for window in windows(metric):
        whole = metrics.compute(reader, Query(metric, start=window[0], end=window[1], now=world().now), RULES)
        whom = population(metric, window)
        # nothing counted: said to be hidden, or that there is nothing
        assert (whole.n or 0) == len(whom.get(None, ()))
        assert whole.exclusions is None or dict(whole.exclusions) == {r: len(p) for r, p in whom.items() if r}
        for rule, people in whom.items():
            seen.setdefault(rule, {frozenset()}).add(people)

    assert len(seen[None]) > 1
    for sets in seen.values():
        assert {len(one - other) for one, other in product(sets, sets)} & FEW == set()


@pytest.mark.parametrize("metric", ONBOARDING)
def test_a_cohort_tells_of_five_people_or_of_nobody(metric: str, reader: Reader) -> None:
    edges = [edge for each in cohorts(metric) for edge in each.edges]
    query = Query(metric, start=edges[0], end=edges[-1], by="cohort", now=world().now)
    series = {each.bucket.label: each for each in metrics.compute(reader, query, RULES).series if each.bucket}

    told = [each.cells for each in cohorts(metric) if each.cells]
    assert [each.n or 0 for each in series.values()] == [
        n if (n := len(cells.get(None, ()))) >= plain_people.FEWEST else 0 for cells in told
    ]


@pytest.mark.parametrize("metric", PEOPLE)
def test_the_statement_that_explains_counts_five_people_or_nobody(metric: str, reader: Reader) -> None:
    explained = metrics.explain(reader, Query(metric, now=world().now), RULES)
    (_, _, n, *_), *_ = reader.rows(explained.sql.rstrip().rstrip(";"))

    assert (explained.by_hand, explained.units) == ((), ())
    assert n == (explained.result.n or 0)
    assert n not in FEW


def counts(told: object) -> Iterator[int]:
    """Every number of people or shifts in an answer, how many a rule leaves out among them."""
    if isinstance(told, dict):
        yield from (n for name, n in told.items() if name == "n" and n is not None)
        yield from (told.get("exclusions") or {}).values()
        for each in told.values():
            yield from counts(each)
    elif isinstance(told, list):
        for each in told:
            yield from counts(each)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    made = workforce(SEED)
    folder: Path = tmp_path_factory.mktemp("people")
    with opened(Settings(data=folder / "data"), lambda: made.now) as instance:
        instance.store.land([parse_event(event) for event in made.events], source="test")
        app = Starlette(routes=routes(instance, Access("the-local-token"), lambda: True))
        with TestClient(app, base_url="http://127.0.0.1:8501", client=("127.0.0.1", 50000), headers=TOKEN) as found:
            yield found


OPTIONS: tuple[dict[str, Any], ...] = tuple(
    {**scope, **cut, **more}
    for scope in ({}, {"team": "red"}, {"service": "joins"})
    for cut in ({}, {"by": "cohort"}, {"by": "rotation"}, {"by": "week"}, {"by": "team"}, {"by": "person"})
    for more in ({}, {"compare": "previous"}, {"clock": "business", "definition": "1"}, {"bots": "include"})
)


@pytest.mark.parametrize("metric", PEOPLE)
def test_no_question_to_the_api_is_answered_about_fewer_than_five(metric: str, client: TestClient) -> None:
    answered = 0
    for options in OPTIONS:
        answer = client.get(f"/api/v1/metrics/{metric}", params={"from": "2025-01-01", **options})
        if answer.status_code == 200:
            answered += 1
            assert {"team", "service", "bots"} & set(options) == set()
            assert options.get("by") in {None, *CATALOGUE[metric].cuts}
            assert set(counts(answer.json())) & FEW == set()
        else:
            assert answer.status_code == 400
        assert client.get(f"/api/v1/metrics/{metric}/rows", params=options).status_code == 400

    assert answered == 6


def test_people_of_two_windows_that_are_compared_are_others(client: TestClient) -> None:
    params = {"from": "2026-02-10", "to": "2026-05-10", "compare": "previous"}
    told = client.get("/api/v1/metrics/time_to_first_commit", params=params).json()

    assert told["window"]["from"] < "2026-02-10"
    assert told["comparison"]["window"]["to"] == told["window"]["from"]
