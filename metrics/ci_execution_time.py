"""CI execution time (C2): how long an attempt of a run works, and what that costs people and machines."""

from __future__ import annotations

from metrics.ci_statistics import BLENDED, TRIGGERS, Beside, percentiles_of
from metrics.definition import Metric
from metrics.statistics import Duration

METRIC = Metric(
    name="ci_execution_time",
    version=1,
    title="CI execution time",
    unit="seconds",
    better="lower",
    group="CI",
    question="How long does CI work on one attempt of a run?",
    source="Two costs of every attempt: what people wait for, and what machines do (LinkedIn's framework).",
    formula="End of an attempt minus the start of its first job and minus gates, in seconds; the median over attempts.",
    caveats=(
        "`dev_wait` ends with the last required job; `machine` adds all jobs up, however many run side by side.",
        "Without jobs an attempt runs from its own start, which may hold its queue; it is flagged `no_jobs`.",
        BLENDED,
    ),
    not_comparable=(
        "The duration that a CI service shows for a run: queues, gates and earlier attempts may be in it.",
        "Time to feedback, which begins with the push and ends with the first bad news.",
    ),
    rules=("E3", "E18", "E19", "E20", "E21"),
    reads=frozenset({"run", "job", "gate"}),
    needs=frozenset({"run"}),
    statistic=Beside(Duration(), (*percentiles_of("dev_wait"), *percentiles_of("machine"))),
    minimum_n=6,
    keeps=("workflow", "pipeline", "triggered_by", "dev_wait", "machine"),
    counted_flags={"negative": "E3"},
    beside=dict.fromkeys(("dev_wait_p50", "dev_wait_p90", "machine_p50", "machine_p90"), "seconds"),
    cuts=TRIGGERS,
    placed="unit",
)
