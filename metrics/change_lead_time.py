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
    group="Delivery, the five DORA keys",
    question="How long does it take from the first commit of a change until it runs in production?",
    source="DORA: committed to version control to deployed in production; read per change, not per commit.",
    formula="End of the deployment that shipped a change minus its first commit, in seconds; the median over changes.",
    caveats=(
        "Deployments of many changes at once hide in the release wait; look at the stages.",
        "Squashed commits carry the time of the squash: without the change's own commit list the start is approximate.",
    ),
    not_comparable=(
        "Times from the merge or from the opening of a pull request to production: their clocks start later.",
        "The reading by commit (`--unit commit`): it has other units, and more of them.",
        "Averages of lead times: a few long ones decide those.",
    ),
    rules=("E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E11", "E12", "E14", "E26"),
    reads=READS,
    needs=NEEDS,
    statistic=Duration(),
    minimum_n=6,
    bots="exclude",
    span=("first_commit_at", "finished_at"),
    counted_flags={"negative": "E3"},
    coverage=COMMITS_KNOWN,
    waiting="waiting_commits",
    benchmark="change_lead_time",
)
