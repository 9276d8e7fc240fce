"""Answers that were given elsewhere become a wave of their own, and nothing keeps who gave them."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from event_samples import event
from service_places import NOON
from service_places import clock as at_noon
from surveys import instrument
from tribometer.demo import generator
from tribometer.errors import UsageError
from tribometer.service.instance import Instance, opened
from tribometer.service.surveys.importing import map_argument, survey_import
from tribometer.service.surveys.results import survey_results
from tribometer.service.surveys.waves import finish
from tribometer.settings import Settings
from tribometer.settings.surveys import SurveySettings
from tribometer.store.records.survey_records import NewInvitation, NewWave

HEADER = ("respondent", "team", "tenure", "submitted_at", "PU01", "PU04", "PU10", "PU10_comment")
ANN = ("ann@example.org", "shop", "1-3 years", "2026-01-20T12:00:00Z", "5", "4", "build/test", "Caches, please")
BOB = ("bob@example.org", "Shop", "", "2026-01-21T12:00:00Z", "2", "n/a", "Review", "")
WAVE = "2026-Q1"


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    settings = Settings(data=tmp_path / "data", surveys=SurveySettings(minimum=6, comment_minimum=12))
    with opened(settings, at_noon) as held:
        teams = [event("team", "shop", name="The Shop", parent="apps"), event("team", "apps", name="Apps")]
        held.store.land(teams)
        yield held


def written(path: Path, *rows: Sequence[str], header: Sequence[str] = HEADER) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def imported(instance: Instance, path: Path, **arguments: Any) -> tuple[dict[str, Any], list[str]]:
    told: list[Mapping[str, Any]] = []
    report = survey_import(
        instance, {"instrument": "pulse", "wave": WAVE, "files": [str(path)], **arguments}, told.append
    )
    return report, [each["hint"] for each in told]


def counts(report: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(report[name] for name in ("new", "updated", "unchanged", "rejected"))


def closed(instance: Instance) -> Any:
    instance.store.answers.close_wave(WAVE, {})
    return instance.store.answers.closed(WAVE)


def test_a_file_makes_and_opens_a_wave_with_the_promises_of_the_settings(instance: Instance, tmp_path: Path) -> None:
    report, told = imported(instance, written(tmp_path / "answers.csv", ANN, BOB))
    assert counts(report) == (2, 0, 0, 0)
    assert (report["wave"], report["instrument"], report["errors"], told) == (WAVE, "pulse_v1", [], [])
    wave = instance.records.surveys.wave(WAVE)
    assert (wave.state, wave.instrument, wave.minimum, wave.comment_minimum) == ("open", "pulse_v1", 6, 12)
    assert (wave.channels, wave.reminders, instance.records.surveys.invitations(wave.number)) == ((), (), [])
    assert NOON + timedelta(days=30) < wave.closes_at <= NOON + timedelta(days=92)


def test_the_wave_began_on_the_day_of_the_first_answer_and_knows_the_teams(instance: Instance, tmp_path: Path) -> None:
    imported(instance, written(tmp_path / "answers.csv", ANN, BOB))
    facts = instance.store.answers.wave(WAVE)
    assert facts is not None
    assert facts.opened_at == datetime(2026, 1, 20, tzinfo=UTC)
    assert facts.teams == {"shop": "apps", "apps": None}
    assert facts.keep_until is not None
    assert (facts.minimum, facts.keep_until > NOON + timedelta(days=730)) == (6, True)


def test_what_was_answered_lands_under_teams_as_the_catalog_spells_them(instance: Instance, tmp_path: Path) -> None:
    named = ("cy@example.org", "the shop", "", "", "3", "", "", "")
    elsewhere = ("di@example.org", "Marketing", "", "", "1", "", "", "")
    imported(instance, written(tmp_path / "answers.csv", ANN, BOB, named, elsewhere))
    found = closed(instance)
    answers = found.answers.to_pylist()
    said = sorted((each["team"], each["item"], each["number"] or each["choice"]) for each in answers)
    assert said == [
        ("Marketing", "PU01", 1.0),
        ("shop", "PU01", 2.0),
        ("shop", "PU01", 3.0),
        ("shop", "PU01", 5.0),
        ("shop", "PU04", 4.0),
        ("shop", "PU10", "builds"),
        ("shop", "PU10", "review"),
    ]
    assert found.comments.to_pylist() == [{"item": "PU10", "team": "apps", "text": "Caches, please"}]
    assert found.invited == {}


def test_importing_a_file_again_changes_nothing(instance: Instance, tmp_path: Path) -> None:
    path = written(tmp_path / "answers.csv", ANN, BOB)
    imported(instance, path)
    assert counts(imported(instance, path)[0]) == (0, 0, 2, 0)
    assert len(instance.records.surveys.waves()) == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("PU01", "1"),
        ("PU01", ""),
        ("PU10_comment", "More caches"),
        ("PU10_comment", ""),
        ("team", "apps"),
        ("tenure", ""),
    ],
)
def test_a_changed_row_replaces_what_its_respondent_said(
    instance: Instance, tmp_path: Path, column: str, value: str
) -> None:
    imported(instance, written(tmp_path / "answers.csv", ANN, BOB))
    changed = [value if name == column else cell for name, cell in zip(HEADER, ANN, strict=True)]
    path = written(tmp_path / "later.csv", changed, BOB)
    assert counts(imported(instance, path)[0]) == (0, 1, 1, 0)
    assert counts(imported(instance, path)[0]) == (0, 0, 2, 0)


def test_a_later_file_may_add_items_and_takes_no_others_away(instance: Instance, tmp_path: Path) -> None:
    imported(instance, written(tmp_path / "answers.csv", ANN))
    more = written(tmp_path / "more.csv", ("ANN@example.org", "shop", "1-3 years", "3"), header=(*HEADER[:3], "PU02"))
    assert counts(imported(instance, more)[0]) == (0, 1, 0, 0)
    assert {each["item"] for each in closed(instance).answers.to_pylist()} == {"PU01", "PU02", "PU04", "PU10"}


def test_rows_without_respondents_are_counted_once_however_often_they_come(instance: Instance, tmp_path: Path) -> None:
    path = written(tmp_path / "answers.csv", ("shop", "4"), ("shop", "4"), ("shop", "2"), header=("team", "PU01"))
    report, told = imported(instance, path)
    assert counts(report) == (3, 0, 0, 0)
    assert "Rows that name no respondent: 3." in " ".join(told)
    assert counts(imported(instance, path)[0]) == (0, 0, 3, 0)


def test_what_does_not_fit_is_told_and_kept_without_what_it_says(instance: Instance, tmp_path: Path) -> None:
    bad = ("eve@example.org", "shop", "", "", "furious", "", "", "My boss")
    report, _ = imported(instance, written(tmp_path / "answers.csv", ANN, bad))
    assert counts(report) == (1, 0, 0, 1)
    [told] = report["rejections"]
    assert told["line"] == 3
    assert told["reason"].startswith("PU01: 'furious' is no answer here")
    [kept] = instance.store.rejected()
    assert (kept.line, kept.reason) == (3, "a survey row in which PU01 cannot be read")
    assert json.loads(kept.content) == {"survey": "pulse_v1", "line": 3, "columns": ["PU01"]}
    assert not any(secret in repr(kept) for secret in ("eve", "furious", "boss"))


def test_a_corrected_file_takes_the_place_of_its_rejections(instance: Instance, tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    imported(instance, written(path, ANN, (*BOB[:4], "9", *BOB[5:])))
    assert len(instance.store.rejected()) == 1
    assert counts(imported(instance, written(path, ANN, BOB))[0]) == (1, 0, 1, 0)
    assert instance.store.rejected() == []


def test_of_many_rejections_the_first_are_listed_and_all_are_counted(instance: Instance, tmp_path: Path) -> None:
    rows = [(f"{number}", "shop", "9") for number in range(150)]
    report, _ = imported(instance, written(tmp_path / "answers.csv", *rows, header=("respondent", "team", "PU01")))
    assert (report["rejected"], len(report["rejections"])) == (150, 100)
    assert instance.records.surveys.waves() == []


def test_columns_that_are_no_item_are_told(instance: Instance, tmp_path: Path) -> None:
    header = ("respondent", "team", "PU01", "Shoe size")
    _, told = imported(instance, written(tmp_path / "answers.csv", ("ann", "shop", "4", "44"), header=header))
    assert told == ["No item, so left out: 'Shoe size'. A header map (--map) says what a column is."]


@pytest.mark.parametrize("state", ["closing", "closed"])
def test_a_closed_wave_takes_no_more_answers(instance: Instance, tmp_path: Path, state: Any) -> None:
    path = written(tmp_path / "answers.csv", ANN)
    imported(instance, path)
    instance.records.surveys.move(instance.records.surveys.wave(WAVE).number, state)
    with pytest.raises(UsageError, match="The wave '2026-Q1' is closed") as refused:
        imported(instance, path)
    assert refused.value.exit_code == 2


def test_a_wave_of_another_instrument_takes_none_of_these(instance: Instance, tmp_path: Path) -> None:
    imported(instance, written(tmp_path / "answers.csv", ANN))
    path = written(tmp_path / "other.csv", ("ann", "shop", "4"), header=("respondent", "team", "Q01"))
    with pytest.raises(UsageError, match=r"asks pulse_v1, not quarterly_v1"):
        imported(instance, path, instrument="quarterly")


def test_a_wave_that_asks_people_by_itself_takes_none_from_elsewhere(instance: Instance, tmp_path: Path) -> None:
    new = NewWave(WAVE, "pulse_v1", NOON, NOON + timedelta(days=10), channels=())
    wave = instance.records.surveys.add_wave(new)
    instance.records.surveys.invite(wave.number, [NewInvitation("p_ann", "links", None, NOON)])
    with pytest.raises(UsageError, match="asks people by itself"):
        imported(instance, written(tmp_path / "answers.csv", ANN))


def test_an_import_that_was_cut_off_before_the_wave_was_open_is_made_good(instance: Instance, tmp_path: Path) -> None:
    new = NewWave(WAVE, "pulse_v1", NOON, NOON + timedelta(days=10), channels=())
    instance.records.surveys.add_wave(new)
    assert counts(imported(instance, written(tmp_path / "answers.csv", ANN))[0]) == (1, 0, 0, 0)
    assert instance.records.surveys.wave(WAVE).state == "open"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"instrument": "mood"}, "There is no instrument 'mood'; there are "),
        ({"instrument": "pulse_v9"}, "There is no instrument 'pulse_v9'"),
        ({"wave": " "}, "--wave needs a name"),
        ({"map": {"like": "monkey"}}, "There is no header map 'monkey'"),
        ({"map": {"name": "own.toml", "text": "= 3"}}, "own.toml: this is no TOML"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    instance: Instance, tmp_path: Path, arguments: Mapping[str, Any], problem: str
) -> None:
    with pytest.raises(UsageError, match=problem):
        imported(instance, written(tmp_path / "answers.csv", ANN), **arguments)
    assert instance.records.surveys.waves() == []


def test_a_file_that_is_not_there_is_told_as_the_other_imports_do(instance: Instance, tmp_path: Path) -> None:
    report, _ = imported(instance, tmp_path / "none.csv")
    assert report["errors"] == [f"{tmp_path / 'none.csv'}: No such file or directory"]
    assert counts(report) == (0, 0, 0, 0)


def test_a_file_may_come_from_a_command_beside_the_service(instance: Instance, tmp_path: Path) -> None:
    sent = {"name": "answers.csv", "path": str(written(tmp_path / "upload", ANN))}
    assert counts(imported(instance, tmp_path, files=[sent])[0]) == (1, 0, 0, 0)


def test_a_microsoft_forms_workbook_is_imported_with_the_map_of_its_tool(instance: Instance, tmp_path: Path) -> None:
    pulse = instrument.named("pulse", instrument.shipped())
    texts = [each.text["en"] for each in pulse.items if each.id in {"PU01", "PU09", "PU10"}]
    book = Workbook()
    book.active.append(["ID", "Start time", "Completion time", "Email", "Name", "Team", *texts])
    at = datetime(2026, 1, 20, 12)  # noqa: DTZ001 - Excel has no zones
    book.active.append([1, at, at, "ann@example.org", "Ann Example", "shop", "Agree", "3-5", "Flaky checks"])
    book.save(tmp_path / "answers.xlsx")
    report, told = imported(instance, tmp_path / "answers.xlsx", map=map_argument("microsoft-forms"))
    assert (counts(report), told) == ((1, 0, 0, 0), [])


def test_a_header_map_of_ones_own_goes_along_as_text(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('like = "typeform"\n', encoding="utf-8")
    assert map_argument(str(path)) == {"name": str(path), "text": 'like = "typeform"\n'}
    assert (map_argument("typeform"), map_argument(None)) == ({"like": "typeform"}, None)
    with pytest.raises(UsageError, match="Give a TOML file, or one of formbricks, google-forms"):
        map_argument(str(tmp_path / "none.toml"))


def test_no_name_of_a_respondent_is_anywhere_in_the_folder(instance: Instance, tmp_path: Path) -> None:
    bad = ("eve@example.org", "shop", "", "", "9", "", "", "")
    imported(instance, written(tmp_path / "answers.csv", ANN, BOB, bad))
    instance.store.answers.close_wave(WAVE, {})
    content = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert b"Caches, please" in content
    assert not any(name in content for name in (b"ann@example", b"bob@example", b"eve@example"))


def test_an_import_is_on_record_with_counts_and_nothing_else(instance: Instance, tmp_path: Path) -> None:
    imported(instance, written(tmp_path / "answers.csv", ANN, BOB))
    [entry] = instance.records.audit.newest()
    assert (entry.action, entry.subject) == ("survey.import", WAVE)
    assert entry.details == {"instrument": "pulse_v1", "new": 2, "updated": 0, "unchanged": 0, "rejected": 0}


def test_the_demo_organisations_answers_are_imported_without_a_remark(instance: Instance, tmp_path: Path) -> None:
    generator.write(tmp_path, NOON, answers=tmp_path / "answers", scale=0.1)
    path = max((tmp_path / "answers").glob("*.csv"))
    report, told = imported(instance, path, instrument="pulse_v1")
    assert (report["rejections"], told) == ([], [])
    assert report["new"] == len(path.read_text(encoding="utf-8").splitlines()) - 1 > 0


def answers_of(team: str, people: int) -> list[tuple[str, ...]]:
    return [(f"{team}{number}@example.org", team, "", "", str(1 + number % 5), "", "", "") for number in range(people)]


def catalog_of(team: str, people: int) -> list[Any]:
    """A team of so many people, one of whom left."""
    return [
        *(
            event("ownership", f"{team}{number}", team=team, person=f"{team}{number}@example.org")
            for number in range(people + 1)
        ),
        event("person", f"gone {team}", handles=[f"{team}{people}@example.org"], end_date="2026-01-10T00:00:00Z"),
    ]


@pytest.mark.parametrize(
    ("rows", "response"),
    [
        (answers_of("shop", 8), "80+"),
        (answers_of("shop", 7), "60-79"),
        (answers_of("shop", 7) + answers_of("Marketing", 6), None),
        (answers_of("shop", 12), None),
    ],
    ids=["most", "some", "a team that the catalog does not know", "more people than the catalog has"],
)
def test_the_response_is_of_the_catalogs_people_where_it_knows_all_teams_that_answered(
    instance: Instance, tmp_path: Path, rows: list[tuple[str, ...]], response: str | None
) -> None:
    instance.store.land([*catalog_of("shop", 10), *catalog_of("search", 30)])
    instance.store.refresh()
    imported(instance, written(tmp_path / "answers.csv", *rows))
    finish(instance, instance.records.surveys.wave(WAVE))

    told = survey_results(instance, {"wave": WAVE, "item": "PU01"}, lambda _: None)
    assert told["response"] == response
