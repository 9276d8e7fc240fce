"""What has to be sent to those who are invited: each message is claimed before it is handed over, and noted after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from tribometer.store.records.survey_records import FIRST, message_of
from tribometer.store.records.tables import InvitationRow, MessageRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tribometer.store.records.database import Database
    from tribometer.store.records.survey_records import Message, MessageState


class Messages:
    """The messages of all waves."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def plan(self, invitation: int, kind: str, due_at: datetime) -> bool:
        """Put a message on the list; False where one of its kind is there already."""
        return bool(self.plan_all([(invitation, kind, due_at)]))

    def plan_all(self, messages: Iterable[tuple[int, str, datetime]]) -> int:
        """Put messages on the list, by invitation, kind and when they are due; count those that were not there."""
        with self._database.writing("planning messages") as session:
            return sum(
                insert_once(
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
            return [message_of(row) for row in rows]

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
            return [message_of(row) for row in rows]

    def messages(self, wave: int, *states: MessageState) -> list[Message]:
        """The messages of a wave, of all states unless some are named, by number."""
        numbers = select(InvitationRow.number).where(InvitationRow.wave == wave)
        query = select(MessageRow).where(MessageRow.invitation.in_(numbers)).order_by(MessageRow.number)
        if states:
            query = query.where(MessageRow.state.in_(states))
        with self._database.reading("reading messages") as session:
            return [message_of(row) for row in session.scalars(query)]


def insert_once(session: Session, table: type[InvitationRow | MessageRow], values: dict[str, object]) -> int:
    """Add a row unless one like it is there; 1 where it was added."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing()
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
