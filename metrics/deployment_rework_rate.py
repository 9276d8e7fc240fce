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
    question="How many of the deployments to production were made to repair what had failed there?",
    source="DORA deployment rework rate: unplanned deployments to address a user-facing bug, here by their evidence.",
    caveats=(
        "Security patches and dependency updates are planned work unless they are marked as hotfixes.",
        "A roll-forward that no incident, label, branch name or revert tells of is not seen.",
        "Its denominator holds rollbacks, that of the change fail rate does not: the two do not add up.",
        "DORA asks about the last six months: compare a window of 180 days with its survey, not the 90 shown here.",
    ),
    reads=READS,
    statistic=Proportion(),
    window_days=90,
    benchmark="deployment_rework_rate",
    observe=observe_failures,
)
