"""What is judged: weekly values of units, some of which an intervention reached, and the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from tribometer.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

Scale = Literal["log", "logit", "plain"]
"""Durations and positive amounts are judged by their logarithm, shares by their log odds, all else as it is."""
Better = Literal["lower", "higher"]
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Unit:
    """A team or a service: a value for every week of the panel, in the metric's unit, None where none was measured.

    ``counts`` tells what each value is made of. ``released`` is the index of the week in which the intervention
    reached the unit, which may lie behind the panel's last week, and None where it never does: a control.
    """

    name: str
    values: tuple[float | None, ...]
    counts: tuple[int, ...]
    released: int | None


@dataclass(frozen=True)
class Panel:
    """Units over the same weeks: Mondays, ascending, without holes; UsageError where something else is given."""

    weeks: tuple[date, ...]
    units: tuple[Unit, ...]
    scale: Scale

    def __post_init__(self) -> None:
        """Refuse what no method could read."""
        if any(week.weekday() for week in self.weeks):
            raise UsageError("The weeks of a panel are named by their Mondays: pass Mondays only.")
        if any(later - week != WEEK for week, later in zip(self.weeks, self.weeks[1:], strict=False)):
            raise UsageError("The weeks of a panel follow one another: pass every week, with None where none measured.")
        if len({unit.name for unit in self.units}) != len(self.units):
            raise UsageError("Two units of a panel have the same name: give each a name of its own.")
        for unit in self.units:
            self._check(unit)

    def _check(self, unit: Unit) -> None:
        if not len(unit.values) == len(unit.counts) == len(self.weeks):
            raise UsageError(f"{unit.name}: pass a value and a count for each of the {len(self.weeks)} weeks.")
        if unit.released is not None and unit.released < 0:
            raise UsageError(f"{unit.name}: the release is a week of the panel or a later one, counted from 0.")
        known = [value for value in unit.values if value is not None]
        if self.scale == "log" and any(value < 0 for value in known):
            raise UsageError(f"{unit.name}: a value below 0 has no logarithm: judge this metric on the plain scale.")
        if self.scale == "logit" and any(not 0 <= value <= 1 for value in known):
            raise UsageError(f"{unit.name}: a share lies between 0 and 1: judge this metric on the plain scale.")

    def monday(self, week: int) -> date:
        """The Monday of a week by its index, which may lie behind the last."""
        return self.weeks[0] + week * WEEK
