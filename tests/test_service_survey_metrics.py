"""The survey metrics as a command and the HTTP API tell them: what closed waves publish, and nothing beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from metric_answers import NOW
from metrics.result import MetricResult
from surveys.catalogue import catalogue
from tribometer.errors import UsageError
from tribometer.service import operations
from tribometer.service.access import Access
from tribometer.service.asgi import routes
from tribometer.service.asked import UnknownMetric
from tribometer.service.instance import Instance, opened
from tribometer.service.surveys.results_text import write_metric, write_results
from tribometer.settings import Settings
from tribometer.store.answer_rows import Response
from tribometer.store.answers import WaveFacts, new_key

METRICS = sorted(catalogue(40.0))
TEAMS = {"checkout": 9, "search": 6, "mobile": 3}
JOURNEYS = ("builds", "flaky_checks", "review")


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with opened(Settings(data=tmp_path / "data"), lambda: NOW) as held:
        yield held


def asked(
    instance: Instance, wave: str = "spring", slug: str = "quarterly_v1", people: int = 1, shift: int = 0
) -> None:
    """Close a wave that these teams answered, each person a little otherwise."""
    answers = instance.store.answers
    answers.open_wave(WaveFacts(wave, slug, 5, 10, NOW, teams=dict.fromkeys(TEAMS)))
    for team, size in TEAMS.items():
        for number in range(size * people):
            given: dict[str, Any] = {f"Q{item:02}": float(1 + (number + item + shift) % 5) for item in range(1, 21)}
            given |= {"Q21": 40.0 + number, "Q25": float(number % 11), "Q23": JOURNEYS[: 1 + number % 3]}
            given |= {f"Q22:{journey}": 1.5 for journey in JOURNEYS}
            given |= {f"Q24:{journey}": float(1 + number % 5) for journey in JOURNEYS}
            answers.save(wave, Response(new_key(), new_key(), new_key(), team), given, {"Q25": "a very private remark"})
    answers.close_wave(wave, {(team, ""): size * people for team, size in TEAMS.items()})


def told(instance: Instance, name: str, **more: Any) -> dict[str, Any]:
    return operations.metric(instance, {"name": name, **more}, lambda _: None)


@pytest.fixture(scope="module")
def two_waves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """For what only reads, so that many can share it."""
    with opened(Settings(data=tmp_path_factory.mktemp("waves") / "data"), lambda: NOW) as held:
        asked(held, people=3)
        asked(held, "pulse", "pulse_v1")
        yield held


@pytest.mark.parametrize("name", METRICS)
def test_every_survey_metric_is_the_contracts_object_without_any_count(two_waves: Instance, name: str) -> None:
    found = told(two_waves, name, by="team")

    MetricResult.model_validate(found)
    assert (found["n"], found["exclusions"], found["coverage"]) == (None, None, None)
    assert all(each["n"] is None for each in (*found["parts"], *found["series"]))
    assert json.dumps(found)


def test_the_numbers_are_those_of_the_published_cells(instance: Instance) -> None:
    asked(instance, people=2)
    cells = {
        each["item"]: each
        for each in operations.operation("survey_results")(instance, {"wave": "spring"}, lambda _: None)["cells"]
    }

    index = told(instance, "survey_index")
    drivers = [cells[f"Q{number:02}"]["favourable"] for number in range(1, 13)]
    assert index["value"] == pytest.approx(sum(drivers) / 12, abs=1e-4)
    assert [part["value"] for part in index["parts"]] == drivers
    assert told(instance, "survey_time_lost")["value"] == cells["Q22"]["value"] == 4.5
    assert told(instance, "survey_infrastructure_share")["value"] == pytest.approx(3.0 / 40)
    assert told(instance, "survey_valuable_time")["value"] == pytest.approx(cells["Q21"]["value"] / 100)


def test_a_metric_that_no_wave_asked_is_not_observable(instance: Instance) -> None:
    assert told(instance, "survey_index")["status"] == "not_observable"
    asked(instance, "pulse", "pulse_v1")

    assert told(instance, "survey_index")["status"] == "not_observable"


def test_small_teams_are_suppressed_by_the_metrics_too(instance: Instance) -> None:
    asked(instance)
    series = {each["bucket"]["label"]: each for each in told(instance, "survey_index", by="team")["series"]}

    assert {name: each["status"] for name, each in series.items()} == {
        "checkout": "ok", "mobile": "suppressed", "search": "suppressed",
    }  # fmt: skip
    assert (series["mobile"]["value"], series["mobile"]["interval"], series["mobile"]["n_band"]) == (None, None, None)
    assert told(instance, "survey_index", team="mobile")["status"] == "suppressed"


def test_waves_stand_side_by_side_and_are_never_pooled(instance: Instance) -> None:
    asked(instance, "spring", people=2)
    asked(instance, "summer", people=2, shift=2)
    found = told(instance, "survey_index", by="wave")

    assert {each["bucket"]["label"] for each in found["series"]} == {"spring", "summer"}
    assert found["value"] in [each["value"] for each in found["series"]]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"by": "person"}, "no person is ever told of"),
        ({"by": "week"}, "choose team, tenure, wave"),
        ({"service": "api"}, "knows no --service"),
        ({"version": "2"}, "knows no --definition"),
        ({"start": "2026-05-01", "end": "2026-04-01"}, "is empty"),
    ],
)
def test_what_cannot_be_asked_says_what_can(instance: Instance, arguments: dict[str, str], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        told(instance, "survey_index", **arguments)


def test_an_unknown_survey_metric_suggests_names(instance: Instance) -> None:
    with pytest.raises(UnknownMetric, match="survey_index"):
        told(instance, "survey_indx")


def test_no_row_of_answers_is_ever_told(instance: Instance) -> None:
    asked(instance)
    app = Starlette(routes=routes(instance, Access("a-token"), lambda: True))
    with TestClient(app, base_url="http://127.0.0.1:8501", client=("127.0.0.1", 50000)) as client:
        answer = client.get("/api/v1/metrics/survey_index/rows")
        whole = client.get("/api/v1/metrics/survey_index")

    assert answer.status_code in {400, 422}
    assert "no row of them is ever told" in answer.json()["detail"]
    assert whole.json()["status"] == "ok"
    with pytest.raises(UsageError, match="no row of them"):
        list(operations.rows(instance, {"name": "survey_index"}))


def test_the_catalogue_lists_them_in_a_group_of_their_own() -> None:
    listed = operations.catalogue()

    assert sorted(listed["groups"]["Survey"]) == METRICS
    assert set(METRICS) <= {each["name"] for each in listed["metrics"]}


def test_the_terminal_says_what_is_not_told(instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    asked(instance)
    write_metric(told(instance, "survey_index", by="team"))
    write_results(operations.operation("survey_results")(instance, {"wave": "spring", "by": "team"}, lambda _: None))

    out = capsys.readouterr().out
    assert "not told: too few people" in out
    assert "80+ % of those who were asked" in out
    assert "a very private remark" in out
    assert "None" not in out
