"""Time to the first change in production (O1): from somebody's first day until users had something of theirs."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.onboarding import SHARED, observe_beginners, within_days

METRIC = Metric(
    name="time_to_first_deploy",
    title="Time to the first change in production",
    question="How long is it until something that somebody who joins has written is in production?",
    source="The last of the onboarding milestones; aggregates only.",
    formula="Finish of the first production deployment with anything of a person's minus their first day, in seconds; "
    "the median by Kaplan-Meier.",
    rules=("E2", "E5", "E14", "E24"),
    reads=frozenset({"person", "commit", "change", "deployment"}),
    needs=frozenset({"person", "deployment"}),
    observe=observe_beginners,
    parts=within_days,
    **SHARED,
)
