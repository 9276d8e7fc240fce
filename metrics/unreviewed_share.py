"""Unreviewed share (P5): changes that were merged though no other person had looked at them."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.statistics import Proportion

METRIC = Metric(
    name="unreviewed_share",
    version=1,
    title="Unreviewed changes",
    unit="share",
    better="neither",
    group="Change flow",
    question="How many changes are merged without another person having looked at them?",
    source="Reviews by people other than the author, submitted before the merge (E17).",
    formula="Merged changes without a review by another person, divided by merged changes; a share.",
    caveats=(
        "Pairing and trunk-based work review while writing, which no forge records.",
        "A review that only clicks approve counts as one.",
    ),
    not_comparable=("Shares that count reviews by bots.",),
    rules=("E12", "E14", "E17"),
    reads=frozenset({"change", "review"}),
    needs=frozenset({"change", "review"}),
    statistic=Proportion(),
    bots="exclude",
    placed="unit",
)
