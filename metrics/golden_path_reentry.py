"""Golden-path re-entry (G4): services beside the paved road that come to it."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.golden_path import COVERAGE, OTHERS, Latest, observe_path

METRIC = Metric(
    name="golden_path_reentry",
    version=1,
    title="Golden-path re-entry",
    unit="share",
    better="higher",
    group="Platform",
    question="How many services that went by another path have come to the golden one?",
    source="Services whose last deployment before the period took another path, whether they ever took the golden one "
    "or not.",
    formula="Services beside the golden path whose last production deployment of the period took it, divided by "
    "services beside it that deployed in the period; a share.",
    caveats=(
        "No event tells whether a migration was forced: where it was decreed, it measures the decree.",
        "A legacy service that deploys nothing in the period is in neither number.",
        "A first deployment has nothing before it: a new service is no legacy.",
    ),
    not_comparable=(OTHERS, "Adoption, which counts services that were there all along."),
    rules=("E7", "E8", "E11", "E25"),
    reads=frozenset({"deployment", "run", "service", "template_release", "pipeline_definition"}),
    needs=frozenset({"deployment"}),
    statistic=Latest(among="is_legacy"),
    window_days=90,
    keeps=("is_legacy",),
    coverage=COVERAGE,
    over="units",
    observe=observe_path,
)
