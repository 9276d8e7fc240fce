"""One service's production deployments derived from its deployment events and the commit graph (E5-E8, E10, E11).

Pure: the same events give the same rows whatever their order, on whatever engine.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tribometer.store.derive_commits import CommitGraph, Walk
from tribometer.store.derive_roles import Classifier, Verdict
from tribometer.store.derive_rollouts import Rollout, is_production, rollouts_of
from tribometer.store.derive_rows import Judged, derived

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tribometer.settings import Rules
    from tribometer.store.derive_model import DeploymentRow, Derived, ServiceScope


def derive(
    service: ServiceScope,
    deployments: Sequence[DeploymentRow],
    graph: CommitGraph,
    rules: Rules,
    *,
    after: DeploymentRow | None = None,
) -> Derived:
    """Derive the rows of one service from its deployments of all tiers.

    Explicit deployments put tags aside only where they go to production: one to staging says nothing of releases.
    ``after`` is what ran last: ``deployments`` are then only those behind it, ``graph.shipped`` holds what it and those
    before it brought, and no rows are made for it.
    """
    rows = [row for row in ([after, *deployments] if after else deployments) if is_production(row, rules)]
    explicit = [row for row in rows if row.inferred_from is None]
    inferred = [row for row in rows if row.inferred_from is not None]
    active = rollouts_of(explicit or inferred)
    judged = _judged(service, active, graph, rules)
    if explicit:
        others = rollouts_of(inferred)
        judged += [Judged(each, Verdict("other_origin"), None, _unknown(each, graph)) for each in others]
    return derived(judged, graph, known=1 if after else 0)


def _judged(service: ServiceScope, rollouts: Sequence[Rollout], graph: CommitGraph, rules: Rules) -> list[Judged]:
    ran = [rollout for rollout in rollouts if rollout.ran]
    walk = Walk(graph, [rollout.version.sha for rollout in ran])
    verdicts = Classifier(walk, rules.failure_window).classify(ran)
    walked = zip(ran, verdicts, walk.reached, walk.missing, walk.cut, strict=True)
    judged = {
        each.key: _of_service(service, Judged(each, verdict, _touching(each, reached, graph), frozenset(missing), cut))
        for each, verdict, reached, missing, cut in walked
    }
    return [
        judged[each.key] if each.ran else Judged(each, Verdict(each.outcome), None, _unknown(each, graph))
        for each in rollouts
    ]


def _unknown(rollout: Rollout, graph: CommitGraph) -> frozenset[str]:
    sha = rollout.version.sha
    return frozenset() if sha is None or graph.number(sha) is not None else frozenset({sha})


def _touching(rollout: Rollout, reached: Sequence[int], graph: CommitGraph) -> tuple[int, ...] | None:
    if graph.number(rollout.version.sha) is None:
        return None
    return graph.touching_paths(reached)


def _of_service(service: ServiceScope, judged: Judged) -> Judged:
    """A repository's release is none of a service's when nothing under its paths came with it (E12)."""
    inferred = judged.rollout.last.inferred_from is not None
    if service.paths and inferred and judged.verdict.role == "shipped" and judged.commits == ():
        return replace(judged, verdict=Verdict("untouched"))
    return judged
