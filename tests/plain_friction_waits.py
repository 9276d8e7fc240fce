"""Who waited for what, from when to when, a second time in plain Python: the spans behind the friction cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from plain_ci import Attempt, Job, attempts, jobs_by_attempt
from plain_ci_branch import turned
from plain_ci_trees import pairs, recovery
from plain_clock import Span
from plain_events import Event, Options, World, at, is_bot, key_of, owner, reference, service_names
from plain_failures import evidence, failed_deployments, is_hotfix, reverted_number
from plain_history import history
from plain_lead_time import needed, shipped_changes
from plain_platform import gate_rule, request_rule, requester, served_at, subject, whose
from plain_recovery import episodes, remedies_of
from plain_stages import human_reviews
from plain_units import home_of

AROUND, RECENTLY = timedelta(days=30), timedelta(days=28)
ACCESS = (
    "access", "account", "permission", "license", "licence", "laptop", "workstation", "tool", "vpn", "onboard",
)  # fmt: skip


@dataclass(frozen=True)
class Wait:
    """One span of a kind: what was waited for, by whose account if anybody's, and whose service and team that is."""

    kind: str
    subject: Any
    author: str | None
    service: str | None
    team: str | None
    span: Span


@dataclass(frozen=True)
class Watched:
    """An attempt that a person waited for: what it was about, and whose that was."""

    attempt: Attempt
    subject: Any
    author: str | None

    def wait(self, kind: str, span: Span) -> Wait:
        """Make a wait of it."""
        return Wait(kind, self.subject, self.author, self.attempt.service, self.attempt.team, span)


def waits(world: World, window: Span, options: Options) -> list[Wait]:
    """List every wait of any kind; of CI what ended within thirty days around the window."""
    near = [each for each in attempts(world) if window[0] - AROUND <= each.ended < window[1] + AROUND]
    people = watched(world, near, options)
    return [
        *first_answers(world, people),
        *flaky(near, people),
        *red(world, near),
        *reviews(world, options),
        *releases(world, options),
        *failures(world, options),
        *rework(world, options),
        *asked(world),
    ]


def left_out(world: World, event: Event, options: Options) -> bool:
    """Tell a bot's where bots do not count (E14)."""
    return options.bots != "include" and is_bot(world, event)


def watched(world: World, these: Sequence[Attempt], options: Options) -> list[Watched]:
    """List the attempts that people started, of people: by the change that they check, else by the commit."""
    changes = {key_of(change): change for change in world.of("change")}
    found = []
    for each in these:
        run = each.event
        change = changes.get(reference(run, "change") or ("", ""))
        commits = [c for c in world.of("commit") if (c["repository"], c["sha"]) == (run["repository"], run["sha"])]
        told = [change] if change else []
        if not change or change.get("author") is None:
            told += commits
        author = min((one["author"] for one in told if one.get("author")), default=None)
        if each.trigger == "human" and not any(left_out(world, {**one, "author": author}, options) for one in told):
            about = (
                ("change", run["repository"], change["number"]) if change else ("commit", run["repository"], run["sha"])
            )
            found.append(Watched(each, about, author))
    return found


def first_answers(world: World, people: Sequence[Watched]) -> list[Wait]:
    """List the queues and the executions of first attempts for changes, until the first answer."""
    ran, found = jobs_by_attempt(world), []
    for each in people:
        attempt, jobs = each.attempt, ran.get(each.attempt.key, [])
        required = [job for job in jobs if job.required]
        red_at = min((job.ended for job in required if job.failed and job.ended), default=None)
        if attempt.number != 1 or attempt.branch != "pull_request" or (attempt.rule and red_at is None):
            continue
        answered = red_at or max((job.ended for job in required if job.ended), default=attempt.ended)
        begins = min((job.started for job in jobs), default=at(attempt.event, "started_at") or attempt.created)
        found += [each.wait("ci_queue", (one, min(two, answered))) for one, two in stalled(required)]
        found.append(each.wait("ci_execution", (begins, answered)))
    return found


def stalled(jobs: Sequence[Job]) -> list[Span]:
    """List the moments in which any of the jobs was queued while none ran."""
    queues = [(datetime.fromisoformat(j.event["queued_at"]), j.started) for j in jobs if j.event.get("queued_at")]
    works = [(job.started, job.ended or job.started) for job in jobs]
    times = sorted({time for span in (*queues, *works) for time in span})
    return [
        (one, two)
        for one, two in pairwise(times)
        if any(a <= one and two <= b for a, b in queues) and not any(a <= one and two <= b for a, b in works)
    ]


