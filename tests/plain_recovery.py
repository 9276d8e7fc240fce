"""How long a failure lasted, and which deployments were its remedies (D4, D5, E23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from plain_deployments import Deployment
from plain_events import Event, at
from plain_failures import (
    Detection,
    evidence,
    failed_deployments,
    hotfix_deployments,
    incident_end,
    reverted_deployments,
)
from plain_history import History

REPAIR_WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class Episode:
    """One failed deployment from the start of its failure to its repair; open without an end."""

    deployment: Deployment
    start: datetime
    end: datetime | None
    measured: bool
    flags: tuple[str, ...] = ()


def raw_episode(history: History, failed: Deployment, blame: str) -> Episode:
    """Time one failure by its own evidence: repaired by a remedy or mitigated, whichever first."""
    found = evidence(history, failed, blame)
    incidents = [each.incident for each in found if each.incident is not None]
    impacts = [time for each in incidents if (time := at(each, "impact_started_at"))]
    remedies = [each.finished for each in remedies_of(history, failed, found)]
    start = min(impacts, default=failed.finished)
    outage = outage_end(incidents, start)
    end = min([time for time in (*remedies, outage) if time], default=None)
    guessed = [each for each in incidents if at(each, "mitigated_at") is None]
    flags = ("resolved_at",) if end == outage and outage and guessed else ()
    return Episode(failed, start, end, bool(impacts), flags)


def remedies_of(history: History, failed: Deployment, found: Sequence[Detection]) -> list[Deployment]:
    """List what repaired a failure: its remedies, else what ran next after an attempt that users felt."""
    if [each.rule for each in found] == ["failed_attempt"]:
        return [each for each in history.ran if each.order > failed.order][:1]
    return [each.remedy for each in found if each.remedy is not None]


def outage_end(incidents: Sequence[Event], start: datetime) -> datetime | None:
    """Give the end of the first run of overlapping incidents; None while one is open (E23)."""
    spans = sorted(
        ((at(each, "impact_started_at") or start, incident_end(each)) for each in incidents),
        key=lambda span: span[0],
    )
    if not spans:
        return None
    end = spans[0][1]
    for begin, finish in spans[1:]:
        if end is None or begin > end:
            break
        end = None if finish is None else max(end, finish)
    return end


def later_end(one: datetime | None, other: datetime | None) -> datetime | None:
    """Give the later of two ends; None, an open one, comes last."""
    return None if one is None or other is None else max(one, other)


def episodes(history: History, blame: str) -> tuple[list[Episode], list[Episode]]:
    """Time every failed deployment; give apart those whose incidents an earlier one's cover (E23)."""
    raw = [raw_episode(history, each, blame) for each in failed_deployments(history, blame)]
    kept: list[Episode] = []
    covered: list[Episode] = []
    outage: int | None = None
    for each in sorted(raw, key=lambda e: (e.start, e.deployment.order)):
        by_incident = any(found.incident for found in evidence(history, each.deployment, blame))
        if by_incident and outage is not None and overlaps(kept[outage], each):
            kept[outage] = replace(kept[outage], end=later_end(kept[outage].end, each.end))
            covered.append(each)
            continue
        kept.append(each)
        outage = len(kept) - 1 if by_incident else outage
    return kept, covered


def overlaps(earlier: Episode, later: Episode) -> bool:
    """Tell whether an episode begins while an earlier one lasts.

    One that nobody ever closed covers nothing, or it would hide every later failure.
    """
    return earlier.end is not None and later.start <= earlier.end


def repair_of(history: History, failed: Deployment, blame: str) -> Deployment | None:
    """Give the roll-forward behind an incident that no other remedy answers (D5)."""
    found = evidence(history, failed, blame)
    incidents = [each.incident for each in found if each.incident is not None]
    if failed.role != "shipped" or not incidents or any(each.remedy for each in found):
        return None
    start = raw_episode(history, failed, blame).start
    ends = [incident_end(each) for each in incidents]
    limit = min([start + REPAIR_WINDOW, *latest_of(ends)])
    after = [d for d in history.shipped if d.order > failed.order and start < d.finished <= limit]
    return after[0] if after else None


def latest_of(ends: Sequence[datetime | None]) -> list[datetime]:
    """Give the last end, or nothing while one is open."""
    known = [end for end in ends if end]
    return [max(known)] if known and len(known) == len(ends) else []


def rework(history: History, blame: str) -> dict[str, str]:
    """Give the rework deployments by id, each with the evidence that made it so (D5)."""
    made: dict[str, str] = {}
    for each in hotfix_deployments(history):
        made.setdefault(each.id, "hotfix")
    for remedy, original in reverted_deployments(history):
        apart = original is None or original.order < remedy.order
        if apart and remedy != history.first:
            made.setdefault(remedy.id, "revert")
    for each in history.ran:
        if each.role == "rollback":
            made.setdefault(each.id, "rollback")
    for failed in failed_deployments(history, blame):
        repair = repair_of(history, failed, blame)
        if repair is not None:
            made.setdefault(repair.id, "roll_forward")
    return made


def rework_population(history: History) -> list[Deployment]:
    """List what the rework rate divides by: shipped deployments and rollbacks (D5)."""
    return [d for d in history.ran if d.role in ("shipped", "rollback")]
