"""Change lead time (D2): from the first commit of a change to the end of the deployment that shipped it."""

from __future__ import annotations

from metrics.definition import Coverage, Metric
from metrics.statistics import Duration

COMMITS_KNOWN = Coverage("commit_graph_coverage", "shipped deployments whose commits are known", floor=0.80)
READS = frozenset({"commit", "change", "deployment"})
NEEDS = frozenset({"commit", "deployment"})

METRIC = Metric(
    name="change_lead_time",
    version=1,
    title="Change lead time",
    unit="seconds",
    better="lower",
    question="How long does it take from the first commit of a change until it runs in production?",
    source="DORA: committed to version control to deployed in production; read per change, not per commit.",
    caveats=(
        "Tools that start the clock at the merge or when the pull request is opened give shorter times.",
        "Deployments of many changes at once hide in the release wait; look at the stages.",
        "Squashed commits carry the time of the squash: without the change's own commit list the start is approximate.",
    ),
    reads=READS,
    needs=NEEDS,
    statistic=Duration(),
    minimum_n=6,
    bots="exclude",
    span=("first_commit_at", "finished_at"),
    counted_flags={"negative": "E3"},
    coverage=COMMITS_KNOWN,
    benchmark="change_lead_time",
)
