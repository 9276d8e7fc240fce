"""Stale changes (P6): work that lies open for more than two weeks."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.statistics import Proportion

METRIC = Metric(
    name="stale_changes",
    version=1,
    title="Stale changes",
    unit="share",
    better="lower",
    group="Change flow",
    question="How many changes are still open two weeks after they were ready?",
    source="Changes in the period in which they had been ready for 14 days: a later merge does not rewrite history.",
    formula="Changes still open 14 days after they were ready, divided by all that were ready then; a share.",
    caveats=(
        "Closing without a merge counts as over, however much work is lost with it.",
        "A draft is not ready: work can lie there unseen.",
    ),
    not_comparable=("The share of changes open today that are old: quick ones are hardly ever open when one looks.",),
    rules=("E12", "E14", "E15"),
    reads=frozenset({"change"}),
    needs=frozenset({"change"}),
    statistic=Proportion(),
    bots="exclude",
    placed="unit",
)
