"""Revert rate (P7): merged changes that were undone within 30 days."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.statistics import Proportion

METRIC = Metric(
    name="revert_rate",
    version=1,
    title="Revert rate",
    unit="share",
    better="lower",
    group="Change flow",
    question="How many merged changes are taken back within a month?",
    source="Reverts as forges and git word them, by a change or by a commit.",
    formula="Changes undone within 30 days of their merge, divided by changes merged at least 30 days ago; a share.",
    caveats=(
        "It is no change fail rate: a change may be undone before it is deployed, and a failure mended otherwise.",
        "A correction by hand that is not called a revert is not seen.",
    ),
    not_comparable=("Change fail rate, which counts deployments that needed a remedy.",),
    rules=("E12", "E14"),
    reads=frozenset({"change", "commit"}),
    needs=frozenset({"change"}),
    statistic=Proportion(),
    window_days=90,
    bots="exclude",
    placed="unit",
)
