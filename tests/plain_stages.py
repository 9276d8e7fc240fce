"""The stages a change goes through, which add up to its lead time (D2a-f, E15-E17, E20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from plain_clock import Span, intersect, split, subtract
from plain_deployments import Deployment
from plain_events import Event, World, at, is_bot, key_of, reference
from plain_history import History
from plain_lead_time import LeadUnit, needed

STAGES = ("coding", "pickup", "review", "merge_wait", "release_wait", "gate_wait", "deploy")


def human_reviews(world: World, change: Event) -> list[tuple[datetime, str | None]]:
    """List the reviews by people other than the author, until the merge, in order of time."""
    merged = at(change, "merged_at")
    found = []
    for review in world.of("review"):
        mine = reference(review, "change") == key_of(change)
        robot = is_bot(world, review, "reviewer", "reviewer_kind")
        own = review.get("reviewer") is not None and review["reviewer"] == change.get("author")
        when = needed(review, "submitted_at")
        if mine and not robot and not own and (merged is None or when <= merged):
            found.append((when, review.get("state")))
    return sorted(found, key=lambda pair: pair[0])


def boundaries(history: History, unit: LeadUnit) -> list[datetime | None]:
    """Give t0..t6 of a unit as recorded; None where nobody recorded it."""
    deployment = unit.deployment
    if unit.change is None:
        return [None, None, None, None, unit.start, deployment.started, deployment.finished]
    change = unit.change
    reviews = human_reviews(history.world, change)
    approvals = [when for when, state in reviews if state == "approved"]
    ready = at(change, "ready_at") or at(change, "created_at")
    asked = reviews[0][0] if reviews else None
    approved = approvals[-1] if approvals else None
    merged = at(change, "merged_at")
    return [unit.start, ready, asked, approved, merged, deployment.started, deployment.finished]


def clamped(times: Sequence[datetime | None]) -> tuple[list[datetime | None], bool]:
    """Put boundaries in order between the first and the last; tell whether any had to move (E3)."""
    start = next(time for time in times if time)
    end = times[-1]
    previous, moved = start, False
    result: list[datetime | None] = []
    for time in times:
        if time is None or end is None:
            result.append(None)
            continue
        placed = max(previous, min(time, max(start, end)))
        moved = moved or placed != time
        previous = placed
        result.append(placed)
    return result, moved


def stage_spans(times: Sequence[datetime | None]) -> dict[str, Span]:
    """Give each stage between known boundaries; time before an unknown one goes to the next stage."""
    names = ("coding", "pickup", "review", "merge_wait", "release_wait", "deploy")
    spans: dict[str, Span] = {}
    since = None
    for number, time in enumerate(times):
        if time is None:
            continue
        if since is not None:
            spans[names[number - 1]] = (since, time)
        since = time
    if times[5] is None and "deploy" in spans:
        # Nobody recorded the start of the deployment: what passed since the merge was mostly waiting.
        spans["release_wait"] = spans.pop("deploy")
    return spans


def gate_spans(world: World, deployment: Deployment) -> list[Span]:
    """Give the decided gates of a deployment or of the run that made it (E20)."""
    steps = {key_of(step) for step in deployment.steps}
    runs = {ref for step in deployment.steps if (ref := reference(step, "run"))}
    spans = []
    for gate in world.of("gate"):
        hit = reference(gate, "deployment") in steps or reference(gate, "run") in runs
        decided = at(gate, "decided_at")
        if hit and decided:
            spans.append((needed(gate, "requested_at"), decided))
    return spans


def stage_seconds(history: History, unit: LeadUnit, clock: str) -> Mapping[str, float]:
    """Give the seconds of every stage a unit has; they add up to its lead time exactly."""
    spans = stage_spans(clamped(boundaries(history, unit))[0])
    pieces: dict[str, list[Span]] = {name: [span] for name, span in spans.items()}
    gates = gate_spans(history.world, unit.deployment)
    if gates and "release_wait" in spans:
        waited = intersect(gates, [spans["release_wait"]])
        pieces["gate_wait"] = waited
        pieces["release_wait"] = subtract(spans["release_wait"], waited)
    return split(pieces, clock)
