"""Review response time (P2): from being asked for a review to the first answer of any person."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.survival import Survival

HOUR, DAY = 3600.0, 86_400.0

METRIC = Metric(
    name="review_response_time",
    version=1,
    title="Review response time",
    unit="seconds",
    better="lower",
    group="Change flow",
    question="How long does a change wait until somebody who was asked for a review answers?",
    source="LinkedIn's review response time: every request has a clock of its own, further answers do not count.",
    formula="First review by a person after a request minus the request, in business seconds; the median.",
    caveats=(
        "It is the time of the team that was asked, never of a person.",
        "A quick first answer says nothing about the number of rounds that follow.",
        "Where reviews are asked for by word of mouth, no request is recorded and nothing is measured.",
    ),
    not_comparable=(
        "Stage pickup of the lead time, which is one span of a change, by calendar unless asked otherwise.",
        "Times per reviewer: of several people asked at once any one answers for all.",
    ),
    rules=("E14", "E15", "E17", "E24"),
    reads=frozenset({"change", "review", "review_request"}),
    needs=frozenset({"review_request", "review"}),
    statistic=Survival(),
    minimum_n=6,
    bots="exclude",
    clock="business",
    span=("asked_at", "waited_until"),
    keeps=("censored",),
    placed="unit",
)
