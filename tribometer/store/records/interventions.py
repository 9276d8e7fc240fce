"""Interventions: what was done to reduce friction, and what was expected of it. Added and listed, never edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from tribometer.errors import UsageError
from tribometer.store.records.tables import InterventionRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from tribometer.store.records.database import Database

DIRECTIONS = ("down", "up")


@dataclass(frozen=True)
class Intervention:
    """One intervention on one metric.

    ``scopes`` are the services and teams it was for, as ``service:checkout`` or ``team:payments``; none: everybody.
    ``direction`` is where the metric should go, ``expected_share`` by how much of its value before (0.2: by a fifth),
    None where nobody said.
    """

    name: str
    metric: str
    scopes: tuple[str, ...]
    direction: str
    expected_share: float | None
    released_on: date
    created_at: datetime
    notes: str


class Interventions:
    """The interventions; the expectation stands once it is written, so that no verdict can move it."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def add(  # noqa: PLR0913 - one record
        self,
        name: str,
        *,
        metric: str,
        direction: str,
        released_on: date,
        scopes: Sequence[str] = (),
        expected_share: float | None = None,
        notes: str = "",
    ) -> Intervention:
        """Put one on record; `UsageError` for a name that is taken, or an expectation that means nothing."""
        if direction not in DIRECTIONS or (expected_share is not None and not expected_share > 0):
            raise UsageError("An intervention expects its metric to go up or down, by a share above 0 if it is known.")
        row = InterventionRow(
            name=name,
            metric=metric,
            scopes=list(scopes),
            direction=direction,
            expected_share=expected_share,
            released_on=released_on,
            created_at=self._clock(),
            notes=notes,
        )
        taken = f"There is an intervention {name!r} already. Choose another name."
        with self._database.writing("adding an intervention", taken) as session:
            session.add(row)
        return _intervention(row)

    def all(self) -> list[Intervention]:
        """Every intervention, by the day of its release."""
        order = (InterventionRow.released_on, InterventionRow.number)
        with self._database.reading("reading the interventions") as session:
            return [_intervention(row) for row in session.scalars(select(InterventionRow).order_by(*order))]


def _intervention(row: InterventionRow) -> Intervention:
    return Intervention(
        name=row.name,
        metric=row.metric,
        scopes=tuple(row.scopes),
        direction=row.direction,
        expected_share=row.expected_share,
        released_on=row.released_on,
        created_at=row.created_at,
        notes=row.notes,
    )
