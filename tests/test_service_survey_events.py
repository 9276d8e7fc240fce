"""Surveys after events: a deployment, a red check, a start, a request; over a real store, once each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import factories as make
from factories import Event
from tribometer.events import parse_event
from tribometer.service.instance import Instance, opened
from tribometer.service.surveys import events, waves
from tribometer.settings import Settings
from tribometer.settings.surveys import Mail, SurveySettings
from tribometer.store.records.survey_records import Invitation, Wave

NOW = datetime(2026, 3, 4, 11, tzinfo=UTC)
"""A Wednesday."""
PEOPLE = ("ann", "ben", "cyd")


def settings(folder: Path) -> Settings:
    book = folder / "people.csv"
    book.write_text("address\n" + "".join(f"{name}@acme.example\n" for name in PEOPLE), encoding="utf-8")
    asked = ("after_deploy", "red_check", "onboarding", "provisioning")
    mail = Mail(host="127.0.0.1", port=2525, sender="s@acme.example", tls="none")
    return Settings(data=folder / "data", surveys=SurveySettings(people=book, events=asked, one_in=1, mail=mail))


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with opened(settings(tmp_path), lambda: NOW) as held:
        yield held


def asked(instance: Instance, *more: Event) -> list[tuple[str, str | None]]:
    """Let things happen and look: which instrument asks about which kind of event."""
    instance.store.land([parse_event(each) for each in more], source="test")
    instance.store.refresh()
    events.ask(instance)
    return [(wave.instrument, each.event_class) for wave, each in invitations(instance)]


def invitations(instance: Instance) -> Sequence[tuple[Wave, Invitation]]:
    surveys = instance.records.surveys
    return [(wave, each) for wave in surveys.waves() for each in surveys.invitations(wave.number)]


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def deployed(hours: float = 2) -> list[Event]:
    return [
        make.commit("acme/api", "one", ago(80), author="ann@acme.example"),
        make.commit("acme/api", "two", ago(30), "one", author="ben@acme.example"),
        make.deployment("d0", "acme/api", ago(70), sha="one"),
        make.deployment("d1", "acme/api", ago(hours), sha="two"),
    ]


def test_the_author_of_what_a_deployment_shipped_is_asked(instance: Instance) -> None:
    assert asked(instance, *deployed()) == [("after_deploy_v1", "production")]
    [(wave, invitation)] = invitations(instance)

    assert wave.name == "after_deploy_v1 2026-Q1"
    assert invitation.address == "ben@acme.example"
    assert invitation.expires_at == ago(2) + timedelta(hours=48)


def test_looking_again_asks_nobody_again(instance: Instance) -> None:
    asked(instance, *deployed())

    assert events.ask(instance) == 0
    assert len(invitations(instance)) == 1


def test_history_that_is_collected_for_the_first_time_asks_nobody(instance: Instance) -> None:
    assert asked(instance, *deployed(hours=60)) == []


def test_an_open_incident_of_the_service_keeps_everybody_in_peace(instance: Instance) -> None:
    suffering = make.incident("i1", "acme/api", impact_started_at=ago(1))

    assert asked(instance, *deployed(), suffering) == []


def test_the_author_of_a_change_whose_check_failed_is_asked_once(instance: Instance) -> None:
    change = make.change("acme/api", 7, ago(20), author="cyd@acme.example")
    runs = [
        make.event(
            "run", f"r{attempt}", repository="acme/api", workflow="ci", run="1", attempt=attempt, sha="s",
            created_at=ago(5), completed_at=ago(4), conclusion="failure", change="acme/api#7",
        )
        for attempt in (1, 2)
    ]  # fmt: skip

    assert asked(instance, change, *runs) == [("red_check_v1", "check")]


@pytest.mark.parametrize(("days", "kind"), [(7, "day-7"), (30, "day-30"), (90, "day-90")])
def test_who_began_is_asked_on_their_days(instance: Instance, days: int, kind: str) -> None:
    start = ago(3) - timedelta(days=days)
    person = make.event("person", "ann", start_date=start, handles=["ann@acme.example"])

    assert asked(instance, person) == [("onboarding_v1", kind)]


def test_somebody_of_the_team_is_asked_about_a_request(instance: Instance) -> None:
    team = [make.ownership(f"o{name}", "shop", person=f"{name}@acme.example") for name in PEOPLE[:2]]
    request = make.event("request", "q1", kind="database", team="shop", requested_at=ago(9), fulfilled_at=ago(3))

    assert asked(instance, *team, request) == [("provisioning_v1", "database")]


def test_a_closed_wave_keeps_nothing_of_the_event(instance: Instance) -> None:
    asked(instance, *deployed())
    [(wave, _)] = invitations(instance)
    waves.finish(instance, wave)

    [(_, kept)] = invitations(instance)
    assert (kept.event_class, kept.address) == (None, None)
