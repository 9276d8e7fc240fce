"""Survey answers in the event store: kept while a wave is open, without any key to anybody once it is closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from event_samples import NOW
from tribometer.errors import StoreError, UsageError
from tribometer.store import EventStore
from tribometer.store.answer_rows import NOT_APPLICABLE, Response, Value
from tribometer.store.answers import Answers, WaveFacts, new_key

FACTS = WaveFacts("spring", "pulse_v1", 5, 10, NOW, teams={"api": "backend", "backend": None})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with EventStore.open(tmp_path, clock=lambda: NOW) as opened:
        opened.answers.open_wave(FACTS)
        yield opened


@pytest.fixture
def answers(store: EventStore) -> Answers:
    return store.answers


def response(team: str = "api", **more: str) -> Response:
    return Response(new_key(), new_key(), new_key(), team, **more)  # type: ignore[arg-type]


def test_what_was_answered_comes_back_and_can_be_changed_item_by_item(answers: Answers) -> None:
    mine = response()
    answers.save("spring", mine, {"PU01": 4.0, "PU10": "review", "Q23": ("builds",)}, {"PU10": " slow "})
    answers.save("spring", mine, {"PU01": 2.0, "PU10": None}, {"PU10": ""})

    assert answers.given("spring", mine.response, mine.comment) == ({"PU01": 2.0, "Q23": ("builds",)}, {})
    assert answers.answered("spring") == {"api": 1}


def test_a_response_can_be_withdrawn_while_the_wave_is_open(answers: Answers) -> None:
    mine, other = response(), response()
    for each in (mine, other):
        answers.save("spring", each, {"PU01": 4.0}, {"PU10": "text"})
    answers.withdraw("spring", mine.response, mine.comment)

    assert answers.given("spring", mine.response, mine.comment) == ({}, {})
    assert answers.given("spring", other.response, other.comment) == ({"PU01": 4.0}, {"PU10": "text"})


def test_a_closed_wave_keeps_no_key_that_was_known_before(answers: Answers) -> None:
    some = [response() for _ in range(8)]
    for number, each in enumerate(some):
        answers.save("spring", each, {"PU01": float(1 + number % 5)}, {"PU10": f"text {number}"})
    answers.close_wave("spring", {("api", ""): 10})

    closed = answers.closed("spring")
    known = {key for each in some for key in (each.response, each.respondent, each.comment)}
    kept = {value for row in closed.answers.to_pylist() for value in row.values()}
    assert not known & kept
    assert sorted(row["number"] for row in closed.answers.to_pylist()) == sorted(float(1 + n % 5) for n in range(8))
    assert {row["text"] for row in closed.comments.to_pylist()} == {f"text {n}" for n in range(8)}
    assert closed.invited == {("api", ""): 10}


def test_what_is_not_applicable_is_shown_again_but_is_no_answer_once_the_wave_is_closed(answers: Answers) -> None:
    mine, other = response(), response()
    answers.save("spring", mine, {"PU01": 4.0, "PU02": NOT_APPLICABLE}, {})
    answers.save("spring", other, {"PU01": NOT_APPLICABLE, "PU02": NOT_APPLICABLE}, {})
    assert answers.given("spring", mine.response, mine.comment) == ({"PU01": 4.0, "PU02": "n/a"}, {})
    answers.close_wave("spring", {("api", ""): 10})

    closed = answers.closed("spring")
    assert [(row["item"], row["number"], row["choice"]) for row in closed.answers.to_pylist()] == [("PU01", 4.0, None)]
    assert closed.respondents.num_rows == 1


def test_rows_of_a_closed_wave_do_not_lie_in_the_order_in_which_they_came(answers: Answers) -> None:
    for number in range(60):
        answers.save("spring", response(), {"PU09": float(number)}, {})
    answers.close_wave("spring", {})

    found = [row["number"] for row in answers.closed("spring").answers.to_pylist()]
    assert found != sorted(found)
    assert found != sorted(found, reverse=True)


def test_comments_lie_apart_with_the_team_above_their_writers(answers: Answers) -> None:
    answers.save("spring", response("api"), {"PU01": 1.0}, {"PU10": "deep"})
    answers.save("spring", response("backend"), {"PU01": 1.0}, {"PU10": "top"})
    answers.close_wave("spring", {})

    closed = answers.closed("spring")
    assert {(row["text"], row["team"]) for row in closed.comments.to_pylist()} == {("deep", "backend"), ("top", "")}
    assert closed.comments.column_names == ["item", "team", "text"]


def test_one_person_who_answers_about_several_events_stays_one_when_the_wave_is_closed(answers: Answers) -> None:
    person = new_key()
    for event_class in ("production", "rollback"):
        answers.save("spring", Response(new_key(), person, new_key(), "api", event_class=event_class), {"TD1": 3.0}, {})
    answers.close_wave("spring", {})

    closed = answers.closed("spring")
    assert len({row["respondent"] for row in closed.answers.to_pylist()}) == 1
    assert len({row["response"] for row in closed.answers.to_pylist()}) == 2


def test_closing_again_changes_nothing_and_a_closed_wave_takes_no_answer(answers: Answers) -> None:
    mine = response()
    answers.save("spring", mine, {"PU01": 4.0}, {})
    answers.close_wave("spring", {("api", ""): 3})
    before = answers.closed("spring")
    answers.close_wave("spring", {("api", ""): 99})

    assert answers.closed("spring") == before
    with pytest.raises(UsageError, match="closed"):
        answers.save("spring", mine, {"PU01": 5.0}, {})
    with pytest.raises(UsageError, match="closed"):
        answers.withdraw("spring", mine.response, mine.comment)


def test_an_open_wave_and_an_unknown_one_tell_nothing(answers: Answers) -> None:
    with pytest.raises(UsageError, match="still open"):
        answers.closed("spring")
    with pytest.raises(UsageError, match="no wave 'autumn'"):
        answers.closed("autumn")
    with pytest.raises(UsageError, match="no wave 'autumn'"):
        answers.save("autumn", response(), {}, {})


def test_opening_a_wave_again_leaves_its_promises_as_they_were(answers: Answers) -> None:
    answers.open_wave(WaveFacts("spring", "pulse_v1", 8, 20, NOW))

    assert answers.wave("spring") == FACTS


def test_a_file_of_answers_is_saved_as_a_whole_or_not_at_all(answers: Answers) -> None:
    good: tuple[Response, dict[str, Value | None], dict[str, str | None]] = (response(), {"PU01": 4.0}, {})
    with pytest.raises((StoreError, TypeError, ValueError)):
        answers.save_all("spring", [good, (response(), {"PU01": object()}, {})])  # type: ignore[dict-item]

    assert answers.answered("spring") == {}


def test_a_forgotten_wave_leaves_no_row(answers: Answers) -> None:
    answers.save("spring", response(), {"PU01": 4.0}, {"PU10": "text"})
    answers.forget_wave("spring")

    assert answers.waves() == []
    assert answers.given("spring", "", "") == ({}, {})


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM answers.answers", 'SELECT 1 FROM "answers" . comments', "SELECT * FROM ANSWERS.responses"]
)
def test_no_query_comes_by_the_answers(store: EventStore, sql: str) -> None:
    with store.reader() as reader:
        for read in (reader.rows, reader.table):
            with pytest.raises(StoreError, match="results of a closed wave"):
                read(sql)
        with pytest.raises(StoreError, match="results of a closed wave"):
            reader.materialise("mine", sql)


def test_an_export_holds_no_answer(store: EventStore, tmp_path: Path) -> None:
    store.answers.save("spring", response(), {"PU01": 4.0}, {"PU10": "a very private remark"})
    store.answers.close_wave("spring", {})
    store.export(tmp_path / "out")

    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert not [path for path in written if "answer" in str(path.relative_to(tmp_path)) or "wave" in path.name]
    assert not [path for path in written if b"a very private remark" in path.read_bytes()]
