"""CI success rate (C4): runs that are green in the end, and at once."""

from __future__ import annotations

from metrics.ci_statistics import BLENDED, BRANCHES, Beside
from metrics.definition import Metric
from metrics.statistics import Proportion

METRIC = Metric(
    name="ci_success_rate",
    version=1,
    title="CI success rate",
    unit="share",
    better="higher",
    group="CI",
    question="How often is a run of CI green?",
    source="The last attempt decides; `passed_first_share` tells how many were green without a re-run.",
    formula="Runs whose last attempt passed, divided by runs whose last attempt passed, failed or timed out; a share.",
    caveats=(
        "Finding what is wrong in a pull request is what CI is for: never a target. `--by branch` takes them apart.",
        "Cancelled, skipped and superseded runs say nothing and are left out.",
        BLENDED,
    ),
    not_comparable=(
        "Rates over attempts: a run that was started again until it was green counts as green once here.",
        "Rates that count a cancelled run as a failure.",
    ),
    rules=("E18", "E19"),
    reads=frozenset({"run"}),
    needs=frozenset({"run"}),
    statistic=Beside(Proportion(), (("passed_first_share", "AVG(passed_first)"),)),
    keeps=("workflow", "pipeline", "triggered_by", "branch_kind", "passed_first"),
    beside={"passed_first_share": "share"},
    cuts=BRANCHES,
    placed="unit",
)
