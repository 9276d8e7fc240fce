"""The rows that stand: what was derived for a service before, and whether a tail may be added behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tribometer.store.derive_model import ROLES_THAT_RAN, DeploymentRow
from tribometer.store.derive_rollouts import Versions, same_version, version_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

STANDING = """
SELECT source, id, environment, sha, artifact, finished_at, inferred_from, group_id, repository, role, history_cut
FROM production_deployments WHERE service = $service
ORDER BY finished_at DESC NULLS LAST, id DESC, source DESC
"""
ENVIRONMENTS = """
SELECT DISTINCT events.environment
FROM production_deployment_steps AS steps
JOIN production_deployments AS made USING (service, source, id)
JOIN deployments AS events ON events.source = steps.step_source AND events.id = steps.step_id
WHERE steps.service = $service AND made.role <> 'other_origin'
"""


@dataclass(frozen=True)
class StandingRow:
    """A row that was derived before, as far as the tail must know it; an event whose ``kind`` is left out."""

    event: DeploymentRow
    repository: str | None
    role: str
    history_cut: bool


@dataclass(frozen=True)
class Standing:
    """All that was derived before for a service, the latest first."""

    rows: tuple[StandingRow, ...]
    environments: frozenset[str]

    @property
    def last(self) -> StandingRow | None:
        """What ran last."""
        return next((row for row in self.rows if row.role in ROLES_THAT_RAN), None)

    @property
    def repositories(self) -> set[str]:
        """Where its commits were found."""
        return {row.repository for row in self.rows if row.repository is not None}

    def can_stand(self, last: StandingRow) -> bool:
        """Whether one line of versions is all there is, with every commit that bears on it attributed."""
        shipped = any(row.role == "shipped" for row in self.rows)
        unsure = any(row.role == "unfinished" and row.event.sha and row.repository is None for row in self.rows)
        # a tag put aside or a configuration that was not over yet has a role already: its end must still reach its row
        open_end = any(row.role != "unfinished" and row.event.finished_at is None for row in self.rows)
        # behind the end of a cut history may lie what is added
        cut = any(row.history_cut for row in self.rows)
        return shipped and not unsure and not open_end and not cut and self.environments == {last.event.environment}

    def stands_before(self, added: Sequence[DeploymentRow], last: StandingRow) -> bool:
        """Whether added deployments to production come after all rows and return to nothing but what ran last."""
        own = [row for row in self.rows if row.role not in {"other_origin", "unfinished"}]
        watermark = max((row.event.finished_at for row in own if row.event.finished_at), default=None)
        groups = {(row.event.source, row.event.group_id) for row in own if row.event.group_id is not None}
        return all(
            row.environment == last.event.environment
            and (row.ended_at is None or watermark is None or row.ended_at > watermark)
            and (row.source, row.group_id) not in groups
            for row in added
        ) and not self._returns(added, last)

    def _returns(self, added: Sequence[DeploymentRow], last: StandingRow) -> bool:
        versions = Versions()
        for place, row in enumerate(row for row in self.rows if row.role in ROLES_THAT_RAN):
            versions.add(version_of([row.event]), place)
        running = version_of([last.event])
        arriving = [version_of([row]) for row in added]
        return any(versions.span(each) and not same_version(each, running) for each in arriving)


def read_standing(connection: duckdb.DuckDBPyConnection, service: str) -> Standing:
    """What was derived for a service so far."""
    parameters = {"service": service}
    environments = connection.execute(ENVIRONMENTS, parameters).fetchall()
    rows = [
        StandingRow(
            DeploymentRow(
                source=source,
                id=identity,
                environment=environment,
                status="success",
                tier="production",
                sha=sha,
                artifact=artifact,
                finished_at=finished_at,
                inferred_from=inferred_from,
                group_id=group_id,
            ),
            *judged,
        )
        for source, identity, environment, sha, artifact, finished_at, inferred_from, group_id, *judged in (
            connection.execute(STANDING, parameters).fetchall()
        )
    ]
    return Standing(tuple(rows), frozenset(name for (name,) in environments))
