"""The record store: what people edit and own, in SQLite or PostgreSQL. Importing it loads SQLAlchemy."""

from tribometer.store.records.audit import AuditEntry
from tribometer.store.records.interventions import Intervention
from tribometer.store.records.record_store import RecordStore
from tribometer.store.records.runs import JobRun, Outcome
from tribometer.store.records.tokens import ApiToken, NewToken

__all__ = ["ApiToken", "AuditEntry", "Intervention", "JobRun", "NewToken", "Outcome", "RecordStore"]
