"""The roadmap: its order, and what it is exported as."""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections.abc import Iterator
from datetime import date
from io import StringIO
from random import Random
from typing import Any

import pytest
import typer.main
from hypothesis import given
from hypothesis import strategies as st

from friction_boards import START, made, of_teams, some_cells
from metrics.friction.board import Board, Cell, Week
from metrics.friction.corroboration import Felt
from metrics.friction.kinds import KINDS
from metrics.friction.roadmap import Roadmap, roadmap
from metrics.friction.roadmap_issues import RELEASE, Issue, to_issues
from metrics.friction.roadmap_tables import COLUMNS, to_csv, to_markdown
from tribometer.service.cli import app
from tribometer.service.interventions import reading
from tribometer.settings import Friction
from tribometer.store.records import Plan

CELLS = [*of_teams("review_wait", [30.0] * 10), *of_teams("ci_queue", [15.0] * 10), *of_teams("rework", [6.0] * 10)]
EFFORTS = Friction(effort_days={"review_wait": 50, "rework": 5}, reducible={"rework": 0.75})


def kinds_of(found: Roadmap) -> list[str]:
    return [item.kind.name for item in found.items]


def rows_of(found: Roadmap) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(to_csv(found), newline=""), strict=True))


def placed(name: str) -> Board:
    """A board on which all reviews wait in one service."""
    return made([Cell("review_wait", "t", name, None, 9.0, 3)], [Week("review_wait", "t", name, None, START, 9.0)])


def test_what_a_day_of_effort_returns_most_of_comes_first_and_unknown_efforts_last() -> None:
    found = roadmap(made(CELLS), EFFORTS)
    rework, review, queue = found.items

    assert [item.place for item in found.items] == [1, 2, 3]
    assert (rework.kind.name, rework.hours.value, rework.returned.value) == ("rework", 20.0, 15.0)
    assert rework.delay == pytest.approx(3.0)
    assert (review.kind.name, review.returned.value, review.delay) == ("review_wait", 50.0, 1.0)
    assert (queue.kind.name, queue.returned.value, queue.effort, queue.delay) == ("ci_queue", 25.0, None, None)
    assert (rework.assumed, queue.assumed) == (False, True)


def test_without_any_effort_what_returns_most_comes_first() -> None:
    assert kinds_of(roadmap(made(CELLS), Friction())) == ["review_wait", "ci_queue", "rework"]
    assert kinds_of(roadmap(made(CELLS), Friction(reducible={"review_wait": 0.1}))) == [
        "ci_queue", "review_wait", "rework",
    ]  # fmt: skip


def test_kinds_that_cost_nothing_are_not_on_it() -> None:
    found = roadmap(made([*CELLS, Cell("release_wait", "t0", "s0", None, 0.0, 9)]), Friction())

    assert "release_wait" not in kinds_of(found)


def test_an_item_has_the_interval_of_the_board_and_what_people_say() -> None:
    felt = {"review": Felt(2.0, 0.3, 12.5), "builds": Felt(None, 0.8, 3.0)}
    board = made(CELLS, felt=felt, settings=Friction(loaded_rate=100))
    review = roadmap(board, Friction(loaded_rate=100)).items[0]

    assert review.hours == board.lines[0].hours
    assert review.cost == board.lines[0].money
    assert review.money == review.hours.times(50)
    assert review.agreement is not None
    assert review.agreement.reading == "felt_and_measured"


def test_the_roadmap_is_ready_for_json() -> None:
    told = roadmap(made(CELLS), EFFORTS).to_dict()

    assert json.loads(json.dumps(told)) == told
    assert [item["ordered_by"] for item in told["items"]] == [
        "hours_returned_per_day_of_effort", "hours_returned_per_day_of_effort", "hours_returned",
    ]  # fmt: skip
    assert told["items"][2]["effort_days"] is None
    assert told["items"][2]["money"] is None
    assert told["days"] == {"from": "2026-01-05", "to": "2026-03-30"}


