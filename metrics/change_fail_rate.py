"""Change fail rate (D3): failed of shipped deployments, once the failure window has passed since they finished."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from metrics.definition import Metric, Observability
from metrics.failure_sources import CLASSIFIED, READS, observe_failures
from metrics.statistics import Proportion

if TYPE_CHECKING:
    from metrics.query import Query
    from tribometer.store import Reader


def observe(reader: Reader, query: Query) -> Observability:
    """As for all failures; without an incident source the rate is a lower bound, which earns no score."""
    observed = observe_failures(reader, query)
    return replace(observed, scored=observed.of is None)


METRIC = Metric(
    name="change_fail_rate",
    version=1,
    title="Change fail rate",
    unit="share",
    better="lower",
    group="Delivery, the five DORA keys",
    question="How many of the deployments to production needed immediate intervention?",
    source="DORA change fail rate: rollbacks, hotfixes, reverts and change-caused incidents over shipped deployments.",
    formula="Shipped deployments that failed, divided by shipped deployments older than the failure window; a share.",
    caveats=(
        "Declaring fewer incidents lowers it, and so does putting more changes into one deployment.",
        "No failure in 10 deployments still allows a rate of 28 %: read the interval.",
    ),
    not_comparable=(
        "Rates of tools that divide by all deployments, rollbacks and redeployments included.",
        "The deployment rework rate, which counts remedies: one failure may need several.",
    ),
    rules=("E5", "E6", "E7", "E8", "E9", "E10", "E14", "E23", "E26"),
    reads=READS,
    statistic=Proportion(),
    window_days=90,
    counted_flags={"late_failure": "late_failure"},
    coverage=CLASSIFIED,
    benchmark="change_fail_rate",
    observe=observe,
)
