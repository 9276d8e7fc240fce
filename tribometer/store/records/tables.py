"""The tables of the record store, typed. Times are aware UTC in Python and naive UTC in both databases (ADR 7)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, MetaData, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from tribometer.clock import naive_utc

if TYPE_CHECKING:
    from sqlalchemy import Dialect

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
JOBS_TABLE = "apscheduler_jobs"
"""APScheduler reads and writes it by itself; the migrations make it."""


class UtcDateTime(TypeDecorator[datetime]):
    """A time as the event store keeps it too: stored without a zone, always UTC; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the type's signature
        """Take an aware time in any zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone")
        return None if value is None else naive_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as above
        """Give it back in UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's name and kind
        str: Text(),
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        dict[str, int]: JSON(),
        dict[str, str]: JSON(),
        list[dict[str, Any]]: JSON(),
        list[str]: JSON(),
        list[int]: JSON(),
    }


class TokenRow(Base):
    """An API token; of the token itself only the digest is kept."""

    __tablename__ = "api_tokens"

    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    __table_args__ = (
        # a revoked token stays on record, and its name may be given again
        Index(
            "ix_api_tokens_name",
            "name",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )


class RunRow(Base):
    """One run of a job: a collection, an import."""

    __tablename__ = "job_runs"

    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    status: Mapped[str]
    counts: Mapped[dict[str, int]]
    error: Mapped[str | None]

    __table_args__ = (Index(None, "kind", "name", "number"),)


class AuditRow(Base):
    """Who did what to what, when."""

    __tablename__ = "audit_log"

    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]]


class InterventionRow(Base):
    """One change of an intervention, with the whole of what is registered after it; triggers keep it as it is."""

    __tablename__ = "intervention_revisions"

    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    revision: Mapped[int]
    change: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    expectations: Mapped[list[dict[str, Any]]]
    scopes: Mapped[list[str]]
    released_on: Mapped[date]
    rollout: Mapped[dict[str, str]]
    notes: Mapped[str]
    after_the_fact: Mapped[bool]
    demo: Mapped[bool]

    __table_args__ = (Index("ix_intervention_revisions_once", "name", "revision", unique=True),)


class WaveRow(Base):
    """A wave of a survey: when it is open and under which promises; what is answered stands in the event store."""

    __tablename__ = "survey_waves"

    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    instrument: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    minimum: Mapped[int]
    comment_minimum: Mapped[int]
    keep_days: Mapped[int]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    channels: Mapped[list[str]]
    reminders: Mapped[list[int]]
    cohorts: Mapped[int]
    cohort_days: Mapped[int]
    one_in: Mapped[int]
    action: Mapped[str | None]
    action_at: Mapped[datetime | None]


class InvitationRow(Base):
    """Somebody asked, by a keyed pseudonym. ``address``, ``response``, ``comment`` are dropped when the wave closes."""

    __tablename__ = "survey_invitations"

    number: Mapped[int] = mapped_column(primary_key=True)
    wave: Mapped[int] = mapped_column(ForeignKey("survey_waves.number", ondelete="CASCADE"))
    person: Mapped[str]
    team: Mapped[str]
    tenure: Mapped[str]
    language: Mapped[str]
    timezone: Mapped[str]
    country: Mapped[str | None]
    channel: Mapped[str]
    address: Mapped[str | None]
    cohort: Mapped[int]
    event_class: Mapped[str | None]
    event_key: Mapped[str]
    state: Mapped[str]
    generation: Mapped[int]
    created_at: Mapped[datetime]
    opens_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    first_sent_at: Mapped[datetime | None]
    reminded: Mapped[bool]
    response: Mapped[str | None]
    comment: Mapped[str | None]
    problem: Mapped[str | None]

    __table_args__ = (
        Index(None, "wave", "state"),
        Index(None, "person", "first_sent_at"),
        # one invitation of a person to a wave, or to each event that it asks about
        Index("ix_survey_invitations_once", "wave", "person", "event_key", unique=True),
    )


class MessageRow(Base):
    """What is to be sent, or was: claimed before it is handed over, so that after a crash nothing is sent twice."""

    __tablename__ = "survey_messages"

    number: Mapped[int] = mapped_column(primary_key=True)
    invitation: Mapped[int] = mapped_column(ForeignKey("survey_invitations.number", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    reference: Mapped[str | None]
    problem: Mapped[str | None]

    __table_args__ = (
        Index(None, "state", "due_at"),
        Index("ix_survey_messages_once", "invitation", "kind", unique=True),
    )


class MarkRow(Base):
    """How far a trigger has looked at the events: one row a trigger."""

    __tablename__ = "survey_marks"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
