"""Review rounds (P3): how often a change goes to review before it is merged."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.statistics import Duration

METRIC = Metric(
    name="review_rounds",
    version=1,
    title="Review rounds",
    unit="rounds",
    better="lower",
    group="Change flow",
    question="How often does a change go back and forth between its author and its reviewers?",
    source="Our own count: reviews with no push and no new request between them are one round.",
    formula="Turns from writing to reviewing, per merged change that anybody reviewed; the median.",
    caveats=(
        "One round can be a rubber stamp: read it with the share that nobody reviewed.",
        "A push is known by the time of its commits; one that was rewritten later moves.",
    ),
    not_comparable=("Numbers of comments or of reviews: a round may hold many.",),
    rules=("E12", "E14", "E17"),
    reads=frozenset({"change", "review", "review_request", "commit"}),
    needs=frozenset({"change", "review"}),
    statistic=Duration(),
    minimum_n=6,
    bots="exclude",
    placed="unit",
)
