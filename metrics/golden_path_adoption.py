"""Golden-path adoption (G1): services that reach production by the paved road."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.golden_path import COVERAGE, OTHERS, Latest, observe_path

METRIC = Metric(
    name="golden_path_adoption",
    version=1,
    title="Golden-path adoption",
    unit="share",
    better="higher",
    group="Platform",
    question="How many services that deploy take the golden path?",
    source="What is golden is declared in the settings; a deployment's path is told by its source, else by the "
    "workflow that made it, else by the template of its service.",
    formula="Services whose last production deployment took the golden path, divided by services that deployed to "
    "production by a known path; a share.",
    caveats=(
        "Where the golden path is mandatory it measures compliance, and says nothing about its value.",
        "Beside it: the share of all `deployments`, and of the `teams` of whose deployments at least 80 % took it.",
        "What cannot be told is never counted as another path: the coverage has it.",
        "A template tells what a service began with, not how it is deployed today: what a source says goes first.",
    ),
    not_comparable=(
        OTHERS,
        "Shares of deployments: a few busy services can make most of them. They stand beside it.",
        "Pipeline drift, which looks into pipelines: a service can take the golden path and drift on it.",
    ),
    rules=("E7", "E8", "E11", "E25"),
    reads=frozenset({"deployment", "run", "service", "template_release", "pipeline_definition"}),
    needs=frozenset({"deployment"}),
    statistic=Latest(adoption=True),
    window_days=90,
    coverage=COVERAGE,
    beside={"deployments": "share", "teams": "share"},
    over="units",
    observe=observe_path,
)
