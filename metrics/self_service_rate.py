"""Self-service rate (G7): requests to the platform that were fulfilled without anybody's hands."""

from __future__ import annotations

from metrics.ci_statistics import Beside
from metrics.definition import Coverage, Metric
from metrics.requests import observe_requests
from metrics.statistics import Proportion

METRIC = Metric(
    name="self_service_rate",
    version=1,
    title="Self-service rate",
    unit="share",
    better="higher",
    group="Platform",
    question="How many requests to the platform are fulfilled without a person having to do anything?",
    source="Requests by portal or ticket, with the number of times a person had to touch them.",
    formula="Fulfilled requests that nobody had to touch, divided by those of which that is known; a share.",
    caveats=(
        "Only as good as the count of touches: help by chat or at a desk is no touch in any source.",
        "What is asked for without a request, because it is easier to do oneself, is not in it.",
        "A request that comes to nothing is in neither number.",
    ),
    not_comparable=("Shares of automated steps: nine automatic steps and one approval are no self-service.",),
    rules=("E25",),
    reads=frozenset({"request"}),
    needs=frozenset({"request"}),
    statistic=Beside(Proportion(), (("touches_per_request", "AVG(human_touches)"),)),
    window_days=90,
    keeps=("kind", "human_touches"),
    coverage=Coverage("request_touches", "fulfilled requests whose human touches are known"),
    cuts={"kind": "kind"},
    beside={"touches_per_request": "count"},
    placed="unit",
    over="units",
    observe=observe_requests,
)
