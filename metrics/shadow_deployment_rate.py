"""Shadow deployment rate (G5): changes of what runs in production that no deployment record explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics.ci_statistics import Beside
from metrics.definition import Metric, Observability
from metrics.statistics import Proportion

if TYPE_CHECKING:
    from metrics.query import Query
    from tribometer.store import Reader

NO_OBSERVATION = (
    "Nothing tells what really runs: a source of kind argocd does, and `observation` events (service, environment, "
    "observed_at, sha or artifact) from any cluster, registry or cloud audit."
)


def observe(reader: Reader, _query: Query) -> Observability:
    """Shadow deployments can be told where anything was ever seen to run."""
    [(known,)] = reader.rows("SELECT EXISTS (SELECT 1 AS found FROM observations) AS known")
    return Observability() if known else Observability(observable=False, hint=NO_OBSERVATION)


METRIC = Metric(
    name="shadow_deployment_rate",
    version=1,
    title="Shadow deployment rate",
    unit="share",
    better="lower",
    group="Platform",
    question="How much of what changes in production does no deployment record explain?",
    source="What is seen to run, held against the deployment records of the same service and environment; DORA names "
    "shadow workarounds as what platforms built without their users lead to.",
    formula="Changes seen in production without a deployment record that names the same commit or artifact and was "
    "under way between the two looks, give or take an hour, divided by all changes seen; a share.",
    caveats=(
        "Two changes between two looks are seen as one, and one that was taken back is not seen at all.",
        "A record that names neither commit nor artifact as they were seen explains any change of its time.",
        "Deployments by hand that are on record are declared: they explain a change, and `by_hand` tells their share.",
        "What was seen first is where the looking began, and no change.",
    ),
    not_comparable=(
        "Organisations that look more often: rare looks see fewer changes.",
        "Shares of manual deployments: those are on record, shadow deployments are not.",
    ),
    rules=("E11", "E25"),
    reads=frozenset({"observation", "deployment"}),
    needs=frozenset({"observation"}),
    statistic=Beside(Proportion(), (("by_hand", "AVG(by_hand)"),)),
    window_days=90,
    keeps=("by_hand",),
    beside={"by_hand": "share"},
    over="units",
    observe=observe,
)
