"""Deployment events to production as roll-outs: tiers, groups of steps, several environments (E10, E11)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tribometer.store.derive_model import DeploymentRow, Key, Order, order_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tribometer.settings import Rules

JOIN_WINDOW = timedelta(days=7)
"""How long the same version may take from one production environment to the next and be one roll-out (E11)."""
STATED_KINDS = frozenset({"config", "flag", "redeploy", "rollback"})


class Version(NamedTuple):
    """What a deployment puts in place; None where the source does not say."""

    artifact: str | None
    sha: str | None


class Arrival(NamedTuple):
    """A roll-out's version runs in an environment from a time on; ``joined``: by another event than its own."""

    order: Order
    environment: str
    joined: bool = False


class Versions:
    """First and last place of each version in a sequence; the artifact decides where both carry one, else the sha."""

    def __init__(self) -> None:
        self._artifacts: dict[str, tuple[int, int]] = {}
        self._shas: dict[str, tuple[int, int]] = {}
        self._bare_shas: dict[str, tuple[int, int]] = {}

    def add(self, version: Version, place: int) -> None:
        """Note that a version stands at a place; places ascend."""
        entries = [(self._artifacts, version.artifact), (self._shas, version.sha)]
        if version.artifact is None:
            entries.append((self._bare_shas, version.sha))
        for places, name in entries:
            if name is not None:
                places[name] = (places.get(name, (place, place))[0], place)

    def span(self, version: Version) -> tuple[int, int] | None:
        """First and last place of a version; None when it has none."""
        by_sha = self._shas if version.artifact is None else self._bare_shas
        found = [
            places[name]
            for places, name in ((self._artifacts, version.artifact), (by_sha, version.sha))
            if name is not None and name in places
        ]
        return (min(first for first, _ in found), max(last for _, last in found)) if found else None


def same_version(one: Version, other: Version) -> bool:
    """Tell whether two versions are the same; unknown ones never are."""
    if one.artifact is not None and other.artifact is not None:
        return one.artifact == other.artifact
    return one.sha is not None and one.sha == other.sha


@dataclass(frozen=True)
class Rollout:
    """One bringing of a version to production: a single event, a group's steps, or one event per environment.

    ``last`` stands for it. ``outcome`` is ``ran`` or the role that it has already: config, flag, failed_attempt,
    cancelled, unfinished. ``arrivals`` are in order of time, empty unless it ran.
    """

    last: DeploymentRow
    steps: tuple[DeploymentRow, ...]
    outcome: str
    kind: str | None
    version: Version
    arrivals: tuple[Arrival, ...] = ()

    @property
    def key(self) -> Key:
        """Identity of the event that stands for it."""
        return self.last.key

    @property
    def ran(self) -> bool:
        """Whether its version ran in production."""
        return self.outcome == "ran"

    @property
    def finished_at(self) -> datetime | None:
        """End of the last required step in the last environment; None while unfinished."""
        if self.arrivals:
            return self.arrivals[-1].order[1]
        return None if self.outcome == "unfinished" else self.last.ended_at

    @property
    def first_finished_at(self) -> datetime | None:
        """End of the last required step in the first environment; None while unfinished."""
        return self.arrivals[0].order[1] if self.arrivals else self.finished_at

    @property
    def began_at(self) -> datetime | None:
        """When it began to act as a remedy: its first start, else creation, and its end at the latest."""
        started = [step.started_at for step in self.steps if step.started_at]
        created = [step.created_at for step in self.steps if step.created_at]
        return min((each for each in (min(started or created, default=None), self.finished_at) if each), default=None)

    @property
    def artifact(self) -> str | None:
        """The artifact last named by a step."""
        return next((step.artifact for step in reversed(self.steps) if step.artifact is not None), None)

    @property
    def order(self) -> Order:
        """By finish, ties by id then source."""
        return order_of(self.finished_at, self.key)

    @property
    def may_join(self) -> bool:
        """Whether the same version elsewhere can be part of it: what the source calls by a kind stands alone."""
        return self.ran and self.kind is None and self.last.inferred_from is None


