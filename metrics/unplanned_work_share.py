"""Unplanned-work share (W3): not observable until a survey or classes of tickets tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics.definition import Metric, Observability
from metrics.statistics import Proportion

if TYPE_CHECKING:
    from metrics.query import Query
    from tribometer.store import Reader

UNTOLD = (
    "No source tells which work was planned. A survey that asks for it would, or a tracker whose tickets say planned "
    "or unplanned; pages and incidents alone do not, for they do not say how long they took."
)


def observe_nothing(_reader: Reader, _query: Query) -> Observability:
    """Nobody tells of it: no event type has the class of a piece of work."""
    return Observability(observable=False, hint=UNTOLD)


METRIC = Metric(
    name="unplanned_work_share",
    version=1,
    title="Unplanned-work share",
    unit="share",
    better="lower",
    group="On-call",
    question="How much of the work was not planned?",
    source="Google SRE: at most half of the time for operational work; by what people report or by classes of tickets.",
    formula="Unplanned work, divided by all work; a share.",
    caveats=("Nothing that is collected today tells of it, and it is not guessed from pages or incidents.",),
    not_comparable=("The deployment rework rate, which counts deployments and not time.",),
    rules=(),
    reads=frozenset(),
    statistic=Proportion(),
    placed="unit",
    over="units",
    observe=observe_nothing,
)
