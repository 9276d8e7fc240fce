"""An outbox from settings: which channels reach people, and what an invitation says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from surveys.instrument import instruments, named
from tribometer.service.delivery.mail import Mailer
from tribometer.service.delivery.outbox import Outbox, at_once
from tribometer.service.delivery.sending import NoSender
from tribometer.service.delivery.slack import SlackBot
from tribometer.service.delivery.teams import NO_PERSON
from tribometer.service.delivery.wording import Invite, Note
from tribometer.store.records.survey_records import FIRST

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from tribometer.service.delivery.sending import Sender
    from tribometer.service.instance import Instance
    from tribometer.settings.surveys import SurveySettings
    from tribometer.store.records.survey_records import Invitation, Wave

NO_MAIL = NoSender("No mail server is configured. Set surveys.mail.host and surveys.mail.sender")
NO_SLACK = NoSender(
    "A direct message in Slack needs a bot's token. Set surveys.slack.token, or let the wave use the channel email"
)


def senders(settings: SurveySettings) -> dict[str, Sender]:
    """The sender of each channel; one that cannot reach a person says so where it is asked to."""
    bot = settings.slack if settings.slack is not None and settings.slack.token is not None else None
    return {
        "email": Mailer(settings.mail) if settings.mail else NO_MAIL,
        "slack": SlackBot(bot) if bot else NO_SLACK,
        "teams": NO_PERSON,
    }


def reaching(settings: SurveySettings) -> dict[str, str]:
    """For each channel that people are invited by: empty where it reaches them, or why not and what to do."""
    found = {name: each.problem if isinstance(each, NoSender) else "" for name, each in senders(settings).items()}
    return {**found, "links": ""}


def outbox_of(
    instance: Instance,
    link_of: Callable[[Invitation], str],
    may_write: Callable[[Invitation, datetime], datetime] = at_once,
) -> Outbox:
    """The outbox of an instance; keep one as long as the instance. ``link_of`` makes somebody's personal link."""
    settings = instance.settings.surveys
    return Outbox(
        surveys=instance.records.surveys,
        senders=senders(settings),
        invite_of=Telling(settings.instruments, place_of(settings), link_of),
        clock=instance.clock,
        may_write=may_write,
        demo=instance.store.demo is not None,
    )


@dataclass(frozen=True)
class Telling:
    """Words invitations: ``folder`` has instruments of one's own, ``place`` names the organisation."""

    folder: Path | None
    place: str
    link_of: Callable[[Invitation], str]

    def __call__(self, invitation: Invitation, wave: Wave, kind: str) -> Invite:
        """What one person is told of a wave."""
        instrument = named(wave.instrument, instruments(self.folder))
        return Invite(
            title=instrument.title,
            about=instrument.about,
            minutes=instrument.minutes,
            link=self.link_of(invitation),
            until=min(wave.closes_at, invitation.expires_at or wave.closes_at),
            timezone=invitation.timezone,
            language=invitation.language,
            minimum=wave.minimum,
            reminders=len(wave.reminders),
            place=self.place,
            kind=kind,
        )


def note_of(settings: SurveySettings, wave: Wave, kind: str = FIRST) -> Note:
    """What a chat channel is told of a wave; ``kind`` as in messages."""
    instrument = named(wave.instrument, instruments(settings.instruments))
    return Note(instrument.title, instrument.minutes, wave.closes_at, wave.minimum, place_of(settings), kind=kind)


def place_of(settings: SurveySettings) -> str:
    """The organisation, by the domain of its sender or of this service: nothing else here knows its name."""
    if settings.mail is not None:
        return settings.mail.sender.rpartition("@")[2]
    return (urlsplit(settings.url).hostname if settings.url else None) or "your organisation"
