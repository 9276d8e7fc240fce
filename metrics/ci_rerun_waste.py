"""CI re-run waste (C7): machine time in vain, and the waiting for a second answer."""

from __future__ import annotations

from metrics.ci_statistics import BLENDED, TRIGGERS, Aggregate, Beside
from metrics.definition import Metric

METRIC = Metric(
    name="ci_rerun_waste",
    version=1,
    title="CI re-run waste",
    unit="seconds",
    better="lower",
    group="CI",
    question="How much work of CI was in vain, and how much waiting came of it?",
    source="After Leinen et al. (2024): the machines are cheap, the people who look into a false alarm are not.",
    formula="Durations of jobs that failed and later passed on the same tree, of jobs repeated in a run after they had "
    "passed, and of superseded runs; their sum in seconds.",
    caveats=(
        "`dev_wait` adds up the spans from a tree's first failure to its next success, each at most 8 hours.",
        "A sum grows with the window and with the number of runs: `waste_share` is its share of all machine time.",
        BLENDED,
    ),
    not_comparable=(
        "Sums of services or windows of other size.",
        "The wall clock of re-runs: jobs that an attempt only carries over cost nothing.",
    ),
    rules=("E18", "E19", "E21"),
    reads=frozenset({"run", "job", "commit"}),
    needs=frozenset({"job"}),
    statistic=Beside(
        Aggregate("sum", "SUM(value)"),
        (
            ("waste_share", "SUM(value) / NULLIF(SUM(machine), 0.0)"),
            ("dev_wait", "COALESCE(SUM(dev_wait), 0.0)"),
            ("failed", "SUM(failed)"),
            ("repeated", "SUM(repeated)"),
            ("superseded", "SUM(superseded)"),
        ),
    ),
    clock="business",
    keeps=("workflow", "pipeline", "triggered_by", "dev_wait", "machine", "failed", "repeated", "superseded"),
    beside={
        "waste_share": "share",
        **dict.fromkeys(("dev_wait", "failed", "repeated", "superseded"), "hours"),
    },
    cuts=TRIGGERS,
    over="units",
    placed="unit",
)
