"""Waves with people to be written to, and an outbox over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tribometer.service.delivery.making import Telling
from tribometer.service.delivery.outbox import Outbox
from tribometer.service.delivery.sending import Outgoing, Sender
from tribometer.service.delivery.wording import Invite
from tribometer.settings.surveys import Mail
from tribometer.store.records import RecordStore
from tribometer.store.records.survey_records import Invitation, Message, NewInvitation, NewWave, Wave
from tribometer.store.records.surveys import Surveys

MONDAY = datetime(2026, 2, 2, 9, tzinfo=UTC)
CLOSES = MONDAY + timedelta(days=10)


@dataclass
class Clock:
    """A clock that a test sets."""

    now: datetime = field(default=MONDAY)

    def __call__(self) -> datetime:
        """Tell the time that was set."""
        return self.now


def link_of(invitation: Invitation) -> str:
    """A link as personal as a test needs."""
    return f"https://tribometer.example.org/s/{invitation.number}.{invitation.generation}.secret-part"


def opened_records(folder: Path, clock: Any) -> RecordStore:
    """The record store of a folder."""
    return RecordStore.open(folder, clock=clock)


def wave_of(surveys: Surveys, people: int = 3, *, name: str = "w1", channel: str = "email", **fields: Any) -> Wave:
    """An open wave whose invitations are planned and due."""
    wave = surveys.add_wave(NewWave(name, "pulse_v1", MONDAY, CLOSES, **fields))
    surveys.move(wave.number, "open")
    invite(surveys, wave, [f"p{number}@example.org" for number in range(people)], channel)
    return surveys.wave(name)


def invite(surveys: Surveys, wave: Wave, addresses: list[str], channel: str = "email", **fields: Any) -> None:
    """Invite addresses, and plan the messages for at once."""
    new = [
        NewInvitation(f"pseudonym of {address}", channel, address, MONDAY, team="blue", **fields)
        for address in addresses
    ]
    surveys.invite(wave.number, new)
    for each in surveys.invitations(wave.number):
        surveys.plan(each.number, "invitation", MONDAY)


def outbox(surveys: Surveys, clock: Any, senders: dict[str, Sender], **options: Any) -> Outbox:
    """An outbox over records."""
    return Outbox(surveys, senders, Telling(None, "example.org", link_of), clock, **options)


def mail_settings(port: int, **fields: Any) -> Mail:
    """Settings of a mail server on this machine."""
    return Mail(**{"host": "127.0.0.1", "port": port, "sender": "survey@example.org", "tls": "none", **fields})


def outgoing(address: str = "ann@example.org", number: int = 1, **fields: Any) -> Outgoing:
    """One message on its way."""
    message = Message(number, number, "invitation", "sending", 1, MONDAY, None, None)
    return Outgoing(message, address, invite_text(**fields))


def invite_text(**fields: Any) -> Invite:
    """What somebody is told."""
    usual: dict[str, Any] = {
        "title": {"en": "Pulse", "de": "Puls"},
        "about": {"en": "Answer for the last week.", "de": "Es geht um die letzte Woche."},
        "minutes": 2,
        "link": "https://tribometer.example.org/s/the-token",
        "until": CLOSES,
        "timezone": "Europe/Berlin",
        "language": "en",
        "minimum": 5,
        "reminders": 1,
        "place": "example.org",
    }
    return Invite(**{**usual, **fields})
