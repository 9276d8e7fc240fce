"""The audit log: entries are added and read. There is no way to change or remove one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tribometer.store.records.tables import AuditRow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tribometer.store.records.database import Database


@dataclass(frozen=True)
class AuditEntry:
    """Who (``actor``) did what (``action``, like ``token.add``) to what (``subject``), with JSON-ready details."""

    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]


class Audit:
    """The log; times come from the store's clock. Details hold no secret and no person's address."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def add(self, actor: str, action: str, subject: str, **details: Any) -> None:  # noqa: ANN401 - JSON of any shape
        """Note something that was done."""
        row = AuditRow(at=self._clock(), actor=actor, action=action, subject=subject, details=details)
        with self._database.writing("writing the audit log") as session:
            session.add(row)

    def newest(self, limit: int = 100) -> list[AuditEntry]:
        """Entries, newest first."""
        with self._database.reading("reading the audit log") as session:
            rows = session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(limit))
            return [AuditEntry(row.at, row.actor, row.action, row.subject, row.details) for row in rows]
