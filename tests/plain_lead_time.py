"""Change lead time, one unit at a time (D2, E1-E5, E14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from plain_clock import elapsed
from plain_deployments import Deployment
from plain_events import Event, at, is_bot, service_event, touches
from plain_history import History

OLD = timedelta(days=180)
CAP = timedelta(days=90)
MOMENT = timedelta(minutes=10)


@dataclass(frozen=True)
class LeadUnit:
    """A change or a commit that a deployment shipped, and from when its lead time runs."""

    unit: str
    id: str
    start: datetime
    deployment: Deployment
    bot: bool
    flags: tuple[str, ...] = ()
    rule: str | None = None
    change: Event | None = None


def change_id(change: Event) -> str:
    """Name a change as readers do."""
    return f"{change['repository']}#{change['number']}"


def commit_shas(change: Event) -> set[str]:
    """Give the shas that belong to a change."""
    return {*(change.get("commits") or ()), *filter(None, [change.get("merge_sha")])}


def own_commits(history: History, change: Event) -> list[Event]:
    """Give a change's commits that were collected, from the same repository."""
    graph = history.graph
    known = [graph[sha] for sha in sorted(commit_shas(change)) if sha in graph]
    return [each for each in known if each["repository"] == change["repository"]]


def is_merge(commit: Event) -> bool:
    """Tell a merge commit, which adds no code (E4)."""
    return len(commit["parents"]) > 1


def needed(commit: Event, field: str) -> datetime:
    """Read a time the contract requires."""
    time = at(commit, field)
    if time is None:
        message = f"{commit['id']} lacks {field}"
        raise ValueError(message)
    return time


def earliest_code(history: History, change: Event) -> datetime | None:
    """Give when the oldest known commit of a change was written; a merge commit does not tell."""
    code, own = [c for c in own_commits(history, change) if not is_merge(c)], set(change.get("commits") or ())
    written = [needed(c, "authored_at") for c in code if c["sha"] in own]
    landed = [needed(c, "authored_at") for c in code]
    older = [each for each in landed if each < needed(change, "created_at")]
    return min(written or older, default=None)


def capped(start: datetime, created: datetime) -> tuple[datetime, tuple[str, ...]]:
    """Distrust a start more than 180 days before the change was opened (E3)."""
    return (created - CAP, ("E3",)) if created - start > OLD else (start, ())


def change_start(history: History, change: Event) -> tuple[datetime, tuple[str, ...]]:
    """Give from when a change's lead time runs, and the flags of how we know (E1, E3)."""
    created = needed(change, "created_at")
    start = at(change, "first_commit_at") or earliest_code(history, change)
    return (created, ("E1",)) if start is None else capped(start, created)


@lru_cache(maxsize=4096)
def shipped_by(history: History, sha: str) -> Deployment | None:
    """Give the deployment that first reached a commit."""
    return next((d for d in history.deployments if sha in history.reached.get(d.id, ())), None)


def change_deployment(history: History, change: Event) -> Deployment | None:
    """Give the deployment that shipped a change: its merge, else the last of its commits."""
    commits = {commit["sha"] for commit in own_commits(history, change)}
    if change.get("merge_sha") in commits:
        return shipped_by(history, change["merge_sha"])
    found = [shipped_by(history, sha) for sha in commits]
    if not found or None in found:
        return None
    return max((each for each in found if each), key=lambda each: each.order)


def change_touches(history: History, change: Event) -> bool:
    """Tell whether a change concerns the service: by its own files or those of its commits."""
    paths = service_event(history.world, history.service).get("paths") or ()
    return any(touches(paths, each) for each in [change, *own_commits(history, change)])


@lru_cache(maxsize=4096)
def shipped_changes(history: History) -> list[tuple[Event, Deployment]]:
    """Pair each change that reached production with the deployment that brought it."""
    pairs = [(each, change_deployment(history, each)) for each in history.world.of("change")]
    return [(c, d) for c, d in pairs if d is not None and change_touches(history, c)]


def changes_of(history: History, commit: Event) -> list[Event]:
    """Give the changes a commit belongs to."""
    return [
        change
        for change in history.world.of("change")
        if change["repository"] == commit["repository"] and commit["sha"] in commit_shas(change)
    ]


def unit_rule(deployment: Deployment, commit: Event | None = None) -> str | None:
    """Give the rule that keeps a unit out whatever its author (E4, E7, E8)."""
    if commit is not None and is_merge(commit):
        return "E4"
    return {"redeploy": "E7", "rollback": "E8"}.get(deployment.role)


