"""The rows of production_deployments, steps and shipped commits from judged roll-outs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

from tribometer.store.derive_model import (
    ROLES_THAT_RAN,
    DeploymentRow,
    DeploymentStep,
    Derived,
    ProductionDeployment,
    ShippedCommit,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tribometer.store.derive_commits import CommitGraph
    from tribometer.store.derive_roles import Verdict
    from tribometer.store.derive_rollouts import Rollout

BACKFILL_GAP = timedelta(days=60)
BACKFILL_COMMITS = 5_000
RULES = {
    "redeploy": "E7",
    "config": "E7",
    "rollback": "E8",
    "failed_attempt": "E6",
    "cancelled": "E6",
    "other_origin": "E5",
    "untouched": "E12",
    "flag": "E13",
    "unfinished": "E24",
}
"""The edge rule behind each role; what is shipped needs none."""


@dataclass(frozen=True)
class Judged:
    """A roll-out with what was found out about it.

    ``commits`` are those new with it that touch the service, None where it did not run or its sha is unknown;
    ``missing`` the shas it needs and the graph lacks; ``cut`` whether cut histories leave open what it shipped.
    """

    rollout: Rollout
    verdict: Verdict
    commits: tuple[int, ...] | None
    missing: frozenset[str]
    cut: bool = False


def derived(judged: Sequence[Judged], graph: CommitGraph, *, known: int = 0) -> Derived:
    """Write out roll-outs in their order; the first ``known`` of them have their rows already."""
    new = judged[known:]
    return Derived(
        deployments=tuple(_rows(judged, graph))[known:],
        steps=tuple(DeploymentStep(*each.rollout.key, *step.key) for each in new for step in each.rollout.steps),
        shipped=tuple(chain.from_iterable(_shipped(each, graph) for each in new)),
        missing=frozenset[str]().union(*(each.missing for each in new)),
    )


def _shipped(judged: Judged, graph: CommitGraph) -> list[ShippedCommit]:
    source, identity = judged.rollout.key
    repositories, shas = graph.repositories, graph.shas
    return [ShippedCommit(source, identity, repositories[number], shas[number]) for number in judged.commits or ()]


def _rows(judged: Sequence[Judged], graph: CommitGraph) -> Iterator[ProductionDeployment]:
    previous: Rollout | None = None
    any_shipped = False
    for each in judged:
        shipped = each.verdict.role == "shipped"
        in_line = each.rollout.finished_at is not None and each.verdict.role != "other_origin"
        before = previous if in_line else None
        yield _row(each, before, graph, is_first=shipped and not any_shipped)
        any_shipped = any_shipped or shipped
        previous = each.rollout if each.verdict.role in ROLES_THAT_RAN else previous


def _row(judged: Judged, previous: Rollout | None, graph: CommitGraph, *, is_first: bool) -> ProductionDeployment:
    rollout, verdict, last = judged.rollout, judged.verdict, judged.rollout.last
    sha, before = rollout.version.sha, previous.version.sha if previous else None
    previous_finished_at = previous.finished_at if previous else None
    return ProductionDeployment(
        source=last.source,
        id=last.id,
        environment=last.environment,
        repository=graph.repository(sha),
        group_id=last.group_id,
        sha=sha,
        artifact=rollout.artifact,
        created_at=min((step.created_at for step in rollout.steps if step.created_at), default=None),
        started_at=min((step.started_at for step in rollout.steps if step.started_at), default=None),
        finished_at=rollout.finished_at,
        first_finished_at=rollout.first_finished_at,
        role=verdict.role,
        rule=RULES.get(verdict.role),
        users_affected=_any_affected(rollout.steps),
        path=next((step.path for step in reversed(rollout.steps) if step.path is not None), None),
        inferred_from=last.inferred_from,
        is_first=is_first,
        previous_source=previous.last.source if previous else None,
        previous_id=previous.last.id if previous else None,
        previous_finished_at=previous_finished_at,
        commits_known=_is_known(sha, graph) and (previous is None or _is_known(before, graph)),
        history_cut=judged.cut,
        backfill=_is_backfill(judged, previous),
        commit_count=None if judged.commits is None else len(judged.commits),
        **_keys("restored", verdict.restored),
        **_keys("failed_first", verdict.failed_first),
        **_keys("failed_last", verdict.failed_last),
    )


def _is_known(sha: str | None, graph: CommitGraph) -> bool:
    return graph.number(sha) is not None


def _keys(name: str, rollout: Rollout | None) -> dict[str, str | None]:
    source, identity = rollout.key if rollout else (None, None)
    return {f"{name}_source": source, f"{name}_id": identity}


def _any_affected(steps: Sequence[DeploymentRow]) -> bool | None:
    told = [step.users_affected for step in steps if step.users_affected is not None]
    return any(told) if told else None


def _is_backfill(judged: Judged, previous: Rollout | None) -> bool:
    finished_at = judged.rollout.finished_at
    if previous is None or previous.finished_at is None or finished_at is None:
        return False
    return finished_at - previous.finished_at > BACKFILL_GAP or len(judged.commits or ()) > BACKFILL_COMMITS
