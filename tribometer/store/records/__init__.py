"""The record store: what people edit and own, in SQLite or PostgreSQL. Importing it loads SQLAlchemy."""

from tribometer.store.records.audit import AuditEntry
from tribometer.store.records.interventions import Expectation, Intervention, Plan
from tribometer.store.records.record_store import RecordStore
from tribometer.store.records.runs import JobRun, Outcome
from tribometer.store.records.survey_records import Invitation, Keys, Message, NewInvitation, NewWave, TeamCount, Wave
from tribometer.store.records.surveys import Surveys
from tribometer.store.records.tokens import ApiToken, NewToken

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Expectation",
    "Intervention",
    "Invitation",
    "JobRun",
    "Keys",
    "Message",
    "NewInvitation",
    "NewToken",
    "NewWave",
    "Outcome",
    "Plan",
    "RecordStore",
    "Surveys",
    "TeamCount",
    "Wave",
]
