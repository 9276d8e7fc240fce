"""CI flake rate (C6): the same tree fails and passes."""

from __future__ import annotations

from metrics.ci_statistics import BLENDED, TRIGGERS, Beside
from metrics.definition import Metric
from metrics.statistics import Proportion

METRIC = Metric(
    name="ci_flake_rate",
    version=1,
    title="CI flake rate, observed",
    unit="share",
    better="lower",
    group="CI",
    question="How often does CI say no and then yes to the same code?",
    source="By tree, so that a new commit of the same content is the same code; after BuildPulse.",
    formula="Pairs of tree and workflow with a failed attempt and a later success within 14 days, divided by pairs "
    "with any decided attempt; a share.",
    caveats=(
        "A lower bound: where nobody runs it again, a flake looks like a failure.",
        "Where no source tells the tree, the commit stands for it; `flaky_failure_share` is of all failures.",
        "A workflow's name may stand in many repositories: `--by pipeline` names both.",
        "Which test it was is not observable: no event type holds results of tests.",
        BLENDED,
    ),
    not_comparable=(
        "Rates of single tests: Google saw 1.5 % of test runs flake, and 16 % of its tests do so sometimes.",
        "Rates by commit, which miss what was rebased or squashed.",
    ),
    rules=("E18", "E19"),
    reads=frozenset({"run", "commit"}),
    needs=frozenset({"run"}),
    statistic=Beside(
        Proportion(), (("flaky_failure_share", "SUM(flaky_failures) * 1.0 / NULLIF(SUM(failures) * 1.0, 0.0)"),)
    ),
    keeps=("workflow", "pipeline", "triggered_by", "failures", "flaky_failures"),
    beside={"flaky_failure_share": "share"},
    cuts=TRIGGERS,
    placed="unit",
)
