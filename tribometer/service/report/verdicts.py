"""Did it help: the interventions of which a horizon ended in a month, judged while that is quick."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from metrics.verdicts.finding import HORIZONS
from tribometer.errors import TribometerError
from tribometer.service.interventions.operations import remarks_of
from tribometer.service.interventions.verdicts import judged_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metrics.verdicts.finding import Finding
    from metrics.verdicts.panel import Scale
    from tribometer.service.instance import Instance
    from tribometer.service.interventions.verdicts import Judged
    from tribometer.service.report.months import Month
    from tribometer.store.records import Intervention

MOST = 3
SECONDS = 8.0
"""Each takes a second or some: what is not begun by then is left to the page that has them all."""


@dataclass(frozen=True)
class Verdict:
    """What came of one metric of an intervention at the horizon that ended; ``scale`` is that of its effect."""

    name: str
    horizon: int
    metric: str
    scale: Scale
    share: float | None
    direction: str
    finding: Finding
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Verdicts:
    """The verdicts of a month, and the names of interventions that are due and were not judged here."""

    told: tuple[Verdict, ...]
    left: tuple[str, ...]


def verdicts(instance: Instance, month: Month) -> Verdicts:
    """Judge those that are due, at most some and for some seconds; one that cannot be judged is left."""
    told: list[Verdict] = []
    left: list[str] = []
    begun = monotonic()
    for place, (intervention, horizon) in enumerate(_due(instance, month)):
        if place >= MOST or monotonic() - begun > SECONDS:
            left.append(intervention.name)
            continue
        try:
            told.extend(_told(intervention, horizon, judged_of(instance, intervention)))
        except TribometerError:
            left.append(intervention.name)  # the page says why
    return Verdicts(tuple(told), tuple(left))


def _due(instance: Instance, month: Month) -> Iterator[tuple[Intervention, int]]:
    """Those of which a horizon ended in the month."""
    for each in instance.records.interventions.all():
        for horizon in HORIZONS:
            over = each.plan.releases[-1] + timedelta(weeks=horizon)
            if each.change != "withdrawn" and month.start.date() <= over < month.end.date():
                yield each, horizon


def _told(intervention: Intervention, horizon: int, judged: list[Judged]) -> Iterator[Verdict]:
    for each in judged:
        finding = next(found for found in each.findings if found.horizon == horizon)
        yield Verdict(
            intervention.name,
            horizon,
            each.expectation.metric,
            each.panel.scale,
            each.expectation.share,
            each.expectation.direction,
            finding,
            tuple(remarks_of(intervention)),
        )
