"""CI time to feedback (C3): from a push until the author knows."""

from __future__ import annotations

from metrics.ci_statistics import WORKFLOWS, Beside
from metrics.definition import Metric
from metrics.statistics import Duration

P90 = "PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY value)"
P50 = "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY value)"

METRIC = Metric(
    name="ci_time_to_feedback",
    version=1,
    title="CI time to feedback",
    unit="seconds",
    better="lower",
    group="CI",
    question="How long does the author of a change wait until CI says whether it is good?",
    source="Runs of pull requests that people started; `predictability` is p90 divided by p50.",
    formula="First failure of a required job, else the end of all of them, minus the run's creation and minus gates, "
    "in seconds; the median over first attempts.",
    caveats=(
        "There is no threshold beyond which faster no longer helps, and what can be foreseen is waited for better.",
        "A run begins when the CI service heard of the push, which may be later than the push.",
        "A run that was cancelled before any required job failed told nothing and is left out.",
    ),
    not_comparable=(
        "Execution time: the queue is in this one, and re-runs are not.",
        "The duration of whole runs: jobs that are not required go on after the answer.",
    ),
    rules=("E3", "E18", "E19", "E20", "E21"),
    reads=frozenset({"run", "job", "gate"}),
    needs=frozenset({"run"}),
    statistic=Beside(Duration(), (("predictability", f"{P90} / NULLIF({P50}, 0.0)"),)),
    minimum_n=6,
    keeps=("workflow", "pipeline"),
    counted_flags={"negative": "E3"},
    beside={"predictability": "count"},
    cuts=WORKFLOWS,
    placed="unit",
)
