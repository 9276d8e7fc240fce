"""What a change would return of the hours lost."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from friction_boards import PIPELINES, made, of_teams, some_cells
from metrics.friction.board import NOBODY, Amount, Cell
from metrics.friction.questions import Move, Question, Reduction, Repair, share
from metrics.friction.what_if import Answer, what_if
from tribometer.errors import UsageError
from tribometer.settings import Friction

TEN = [30.0, 60.0, 90.0, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0, 57.0]
"""Hours of ten teams in three months: 300, a hundred a month."""
TEMPLATES = {f"new{at}": "go" for at in range(4)} | {"old0": "java"}


def asked(question: Question, cells: list[Cell], settings: Friction | None = None) -> Answer:
    return what_if(question, made(cells), settings or Friction(), TEMPLATES)


def bounds(each: Amount) -> tuple[object, ...]:
    return each.value, each.low, each.high


def test_less_of_a_kind_returns_that_share_of_its_hours_a_month() -> None:
    found = asked(Reduction.read("review_wait", "30%"), of_teams("review_wait", TEN)).found

    assert (found.lost.value, found.returned.value) == pytest.approx((100, 30))
    assert found.clusters == 10


def test_the_interval_of_what_returns_is_that_of_the_board_times_the_share() -> None:
    cells = [*of_teams("review_wait", TEN), Cell("ci_queue", "t10", None, None, 6.0, 2)]
    board = made(cells)
    found = what_if(Reduction("review_wait", 0.25), board, Friction()).found

    assert found.clusters == 11, "a team that lost nothing of it could have been drawn too"
    assert board.lines[0].hours is not None
    assert found.returned == board.lines[0].hours.times(0.25)


def test_less_in_one_team_or_service_returns_only_its_hours_and_has_no_interval() -> None:
    cells = [*of_teams("review_wait", TEN), Cell("review_wait", "t1", "s0", None, 3.0, 1)]
    team = asked(Reduction.read("review_wait", "0.5", team="t1"), cells)
    service = asked(Reduction.read("review_wait", "50 %", service="s0"), cells)

    assert bounds(team.found.returned) == (pytest.approx(10.5), None, None)
    assert bounds(service.found.returned) == (pytest.approx(5.5), None, None)
    assert "No interval" in team.assumptions[-1]
    assert "here it is 2" in service.assumptions[-1]


def test_money_is_told_at_a_rate_only() -> None:
    question, cells = Reduction("review_wait", 0.3), of_teams("review_wait", TEN)
    rich = asked(question, cells, Friction(loaded_rate=80, currency="CHF"))

    assert asked(question, cells).money is None
    assert rich.money is not None
    assert rich.money.value == pytest.approx(2400)
    assert rich.to_dict()["money"]["currency"] == "CHF"


def test_a_pipeline_without_flakes_returns_all_that_they_cost() -> None:
    cells = [
        Cell("flaky_reruns", "t0", "s0", PIPELINES[0], 6.0, 3),
        Cell("flaky_reruns", "t1", "s1", PIPELINES[0], 3.0, 3),
        Cell("flaky_reruns", "t1", "s1", PIPELINES[1], 30.0, 3),
        Cell("ci_queue", "t1", "s1", PIPELINES[0], 300.0, 3),
    ]
    found = asked(Repair.read(PIPELINES[0]), cells).found

    assert found.lost == found.returned
    assert bounds(found.returned) == (pytest.approx(3.0), None, None)


def test_a_pipeline_as_fast_as_the_median_of_the_others_keeps_their_hours_for_each_wait() -> None:
    cells = [
        Cell("ci_queue", "t0", "s0", PIPELINES[0], 90.0, 60),
        Cell("ci_queue", "t1", "s1", PIPELINES[1], 5.0, 10),
        Cell("ci_queue", "t1", "s2", PIPELINES[1], 5.0, 10),
        Cell("ci_queue", "t2", "s3", PIPELINES[2], 6.0, 6),
        Cell("ci_queue", "t2", "s3", None, 600.0, 6),
    ]
    answer = asked(Repair.read(PIPELINES[0], "ci_queue"), cells)

    # 0.5 h and 1 h for each wait elsewhere: 60 waits at 0.75 h remain of 90 h
    assert answer.found.lost.value == pytest.approx(30)
    assert answer.found.returned.value == pytest.approx(15)
    assert "0.75 h as in the median of 2 other pipelines" in answer.assumptions[0]


def test_a_pipeline_better_than_the_median_returns_nothing_rather_than_less() -> None:
    cells = [
        Cell("ci_queue", "t0", "s0", PIPELINES[0], 1.0, 60),
        Cell("ci_queue", "t1", "s1", PIPELINES[1], 50.0, 10),
    ]

    assert asked(Repair(PIPELINES[0], "ci_queue"), cells).found.returned.value == 0


def test_what_a_pipeline_of_many_teams_returns_is_never_bounded_below_nothing() -> None:
    cells = [Cell("ci_queue", f"t{at}", None, PIPELINES[0], 30.0 if at == 0 else 3.0, 10) for at in range(9)]
    cells.append(Cell("ci_queue", "t0", None, PIPELINES[1], 5.0, 10))
    found = asked(Repair(PIPELINES[0], "ci_queue"), cells).found

    # 54 h less 90 waits at half an hour; without the first team it would be less than nothing
    assert found.returned.value == pytest.approx(3)
    assert found.returned.low == 0
    assert found.returned.high is not None
    assert found.returned.high > 10
    assert found.clusters == 9


def test_no_bound_of_what_a_pipeline_returns_exceeds_that_of_what_is_lost() -> None:
    waits = [100, *[1] * 7]
    cells = [Cell("ci_queue", f"t{at}", None, PIPELINES[0], 300.0, number) for at, number in enumerate(waits)]
    cells.append(Cell("ci_queue", "t0", None, PIPELINES[1], 27.0, 10))
    found = asked(Repair(PIPELINES[0], "ci_queue"), cells).found

    assert found.returned.value == pytest.approx(800 - 2.7 * 107 / 3)
    assert found.lost.high == pytest.approx(800)
    assert found.returned.high == found.lost.high


def test_no_bound_of_what_a_move_returns_exceeds_what_is_lost() -> None:
    templates = {f"new{at}": "go" for at in range(9)}
    cells = [Cell("rework", "t", "old", None, 300.0, 9), Cell("rework", "t", "new0", None, 900.0, 9)]
    found = what_if(Move(("old",), "go"), made(cells), Friction(), templates).found

    assert found.returned.value == pytest.approx(100 - 300 / 9)
    assert found.returned.low == 0
    assert found.returned.high == found.lost.value == 100


def test_flakes_go_by_default_and_other_kinds_become_as_elsewhere() -> None:
    assert Repair("p").target == "nothing"
    assert Repair("p", "ci_execution").target == "median"
    assert Repair.read("p", " ci_execution ", "nothing").target == "nothing"
    assert Repair.read("p", "", "median").target == "median"


def test_services_that_move_to_a_template_lose_what_its_services_lose_in_the_mean() -> None:
    cells = [
        Cell("review_wait", "t0", "old0", None, 60.0, 4),
        Cell("ci_queue", "t0", "old0", None, 3.0, 4),
        Cell("review_wait", "t1", "old1", None, 30.0, 4),
        Cell("review_wait", "t2", "new0", None, 24.0, 4),
        Cell("review_wait", "t2", "new1", None, 12.0, 4),
        Cell("ci_queue", "t2", "new1", None, 60.0, 4),
        Cell("review_wait", "t9", None, None, 999.0, 4),
    ]
    answer = asked(Move.read([" old0", "old1", ""], "go"), cells)

    # two others of the template lost nothing: a mean of 9 h and 15 h in three months, for each of two that move
    assert [(part.kind, part.lost, part.returned) for part in answer.found.parts] == [
        ("review_wait", 30.0, 24.0),
        ("ci_queue", 1.0, 0.0),
    ]
    assert bounds(answer.found.returned) == (pytest.approx(24.0), None, None)
    assert answer.found.lost.value == 31.0
    assert "not a cause" in answer.assumptions[1]
    assert (answer.drawn, answer.found.clusters) == ("services", 4)


def test_the_interval_of_a_move_comes_from_the_services_of_the_template() -> None:
    templates = {f"new{at}": "go" for at in range(9)}
    cells = [Cell("rework", "t", "old", None, 300.0, 9)] + [
        Cell("rework", "t", f"new{at}", None, 3.0 * at, 2) for at in range(9)
    ]
    found = what_if(Move(("old",), "go"), made(cells), Friction(), templates).found

    assert found.returned.value == pytest.approx(100 - 4)
    assert found.returned.low is not None
    assert found.returned.high is not None
    # the mean of 0 to 8 has a standard error of 2.74 / 3 among nine; Student's t takes it 2.31 times
    assert found.returned.low == pytest.approx(96 - 2.1, abs=0.2)
    assert found.returned.high == pytest.approx(96 + 2.1, abs=0.2)


@given(some_cells(), st.floats(0.001, 1), st.sampled_from(PIPELINES), st.sampled_from(("nothing", "median")))
def test_nothing_returns_more_than_is_lost(cells: list[Cell], by: float, pipeline: str, to: str) -> None:
    templates = {"s0": "go", "s1": "go", "s2": "java"}
    kind = cells[0].kind
    answers = [what_if(Reduction(kind, by), made(cells), Friction())]
    for question in (Repair.read(pipeline, "ci_queue", to), Move(("s3", "s4"), "go")):
        try:
            answers.append(what_if(question, made(cells), Friction(), templates))
        except UsageError:
            continue
    for answer in answers:
        lost, returned = answer.found.lost, answer.found.returned
        assert 0 <= returned.value <= lost.value + 1e-9
        assert sum(part.returned for part in answer.found.parts) == pytest.approx(returned.value)
        if returned.low is not None and returned.high is not None:
            assert 0 <= returned.low <= returned.value + 1e-9
            assert returned.value <= returned.high + 1e-9
        if returned.high is not None:
            assert returned.high <= (lost.value if lost.high is None else lost.high) + 1e-9


@given(some_cells())
def test_all_of_a_kind_returns_all_that_it_costs(cells: list[Cell]) -> None:
    found = what_if(Reduction.read(cells[0].kind, "100%"), made(cells), Friction()).found

    assert found.returned == found.lost


@given(some_cells(), st.randoms(use_true_random=False))
def test_the_order_of_cells_changes_nothing(cells: list[Cell], dice: Random) -> None:
    cells = [replace(cell, hours=cell.hours / 10) for cell in cells]  # sums of tenths hang on their order
    mixed = dice.sample(cells, len(cells))
    templates = {"s0": "go", "s1": "go"}
    told = []
    for each in (cells, mixed):
        answers = [what_if(Reduction(cells[0].kind, 0.3), made(each), Friction())]
        if any(cell.service == "s3" for cell in cells):
            answers.append(what_if(Move(("s3",), "go"), made(each), Friction(), templates))
        told.append(answers)

    assert told[0] == told[1]


def test_what_no_team_owns_counts_and_cannot_be_asked_for_as_a_team() -> None:
    cells = [Cell("review_wait", NOBODY, "s0", None, 30.0, 3)]

    assert asked(Reduction("review_wait", 0.5), cells).found.returned.value == pytest.approx(5)
    with pytest.raises(UsageError, match="no team '' on the board, nor any other"):
        asked(Reduction("review_wait", 0.5, team=NOBODY), cells)


def test_an_answer_is_ready_for_json() -> None:
    told = asked(Reduction("review_wait", 0.3), of_teams("review_wait", TEN)).to_dict()

    assert json.loads(json.dumps(told)) == told
    assert told["asked"] == "Waiting for a review: 30 % less"
    assert told["returned"]["interval"]["level"] == 0.95
    assert told["money"] is None


@pytest.mark.parametrize(
    ("text", "value"), [("30%", 0.3), ("by 30%", 0.3), (" 0.3 ", 0.3), ("100 %", 1.0), ("1", 1.0), ("2.5%", 0.025)]
)
def test_a_share_is_read_as_it_is_written(text: str, value: float) -> None:
    assert share(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("30", "write 30% for a share of 0.3"),
        ("0%", "more than nothing"),
        ("101%", "100% at most"),
        ("-5%", "Write 30% or 0.3"),
        ("", "Write 30% or 0.3"),
        ("nan", "Write 30% or 0.3"),
        ("third", "Write 30% or 0.3"),
    ],
)
def test_an_impossible_share_is_refused_with_what_would_do(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Reduction.read("review_wait", text)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (lambda: Reduction("reviw_wait", 0.3), "Did you mean review_wait"),
        (lambda: Reduction("pipeline_drift", 0.3), "no kind of friction 'pipeline_drift'"),
        (lambda: Reduction("review_wait", float("nan")), "not nan"),
        (lambda: Reduction("review_wait", 0.3, "t1", "s1"), "not in both"),
        (lambda: Repair("p", "review_wait"), "no kind of friction in pipelines 'review_wait'"),
        (lambda: Repair.read("p", to="mean"), "Did you mean median"),
        (lambda: Repair.read("p", to="0"), "Choose one of: nothing, median"),
        (lambda: Move.read(["", " "], "go"), "at least one service"),
        (lambda: Move(("a", "b", "a"), "go"), "a: named twice"),
    ],
)
def test_what_nobody_can_ask_is_refused(question: object, says: str) -> None:
    assert callable(question)
    with pytest.raises(UsageError, match=says):
        question()


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (Reduction("review_wait", 0.3, team="team-paymets"), "Did you mean team-payments"),
        (Reduction("review_wait", 0.3, service="x"), "no service 'x'. Choose one of: shop"),
        (Reduction("ci_queue", 0.3), "no hour of it was lost in this period"),
        (Reduction("release_wait", 0.3), r"\[friction.kinds.release_wait\] attention"),
        (Reduction("provisioning", 0.3), "Connect one that has request events"),
        (Repair("acme/shop/cl"), "Did you mean acme/shop/ci"),
        (Repair("acme/shop/ci", "ci_queue"), "no hour of it was lost"),
        (Repair("acme/shop/ci", "flaky_reruns", "median"), "none of it in any other pipeline"),
        (Move(("shop",), "rust"), "no template 'rust'. Choose one of: go, java"),
        (Move(("shp",), "go"), "Did you mean shop"),
        (Move(("new0",), "go"), "new0: made from template go already"),
        (Move(("old0",), "go"), "lost no hour"),
    ],
)
def test_what_the_board_does_not_have_is_refused_with_what_it_has(question: Question, says: str) -> None:
    cells = [
        Cell("review_wait", "team-payments", "shop", None, 3.0, 1),
        Cell("flaky_reruns", "team-payments", "shop", "acme/shop/ci", 3.0, 1),
    ]
    seen = {"review_wait", "flaky_reruns", "ci_queue", "release_wait"}
    with pytest.raises(UsageError, match=says):
        what_if(question, made(cells, observable=seen), Friction(), TEMPLATES)


def test_a_template_is_asked_of_the_whole_organisation_only() -> None:
    cells = [Cell("review_wait", "t", "shop", None, 3.0, 1)]
    with pytest.raises(UsageError, match="of the whole organisation"):
        what_if(Move(("shop",), "go"), made(cells, scope={"team": "t"}), Friction(), TEMPLATES)


def test_without_templates_there_is_none_to_move_to() -> None:
    with pytest.raises(UsageError, match="no template 'go'"):
        what_if(Move(("shop",), "go"), made([Cell("rework", "t", "shop", None, 3.0, 1)]), Friction())
