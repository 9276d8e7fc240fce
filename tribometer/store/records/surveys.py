"""Waves, invitations and messages of surveys: who was asked, never what they answered.

An invitation leads to a response only while its wave is open. Closing drops that, the address and the problem texts;
what stays is that somebody, by a keyed pseudonym, was asked at that time: nobody shall be asked too often.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

from sqlalchemy import String, and_, cast, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tribometer.errors import UsageError
from tribometer.store.records.tables import InvitationRow, MarkRow, MessageRow, WaveRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tribometer.store.records.database import Database

WaveState = Literal["planned", "open", "closing", "closed"]
InvitationState = Literal["waiting", "sent", "answered", "bounced", "failed", "revoked", "expired"]
MessageState = Literal["waiting", "sending", "sent", "failed", "unsure", "dropped"]
FIRST = "invitation"
"""The kind of the message that invites; all others remind."""
LOST: tuple[InvitationState, ...] = ("revoked", "failed", "bounced")
"""Whoever's invitation ended so was not asked."""
UNWRITTEN = and_(
    InvitationRow.first_sent_at.is_(None), InvitationRow.response.is_(None), InvitationRow.channel != "links"
)
NEVER_ASKED = and_(InvitationRow.state == "expired", UNWRITTEN)
"""Those whose turn did not come in time."""


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