def test_csv_has_a_row_for_each_item_with_numbers_as_numbers_and_gaps_where_nothing_is_known() -> None:
    found = roadmap(made(CELLS), EFFORTS)
    rework, _, queue = rows_of(found)

    assert tuple(rework) == COLUMNS
    assert (rework["kind"], rework["hours_lost_per_month"], rework["effort_days"]) == ("rework", "20", "5")
    assert (rework["hours_returned_per_day_of_effort"], rework["reducible_from"]) == ("3", "settings")
    assert float(rework["hours_returned_low"]) <= 15 <= float(rework["hours_returned_high"])
    assert (queue["effort_days"], queue["hours_returned_per_day_of_effort"], queue["currency"]) == ("", "", "")
    assert to_csv(found).count("\r\n") == 4


def test_csv_of_few_teams_has_no_bounds() -> None:
    (row,) = rows_of(roadmap(placed("shop"), Friction()))

    assert (row["hours_lost_low"], row["rank_first"], row["hours_lost_per_month"]) == ("", "", "3")


@pytest.mark.parametrize("currency", ["=1+1", "+x", "-x", "@x", "\tx", " =1"])
def test_no_cell_of_the_csv_is_a_formula(currency: str) -> None:
    board = made(CELLS)
    for row in rows_of(roadmap(board, Friction(loaded_rate=1, currency=currency))):
        assert row["currency"] == f"'{currency}"
        assert not [cell for cell in row.values() if cell.lstrip(" ").startswith(tuple("=+-@\t\r\n"))]


def test_names_with_quotes_commas_and_lines_come_back_whole_from_csv() -> None:
    name = 'a "b", c\nd ü'
    (row,) = rows_of(roadmap(placed(name), Friction()))

    assert f"service {name}" in row["where"]


def test_markdown_tells_known_efforts_from_unknown_ones() -> None:
    told = to_markdown(roadmap(made(CELLS), EFFORTS))
    known, _, unknown = told.partition("## Ordered by the hours a month returned")

    assert "| 1 | Unplanned rework |" in known
    assert "| 2 | Waiting for a review |" in known
    assert "say what it takes: [friction] effort_days" in unknown
    assert "| 3 | Waiting for a CI runner |" in unknown
    assert "- Unplanned rework: 75 %\n" in unknown
    assert "- Waiting for a review: 50 % (assumed" in unknown


def test_markdown_has_a_heading_only_for_what_is_there() -> None:
    assert "effort_days" not in to_markdown(roadmap(made(of_teams("rework", [6.0] * 9)), EFFORTS))
    assert "Nothing was lost" in to_markdown(roadmap(made([]), EFFORTS))


@pytest.mark.parametrize("name", ["a|b", "a`@everyone`b", "@everyone", "x\n# y", "<script>", "[a](b)"])
def test_names_stay_names_in_markdown(name: str) -> None:
    found = roadmap(placed(name), Friction())
    table = [line for line in to_markdown(found).splitlines() if line.startswith("| ")]

    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {10}
    for text in (*table, to_issues(found)[0].body):
        outside = re.sub(r"`[^`\n]*`", "", text)
        assert not [part for part in ("@everyone", "# y", "<script>", "[a](b)") if part in outside]


def issue_of(kind: str, issues: tuple[Issue, ...]) -> Issue:
    (found,) = [issue for issue in issues if kind.replace("_", "-") in issue.file]
    return found


def test_an_issue_says_what_it_costs_and_how_sure_its_rank_is() -> None:
    hours = [40.0, 5.0, 30.0, 10.0, 60.0, 2.0, 20.0, 33.0, 8.0]
    cells = [*of_teams("review_wait", hours), *of_teams("rework", hours[::-1]), *of_teams("provisioning", [0.3] * 9)]
    issues = to_issues(roadmap(made(cells, settings=EFFORTS), EFFORTS))
    body = issue_of("review_wait", issues).body

    assert issues[0].file == "01-rework.md"
    assert "Rank by hours lost: 1 to 2, cannot be told apart" in body
    assert re.search(r"Lost from 2026-01-05 to 2026-03-30 in the whole organisation: 69\.3 h per month \(95 %", body)
    assert "Effort: 50 days; a day of it returns 0.693 h per month" in body
    assert "Effort: not known, say what it takes: [friction] effort_days" in issue_of("provisioning", issues).body
    assert "Rank by hours lost: 3\n" in issue_of("provisioning", issues).body


