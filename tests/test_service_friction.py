"""The friction board as a command and the HTTP API tell it, beside what closed surveys say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from factories import day
from friction_events import TEAMS, events
from metric_answers import NOW
from tribometer.errors import UsageError
from tribometer.service import operations
from tribometer.service.access import Access
from tribometer.service.asgi import routes
from tribometer.service.command_friction import roadmap_text
from tribometer.service.friction import friction
from tribometer.service.friction_text import write_answers, write_board
from tribometer.service.instance import Instance, opened
from tribometer.settings import Friction, Settings
from tribometer.store.answer_rows import Response
from tribometer.store.answers import WaveFacts, new_key

PERIOD = {"start": f"{day(0):%Y-%m-%d}", "end": f"{day(91):%Y-%m-%d}"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", friction=Friction(loaded_rate=50, currency="EUR"))


@pytest.fixture
def instance(settings: Settings) -> Iterator[Instance]:
    with opened(settings, lambda: NOW) as held:
        assert operations.land_events(held, list(events(day(85))))["errors"] == []
        yield held


def board(instance: Instance, **options: Any) -> dict[str, Any]:
    return friction(instance, {**PERIOD, **options}, lambda _: None)


def kinds(told: dict[str, Any]) -> dict[str, Any]:
    return {each["kind"]: each for each in told["kinds"]}


def test_the_board_ranks_what_was_lost_and_says_what_it_cannot_see(instance: Instance) -> None:
    told = board(instance)
    review = kinds(told)["review_wait"]

    # 10 changes a team, 2 hours of waiting each, of one team 6, at half of the attention
    lost = 10 * (8 * 2.0 + 6.0) * 0.5
    months = 91 / 30.4375
    assert review["hours"]["value"] == pytest.approx(lost / months)
    assert (review["rank"], review["status"], review["waits"]) == (1, "ok", 90)
    assert told["money"]["value"] == pytest.approx(50 * lost / months)
    assert told["teams"] == TEAMS
    assert kinds(told)["provisioning"]["status"] == "not_observable"
    assert kinds(told)["provisioning"]["hours"] is None
    assert review["places"][0]["name"] == "s0"


def test_a_team_has_a_board_of_its_own_without_an_order(instance: Instance) -> None:
    told = board(instance, team="team0")
    review = kinds(told)["review_wait"]

    assert review["hours"]["value"] == pytest.approx(10 * 6.0 * 0.5 / (91 / 30.4375))
    assert (review["hours"]["interval"], review["rank_interval"], told["method"]) == (None, None, None)


def test_an_option_the_board_has_not_is_refused(instance: Instance) -> None:
    with pytest.raises(UsageError, match="by: the board has no such option"):
        board(instance, by="week")


def test_a_team_nobody_heard_of_is_told_with_a_hint(instance: Instance) -> None:
    said: list[Any] = []
    friction(instance, {**PERIOD, "team": "nobody"}, said.append)

    assert any("No event names a team 'nobody'" in each.get("hint", "") for each in said)


def test_the_api_tells_what_the_command_does(instance: Instance) -> None:
    app = Starlette(routes=routes(instance, Access("a-token"), lambda: True))
    with TestClient(app, base_url="http://127.0.0.1:8501", client=("127.0.0.1", 50000)) as client:
        answer = client.get("/api/v1/friction", params={"from": PERIOD["start"], "to": PERIOD["end"]})
        refused = client.get("/api/v1/friction", params={"by": "week"})

    assert answer.status_code == 200
    assert answer.json() == board(instance)
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")


def test_the_text_names_ties_factors_and_what_is_missing(
    instance: Instance, capsys: pytest.CaptureFixture[str]
) -> None:
    write_board(board(instance))
    text = capsys.readouterr().out

    assert "Waiting for a review" in text
    assert "the whole organisation" in text
    assert "not observable: Waiting for the platform (needs request events)" in text
    assert "attention" in text


def test_an_empty_store_lost_nothing_that_anything_tells_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(Settings(data=tmp_path / "none"), lambda: NOW) as held:
        told = board(held)
    write_board(told)

    assert {each["status"] for each in told["kinds"]} == {"not_observable"}
    assert "Nothing was lost that any source tells of" in capsys.readouterr().out


def asked(instance: Instance, satisfied: dict[str, int]) -> None:
    """Close a wave in which so many of twenty are satisfied with a journey."""
    answers = instance.store.answers
    answers.open_wave(WaveFacts("spring", "quarterly_v1", 5, 10, NOW - timedelta(days=30), teams={"team0": None}))
    for number in range(20):
        given: dict[str, Any] = {f"Q24:{name}": 5.0 if number < count else 1.0 for name, count in satisfied.items()}
        answers.save("spring", Response(new_key(), new_key(), new_key(), "team0"), given, {})
    answers.close_wave("spring", {("team0", ""): 20})


def test_what_people_say_stands_beside_what_is_measured(instance: Instance) -> None:
    asked(instance, {"review": 4, "builds": 16, "meetings": 2, "deploy": 12})
    told = {each["journey"]: each for each in board(instance)["journeys"]}

    assert told["review"]["reading"] == "felt_and_measured"
    assert told["review"]["felt"]["favourable"] == pytest.approx(0.2)
    assert (told["meetings"]["hours"], told["meetings"]["reading"]) == (None, "felt_only")


def test_of_a_service_nobody_was_asked(instance: Instance) -> None:
    asked(instance, {"review": 4, "builds": 16})

    assert {each["reading"] for each in board(instance, service="s0")["journeys"]} == {"unknown"}


def test_what_if_answers_stand_beside_the_board_with_what_they_assume(
    instance: Instance, capsys: pytest.CaptureFixture[str]
) -> None:
    told = board(instance, reduce=["review_wait=50%", "review_wait@team:team0=100%"])
    everywhere, of_one = told["what_if"]
    write_answers(told)

    assert everywhere["returned"]["value"] == pytest.approx(kinds(told)["review_wait"]["hours"]["value"] / 2)
    assert of_one["returned"]["value"] == pytest.approx(10 * 6.0 * 0.5 / (91 / 30.4375))
    assert "Hours fall in proportion to the wait" in capsys.readouterr().out


def test_the_roadmap_is_printed_in_three_forms(instance: Instance) -> None:
    table, rows, issues = (
        board(instance, roadmap=form)["roadmap"] for form in ("markdown", "csv", "issues")
    )  # fmt: skip

    assert "| 1 | Waiting for a review |" in table["text"]
    assert rows["text"].splitlines()[1].startswith("1,review_wait,")
    assert "# Reduce friction: Waiting for a review" in roadmap_text(issues)
    assert "tribometer intervention add" in roadmap_text(issues)


def test_whether_a_platform_team_is_worth_it_is_told_with_its_assumptions(
    instance: Instance, capsys: pytest.CaptureFixture[str]
) -> None:
    told = board(instance, worth=True)
    write_answers(told)

    assert told["worth"]["verdict"] == "does_not_pay"
    assert told["worth"]["engineers"] == TEAMS
    assert "[friction] returned" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"reduce": ["review_wait"]}, "write KIND=30%"),
        ({"reduce": ["review_wait@floor:3=30%"]}, "Write @team:NAME or @service:NAME"),
        ({"reduce": ["revew_wait=30%"]}, "Did you mean review_wait"),
        ({"reduce": ["review_wait=300%"]}, "100%"),
        ({"fix": ["acme/none/ci"]}, "There is no pipeline"),
        ({"move": ["golden"]}, "write TEMPLATE=SERVICE,SERVICE"),
        ({"roadmap": "pdf"}, "choose csv, markdown, issues"),
        ({"worth": True, "team": "team0"}, "leave the scope"),
    ],
)
def test_what_cannot_be_asked_says_how_to_ask(instance: Instance, options: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        board(instance, **options)
