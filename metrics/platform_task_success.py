"""Platform task success (G8): journeys along the golden path that reach their end without help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics.ci_statistics import Beside
from metrics.definition import Metric, Observability
from metrics.requests import NO_REQUESTS
from metrics.statistics import Proportion

if TYPE_CHECKING:
    from metrics.query import Query
    from tribometer.store import Reader

NO_JOURNEYS = (
    "No request names a golden template: let `request` events say `template`, and name the templates in [golden_path]."
)
FURTHER = (
    ("touches_per_100", "100.0 * AVG(touches)"),
    ("came_to_nothing_share", "AVG(came_to_nothing)"),
)


def observe(reader: Reader, _query: Query) -> Observability:
    """Journeys can be told where any request names a template that is golden."""
    [(requests, journeys)] = reader.rows("""
SELECT EXISTS (SELECT 1 AS found FROM requests),
    EXISTS (SELECT 1 AS found FROM requests WHERE template IS NOT NULL)
    AND EXISTS (SELECT 1 AS found FROM golden_templates)
""")
    if not requests:
        return Observability(observable=False, hint=NO_REQUESTS)
    return Observability() if journeys else Observability(observable=False, hint=NO_JOURNEYS)


METRIC = Metric(
    name="platform_task_success",
    version=1,
    title="Platform task success",
    unit="share",
    better="higher",
    group="Platform",
    question="How many journeys along the golden path reach their end without help?",
    source="Requests that name a golden template; DORA finds clear feedback on the outcome of a task the platform's "
    "trait most tied to a good experience.",
    formula="Journeys that were fulfilled and that nobody had to touch, divided by journeys that are over; a share.",
    caveats=(
        "Events tell a request, its status and how often a person touched it: help by chat or at a desk is not seen.",
        "A journey that was given up without a word stays under way for ever.",
        "Journeys that are still under way are in neither number, so the newest are the quick ones.",
        "A journey that needs an approval is touched, however smoothly it went.",
    ),
    not_comparable=(
        "Self-service rate, which counts all fulfilled requests and none that came to nothing.",
        "Success of technical steps: a journey of ten steps fails with any of them.",
    ),
    rules=("E25",),
    reads=frozenset({"request", "template_release"}),
    needs=frozenset({"request"}),
    statistic=Beside(Proportion(), FURTHER),
    window_days=90,
    keeps=("kind", "touches", "came_to_nothing"),
    cuts={"kind": "kind"},
    beside={"touches_per_100": "count", "came_to_nothing_share": "share"},
    placed="unit",
    over="units",
    observe=observe,
)
