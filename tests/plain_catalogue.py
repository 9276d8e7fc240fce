"""Every metric that is computed a second time in plain Python, whichever way its units find their scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plain_ci_metrics
import plain_delivery
import plain_flow
import plain_friction
import plain_oncall
import plain_people_services
import plain_platform
import plain_platform_path
import plain_units
from plain_delivery import Computation, Question
from plain_events import Event
from plain_result import Result
from plain_units import PlainMetric

UNIT_METRICS: Mapping[str, PlainMetric] = {
    **plain_flow.METRICS,
    **plain_ci_metrics.METRICS,
    **plain_oncall.METRICS,
    **plain_people_services.METRICS,
    **plain_platform.METRICS,
    **plain_platform_path.METRICS,
}
FRICTION = "friction_cost"
METRICS = frozenset({*plain_delivery.METRICS, *UNIT_METRICS, FRICTION})


def compute(metric: str, events: Sequence[Event], question: Question) -> Computation:
    """Compute a metric over contract events, for one service, a team or all."""
    if metric == FRICTION:
        return plain_friction.compute(events, question)
    found = UNIT_METRICS.get(metric)
    return plain_units.compute(found, events, question) if found else plain_delivery.compute(metric, events, question)


def series(metric: str, events: Sequence[Event], question: Question, by: str) -> list[tuple[str, Result]]:
    """Compute a metric per week, month, quarter, year, service or team; empty buckets are there too."""
    if metric == FRICTION:
        return plain_friction.series(events, question, by)
    found = UNIT_METRICS.get(metric)
    if found is None:
        return plain_delivery.series(metric, events, question, by)
    return plain_units.series(found, events, question, by)