def change_units(history: History) -> list[LeadUnit]:
    """Give one unit for each shipped change."""
    units = []
    for change, deployment in shipped_changes(history):
        start, flags = change_start(history, change)
        bot, rule = is_bot(history.world, change), unit_rule(deployment)
        units.append(LeadUnit("change", change_id(change), start, deployment, bot, flags, rule, change))
    return units


def commit_unit(history: History, commit: Event, deployment: Deployment) -> LeadUnit:
    """Give the unit of one commit; its change, if any, bounds its age (E3)."""
    start = needed(commit, "authored_at")
    flags: tuple[str, ...] = ()
    opened = [needed(change, "created_at") for change in changes_of(history, commit)]
    if opened:
        start, flags = capped(start, min(opened))
    rule = unit_rule(deployment, commit)
    bot = is_bot(history.world, commit)
    return LeadUnit("commit", commit["sha"], start, deployment, bot, flags, rule)


def shipped_commits(history: History) -> list[tuple[Event, Deployment]]:
    """Pair each commit on the service's paths with the deployment that brought it."""
    return [
        (history.graph[sha], deployment)
        for deployment in history.deployments
        for sha in sorted(history.matched.get(deployment.id, ()))
    ]


def squashed_originals(history: History, change: Event) -> list[Event]:
    """Give the collected commits a squash or rebase replaced: none of them was shipped (E2)."""
    originals = [c for c in own_commits(history, change) if c["sha"] != change.get("merge_sha")]
    if any(shipped_by(history, each["sha"]) for each in originals):
        return []
    return [each for each in originals if not is_merge(each)]


def commit_units(history: History) -> list[LeadUnit]:
    """Give one unit for each shipped commit, a squash standing for its originals (E2)."""
    replaced: set[str] = set()
    units = []
    for change, deployment in shipped_changes(history):
        originals = squashed_originals(history, change)
        units += [commit_unit(history, each, deployment) for each in originals]
        replaced |= {change["merge_sha"]} if originals else set()
    replaced |= rewritten(history)
    direct = [(c, d) for c, d in shipped_commits(history) if c["sha"] not in replaced]
    return units + [commit_unit(history, commit, deployment) for commit, deployment in direct]


@lru_cache(maxsize=4096)
def rewritten(history: History) -> frozenset[str]:
    """Give the commits that a rebase merge wrote anew from a change's own: by the same author at the same time (E2)."""
    found = set()
    for change in history.world.of("change"):
        merged = at(change, "merged_at")
        if not merged or not change.get("merge_sha"):
            continue
        own = [c for c in own_commits(history, change) if c["sha"] in (change.get("commits") or ())]
        for commit in history.graph.values():
            soon = abs(needed(commit, "committed_at") - merged) <= MOMENT
            alike = any(
                (c["authored_at"], c.get("author")) == (commit["authored_at"], commit.get("author")) for c in own
            )
            if soon and alike and commit["repository"] == change["repository"]:
                found.add(commit["sha"])
    return frozenset(sha for sha in found if not changes_of(history, history.graph[sha]))


def direct_units(history: History) -> list[LeadUnit]:
    """Give one unit for each shipped commit that belongs to no change."""
    return [
        commit_unit(history, commit, deployment)
        for commit, deployment in shipped_commits(history)
        if not changes_of(history, commit) and commit["sha"] not in rewritten(history)
    ]


@lru_cache(maxsize=4096)
def lead_units(history: History, unit: str = "change") -> list[LeadUnit]:
    """Give every unit after the first deployment, which itself has no lead time (E5), of those no cut leaves open."""
    by_change = [*change_units(history), *direct_units(history)]
    units = commit_units(history) if unit == "commit" else by_change
    sure = [each for each in units if each.deployment.id not in history.uncertain]
    return [each for each in sure if each.deployment != history.first]


@lru_cache(maxsize=4096)
def is_bot_deployment(history: History, deployment: Deployment) -> bool:
    """Tell whether all that a deployment shipped was written by bots (E14)."""
    brought = [u for u in lead_units(history) if u.deployment == deployment and u.rule is None]
    return bool(brought) and all(unit.bot for unit in brought)


def lead_seconds(unit: LeadUnit, clock: str) -> float:
    """Give a unit's lead time in seconds, 0 where it would be negative (E3)."""
    return elapsed(unit.start, unit.deployment.finished, clock)
