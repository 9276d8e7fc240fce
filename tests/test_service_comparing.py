"""A metric compared with another window or scope, as a command and the HTTP API tell it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import factories as make
from factories import day
from metric_answers import NOW
from test_metrics_reorganisation import EVENTS
from tribometer.service import operations
from tribometer.service.access import Access
from tribometer.service.asgi import routes
from tribometer.service.instance import Instance, opened
from tribometer.service.result_text import write_result
from tribometer.settings import Settings

PERIOD = {"from": f"{day(45):%Y-%m-%d}", "to": f"{day(90):%Y-%m-%d}"}


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with opened(Settings(data=tmp_path / "data"), lambda: NOW) as held:
        operations.land_events(held, [*EVENTS, *CARD])
        yield held


CARD = [make.ownership("o9", "cards", service="card"), *(make.deployment(f"c{n}", "card", day(n)) for n in (5, 50))]

Asked = Callable[..., dict[str, Any]]


@pytest.fixture
def asked(instance: Instance) -> Asked:
    app = Starlette(routes=routes(instance, Access("a-token"), lambda: True))

    def ask(**options: str) -> dict[str, Any]:
        with TestClient(app, base_url="http://127.0.0.1:8501", client=("127.0.0.1", 50000)) as client:
            found: dict[str, Any] = client.get(
                "/api/v1/metrics/deployment_frequency", params={**PERIOD, **options}
            ).json()
            return found

    return ask


def test_across_a_reorganisation_both_readings_are_told(asked: Asked) -> None:
    found = asked(team="payments", compare="previous")
    compared = found["comparison"]

    # of its own then: 3 after the move, 1 of `pay` before it; as it is now, all of `web` counts too
    assert (found["n"], compared["n"]) == (3, 1)
    assert compared["as_is_now"]["n"] == 5
    assert compared["as_is_now"]["as_is_now"] is None
    assert compared["as_is_now"]["window"] == compared["window"]
    assert asked(team="payments", owners="now", **{"from": f"{day(0):%Y-%m-%d}"})["n"] == 8


def test_a_team_that_owns_what_it_owned_has_one_reading(asked: Asked) -> None:
    assert asked(team="cards", compare="previous")["comparison"]["as_is_now"] is None
    assert asked(team="cards", compare="team:payments", **{"from": f"{day(50):%Y-%m-%d}"})["comparison"][
        "as_is_now"
    ] is None  # fmt: skip


def test_the_other_team_may_be_the_one_that_changed(asked: Asked) -> None:
    whole = {"from": f"{day(0):%Y-%m-%d}"}
    compared = asked(team="cards", compare="team:shop", **whole)["comparison"]

    assert compared["n"] == 4
    assert compared["as_is_now"]["n"] == 0
    assert compared["as_is_now"]["reason"] == "the other has status no_data"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"compare": "yesterday"}, "choose previous, service:NAME or team:NAME"),
        ({"compare": "team:cards"}, "everything holds it"),
        ({"compare": "team:cards", "team": "cards"}, "that is the scope itself"),
        ({"owners": "tomorrow"}, "choose then or now"),
    ],
    ids=str,
)
def test_what_cannot_be_compared_says_what_can(asked: Asked, options: dict[str, str], told: str) -> None:
    assert told in asked(**options)["detail"]


def test_the_terminal_says_which_reading_is_which(instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    options = {"name": "deployment_frequency", "start": PERIOD["from"], "end": PERIOD["to"], "team": "payments"}
    told = operations.metric(instance, {**options, "compare": "previous"}, lambda _: None)

    write_result(json.loads(json.dumps(told)))

    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    first = next(place for place, line in enumerate(lines) if line.startswith("compared"))
    names = [line.split()[0] for line in lines[first:] if line]
    assert [name for name in names if name in {"compared", "verdict", "owners"}] == [
        "compared", "verdict", "owners", "compared", "verdict",
    ]  # fmt: skip
    assert all(len(line) <= 120 for line in lines)