def is_production(row: DeploymentRow, rules: Rules) -> bool:
    """Tell production by the tier the event states, else by the first tier whose patterns fit the environment."""
    if row.tier is not None:
        return row.tier.casefold() == "production"
    return rules.tier(row.environment) == "production"


def rollouts_of(rows: Iterable[DeploymentRow]) -> list[Rollout]:
    """Make roll-outs of production events, ordered by finish."""
    groups: dict[tuple[str, ...], list[DeploymentRow]] = {}
    for row in rows:
        name = ("single", *row.key) if row.group_id is None else ("group", row.source, row.group_id)
        groups.setdefault(name, []).append(row)
    return sorted(_joined([_rollout(steps) for steps in groups.values()]), key=lambda each: each.order)


def _rollout(steps: Sequence[DeploymentRow]) -> Rollout:
    ordered = sorted(steps, key=lambda step: step.order)
    required = [step for step in ordered if step.required is not False] or ordered
    over = [step for step in required if step.ended_at is not None] or required
    kind = next((step.kind for step in reversed(required) if step.kind in STATED_KINDS), None)
    outcome = kind if kind in {"config", "flag"} else _outcome(required)
    rollout = Rollout(over[-1], tuple(ordered), str(outcome), kind, version_of(required))
    return replace(rollout, arrivals=_arrivals(required)) if rollout.ran else rollout


def _outcome(required: Sequence[DeploymentRow]) -> str:
    statuses = {step.status for step in required}
    if "failure" in statuses:
        return "failed_attempt"
    if "cancelled" in statuses:
        return "cancelled"
    return "ran" if all(step.ended_at for step in required) else "unfinished"


def version_of(required: Sequence[DeploymentRow]) -> Version:
    """The version that a roll-out's required steps, the last one last, put in place."""
    artifact = next((step.artifact for step in reversed(required) if step.artifact is not None), None)
    sha = next((step.sha for step in reversed(required) if step.sha is not None), None)
    # a tag's name is no build: two tags on one commit are one version
    return Version(None if required[-1].inferred_from and sha else artifact, sha)


def _arrivals(required: Sequence[DeploymentRow]) -> tuple[Arrival, ...]:
    latest: Mapping[str, Order] = {step.environment: step.order for step in required}
    return tuple(sorted(Arrival(order, environment) for environment, order in latest.items()))


def _joined(rollouts: Sequence[Rollout]) -> list[Rollout]:
    """Join the same version's first arrival in a further environment within `JOIN_WINDOW` to its first roll-out."""
    result: list[Rollout] = []
    finishes: list[datetime | None] = []
    everywhere, by_environment = Versions(), dict[str, Versions]()
    for rollout in sorted(rollouts, key=lambda each: each.order):
        span = everywhere.span(rollout.version)
        if span and _is_part_of(rollout, result[span[0]], finishes[span[0]], by_environment):
            place = span[0]
            result[place] = _with_environment(result[place], rollout)
        else:
            place = len(result)
            result.append(rollout)
            finishes.append(rollout.finished_at)
        if rollout.ran:
            everywhere.add(rollout.version, place)
            for arrival in rollout.arrivals:
                by_environment.setdefault(arrival.environment, Versions()).add(rollout.version, place)
    return result


def _is_part_of(
    rollout: Rollout,
    first: Rollout,
    first_finish: datetime | None,
    by_environment: Mapping[str, Versions],
) -> bool:
    alone = rollout.last.group_id is not None or not (rollout.may_join and first.may_join)
    if alone or rollout.finished_at is None or first_finish is None:
        return False
    there = by_environment.get(rollout.last.environment)
    is_new_there = there is None or there.span(rollout.version) is None
    return is_new_there and rollout.finished_at - first_finish <= JOIN_WINDOW


def _with_environment(first: Rollout, rollout: Rollout) -> Rollout:
    arrivals = (*first.arrivals, *(arrival._replace(joined=True) for arrival in rollout.arrivals))
    return replace(first, steps=(*first.steps, *rollout.steps), arrivals=tuple(sorted(arrivals)))
