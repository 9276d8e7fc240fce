"""Access wait of joiners (O3): how long what they need to work was on its way in their first 30 days."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.onboarding import NOT_COMPARABLE, observe_beginners
from metrics.people import COHORT
from metrics.statistics import Duration

METRIC = Metric(
    name="joiner_access_wait",
    version=1,
    title="Access wait of joiners",
    unit="seconds",
    better="lower",
    group="Onboarding",
    question="How long do people who join wait for access and tools in their first 30 days?",
    source="Open provisioning intervals of the first 30 days, added up.",
    formula="Time in which requests for access or tools were open in a person's first 30 days, added up, in seconds.",
    caveats=(
        "Requests name a team and nobody in it: what the joiner's team asks for in those days counts as the joiner's.",
        "Counted are requests whose kind speaks of access, accounts, permissions, licences, machines or tools.",
        "Requests that are open at the same time count each for itself, so it can be longer than the 30 days.",
        "Somebody whose team asked for nothing is left out: nobody knows whether they had to wait.",
    ),
    not_comparable=("Provisioning wait, which is one request's, whoever asked.", *NOT_COMPARABLE[:1]),
    rules=("E14",),
    reads=frozenset({"person", "ownership", "request"}),
    needs=frozenset({"person", "request"}),
    statistic=Duration(),
    minimum_n=6,
    window_days=365,
    bots="exclude",
    keeps=("person", "cohort", "requests"),
    by=(),
    cuts={COHORT: "cohort"},
    placed="unit",
    over="units",
    people="person",
    observe=observe_beginners,
)
