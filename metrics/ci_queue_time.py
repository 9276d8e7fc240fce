"""CI queue time (C1): how long required jobs wait for a runner."""

from __future__ import annotations

from metrics.ci_statistics import BLENDED, TRIGGERS, Beside, percentiles_of
from metrics.definition import Metric
from metrics.statistics import Duration

METRIC = Metric(
    name="ci_queue_time",
    version=1,
    title="CI queue time",
    unit="seconds",
    better="lower",
    group="CI",
    question="How long does a CI job wait until a runner takes it?",
    source="Jobs as the CI service dates them; queue, execution and gates are told apart.",
    formula="Start of a required job minus the time it was queued, in seconds; the median over jobs.",
    caveats=(
        "Many small jobs weigh more than one long one, and a job may wait for another one rather than for a runner.",
        "`stalled` is what the queue costs a run: how long required jobs were queued while none of them ran.",
        "Cut by runner or hour (UTC), a run's `stalled` counts where it stood still longest.",
        "Where no job of an attempt says whether it is required, all count.",
        BLENDED,
    ),
    not_comparable=(
        "The wait of a whole run: jobs that wait side by side cost their sum here, and their longest there.",
        "CI services that date a job as queued only when the jobs it needs are over, with those that do so at once.",
    ),
    rules=("E3", "E20"),
    reads=frozenset({"run", "job"}),
    needs=frozenset({"job"}),
    statistic=Beside(Duration(), percentiles_of("stalled")),
    minimum_n=6,
    keeps=("workflow", "pipeline", "triggered_by", "runner", "hour_of_day", "stalled"),
    beside={"stalled_p50": "seconds", "stalled_p90": "seconds"},
    counted_flags={"negative": "E3"},
    cuts={**TRIGGERS, "runner": "runner", "hour": "hour_of_day"},
    placed="unit",
)
