"""A wave from its opening to its results, as the schedule moves it on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import factories as make
from mail_sinks import Sink, sink
from tribometer.errors import StoreError, UsageError
from tribometer.events import parse_event
from tribometer.service.instance import Instance, opened
from tribometer.service.surveys import operations, waves
from tribometer.service.surveys.advancing import Advancing
from tribometer.service.surveys.links import link_key, read_token
from tribometer.service.surveys.results import survey_results
from tribometer.settings import Settings
from tribometer.settings.surveys import Mail, SurveySettings
from tribometer.store.answer_rows import Response
from tribometer.store.records.survey_records import InvitationState

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TEAMS = ("checkout", "search")
LINK = re.compile(r"http://survey\.example/s/(\S+)")


@dataclass
class Office:
    """An instance whose clock the test moves, and where its mail goes."""

    instance: Instance
    sink: Sink
    book: Path
    time: list[datetime] = field(default_factory=lambda: [MONDAY])

    def go(self, moment: datetime) -> None:
        """Let it be later, and look at the surveys."""
        self.time[0] = moment
        self.advancing.advance()

    @property
    def advancing(self) -> Advancing:
        """What the schedule calls; a new one each time, as after a restart."""
        return Advancing(self.instance)

    def open(self, instrument: str = "quarterly", **more: Any) -> str:
        """Open a wave and give its name."""
        told = operations.opened(self.instance, {"instrument": instrument, "wave": "spring", **more}, lambda _: None)
        return str(told["wave"])

    def answer(self, number: int, **answers: float) -> None:
        """Answer as the invitation of a number does, as the form would."""
        keys = self.instance.records.surveys.keys(number)
        asked = self.instance.records.surveys.invitation(number)
        assert keys is not None
        assert asked is not None
        response = Response(keys.response, keys.respondent, keys.comment, asked.team, asked.tenure)
        self.instance.store.answers.save("spring", response, answers, {})
        self.instance.records.surveys.set_state(number, "answered")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    book = tmp_path / "people.csv"
    people = [f"{team}{number}@acme.example" for team in TEAMS for number in range(9)]
    book.write_text("\n".join(["address", *people, "ci@acme.example", "gone@acme.example"]), encoding="utf-8")
    moments = [MONDAY]
    with sink() as kept:
        surveys = SurveySettings(
            url="http://survey.example",
            people=book,
            mail=Mail(host="127.0.0.1", port=kept.port, sender="surveys@acme.example", tls="none"),
        )
        with opened(Settings(data=tmp_path / "data", surveys=surveys), lambda: moments[0]) as instance:
            instance.store.land([parse_event(each) for each in catalog()], source="test")
            instance.store.refresh()
            yield Office(instance, kept, book, moments)


def catalog() -> Iterator[make.Event]:
    for team in TEAMS:
        yield make.event("team", team, name=team, parent="engineering", timezone="Europe/Berlin", holidays="DE")
        for number in range(9):
            yield make.ownership(f"{team}{number}", team, person=f"{team}{number}@acme.example")
    yield make.event("team", "engineering", name="engineering")
    yield make.event("person", "bot", kind="bot", handles=["ci@acme.example"])
    yield make.event("person", "left", end_date=make.text(MONDAY - timedelta(days=3)), handles=["gone@acme.example"])


def test_people_of_the_catalog_are_invited_but_no_bot_and_nobody_who_left(office: Office) -> None:
    office.open()

    asked = office.instance.records.surveys.invitations(1)
    assert len(asked) == 18
    assert {(each.team, each.timezone, each.country) for each in asked} == {
        (team, "Europe/Berlin", "DE") for team in TEAMS
    }


def test_everybody_gets_one_mail_with_a_link_of_their_own(office: Office) -> None:
    office.open()
    office.go(MONDAY)
    office.go(MONDAY + timedelta(minutes=1))

    texts = [mail.get_body(("plain",)) for mail in office.sink.mails]
    tokens = {found[1] for text in texts if text is not None and (found := LINK.search(text.get_content()))}
    key = link_key(office.instance.store.pseudonyms)
    assert len(office.sink.mails) == len(set(office.sink.recipients)) == 18
    assert sorted(told[0] for token in tokens if (told := read_token(key, token))) == list(range(1, 19))


def test_nobody_is_written_to_at_night_or_on_a_weekend(office: Office) -> None:
    saturday = MONDAY + timedelta(days=5)
    office.time[0] = saturday
    office.open()
    office.go(saturday + timedelta(hours=1))
    assert office.sink.mails == []

    office.go(datetime(2026, 3, 9, 7, 30, tzinfo=UTC))  # half past eight in Berlin
    assert office.sink.mails == []
    office.go(datetime(2026, 3, 9, 8, 5, tzinfo=UTC))
    assert len(office.sink.mails) == 18


def test_links_that_are_handed_out_open_at_once_at_any_hour_but_each_part_in_its_turn(office: Office) -> None:
    saturday_night = MONDAY + timedelta(days=5, hours=13)
    office.time[0] = saturday_night
    office.open("pulse", channels=["links"])

    opens = [each.opens_at for each in office.instance.records.surveys.invitations(1)]
    turns = [saturday_night + timedelta(days=days) for days in (0, 14, 28)]
    assert sorted(set(opens)) == turns
    assert [opens.count(turn) for turn in turns] == [6, 6, 6]


def test_a_reminder_goes_to_those_who_have_not_answered(office: Office) -> None:
    office.open()
    office.go(MONDAY)
    for number in range(1, 11):
        office.answer(number, Q01=4.0)
    office.go(MONDAY + timedelta(days=4))
    office.go(MONDAY + timedelta(days=4, minutes=1))

    assert len(office.sink.mails) == 18 + 8


def test_a_wave_closes_at_its_time_and_nothing_leads_to_anybody(office: Office) -> None:
    office.open()
    office.go(MONDAY)
    for number in range(1, 15):
        office.answer(number, Q01=4.0 if number % 3 else 2.0)
    office.go(MONDAY + timedelta(days=15))

    surveys = office.instance.records.surveys
    assert surveys.wave("spring").state == "closed"
    assert surveys.keys(1) is None
    assert {(each.address, each.state) for each in surveys.invitations(1)} == {(None, "sent")}
    told = survey_results(office.instance, {"wave": "spring", "by": "team", "item": "Q01"}, lambda _: None)
    assert told["response"] == "60-79"
    assert {each["status"] for each in told["cells"]} == {"ok"}
    assert {each["n_band"] for each in told["cells"]} == {"5-9", "10-19"}


def test_results_of_an_open_wave_are_told_to_nobody(office: Office) -> None:
    office.open()
    for number in range(1, 15):
        office.answer(number, Q01=4.0)

    with pytest.raises(UsageError, match="still open"):
        survey_results(office.instance, {"wave": "spring"}, lambda _: None)


@pytest.mark.parametrize("broken", ["close_wave", "unlink"])
def test_a_wave_that_a_crash_left_half_closed_is_closed_by_the_next_look(
    office: Office, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.open()
    office.go(MONDAY)
    for number in range(1, 15):
        office.answer(number, Q01=4.0)
    owner = office.instance.store.answers if broken == "close_wave" else office.instance.records.surveys
    right = getattr(owner, broken)

    def fail(*_: object) -> None:
        raise StoreError("no space left")

    monkeypatch.setattr(owner, broken, fail)
    office.go(MONDAY + timedelta(days=15))
    assert office.instance.records.surveys.wave("spring").state == "closing"
    monkeypatch.setattr(owner, broken, right)
    office.go(MONDAY + timedelta(days=15, minutes=1))

    assert office.instance.records.surveys.wave("spring").state == "closed"
    told = survey_results(office.instance, {"wave": "spring", "item": "Q01"}, lambda _: None)
    assert [each["status"] for each in told["cells"]] == ["ok"]


def test_a_pulse_asks_every_part_of_a_team_once_in_its_turn(office: Office) -> None:
    office.open("pulse")
    turns: list[int] = []
    for days in range(45):
        office.go(MONDAY + timedelta(days=days))
        turns.append(len(set(office.sink.recipients)))

    first = [next(team for team in TEAMS if each.startswith(team)) for each in office.sink.recipients[:6]]
    assert sorted(first) == ["checkout"] * 3 + ["search"] * 3
    assert turns[0] == 6
    assert (turns[13], turns[14], turns[27], turns[28]) == (6, 12, 12, 18)
    assert office.instance.records.surveys.wave("spring").state == "closed"


def test_nobody_is_asked_again_before_they_had_their_rest(office: Office) -> None:
    office.open()
    office.go(MONDAY)
    operations.opened(office.instance, {"instrument": "dora_core", "wave": "belief"}, lambda _: None)
    office.go(MONDAY + timedelta(days=1))
    assert len(office.sink.mails) == 18

    office.go(MONDAY + timedelta(days=14, hours=1))
    later = office.instance.records.surveys.invitations(2)
    assert all(each.opens_at >= MONDAY + timedelta(days=14) for each in later)


def test_answers_are_forgotten_when_their_time_is_over(office: Office) -> None:
    office.open()
    office.answer(1, Q01=4.0)
    office.go(MONDAY + timedelta(days=15))
    office.go(MONDAY + timedelta(days=800))

    assert office.instance.store.answers.waves() == []
    assert office.instance.records.surveys.waves() == []


def test_people_who_are_invited_later_are_asked_too_and_nobody_twice(office: Office) -> None:
    name = office.open()
    more = office.book.with_name("more.csv")
    more.write_text("address\ncheckout1@acme.example\nnew@acme.example\n", encoding="utf-8")

    told = operations.invited(office.instance, {"wave": name, "people": str(more)}, lambda _: None)
    assert told["invited"] == 1
    assert waves.invite(office.instance, office.instance.records.surveys.wave(name), waves.book(office.instance)) == 0


def test_status_tells_bands_and_no_word_of_who_answered(office: Office) -> None:
    office.open()
    office.go(MONDAY)
    for number in range(1, 4):
        office.answer(number, Q01=4.0)
    told = operations.status(office.instance, {"wave": "spring"}, lambda _: None)

    assert told["teams"] == [{"team": team, "invited": "5-9", "response": "<60"} for team in TEAMS]
    assert told["messages"] == {"sent": 18}
    assert "answered" not in str(told)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"instrument": "puls"}, "There is no instrument 'puls'"),
        ({"instrument": "pulse", "channels": ["pigeon"]}, "choose email"),
        ({"instrument": "pulse", "channels": ["slack"]}, "surveys.slack.token"),
        ({"instrument": "after_deploy"}, "asked after events"),
        ({"instrument": "pulse", "end": "2026-01-01"}, "before it opens"),
        ({"instrument": "pulse", "people": "nowhere.csv"}, "cannot be read"),
    ],
)
def test_what_cannot_be_opened_says_what_can(office: Office, arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        operations.opened(office.instance, arguments, lambda _: None)


def test_those_named_for_a_wave_that_opens_later_are_asked_then_and_nobody_else(office: Office) -> None:
    few = office.book.with_name("few.csv")
    few.write_text("address\ncheckout1@acme.example\nsearch1@acme.example\n", encoding="utf-8")
    office.open(people=str(few), start=(MONDAY + timedelta(days=7)).isoformat())

    office.go(MONDAY + timedelta(days=1))
    assert office.sink.mails == []
    office.go(MONDAY + timedelta(days=7))
    office.go(MONDAY + timedelta(days=7, minutes=1))
    assert sorted(office.sink.recipients) == ["checkout1@acme.example", "search1@acme.example"]


def test_a_crash_before_a_wave_is_open_loses_nobody_who_was_named_for_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = office.book.with_name("few.csv")
    few.write_text("address\ncheckout1@acme.example\n", encoding="utf-8")

    def fail(*_: object) -> None:
        raise StoreError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(office.instance.store.answers, "open_wave", fail)
        with pytest.raises(StoreError):
            office.open(people=str(few))
    office.go(MONDAY + timedelta(minutes=1))
    office.go(MONDAY + timedelta(minutes=2))

    assert office.sink.recipients == ["checkout1@acme.example"]


def test_those_whose_turn_never_came_were_not_asked(office: Office) -> None:
    office.open("pulse")
    office.go(MONDAY)
    asked = office.instance.records.surveys.invitations(1, "sent")
    for each in asked:
        office.answer(each.number, PU01=4.0)
    operations.closed(office.instance, {"wave": "spring"}, lambda _: None)

    told = survey_results(office.instance, {"wave": "spring", "item": "PU01"}, lambda _: None)
    assert (len(asked), told["response"]) == (6, "80+")
    assert operations.status(office.instance, {"wave": "spring"}, lambda _: None)["invited"] == 6


def test_once_a_wave_is_closed_no_record_tells_those_who_answered_from_the_others(office: Office) -> None:
    office.open()
    office.go(MONDAY)
    for number in range(1, 11):
        office.answer(number, Q01=4.0)
    for days in (4, 4.1, 8, 8.1, 15):
        office.go(MONDAY + timedelta(days=days))

    surveys = office.instance.records.surveys
    assert len(office.sink.mails) > 18
    assert {(each.kind, each.state, each.problem) for each in surveys.messages(1)} == {("invitation", "sent", None)}
    assert len({(each.state, each.reminded, each.problem) for each in surveys.invitations(1)}) == 1


def test_nobody_gets_two_surveys_at_once_because_the_first_one_could_not_be_sent_in_time(office: Office) -> None:
    office.open(end=(MONDAY + timedelta(days=60)).isoformat())
    second = {"instrument": "dora_core", "wave": "belief", "end": (MONDAY + timedelta(days=60)).isoformat()}
    operations.opened(office.instance, second, lambda _: None)

    surveys = office.instance.records.surveys
    states = list[set[InvitationState]]()
    for days in (14.1, 27, 29):
        office.go(MONDAY + timedelta(days=days))
        states += [{each.state for each in surveys.invitations(wave)} for wave in (1, 2)]
    assert states == [{"sent"}, {"waiting"}, {"sent"}, {"waiting"}, {"sent"}, {"sent"}]


def test_whom_nothing_reached_and_whom_perhaps_nothing_did_are_listed(
    office: Office,
) -> None:
    office.sink.refuse["checkout3@acme.example"] = "550 5.1.1 nobody here"
    office.open()
    office.go(MONDAY)
    surveys = office.instance.records.surveys
    with_doubt = surveys.invitations(1, "sent")[0]
    surveys.plan(with_doubt.number, "reminder-1", MONDAY)
    assert len(surveys.claim(1)) == 1
    office.go(MONDAY + timedelta(minutes=11))

    told = operations.status(office.instance, {"wave": "spring"}, lambda _: None)
    pseudonyms = office.instance.store.pseudonyms
    assert {(each["person"], each["channel"]) for each in told["trouble"]} == {
        (pseudonyms.of("checkout3@acme.example"), "email"),
        (with_doubt.person, "email"),
    }
    assert {each["address"] for each in told["trouble"]} == {"checkout3@acme.example", with_doubt.address}
    assert told["messages"] == {"failed": 1, "sent": 17, "unsure": 1}
    office.go(MONDAY + timedelta(days=15))
    closed = operations.status(office.instance, {"wave": "spring"}, lambda _: None)
    assert {each["address"] for each in closed["trouble"]} <= {None}
