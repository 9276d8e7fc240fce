"""Time to the first merged change (O1): from somebody's first day until a change of theirs was merged."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.onboarding import SHARED, observe_beginners, within_days

METRIC = Metric(
    name="time_to_first_change",
    title="Time to the first merged change",
    question="How long is it until a first change of somebody who joins is merged?",
    source="Sourcegraph's time to Nth pull request, for the first one; aggregates only.",
    formula="Merge of a person's first merged change minus their first day, in seconds; the median by Kaplan-Meier.",
    rules=("E14", "E24"),
    reads=frozenset({"person", "change"}),
    needs=frozenset({"person", "change"}),
    observe=observe_beginners,
    parts=within_days,
    **SHARED,
)
