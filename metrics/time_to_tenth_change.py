"""Time to the tenth merged change (O1): from somebody's first day until ten changes of theirs were merged."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.onboarding import SHARED, observe_beginners, within_days

METRIC = Metric(
    name="time_to_tenth_change",
    title="Time to the tenth merged change",
    question="How long is it until ten changes of somebody who joins are merged?",
    source="Sourcegraph's time to Nth pull request, for the tenth, as DX reports it; aggregates only.",
    formula="Merge of a person's tenth merged change minus their first day, in seconds; the median by Kaplan-Meier.",
    rules=("E14", "E24"),
    reads=frozenset({"person", "change"}),
    needs=frozenset({"person", "change"}),
    observe=observe_beginners,
    parts=within_days,
    **SHARED,
)
