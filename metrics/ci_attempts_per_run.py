"""CI attempts per run (C10): how often a run is started again."""

from __future__ import annotations

from metrics.ci_statistics import BLENDED, BRANCHES, Aggregate, Beside
from metrics.definition import Metric

MERGES = "COUNT(DISTINCT merged_change)"
AGAIN = "COUNT(DISTINCT CASE WHEN value > 1 THEN merged_change END)"

METRIC = Metric(
    name="ci_attempts_per_run",
    version=1,
    title="CI attempts per run",
    unit="attempts",
    better="lower",
    group="CI",
    question="How often is a run of CI attempted until it is decided?",
    source="Attempts as the CI service numbers them, by the run's last attempt.",
    formula="Attempts of decided runs, divided by decided runs; a mean, 1 where nothing was started again.",
    caveats=(
        "A new commit instead of a re-run does not show here.",
        "`rerun_share` is the share of runs, `merge_rerun_share` of merged changes with a run, that needed a re-run.",
        BLENDED,
    ),
    not_comparable=("Re-runs of single jobs on services that do not number them as attempts.",),
    rules=("E18", "E19"),
    reads=frozenset({"run", "change"}),
    needs=frozenset({"run"}),
    statistic=Beside(
        Aggregate("mean", "AVG(value)"),
        (
            ("rerun_share", "AVG(CASE WHEN value > 1 THEN 1.0 ELSE 0.0 END)"),
            ("merge_rerun_share", f"{AGAIN} * 1.0 / NULLIF({MERGES} * 1.0, 0.0)"),
        ),
    ),
    keeps=("workflow", "pipeline", "triggered_by", "branch_kind", "merged_change"),
    beside={"rerun_share": "share", "merge_rerun_share": "share"},
    cuts=BRANCHES,
    placed="unit",
)
