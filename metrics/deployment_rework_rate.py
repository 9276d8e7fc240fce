"""Deployment rework rate (D5): deployments made because something in production had failed, of all deployments."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.failure_sources import READS, observe_failures
from metrics.statistics import Proportion

METRIC = Metric(
    name="deployment_rework_rate",
    version=1,
    title="Deployment rework rate",
    unit="share",
    better="lower",
    group="Delivery, the five DORA keys",
    question="How many of the deployments to production were made to repair what had failed there?",
    source="DORA deployment rework rate: unplanned deployments to address a user-facing bug, here by their evidence.",
    formula="Deployments made to repair what had failed, divided by shipped deployments and rollbacks; a share.",
    caveats=(
        "Security patches and dependency updates are planned work unless they are marked as hotfixes.",
        "A roll-forward that no incident, label, branch name or revert tells of is not seen.",
    ),
    not_comparable=(
        "The change fail rate: its denominator holds no rollbacks, so the two do not add up.",
        "DORA's survey, which asks about six months, unless the window is 180 days.",
    ),
    rules=("E5", "E6", "E7", "E8", "E9", "E14"),
    reads=READS,
    statistic=Proportion(),
    window_days=90,
    benchmark="deployment_rework_rate",
    observe=observe_failures,
)