def flaky(near: Sequence[Attempt], people: Sequence[Watched]) -> list[Wait]:
    """List failed attempts off the default branch until the same workflow was green on the same tree."""
    mine = {each.attempt.key: each for each in people if each.attempt.branch != "default"}
    spans = [
        (mine[each.key], each.ended, recovery(these, each))
        for these in pairs(near).values()
        for each in these
        if each.key in mine
    ]
    return [each.wait("flaky_reruns", (failed, green)) for each, failed, green in spans if green]


def red(world: World, near: Sequence[Attempt]) -> list[Wait]:
    """List the breaks of default branches, of a repository one at a time, for everybody who worked there."""
    breaks = [(each, max(green, each.ended)) for each, green in turned(world, near) if green is not None]
    found, reached = [], dict[str, datetime]()
    for each, ends in sorted(breaks, key=lambda pair: (pair[0].ended, pair[0].event["workflow"])):
        repository = each.event["repository"]
        begins = max(reached.get(repository, each.ended), each.ended)
        reached[repository] = max(reached.get(repository, ends), ends)
        here = {
            c["author"]
            for c in world.of("commit")
            if c["repository"] == repository and c.get("author") and not is_bot(world, c)
            and begins - RECENTLY < needed(c, "committed_at") <= begins
        }  # fmt: skip
        found += [Wait("red_default_branch", repository, who, each.service, each.team, (begins, ends)) for who in here]
    return found


def about(change: Event) -> tuple[str, int]:
    """Name a change."""
    return change["repository"], change["number"]


def reviews(world: World, options: Options) -> list[Wait]:
    """List changes until somebody else looked at them, or until now."""
    found = []
    for change in world.of("change"):
        asks = [
            needed(each, "requested_at")
            for each in world.of("review_request")
            if reference(each, "change") == key_of(change)
        ]
        answers = [when for when, _ in human_reviews(world, change)]
        is_over = change.get("merged_at") or change.get("closed_at")
        if left_out(world, change, options) or (is_over and not answers):
            continue
        created = needed(change, "created_at")
        begins = max(at(change, "ready_at") or created, min(asks, default=created))
        home = home_of(world, change["repository"], begins)
        span = (begins, answers[0] if answers else world.now)
        found.append(Wait("review_wait", about(change), change.get("author"), *home, span))
    return found


def releases(world: World, options: Options) -> list[Wait]:
    """List changes from their merge to the begin of the deployment that brought them."""
    found = []
    for name in service_names(world):
        past = history(world, name)
        for change, deployment in shipped_changes(past):
            merged = at(change, "merged_at")
            if (
                deployment.role != "shipped"
                or deployment == past.first
                or left_out(world, change, options)
                or not merged
            ):
                continue
            span = (merged, deployment.started or deployment.finished)
            found.append(
                Wait("release_wait", about(change), change.get("author"), name, owner(world, name, merged), span)
            )
    return found


def failures(world: World, options: Options) -> list[Wait]:
    """List failed deployments until users were served again."""
    return [
        Wait(
            "failed_deployments", (name, each.deployment.id), None, name, owner(world, name, each.start),
            (each.start, each.end or world.now),
        )
        for name in service_names(world)
        for each in episodes(history(world, name), options.blame)[0]
    ]  # fmt: skip


def rework(world: World, options: Options) -> list[Wait]:
    """List hotfixes and reverts from open to merged, but those that were first to answer a failed deployment."""
    answering = set()
    for name in service_names(world):
        past = history(world, name)
        for failed in failed_deployments(past, options.blame):
            remedies = remedies_of(past, failed, evidence(past, failed, options.blame))
            first = min(remedies, key=lambda each: each.order, default=None)
            answering |= {key_of(change) for change, deployment in shipped_changes(past) if deployment == first}
    found = []
    for change in world.of("change"):
        merged, again = at(change, "merged_at"), is_hotfix(change) or reverted_number(change) is not None
        if merged and again and key_of(change) not in answering and not left_out(world, change, options):
            opened = needed(change, "created_at")
            home = home_of(world, change["repository"], opened)
            found.append(Wait("rework", about(change), change.get("author"), *home, (opened, merged)))
    return found


def asked(world: World) -> list[Wait]:
    """List what was asked of the platform until it could be used, and of people until they decided."""
    found = []
    for request in world.of("request"):
        if request_rule(request) is None:
            is_access = any(word in request["kind"].lower() for word in ACCESS)
            span = (needed(request, "requested_at"), served_at(request) or world.now)
            kind = "onboarding_access" if is_access else "provisioning"
            found.append(Wait(kind, key_of(request), None, *requester(world, request), span))
    for gate in world.of("gate"):
        if gate_rule(gate, *subject(world, gate)) is None:
            begins = needed(gate, "requested_at")
            span = (begins, at(gate, "decided_at") or world.now)
            found.append(Wait("approval_wait", key_of(gate), None, *whose(world, gate, begins), span))
    return found
