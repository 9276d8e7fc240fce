"""Voluntary choice rate (G2): new services that begin with a golden template though they need not."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.golden_path import OTHERS, observe_templates
from metrics.statistics import Proportion

METRIC = Metric(
    name="voluntary_choice_rate",
    version=1,
    title="Voluntary choice rate",
    unit="share",
    better="higher",
    group="Platform",
    question="How many new services are made from a golden template?",
    source="Services created in the period, and the template that the catalogue says they were made from.",
    formula="New services made from a golden template, divided by new services; a share.",
    caveats=(
        "It is a choice only where another way is allowed, which no event tells: under a mandate it is compliance.",
        "A service of which the catalogue says no template counts as made without one, if it says it of others.",
        "A template says how a service began: retention tells whether it stayed.",
    ),
    not_comparable=(OTHERS, "Adoption, which counts how all services deploy."),
    rules=("E25",),
    reads=frozenset({"service", "repository", "template_release"}),
    needs=frozenset({"service"}),
    statistic=Proportion(),
    window_days=365,
    over="units",
    observe=observe_templates,
)
