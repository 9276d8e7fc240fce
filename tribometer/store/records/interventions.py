"""Interventions: what is done to reduce friction, and what was expected of it. Rows are added, never changed.

An intervention may be amended or withdrawn until the day of its first release, each time by a further row. From that
day on it stands, so that no verdict can move what was expected.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from tribometer.errors import UsageError
from tribometer.store.records.tables import InterventionRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tribometer.store.records.database import Database

DIRECTIONS = ("down", "up")
ADDED, AMENDED, WITHDRAWN = "added", "amended", "withdrawn"


@dataclass(frozen=True)
class Expectation:
    """Where a metric should go, ``down`` or ``up``, and by which share of its value before.

    ``share`` 0.2 is a fifth, None where nobody said.
    """

    metric: str
    direction: str
    share: float | None = None


@dataclass(frozen=True)
class Plan:
    """What is registered: metrics, for whom, and when each of them gets it.

    ``scopes`` are services or teams, as ``service:checkout`` or ``team:payments``; none: everybody. ``rollout`` gives
    the day for scopes that do not get it on ``released_on``.
    """

    expectations: tuple[Expectation, ...]
    released_on: date
    scopes: tuple[str, ...] = ()
    rollout: Mapping[str, date] = field(default_factory=dict)
    notes: str = ""

    @property
    def releases(self) -> tuple[date, ...]:
        """Every day on which somebody gets it, ascending."""
        rest = set(self.scopes) - self.rollout.keys() if self.scopes else {"everybody else"}
        return tuple(sorted({*self.rollout.values(), *([self.released_on] if rest else [])}))


@dataclass(frozen=True)
class Intervention:
    """An intervention as it stood after one change: ``added``, ``amended`` or ``withdrawn``.

    ``recorded_at`` and ``recorded_by`` are of that change, ``registered_at`` is of the first. ``after_the_fact``: it
    was registered after its release. ``demo``: it belongs to a generated organisation.
    """

    name: str
    plan: Plan
    revision: int
    change: str
    recorded_at: datetime
    recorded_by: str
    registered_at: datetime
    after_the_fact: bool
    demo: bool


class Interventions:
    """The interventions; times come from the store's clock, days are UTC. Unknown names raise `UsageError`."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def add(self, name: str, plan: Plan, by: str, *, after_the_fact: bool = False, demo: bool = False) -> Intervention:
        """Register one; `UsageError` for a name that is taken or an expectation that means nothing.

        One whose first release is over is taken ``after_the_fact`` only, and says so for ever.
        """
        _check(plan)
        if not name.strip():
            raise UsageError("An intervention needs a name.")
        self._check_release(plan, after_the_fact=after_the_fact)
        row = self._row(name, plan, by, 1, ADDED)
        row.after_the_fact, row.demo = after_the_fact, demo
        taken = f"There is an intervention {name!r} already. Choose another name, or amend that one before its release."
        with self._database.writing("adding an intervention", taken) as session:
            session.add(row)
        return _intervention(row, row)

    def amend(self, name: str, plan: Plan, by: str) -> Intervention:
        """Put another plan in place of the one that stands, by a row of its own; `UsageError` once it is released."""
        _check(plan)
        self._check_release(plan, after_the_fact=False)
        return self._change(name, plan, by, AMENDED)

    def withdraw(self, name: str, by: str) -> Intervention:
        """Take one back before its release, by a row of its own; its name stays taken."""
        return self._change(name, None, by, WITHDRAWN)

    def all(self) -> list[Intervention]:
        """Every intervention as it stands, by the day of its first release."""
        newest = {each.name: each for each in self.history()}
        return sorted(newest.values(), key=lambda each: (each.plan.releases[0], each.registered_at, each.name))

    def history(self) -> list[Intervention]:
        """Every change of every intervention, in the order in which they were recorded."""
        with self._database.reading("reading the interventions") as session:
            rows = session.scalars(select(InterventionRow).order_by(InterventionRow.number)).all()
        firsts = {row.name: row for row in rows if row.revision == 1}
        return [_intervention(row, firsts[row.name]) for row in rows]

    def drop_demo(self) -> None:
        """Forget those of a generated organisation: it is made anew."""
        with self._database.writing("making the demo's interventions anew") as session:
            session.execute(delete(InterventionRow).where(InterventionRow.demo))

    def _change(self, name: str, plan: Plan | None, by: str, change: str) -> Intervention:
        meanwhile = f"{name!r} was changed by somebody else at this moment. Look at it and try again."
        with self._database.writing("changing an intervention", meanwhile) as session:
            first, last = _standing(session, name)
            before = _plan(last)
            self._check_open(name, before, last)
            row = self._row(name, plan or before, by, last.revision + 1, change)
            row.after_the_fact, row.demo = last.after_the_fact, last.demo
            session.add(row)
        return _intervention(row, first)

    def _check_open(self, name: str, plan: Plan, last: InterventionRow) -> None:
        if last.change == WITHDRAWN:
            raise UsageError(f"{name!r} was withdrawn on {last.recorded_at:%Y-%m-%d}. Register another one.")
        if plan.releases[0] <= self._today():
            raise UsageError(
                f"{name!r} cannot be changed or withdrawn since its first release on {plan.releases[0]}: what was "
                "expected must not follow what was seen. Register another intervention under another name."
            )

    def _check_release(self, plan: Plan, *, after_the_fact: bool) -> None:
        first, today = plan.releases[0], self._today()
        if first < today and not after_the_fact:
            raise UsageError(
                f"The release on {first} is over: an expectation is registered before it can be seen. With "
                "--after-the-fact it is taken, and for ever marked as exploration."
            )
        if first >= today and after_the_fact:
            raise UsageError(f"The release on {first} is not over: leave --after-the-fact out.")

    def _today(self) -> date:
        return self._clock().astimezone(UTC).date()

    def _row(self, name: str, plan: Plan, by: str, revision: int, change: str) -> InterventionRow:
        return InterventionRow(
            name=name,
            revision=revision,
            change=change,
            recorded_at=self._clock(),
            recorded_by=by,
            expectations=[
                {"metric": each.metric, "direction": each.direction, "share": each.share} for each in plan.expectations
            ],
            scopes=list(plan.scopes),
            released_on=plan.released_on,
            rollout={scope: day.isoformat() for scope, day in sorted(plan.rollout.items())},
            notes=plan.notes,
        )


