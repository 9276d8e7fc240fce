"""What the onboarding metrics of people (O1) share: caveats, working days, the curve within 90 days, and what tells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from metrics.definition import POOLED, Cell, Measure, Observability
from metrics.people import COHORT
from metrics.survival import DAY, Curve, Survival, kaplan_meier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.query import Query
    from metrics.sample import Sample
    from tribometer.store import Reader

WITHIN_DAYS = (7, 30, 60, 90)
UNTOLD = "No event says when anybody began: land `person` events with `start_date`, for example from the HR system."
CAVEATS = (
    "Who has not got there yet counts as still on the way, who left as on the way until then (Kaplan-Meier).",
    "Transfers, contractors, leave and roles that write no code cannot be told from first days; they make it longer.",
    "Starter tasks, typo fixes and code that a tool wrote make it shorter without anybody being at home sooner.",
    "`working_days` has the same in days of 8 business hours, of the calendar of the team that somebody joined.",
    "Told per hiring quarter of at least 5 people, small ones together with those that follow; never of one person.",
    "Nor is it told how many are left out by a rule that leaves out fewer than 5 people of a quarter.",
)
NOT_COMPARABLE = (
    "Two people, or two teams: it tells of joining the organisation, and a team's newcomers are too few to tell apart.",
    "Numbers that leave out those who have not got there yet: they are always shorter.",
)
QUANTILES = {"p50": 0.5, "p80": 0.8}


@dataclass(frozen=True)
class Milestone(Survival):
    """As `Survival` with the 80th percentile; further field ``working_days``: both in days of 8 business hours."""

    further: tuple[tuple[str, float], ...] = (("p80", 0.8),)

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """The calendar's percentiles, and beside them those of the business clock."""
        days = {bucket: kaplan_meier(*worked) for bucket, worked in durations(sample, "worked").items()}
        return {
            cell: replace(found, extra={**found.extra, "working_days": _quantiles(days[cell[0]])})
            for cell, found in super().measure(sample).items()
            if cell[1] is POOLED
        }


def _quantiles(curve: Curve) -> dict[str, float | None]:
    return {name: curve.quantile(q) for name, q in QUANTILES.items()}


SHARED: Mapping[str, Any] = {
    "version": 1,
    "unit": "seconds",
    "better": "lower",
    "group": "Onboarding",
    "caveats": CAVEATS,
    "not_comparable": NOT_COMPARABLE,
    "statistic": Milestone(),
    "minimum_n": 6,
    "window_days": 365,
    "bots": "exclude",
    "span": ("started_at", "waited_until"),
    "keeps": ("person", "cohort", "censored", "lasted", "worked"),
    "given": ("calendar_dates",),
    "by": (),
    "cuts": {COHORT: "cohort"},
    "placed": "unit",
    "over": "units",
    "beside": {"censored": "count", "working_days": "count"},
    "people": "person",
}


def within_days(sample: Sample) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The curve: which share got there within so many calendar days of their first one."""
    return {bucket: _points(*lasted) for bucket, lasted in durations(sample, "lasted").items()}


def durations(sample: Sample, column: str) -> dict[str, tuple[list[float], list[float]]]:
    """By bucket what a column says of those who got there, and of those who are still on the way."""
    query = f"SELECT bucket, {column}, censored FROM {sample.units} WHERE counted"  # noqa: S608 - names of our own
    found: dict[str, tuple[list[float], list[float]]] = {}
    for bucket, lasted, waits in sample.reader.rows(query):
        found.setdefault(bucket, ([], []))[bool(waits)].append(lasted)
    return found


def _points(ended: Sequence[float], ongoing: Sequence[float]) -> list[dict[str, Any]]:
    curve, n = kaplan_meier(ended, ongoing), len(ended) + len(ongoing)
    return [
        {"class": f"within {days} days", "value": days * DAY, "share": curve.over_by(days * DAY), "n": n}
        for days in WITHIN_DAYS
    ]


def observe_beginners(reader: Reader, query: Query) -> Observability:
    """Observable where anybody's first day is known and what the milestone is made of is collected."""
    from metrics.computation import could_tell  # noqa: PLC0415 - it needs pyarrow, which the catalogue does without

    [(known,)] = reader.rows("SELECT EXISTS (SELECT 1 AS found FROM people WHERE start_date IS NOT NULL) AS known")
    if not known:
        return Observability(observable=False, hint=UNTOLD)
    return Observability(all(could_tell(reader, each) for each in query.definition.needs))