def test_an_issue_says_where_it_sits_and_what_people_say() -> None:
    weeks = [Week("review_wait", "payments", "shop", None, START, 300.0)]
    board = made(CELLS, weeks, felt={"review": Felt(2.5, 0.31, 12.5), "builds": Felt(None, 0.9, None)})
    body = to_issues(roadmap(board, Friction(loaded_rate=50)))[0].body

    assert "- service `shop`: 100 h per month" in body
    assert "- team `payments`: 100 h per month" in body
    assert "Journey `review`: felt and measured. 31 % are satisfied. Opportunity 12.5 of 20." in body
    assert "In money: 5,000 (" in body
    assert "EUR per month" in body


def test_of_few_teams_an_issue_says_that_no_order_can_be_told() -> None:
    body = to_issues(roadmap(placed("shop"), Friction()))[0].body

    assert "1, but fewer than eight teams cannot tell the order" in body
    assert "3 h per month (fewer than eight teams: no interval)" in body


def commands_in(body: str) -> Iterator[list[str]]:
    yield from (shlex.split(line) for line in body.splitlines() if line.startswith("    tribometer "))


def registered(words: list[str]) -> tuple[str, Plan]:
    """The name and the plan that a command line registers, its day of release filled in."""
    assert words[:3] == ["tribometer", "intervention", "add"]
    command: Any = typer.main.get_command(app)  # typer keeps the type of its groups to itself
    add = command.commands["intervention"].commands["add"]
    given = add.make_context("add", [word.replace(RELEASE, "2026-05-04") for word in words[3:]]).params
    arguments = {
        "metrics": given["metric"],
        "directions": given["direction"],
        "expected": given["expected"] or [],
        "release": given["release"],
        "teams": given["team"] or [],
        "services": given["service"] or [],
        "rollout": [],
        "notes": None,
    }
    return given["name"], reading.plan(reading.Known({"a b"}, {"shop"}), arguments)


@pytest.mark.parametrize(
    ("scope", "judged_for"),
    [
        ({}, ()),
        ({"team": "a b"}, ("team:a b",)),
        ({"service": "shop"}, ("service:shop",)),
        ({"team": "a b", "service": "shop"}, ("service:shop",)),
    ],
)
def test_the_command_line_of_an_issue_registers_the_intervention(
    scope: dict[str, str], judged_for: tuple[str, ...]
) -> None:
    cells = [cell for kind in KINDS if kind.needs for cell in of_teams(kind.name, [6.0] * 9)]
    found = roadmap(made(cells, scope=scope), Friction(reducible={"rework": 1.0}))
    lines = {issue.file: (words, issue.body) for issue in to_issues(found) for words in commands_in(issue.body)}
    told = {file: line for file, line in lines.items() if line[0][1] == "intervention"}

    assert (len(lines), len(told)) == (12, 10)
    for file, (words, body) in told.items():
        name, plan = registered(words)
        (expected,) = plan.expectations
        assert (expected.direction, plan.released_on, plan.scopes) == ("down", date(2026, 5, 4), judged_for)
        assert expected.share == (None if "rework" in file else 0.5)
        assert f"`tribometer intervention verdict {name}`" in body


def test_what_no_verdict_can_be_reached_on_is_said() -> None:
    body = issue_of(
        "onboarding_access", to_issues(roadmap(made(of_teams("onboarding_access", [6.0] * 9)), Friction()))
    ).body

    assert "no verdict can be reached" in body
    assert list(commands_in(body)) == [["tribometer", "friction"]]


@given(some_cells(), st.randoms(use_true_random=False))
def test_the_order_of_cells_changes_no_order_of_items(cells: list[Cell], dice: Random) -> None:
    efforts = Friction(effort_days={"ci_queue": 3, "flaky_reruns": 4})
    one, other = (roadmap(made(each), efforts) for each in (cells, dice.sample(cells, len(cells))))

    assert kinds_of(one) == kinds_of(other)
    for item in one.items:
        assert item.returned.value <= item.hours.value
        assert (item.delay is None) == (item.kind.name == "review_wait")
