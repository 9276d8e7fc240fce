"""The weekly digest: what it tells, of whom it never tells, and that everybody gets it once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

import factories as make
import mail_sinks
from factories import Event
from friction_events import events as waits
from mail_sinks import Sink
from tribometer.errors import UsageError
from tribometer.service import operations
from tribometer.service.delivery.notes import post_to
from tribometer.service.digest.content import Content, content, week_of
from tribometer.service.digest.operations import digest
from tribometer.service.digest.sending import Digests
from tribometer.service.digest.words import html, plain, sections, slack, subject, told
from tribometer.service.instance import Instance, opened
from tribometer.settings import Digest, Settings, SurveySettings
from tribometer.settings.surveys import Chat, Mail

NOW = datetime(2026, 6, 9, 9, tzinfo=UTC)
"""A Tuesday."""
WEEK = week_of(NOW)
ADDRESS = "http://127.0.0.1:8501"
LOOKED_AT = ("change_lead_time", "review_response_time", "friction_cost", "deployment_frequency")


def deployed(weeks: int, last: int) -> Iterator[Event]:
    """Two or three deployments in every week before the last, and ``last`` of them in that."""
    monday = datetime(WEEK.year, WEEK.month, WEEK.day, 10, tzinfo=UTC)
    yield make.ownership("o-web", "secret-team", service="web")
    for week in range(weeks):
        for number in range(last if week == 0 else 2 + week % 2):
            yield make.deployment(f"d{week}-{number}", "web", monday - timedelta(weeks=week) + timedelta(hours=number))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", digest=Digest(metrics=LOOKED_AT))


def made(settings: Settings, *, last: int) -> Content:
    with opened(settings, lambda: NOW) as instance:
        land(instance, last)
        return content(instance, WEEK, ADDRESS)


def land(instance: Instance, last: int = 2) -> None:
    found = [*deployed(14, last), *waits(NOW)]
    assert operations.land_events(instance, list[object](found))["errors"] == []


def test_what_moved_is_told_with_the_limits_of_the_weeks_before(settings: Settings) -> None:
    found = made(settings, last=40)
    [of_all, of_team] = [each for each in found.moved if each.metric == "deployment_frequency"]

    assert (of_all.team, of_team.team) == ("", "secret-team")
    assert "Deployment frequency rose to" in plain(found)
    assert "the weeks before varied between" in plain(found)
    assert "moved beyond noise" in subject(found)
    assert f"{found.looked} series were looked at" in plain(found)
    assert found.chance < found.looked


def test_without_a_signal_one_sentence_says_so(settings: Settings) -> None:
    found = made(settings, last=2)

    assert found.moved == ()
    assert dict(sections(found))["What moved"] == [
        f"Nothing beyond what the weeks before vary by. {found.looked} series were looked at."
    ]
    assert "nothing moved beyond noise" in subject(found)


def test_the_costliest_frictions_stand_with_their_hours(settings: Settings) -> None:
    found = made(settings, last=2)
    [line] = dict(sections(found))["What costs most"]

    assert line.startswith("1. Waiting for a review: ")
    assert "hours a month (" in line
    assert ADDRESS in plain(found)
    assert f'<a href="{ADDRESS}/friction">1. Waiting for a review: ' in html(found)
    assert f"<{ADDRESS}/friction|Open>" in slack(found)


def test_what_moved_opens_on_its_page_for_its_team(settings: Settings) -> None:
    found = made(settings, last=40)
    page = f"{ADDRESS}/delivery?team=secret-team&amp;open=deployment_frequency"

    assert f'<a href="{page}">Deployment frequency of secret-team rose' in html(found)
    assert f"<{page}|Open>" in slack(found)


def test_nobody_is_named_anywhere(settings: Settings) -> None:
    with opened(settings, lambda: NOW) as instance:
        land(instance)
        with instance.store.reader() as reader:
            people = {author for (author,) in reader.rows("SELECT DISTINCT author FROM changes")}
        found = content(instance, WEEK, ADDRESS)
    texts = plain(found) + html(found) + slack(found) + json.dumps(told(found))

    assert len(people) == 9
    assert not [each for each in people if each in texts]


def test_an_empty_store_says_what_to_connect(settings: Settings) -> None:
    with opened(settings, lambda: NOW) as instance:
        found = content(instance, WEEK, ADDRESS)

    assert sections(found) == [
        ("Nothing to tell yet", ["No source tells of enough weeks: `tribometer doctor` says what to connect."])
    ]


def test_markup_in_a_name_stays_text(settings: Settings) -> None:
    with opened(settings, lambda: NOW) as instance:
        name = "<b>&<!channel>"
        found = [*deployed(14, 40), make.ownership("o-x", name, service="odd")]
        monday = datetime(WEEK.year, WEEK.month, WEEK.day, 10, tzinfo=UTC)
        for week in range(14):
            for number in range(40 if week == 0 else 2 + week % 2):
                at = monday - timedelta(weeks=week) + timedelta(hours=number)
                found.append(make.deployment(f"x{week}-{number}", "odd", at))
        assert operations.land_events(instance, list[object](found))["errors"] == []
        told_of = content(instance, WEEK, ADDRESS)

    assert name in plain(told_of)
    assert name not in html(told_of)
    assert "<!channel>" not in slack(told_of)


@pytest.mark.parametrize(
    ("text", "says"), [("soon", "is no week"), ("2026-W99", "is no week"), ("2026-W24", "that week is not over")]
)
def test_a_week_that_cannot_be_told_says_which_can(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        week_of(NOW, text)


def test_a_week_is_named_by_its_number() -> None:
    assert week_of(NOW, "2026-w10").isoformat() == "2026-03-02"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with mail_sinks.sink() as found:
        yield found


def mailing(tmp_path: Path, port: int, *to: str, **more: Any) -> Settings:
    mail = Mail(host="127.0.0.1", port=port, sender="tribometer@acme.example", tls="none")
    wanted = Digest(metrics=LOOKED_AT, to=to, **more)
    return Settings(data=tmp_path / "data", digest=wanted, surveys=SurveySettings(mail=mail))


def test_everybody_gets_it_once_a_week_whatever_ends_in_between(tmp_path: Path, sink: Sink) -> None:
    settings = mailing(tmp_path, sink.port, "leads@acme.example", "platform@acme.example")
    for _ in range(2):
        with opened(settings, lambda: NOW) as instance:
            land(instance)
            for _ in range(2):
                Digests(instance, ADDRESS).advance()

    assert sorted(sink.recipients) == ["leads@acme.example", "platform@acme.example"]
    body = sink.mails[0].get_body(("plain",))
    assert body is not None
    assert "What costs most" in body.get_content()


def test_it_waits_for_its_day_and_hour_by_the_settings_clock(tmp_path: Path, sink: Sink) -> None:
    settings = mailing(tmp_path, sink.port, "leads@acme.example", weekday="wednesday", hour=7)
    moments = [NOW, NOW + timedelta(hours=20), NOW + timedelta(hours=22, minutes=30)]
    seen = []
    for moment in moments:
        with opened(settings, partial(datetime.fromtimestamp, moment.timestamp(), UTC)) as instance:
            land(instance)
            Digests(instance, ADDRESS).advance()
        seen.append(len(sink.mails))

    assert seen == [0, 0, 1]


def test_what_was_begun_when_the_service_died_is_not_sent_again(tmp_path: Path, sink: Sink) -> None:
    with opened(mailing(tmp_path, sink.port, "leads@acme.example"), lambda: NOW) as instance:
        key = f"digest/{WEEK.isoformat()}/{instance.store.pseudonyms.of('leads@acme.example')}"
        instance.records.surveys.set_mark(key, "begun")

        assert Digests(instance, ADDRESS).send(WEEK) == []
    assert sink.mails == []


def test_a_server_that_is_away_is_tried_again(tmp_path: Path, sink: Sink) -> None:
    with opened(mailing(tmp_path, 9, "leads@acme.example"), lambda: NOW) as instance:
        land(instance)
        [first] = Digests(instance, ADDRESS).send(WEEK)
    with opened(mailing(tmp_path, sink.port, "leads@acme.example"), lambda: NOW) as instance:
        [second] = Digests(instance, ADDRESS).send(WEEK)

    assert (first.state, second.state) == ("later", "sent")


def test_slack_gets_it_by_its_webhook(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "https://hooks.example.org/secret")
    posted: list[Any] = []

    def take(request: httpx.Request) -> httpx.Response:
        posted.append(json.loads(request.content))
        return httpx.Response(200, text="ok")

    chat = SurveySettings(slack=Chat(webhook={"env": "HOOK"}))
    wanted = settings.model_copy(update={"surveys": chat, "digest": Digest(slack=True, metrics=LOOKED_AT)})
    with opened(wanted, lambda: NOW) as instance:
        land(instance)
        sender = Digests(instance, ADDRESS, partial(post_to, transport=httpx.MockTransport(take)))
        [outcome] = sender.send(WEEK)

        assert sender.send(WEEK) == []
    assert (outcome.state, len(posted)) == ("sent", 1)
    assert "*What costs most*" in posted[0]["text"]


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (Digest(), "Nobody gets the digest"),
        (Digest(to=("a@b.example",)), r"set \[surveys.mail\]"),
        (Digest(slack=True), r"set \[surveys.slack\] webhook"),
    ],
)
def test_sending_without_a_way_says_which_setting_is_missing(settings: Settings, wanted: Digest, says: str) -> None:
    with opened(settings.model_copy(update={"digest": wanted}), lambda: NOW) as instance:
        with pytest.raises(UsageError, match=says):
            digest(instance, {"send": True}, lambda _: None)
        Digests(instance, ADDRESS).advance()


def test_a_metric_that_is_none_is_named(settings: Settings) -> None:
    wanted = settings.model_copy(update={"digest": Digest(metrics=("nosuch",))})
    with (
        opened(wanted, lambda: NOW) as instance,
        pytest.raises(UsageError, match=r"digest.metrics: there is no metric"),
    ):
        digest(instance, {}, lambda _: None)