def _standing(session: Session, name: str) -> tuple[InterventionRow, InterventionRow]:
    """The first and the last row of an intervention."""
    mine = select(InterventionRow).where(InterventionRow.name == name).order_by(InterventionRow.revision)
    rows = session.scalars(mine).all()
    if not rows:
        raise UsageError(f"There is no intervention {name!r}. `tribometer intervention list` lists them.")
    return rows[0], rows[-1]


def _check(plan: Plan) -> None:
    for each in plan.expectations:
        if each.direction not in DIRECTIONS or (each.share is not None and not each.share > 0):
            raise UsageError("An intervention expects its metric to go up or down, by a share above 0 if it is known.")
    metrics = [each.metric for each in plan.expectations]
    if not metrics or len(metrics) != len(set(metrics)):
        raise UsageError("An intervention names one or more metrics, each of them once.")
    if plan.scopes and (strangers := sorted(plan.rollout.keys() - set(plan.scopes))):
        raise UsageError(f"The roll-out names {', '.join(strangers)}, for which the intervention is not.")


def _plan(row: InterventionRow) -> Plan:
    return Plan(
        tuple(Expectation(**each) for each in row.expectations),
        row.released_on,
        tuple(row.scopes),
        {scope: date.fromisoformat(day) for scope, day in row.rollout.items()},
        row.notes,
    )


def _intervention(row: InterventionRow, first: InterventionRow) -> Intervention:
    return Intervention(
        name=row.name,
        plan=_plan(row),
        revision=row.revision,
        change=row.change,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        registered_at=first.recorded_at,
        after_the_fact=row.after_the_fact,
        demo=row.demo,
    )
