"""What the board makes of hours lost: its order, its places, and what people say of the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metrics.friction.board import NOBODY, Board, Cell, Week, board, team_costs
from metrics.friction.corroboration import Felt, agreements
from metrics.friction.kinds import BY_NAME, KINDS
from metrics.friction.telling import told
from tribometer.settings import Friction
from tribometer.settings.friction import KINDS as MEASURED

START = datetime(2026, 1, 5, tzinfo=UTC)
WINDOW = (START, START + timedelta(weeks=12))
MONTHS = 3.0
ALL = frozenset(MEASURED)


def cells(hours: dict[str, float], teams: int = 10) -> list[Cell]:
    """Every team loses these hours of a kind, the first a little more of everything."""
    return [
        Cell(kind, f"t{team}", f"s{team}", None, value * (1 + 0.1 * (team == 0)), 10)
        for kind, value in hours.items()
        for team in range(teams)
    ]


def weekly(kind: str, hours: dict[str, float]) -> Iterator[Week]:
    """Hours of teams of one kind, a little other every week."""
    for number in range(12):
        for team, value in hours.items():
            yield Week(kind, team, None, None, START + timedelta(weeks=number), value * (1 + 0.05 * (number % 3)))


def made(found: list[Cell], weeks: list[Week] | None = None, **options: Any) -> Board:
    given = {"window": WINDOW, "scope": {}, "months": MONTHS, "observable": ALL, "settings": Friction(), **options}
    return board(found, weeks or [], **given)


def test_every_kind_of_the_settings_is_defined_and_only_those_without_a_source_have_no_factors() -> None:
    assert {kind.name for kind in KINDS if kind.needs} == ALL


def test_the_costliest_kind_stands_first_with_its_hours_a_month() -> None:
    found = made(cells({"review_wait": 30.0, "ci_queue": 3.0}))
    first, second, *_ = found.lines

    assert (first.kind.name, first.rank, first.waits) == ("review_wait", 1, 100)
    assert first.hours is not None
    assert first.hours.value == pytest.approx((9 * 30 + 33) / MONTHS)
    assert first.hours.low is not None
    assert (second.kind.name, second.first, second.last) == ("ci_queue", 2, 2)


def test_what_nothing_tells_of_is_not_observable_and_what_did_not_happen_is_no_data() -> None:
    found = made(cells({"review_wait": 30.0}), observable={"review_wait", "provisioning"})
    status = {line.kind.name: line.status for line in found.lines}

    assert status.pop("review_wait") == "ok"
    assert status.pop("provisioning") == "no_data"
    assert set(status.values()) == {"not_observable"}
    assert all(line.hours is None for line in found.lines if line.status != "ok")


def test_with_few_teams_only_their_range_is_told() -> None:
    found = made(cells({"review_wait": 30.0, "ci_queue": 3.0}, teams=4))
    first = found.lines[0]

    assert first.hours is not None
    assert (first.hours.low, first.first, first.last) == (None, None, None)
    assert first.least == pytest.approx(10.0)
    assert first.most == pytest.approx(11.0)
    assert found.total.low is None
    assert told(found)["method"] is None


def test_money_is_told_only_at_a_rate() -> None:
    lost = cells({"review_wait": 30.0})
    rich = made(lost, settings=Friction(loaded_rate=100, currency="CHF"))

    assert made(lost).money is None
    assert rich.money is not None
    assert rich.money.value == pytest.approx(rich.total.value * 100)
    assert told(rich)["money"]["currency"] == "CHF"


def test_a_team_that_had_none_of_a_kind_counts_with_nothing() -> None:
    costs = team_costs([Cell("ci_queue", "a", None, None, 6.0, 1), Cell("rework", "b", None, None, 3.0, 1)], 3.0, ALL)

    assert costs["ci_queue"] == {"a": 2.0}
    assert costs["review_wait"] == {}


def test_places_are_compared_over_the_weeks() -> None:
    hours = {"payments": 9.0, "search": 3.0, "data": 3.05, NOBODY: 50.0}
    found = made(cells({"review_wait": 30.0}), list(weekly("review_wait", hours)))
    places = {place.name: place for place in found.lines[0].places}

    assert list(places) == ["payments", "data", "search"]
    assert (places["payments"].first, places["payments"].last) == (1, 1)
    assert places["payments"].share == pytest.approx(9 / 65.05)
    assert (places["data"].first, places["search"].last) == (2, 3)


def test_of_what_has_pipelines_no_services_are_named() -> None:
    weeks = [Week("flaky_reruns", "t", "s", "acme/s/ci", START, 2.0), Week("flaky_reruns", "t", "s", None, START, 1.0)]
    found = made([Cell("flaky_reruns", "t", "s", "acme/s/ci", 3.0, 2)], weeks)

    assert [(place.what, place.name) for place in found.lines[0].places] == [("pipeline", "acme/s/ci"), ("team", "t")]


def test_the_order_of_what_comes_in_changes_nothing() -> None:
    lost = cells({"review_wait": 30.0, "ci_queue": 29.0, "rework": 2.0})

    assert told(made(lost)) == told(made(lost[::-1]))


@pytest.mark.parametrize(
    ("felt", "reading"),
    [
        (Felt(None, 0.3, None), "felt_and_measured"),
        (Felt(None, 0.9, None), "measured_only"),
        (Felt(None, 0.9, 11.0), "felt_and_measured"),
        (Felt(2.0, None, None), "unknown"),
    ],
)
def test_the_costliest_journeys_are_measured_and_what_people_say_decides(felt: Felt, reading: str) -> None:
    others = {"builds": Felt(None, 0.5, None), "deploy": Felt(None, 0.6, None), "meetings": Felt(None, 0.4, None)}
    found = agreements({"review_wait": 90.0, "ci_queue": 5.0, "release_wait": 1.0}, {"review": felt, **others})
    (review,) = (each for each in found if each.journey == "review")

    assert review.reading == reading


def test_what_no_tool_records_may_be_felt_all_the_same() -> None:
    felt = {"meetings": Felt(5.0, 0.2, 14.0), "review": Felt(1.0, 0.8, 3.0)}
    found = {each.journey: each for each in agreements({"review_wait": 9.0}, felt)}

    assert (found["meetings"].hours, found["meetings"].reading) == (None, "felt_only")
    assert found["review"].kinds == ("review_wait",)


def test_without_a_survey_nobody_was_asked() -> None:
    found = made(cells({"review_wait": 30.0, "ci_queue": 3.0}))

    assert {each.reading for each in found.journeys} == {"unknown"}


def test_every_kind_names_a_metric_of_the_catalogue() -> None:
    from metrics import CATALOGUE  # noqa: PLC0415 - every definition is loaded by it

    assert {kind.metric for kind in BY_NAME.values()} <= CATALOGUE.keys()