class Surveys:
    """The surveys' records. Unknown names raise `UsageError`."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    # waves

    def add_wave(self, new: NewWave, people: Iterable[NewInvitation] = ()) -> Wave:
        """Plan a wave, with those it asks where that is known already; `UsageError` where the name is taken."""
        row = WaveRow(
            name=new.name,
            instrument=new.instrument,
            state="planned",
            minimum=new.minimum,
            comment_minimum=new.comment_minimum,
            keep_days=new.keep_days,
            opens_at=new.opens_at,
            closes_at=new.closes_at,
            created_at=self._clock(),
            channels=list(new.channels),
            reminders=list(new.reminders),
            cohorts=new.cohorts,
            cohort_days=new.cohort_days,
            one_in=new.one_in,
        )
        taken = f"There is a wave {new.name!r} already. Choose another name."
        with self._database.writing("planning a survey wave", taken) as session:
            session.add(row)
            session.flush()
            self._add_all(session, row.number, people)
        return _wave(row)

    def waves(self) -> list[Wave]:
        """All waves, the one that opens last first."""
        order = (WaveRow.opens_at.desc(), WaveRow.number.desc())
        with self._database.reading("reading the survey waves") as session:
            return [_wave(row) for row in session.scalars(select(WaveRow).order_by(*order))]

    def wave(self, name: str) -> Wave:
        """The wave of a name."""
        with self._database.reading("reading the survey waves") as session:
            row = session.scalar(select(WaveRow).where(WaveRow.name == name))
        if row is None:
            raise UsageError(f"There is no wave {name!r}. `tribometer survey list` lists them.")
        return _wave(row)

    def wave_numbered(self, number: int) -> Wave | None:
        """The wave of a number; None where it was deleted."""
        with self._database.reading("reading the survey waves") as session:
            row = session.get(WaveRow, number)
        return None if row is None else _wave(row)

    def move(self, number: int, state: WaveState) -> None:
        """Note that a wave is open, closing, or closed now."""
        values: dict[str, object] = {"state": state}
        if state == "closed":
            values["closed_at"] = self._clock()
        with self._database.writing("moving a survey wave on") as session:
            session.execute(update(WaveRow).where(WaveRow.number == number).values(**values))

    def end_at(self, number: int, closes_at: datetime) -> None:
        """Change when a wave closes."""
        with self._database.writing("moving a survey wave's end") as session:
            session.execute(update(WaveRow).where(WaveRow.number == number).values(closes_at=closes_at))

    def promise(self, name: str, action: str) -> None:
        """Note what is promised to those who answered."""
        with self._database.writing("noting a promised action") as session:
            values = {"action": action, "action_at": self._clock()}
            if not session.execute(update(WaveRow).where(WaveRow.name == name).values(**values)).rowcount:  # type: ignore[attr-defined]
                raise UsageError(f"There is no wave {name!r}. `tribometer survey list` lists them.")

    def delete_wave(self, number: int) -> None:
        """Forget a wave with its invitations and messages."""
        with self._database.writing("deleting a survey wave") as session:
            row = session.get(WaveRow, number)
            if row is not None:
                session.delete(row)

    # invitations

    def invite(self, wave: int, people: Iterable[NewInvitation]) -> int:
        """Add invitations; who was invited already, or asked about that event, is left as they are. Count the new."""
        with self._database.writing("inviting people to a survey") as session:
            return self._add_all(session, wave, people)

    def _add_all(self, session: Session, wave: int, people: Iterable[NewInvitation]) -> int:
        made = {"wave": wave, "state": "waiting", "generation": 0, "created_at": self._clock(), "reminded": False}
        return sum(_insert_once(session, InvitationRow, {**new.__dict__, **made}) for new in people)

    def invitation(self, number: int) -> Invitation | None:
        """One invitation; None where there is none."""
        with self._database.reading("reading an invitation") as session:
            row = session.get(InvitationRow, number)
        return None if row is None else _invitation(row)

    def invitations(self, wave: int, *states: InvitationState) -> list[Invitation]:
        """The invitations of a wave, of all states unless some are named, by number."""
        query = select(InvitationRow).where(InvitationRow.wave == wave).order_by(InvitationRow.number)
        if states:
            query = query.where(InvitationRow.state.in_(states))
        with self._database.reading("reading invitations") as session:
            return [_invitation(row) for row in session.scalars(query)]

    def last_asked(self, since: datetime) -> dict[str, list[datetime]]:
        """When each person was invited to any survey since then, ascending; what is planned for later counts."""
        at = func.coalesce(InvitationRow.first_sent_at, InvitationRow.opens_at)
        query = (
            select(InvitationRow.person, at)
            .where(at >= since, InvitationRow.state.not_in(LOST), ~NEVER_ASKED)
            .order_by(InvitationRow.person, at)
        )
        with self._database.reading("reading invitations") as session:
            rows = session.execute(query).all()
        return {person: [each for _, each in found] for person, found in groupby(rows, key=itemgetter(0))}

    def written_to(self, person: str, since: datetime) -> list[datetime]:
        """When somebody was first written to for each survey, of those since then, ascending."""
        query = select(InvitationRow.first_sent_at).where(
            InvitationRow.person == person, InvitationRow.first_sent_at >= since
        )
        with self._database.reading("reading invitations") as session:
            return sorted(at for at in session.scalars(query) if at is not None)

    def asked_about(self, wave: int) -> set[str]:
        """The keys of the events that somebody was asked about; none any more once the wave is closed."""
        query = select(InvitationRow.event_key).where(InvitationRow.wave == wave)
        with self._database.reading("reading invitations") as session:
            return set(session.scalars(query))

    def set_state(self, number: int, state: InvitationState, problem: str | None = None) -> None:
        """Note what became of an invitation."""
        with self._database.writing("noting an invitation's state") as session:
            session.execute(
                update(InvitationRow).where(InvitationRow.number == number).values(state=state, problem=problem)
            )

    def revoke(self, number: int) -> None:
        """Take an invitation back: its links are dead from now on."""
        with self._database.writing("revoking an invitation") as session:
            row = session.get(InvitationRow, number)
            if row is None:
                raise UsageError(f"There is no invitation {number}.")
            row.state, row.generation = "revoked", row.generation + 1

    def keys(self, number: int) -> Keys | None:
        """The keys of an invitation's response, drawn at the first call; None where its wave is no longer open.

        ``respondent`` is the same for all invitations of one person to the wave.
        """
        with self._database.writing("opening a survey form") as session:
            row = session.get(InvitationRow, number)
            wave = None if row is None else session.get(WaveRow, row.wave)
            if row is None or wave is None or wave.state != "open":
                return None
            row.response = row.response or secrets.token_hex(16)
            row.comment = row.comment or secrets.token_hex(16)
            first = session.scalar(
                select(InvitationRow.response)
                .where(InvitationRow.wave == row.wave, InvitationRow.person == row.person)
                .where(InvitationRow.response.is_not(None))
                .order_by(InvitationRow.number)
                .limit(1)
            )
            return Keys(row.response, row.comment, first or row.response)

    def counts(self, wave: int) -> list[TeamCount]:
        """How many people of each team and tenure were invited, and how many invitations are in which state.

        Revoked ones do not count as invited, nor those whom nothing reached, or whose turn never came.
        """
        reached = func.count(func.distinct(InvitationRow.person)).filter(InvitationRow.state.not_in(LOST), ~NEVER_ASKED)
        group = (InvitationRow.team, InvitationRow.tenure)
        with self._database.reading("counting invitations") as session:
            people = session.execute(select(*group, reached).where(InvitationRow.wave == wave).group_by(*group)).all()
            states = session.execute(
                select(*group, InvitationRow.state, func.count())
                .where(InvitationRow.wave == wave)
                .group_by(*group, InvitationRow.state)
            ).all()
        return [
            TeamCount(team, tenure, n, {state: k for t, u, state, k in states if (t, u) == (team, tenure)})
            for team, tenure, n in people
        ]

    def expire_unasked(self, wave: int) -> None:
        """Note that the turn of those who were not written to yet will not come: the wave ends."""
        with self._database.writing("closing a survey wave") as session:
            session.execute(
                update(InvitationRow)
                .where(InvitationRow.wave == wave, InvitationRow.state == "waiting", UNWRITTEN)
                .values(state="expired")
            )

    def unlink(self, wave: int) -> None:
        """Drop whatever leads from the invitations of a wave to answers or to a mailbox: it is being closed.

        Afterwards nothing differs between those who answered and those who did not.
        """
        mine = InvitationRow.wave == wave
        with self._database.writing("closing a survey wave") as session:
            # before the keys go: who has one was asked
            session.execute(
                update(InvitationRow).where(mine, InvitationRow.state.not_in(LOST), ~NEVER_ASKED).values(state="sent")
            )
            session.execute(
                update(InvitationRow)
                .where(mine)
                .values(response=None, comment=None, address=None, problem=None, event_class=None, reminded=False)
                .values(generation=InvitationRow.generation + 1, event_key=cast(InvitationRow.number, String))
            )
            messages = MessageRow.invitation.in_(select(InvitationRow.number).where(mine))
            # who was not reminded had answered by then
            session.execute(delete(MessageRow).where(messages, MessageRow.kind != FIRST))
            session.execute(update(MessageRow).where(messages).values(reference=None, problem=None))
            session.execute(update(MessageRow).where(messages, MessageRow.state == "waiting").values(state="dropped"))

    # messages

    def plan(self, invitation: int, kind: str, due_at: datetime) -> bool:
        """Put a message on the list; False where one of its kind is there already."""
        return bool(self.plan_all([(invitation, kind, due_at)]))

    def plan_all(self, messages: Iterable[tuple[int, str, datetime]]) -> int:
        """Put messages on the list, by invitation, kind and when they are due; count those that were not there."""
        with self._database.writing("planning messages") as session:
            return sum(
                _insert_once(
                    session,
                    MessageRow,
                    {"invitation": invitation, "kind": kind, "state": "waiting", "attempts": 0, "due_at": due_at},
                )
                for invitation, kind, due_at in messages
            )

    def claim(self, limit: int, channel: str | None = None) -> list[Message]:
        """Take messages that are due, of one channel or of all.

        Whoever claims one hands it over, and says what came of it.
        """
        now = self._clock()
        query = select(MessageRow).where(MessageRow.state == "waiting", MessageRow.due_at <= now)
        if channel is not None:
            query = query.join(InvitationRow, InvitationRow.number == MessageRow.invitation)
            query = query.where(InvitationRow.channel == channel)
        with self._database.writing("claiming messages") as session:
            rows = session.scalars(query.order_by(MessageRow.due_at, MessageRow.number).limit(limit)).all()
            for row in rows:
                row.state, row.claimed_at, row.attempts = "sending", now, row.attempts + 1
            return [_message(row) for row in rows]

    def sent(self, message: Message, reference: str | None = None) -> None:
        """A message was taken by whoever delivers it; the invitation counts as sent."""
        now = self._clock()
        with self._database.writing("noting a sent message") as session:
            row = session.get(MessageRow, message.number)
            asked = session.get(InvitationRow, message.invitation)
            if row is not None:
                row.state, row.sent_at, row.reference, row.problem = "sent", now, reference, None
            if asked is not None:
                asked.first_sent_at = asked.first_sent_at or now
                # a reminder that was on its way when the wave closed is not on the list any more
                asked.reminded = asked.reminded or (row is not None and message.kind != FIRST)
                if asked.state == "waiting":
                    asked.state = "sent"

    def not_sent(self, message: Message, problem: str, *, again_at: datetime | None, bounced: bool = False) -> None:
        """A message was refused: it is tried again at a time, or given up (None); ``bounced``: nobody is there."""
        with self._database.writing("noting a failed message") as session:
            row = session.get(MessageRow, message.number)
            asked = session.get(InvitationRow, message.invitation)
            if row is not None:
                row.problem = problem
                row.state = "failed" if again_at is None else "waiting"
                row.due_at = again_at or row.due_at
            if asked is not None and again_at is None and asked.first_sent_at is None:
                asked.state, asked.problem = "bounced" if bounced else "failed", problem

    def put_back(self, message: Message, due_at: datetime, problem: str | None = None) -> None:
        """A claimed message was not handed over: it waits until a time, and that was no try."""
        with self._database.writing("putting a message back") as session:
            values = {"state": "waiting", "due_at": due_at, "problem": problem, "attempts": MessageRow.attempts - 1}
            mine = (MessageRow.number == message.number, MessageRow.state == "sending")
            session.execute(update(MessageRow).where(*mine).values(**values))

    def drop(self, message: Message) -> None:
        """A message is needless now: its invitation was answered, revoked or has expired."""
        with self._database.writing("dropping a message") as session:
            session.execute(update(MessageRow).where(MessageRow.number == message.number).values(state="dropped"))

    def unsure(self, before: datetime) -> list[Message]:
        """Messages that were claimed before a time and of which nobody heard again: a crash came in between.

        Nobody knows whether they were sent, so they are marked ``unsure`` and not sent again; a reminder may follow.
        """
        with self._database.writing("looking for interrupted messages") as session:
            rows = session.scalars(
                select(MessageRow).where(MessageRow.state == "sending", MessageRow.claimed_at < before)
            ).all()
            for row in rows:
                row.state, row.problem = "unsure", "the service ended while this was being sent"
                asked = session.get(InvitationRow, row.invitation)
                if asked is not None and asked.first_sent_at is None:
                    asked.first_sent_at = row.claimed_at
                    if asked.state == "waiting":
                        asked.state = "sent"
            return [_message(row) for row in rows]

    def messages(self, wave: int, *states: MessageState) -> list[Message]:
        """The messages of a wave, of all states unless some are named, by number."""
        numbers = select(InvitationRow.number).where(InvitationRow.wave == wave)
        query = select(MessageRow).where(MessageRow.invitation.in_(numbers)).order_by(MessageRow.number)
        if states:
            query = query.where(MessageRow.state.in_(states))
        with self._database.reading("reading messages") as session:
            return [_message(row) for row in session.scalars(query)]

    # marks

    def mark(self, name: str) -> str | None:
        """How far a trigger has looked; None where it never did."""
        with self._database.reading("reading a trigger's mark") as session:
            row = session.get(MarkRow, name)
        return None if row is None else row.value

    def set_mark(self, name: str, value: str) -> None:
        """Note how far a trigger has looked."""
        with self._database.writing("noting a trigger's mark") as session:
            session.merge(MarkRow(name=name, value=value))


def _insert_once(session: Session, table: type[InvitationRow | MessageRow], values: dict[str, object]) -> int:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing()
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _wave(row: WaveRow) -> Wave:
    values = {name: getattr(row, name) for name in Wave.__dataclass_fields__}
    return Wave(**{**values, "channels": tuple(row.channels), "reminders": tuple(row.reminders)})


def _invitation(row: InvitationRow) -> Invitation:
    return Invitation(**{name: getattr(row, name) for name in Invitation.__dataclass_fields__})


def _message(row: MessageRow) -> Message:
    return Message(**{name: getattr(row, name) for name in Message.__dataclass_fields__})
