"""Surveys: waves, who is invited, what is sent, and how far triggers have looked."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    _waves()
    _invitations()
    _messages()
    op.create_table(
        "survey_marks",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_survey_marks"),
    )


def _waves() -> None:
    op.create_table(
        "survey_waves",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("instrument", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("minimum", sa.Integer, nullable=False),
        sa.Column("comment_minimum", sa.Integer, nullable=False),
        sa.Column("keep_days", sa.Integer, nullable=False),
        sa.Column("opens_at", sa.DateTime, nullable=False),
        sa.Column("closes_at", sa.DateTime, nullable=False),
        sa.Column("closed_at", sa.DateTime),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("channels", sa.JSON, nullable=False),
        sa.Column("reminders", sa.JSON, nullable=False),
        sa.Column("cohorts", sa.Integer, nullable=False),
        sa.Column("cohort_days", sa.Integer, nullable=False),
        sa.Column("one_in", sa.Integer, nullable=False),
        sa.Column("action", sa.Text),
        sa.Column("action_at", sa.DateTime),
        sa.PrimaryKeyConstraint("number", name="pk_survey_waves"),
        sa.UniqueConstraint("name", name="uq_survey_waves_name"),
    )
    op.create_index("ix_survey_waves_state", "survey_waves", ["state"])


def _invitations() -> None:
    op.create_table(
        "survey_invitations",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("tenure", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("country", sa.Text),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("cohort", sa.Integer, nullable=False),
        sa.Column("event_class", sa.Text),
        sa.Column("event_key", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("opens_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime),
        sa.Column("first_sent_at", sa.DateTime),
        sa.Column("reminded", sa.Boolean, nullable=False),
        sa.Column("response", sa.Text),
        sa.Column("comment", sa.Text),
        sa.Column("problem", sa.Text),
        sa.PrimaryKeyConstraint("number", name="pk_survey_invitations"),
        sa.ForeignKeyConstraint(["wave"], ["survey_waves.number"], ondelete="CASCADE"),
    )
    op.create_index("ix_survey_invitations_wave_state", "survey_invitations", ["wave", "state"])
    op.create_index("ix_survey_invitations_person_first_sent_at", "survey_invitations", ["person", "first_sent_at"])
    op.create_index("ix_survey_invitations_once", "survey_invitations", ["wave", "person", "event_key"], unique=True)


def _messages() -> None:
    op.create_table(
        "survey_messages",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("invitation", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.Column("claimed_at", sa.DateTime),
        sa.Column("sent_at", sa.DateTime),
        sa.Column("reference", sa.Text),
        sa.Column("problem", sa.Text),
        sa.PrimaryKeyConstraint("number", name="pk_survey_messages"),
        sa.ForeignKeyConstraint(["invitation"], ["survey_invitations.number"], ondelete="CASCADE"),
    )
    op.create_index("ix_survey_messages_invitation", "survey_messages", ["invitation"])
    op.create_index("ix_survey_messages_state_due_at", "survey_messages", ["state", "due_at"])
    op.create_index("ix_survey_messages_once", "survey_messages", ["invitation", "kind"], unique=True)
