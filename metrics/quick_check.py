"""Quick Check: the five delivery keys on DORA's scale from 0 to 10, and their mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics.definition import Metric

if TYPE_CHECKING:
    from metrics.query import Query
    from metrics.result import MetricResult
    from tribometer.settings import Rules
    from tribometer.store import Reader


def compose(reader: Reader, query: Query, rules: Rules) -> MetricResult:
    """Compute the five keys and score them."""
    from metrics.scorecard import quick_check  # noqa: PLC0415 - what computes is loaded when it is first asked for

    return quick_check(reader, query, rules)


METRIC = Metric(
    name="quick_check",
    version=1,
    title="Quick Check",
    unit="score",
    better="higher",
    group="Delivery in detail",
    question="Where do our five delivery keys lie on the scale of DORA's survey?",
    source="DORA Quick Check 2025: categories and shares on 0 to 10, unweighted means; mean of all industries 6.7.",
    formula="Each of the five delivery keys on a scale of 0 to 10, added up and divided by five; a score.",
    caveats=(
        "A mean of five hides which of them moved: read the parts, and the metrics behind them.",
        "DORA's scores come from answers of people, these from events: the means are for orientation, not a target.",
        "It is there only when all five keys are; without an incident source the change fail rate has no score.",
        "Each key has its own period: 28 days for lead time and frequency, 90 for the others, unless one is given.",
    ),
    not_comparable=(
        "Other teams or services, as a ranking: different work has different scores for good reasons.",
        "Scores of surveys, point by point: people answered those, these are counted from events.",
    ),
    rules=("E14", "E26"),
    reads=frozenset({"deployment", "incident", "change", "commit"}),
    window_days=90,
    compose=compose,
)
