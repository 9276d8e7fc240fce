"""Time to the first commit (O1): from somebody's first day until they wrote code."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.onboarding import SHARED, observe_beginners, within_days

METRIC = Metric(
    name="time_to_first_commit",
    title="Time to the first commit",
    question="How long is it until somebody who joins writes a first commit?",
    source="The algorithm of Sourcegraph's time to Nth pull request, for the first commit; aggregates only.",
    formula="Author time of a person's first commit minus their first day, in seconds; the median by Kaplan-Meier.",
    rules=("E2", "E14", "E24"),
    reads=frozenset({"person", "commit"}),
    needs=frozenset({"person", "commit"}),
    observe=observe_beginners,
    parts=within_days,
    **SHARED,
)
