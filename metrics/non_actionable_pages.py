"""Non-actionable pages (W2): alerts about which there was nothing to do."""

from __future__ import annotations

from metrics.definition import Metric
from metrics.statistics import Proportion

METRIC = Metric(
    name="non_actionable_pages",
    version=1,
    title="Non-actionable pages",
    unit="share",
    better="lower",
    group="On-call",
    question="Of how many pages did whoever was woken say that there was nothing to do?",
    source="Google SRE, Being On-Call: every page should be one that somebody has to act on.",
    formula="Pages said to be not actionable, divided by those of which anything is said; a share.",
    caveats=(
        "It rests on what people tick when they close a page; where nobody does, nothing is known.",
        "One that was worth a look and needed no action is not actionable here.",
    ),
    not_comparable=(
        "Shares of tools that count pages closed by themselves as not actionable.",
        "The share of incidents without a cause: a page is not an incident.",
    ),
    rules=("E25",),
    reads=frozenset({"page"}),
    needs=frozenset({"page"}),
    statistic=Proportion(),
    window_days=90,
    keeps=("rotation",),
    cuts={"rotation": "rotation"},
    placed="unit",
    over="units",
)
