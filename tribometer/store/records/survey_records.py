"""What the records of surveys tell: waves, invitations and messages, and what one is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from tribometer.store.records.tables import InvitationRow, MessageRow, WaveRow

WaveState = Literal["planned", "open", "closing", "closed"]
InvitationState = Literal["waiting", "sent", "answered", "bounced", "failed", "revoked", "expired"]
MessageState = Literal["waiting", "sending", "sent", "failed", "unsure", "dropped"]
FIRST = "invitation"
"""The kind of the message that invites; all others remind."""


@dataclass(frozen=True)
class Wave:
    """A wave. ``opens_at`` and ``closes_at`` are planned times; ``reminders`` are days after an invitation was sent.

    ``cohorts`` parts of the population are asked one after the other, ``cohort_days`` apart; ``one_in`` of as many
    events is asked about. ``action`` is what was promised after the results.
    """

    number: int
    name: str
    instrument: str
    state: WaveState
    minimum: int
    comment_minimum: int
    keep_days: int
    opens_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    channels: tuple[str, ...]
    reminders: tuple[int, ...]
    cohorts: int
    cohort_days: int
    one_in: int
    action: str | None
    action_at: datetime | None


@dataclass(frozen=True)
class NewWave:
    """What a wave is made from; times are aware."""

    name: str
    instrument: str
    opens_at: datetime
    closes_at: datetime
    minimum: int = 5
    comment_minimum: int = 10
    keep_days: int = 730
    channels: tuple[str, ...] = ("email",)
    reminders: tuple[int, ...] = (4,)
    cohorts: int = 1
    cohort_days: int = 14
    one_in: int = 1


@dataclass(frozen=True)
class NewInvitation:
    """Somebody to be asked: ``person`` is a keyed pseudonym, ``address`` where ``channel`` reaches them.

    ``event_key`` names the event of a triggered survey, empty otherwise: nobody is asked twice about one.
    """

    person: str
    channel: str
    address: str | None
    opens_at: datetime
    team: str = ""
    tenure: str = ""
    language: str = "en"
    timezone: str = "UTC"
    country: str | None = None
    cohort: int = 0
    event_class: str | None = None
    event_key: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Invitation:
    """Somebody who was asked. ``generation`` rises when a link is taken back: links of earlier ones are dead."""

    number: int
    wave: int
    person: str
    team: str
    tenure: str
    language: str
    timezone: str
    country: str | None
    channel: str
    address: str | None
    cohort: int
    event_class: str | None
    state: InvitationState
    generation: int
    opens_at: datetime
    expires_at: datetime | None
    first_sent_at: datetime | None
    reminded: bool
    problem: str | None


@dataclass(frozen=True)
class Keys:
    """What leads from an invitation to its response and its comments, and to the respondent within the wave."""

    response: str
    comment: str
    respondent: str


@dataclass(frozen=True)
class Message:
    """Something to send: ``kind`` is ``invitation`` or ``reminder-N``."""

    number: int
    invitation: int
    kind: str
    state: MessageState
    attempts: int
    due_at: datetime
    sent_at: datetime | None
    problem: str | None


@dataclass(frozen=True)
class TeamCount:
    """How many of a team (and tenure) were asked, and reached."""

    team: str
    tenure: str
    invited: int
    states: dict[str, int] = field(default_factory=dict)


def wave_of(row: WaveRow) -> Wave:
    """A wave as it is told."""
    values = {name: getattr(row, name) for name in Wave.__dataclass_fields__}
    return Wave(**{**values, "channels": tuple(row.channels), "reminders": tuple(row.reminders)})


def invitation_of(row: InvitationRow) -> Invitation:
    """An invitation as it is told, without what leads to its answers."""
    return Invitation(**{name: getattr(row, name) for name in Invitation.__dataclass_fields__})


def message_of(row: MessageRow) -> Message:
    """A message as it is told."""
    return Message(**{name: getattr(row, name) for name in Message.__dataclass_fields__})
