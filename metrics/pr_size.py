"""Change size (P4): lines a reviewer has to read."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.statistics import Duration

METRIC = Metric(
    name="pr_size",
    version=1,
    title="Change size",
    unit="lines",
    better="neither",
    group="Change flow",
    question="How much has a reviewer to read in one change?",
    source="Lines added and deleted; files that the configuration calls generated are not read by anybody.",
    formula="Lines added plus lines deleted without generated and vendored files, per merged change; the median.",
    caveats=(
        "A target invites splitting what belongs together.",
        "Where a source tells no files, all lines count: these changes are flagged `whole`.",
    ),
    not_comparable=("Sizes that count lock files and generated code.",),
    rules=("E12", "E14"),
    reads=frozenset({"change"}),
    needs=frozenset({"change"}),
    statistic=Duration(),
    minimum_n=6,
    bots="exclude",
    placed="unit",
)
