"""Failed deployment recovery time (D4): from the start of a failure to its remedy or its mitigation."""

from __future__ import annotations

from metrics.definition import Coverage, Metric
from metrics.failure_sources import CLASSIFIED, READS, observe_failures
from metrics.survival import Survival

HOUR, DAY = 3600.0, 86_400.0
MEASURED = Coverage("recovery_coverage", "failed deployments with a measured start")

METRIC = Metric(
    name="failed_deployment_recovery_time",
    version=1,
    title="Failed deployment recovery time",
    unit="seconds",
    better="lower",
    group="Delivery, the five DORA keys",
    question="How long are users affected when a deployment fails?",
    source="DORA failed deployment recovery time (2023 on): failures caused by changes only, median.",
    formula="Remedy or mitigation of a failed deployment minus the start of its failure, in seconds; their median.",
    caveats=(
        "With few incidents no average shows an improvement (Davidovic 2021): read the shares within an hour and day.",
        "Where nobody wrote down when users began to feel it, the clock starts when the deployment finished.",
        "An incident that nobody closes counts as going on until today.",
    ),
    not_comparable=(
        "Mean time to restore over all incidents: other causes are in the incident load.",
        "Averages that leave out failures that still go on: here they count with the time so far.",
    ),
    rules=("E3", "E6", "E8", "E9", "E14", "E23", "E24", "E26"),
    reads=READS,
    statistic=Survival(within=(("recovered_in_hour", HOUR), ("recovered_in_day", DAY))),
    minimum_n=6,
    window_days=90,
    keeps=("censored",),
    counted_flags={"negative": "E3"},
    coverage=MEASURED,
    gate=CLASSIFIED,
    benchmark="failed_deployment_recovery_time",
    observe=observe_failures,
)
