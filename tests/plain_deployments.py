"""What went to production, what it was (E6-E8, E10, E11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from plain_events import UNFINISHED, Event, at, first_known, key_of

JOIN_WINDOW = timedelta(days=7)
STATED_ROLES = ("config", "flag", "redeploy", "rollback")
LATEST = datetime.max.replace(tzinfo=UTC)
RAN = ("shipped", "redeploy", "rollback")


@dataclass(frozen=True, eq=False)
class Deployment:
    """One deployment of one service: all steps of a group, or a single event.

    ``id`` is that of the last required step, whose end is ``finished``.
    """

    service: str
    id: str
    steps: tuple[Event, ...]
    outcome: str
    finished: datetime
    role: str = "shipped"

    def stated(self, field: str) -> str | None:
        """Give the first value any step carries for a field."""
        return next((s[field] for s in self.steps if s.get(field) is not None), None)

    @property
    def kind(self) -> str | None:
        """The kind the source states, a canary step aside."""
        kinds = (step.get("kind") for step in self.steps)
        return next((k for k in kinds if k not in (None, "canary_step")), None)

    @property
    def order(self) -> tuple[datetime, str]:
        """The order of deployments: by finish, ties by id."""
        return (self.finished, self.id)

    @property
    def started(self) -> datetime | None:
        """The first recorded start of a step, or else the first creation."""
        starts = [time for step in self.steps if (time := at(step, "started_at"))]
        return min(starts or [time for step in self.steps if (time := at(step, "created_at"))], default=None)

    @property
    def remedy_started(self) -> datetime:
        """When this deployment began to act as a remedy."""
        return min(self.started or self.finished, self.finished)

    @property
    def environment(self) -> str:
        """The environment of the first step, which decides the role."""
        return str(self.steps[0]["environment"])

    def finished_in(self, environment: str) -> datetime | None:
        """Give when the last step in an environment finished."""
        times = [ended(s) for s in required_of(self.steps) if s["environment"] == environment]
        return max((time for time in times if time), default=None)

    def same_thing(self, other: Deployment) -> bool:
        """Tell whether both deploy the same artifact, or where not both name one the same sha (E7)."""
        artifacts = (self.artifact, other.artifact)
        if None not in artifacts:
            return artifacts[0] == artifacts[1]
        return self.stated("sha") is not None and self.stated("sha") == other.stated("sha")

    @property
    def artifact(self) -> str | None:
        """The artifact; the name of a tag is none where the commit is known."""
        return None if self.stated("inferred_from") and self.stated("sha") else self.stated("artifact")


def of_one_origin(events: Sequence[Event]) -> list[Event]:
    """Drop deployments inferred from tags once any was reported (E5)."""
    explicit = [event for event in events if event.get("inferred_from") is None]
    return explicit or list(events)


def ended(step: Event) -> datetime | None:
    """Give when a step was over, by the best time its source gave; None while it is not."""
    return None if step["status"] in UNFINISHED else first_known(step, "finished_at", "started_at", "created_at")


def required_of(steps: Sequence[Event]) -> list[Event]:
    """Give the steps that a group waits for (E10)."""
    return [step for step in steps if step.get("required") is not False] or list(steps)


def group_outcome(steps: Sequence[Event]) -> tuple[str, datetime | None]:
    """Give the outcome and the end of a group from its required steps (E10)."""
    required = required_of(steps)
    statuses = {step["status"] for step in required}
    ends = [ended(step) for step in required]
    known = [end for end in ends if end]
    if statuses & {"failure", "cancelled"}:
        return "failed", max(known, default=None)
    if statuses == {"success"} and len(known) == len(ends):
        return "success", max(known)
    return "unfinished", None


def step_order(step: Event) -> tuple[datetime, str, str]:
    """Order steps by their end; those that are not over come last."""
    return (ended(step) or LATEST, *key_of(step)[::-1])


def assemble(service: str, events: Sequence[Event]) -> list[Deployment]:
    """Make one deployment of each explicit group and of each single event; unfinished ones wait."""
    groups: dict[tuple[str, ...], list[Event]] = {}
    for event in events:
        name = ("group", event["source"], event["group"]) if event.get("group") else ("single", *key_of(event))
        groups.setdefault(name, []).append(event)
    made = []
    for steps in groups.values():
        outcome, finished = group_outcome(steps)
        if finished is not None:
            ordered = tuple(sorted(steps, key=step_order))
            last = [step for step in required_of(ordered) if ended(step)][-1]
            made.append(Deployment(service, str(last["id"]), ordered, outcome, finished))
    return sorted(made, key=lambda each: each.order)


def arrival_of(late: Deployment, earlier: Sequence[Deployment], ends: Mapping[str, datetime]) -> Deployment | None:
    """Give the deployment whose artifact ``late`` takes to one more environment (E11), if any."""
    if late.outcome != "success" or late.kind in STATED_ROLES or late.stated("group"):
        return None
    same = [e for e in earlier if e.same_thing(late) and replaces_what_runs(e)]
    reached = {step["environment"] for each in same for step in each.steps}
    if not same or same[0].kind in STATED_ROLES or late.environment in reached:
        return None
    return same[0] if late.finished - ends[same[0].id] <= JOIN_WINDOW else None


def join_environments(deployments: Sequence[Deployment]) -> list[Deployment]:
    """Join the same artifact's first arrivals in further environments within seven days."""
    ends = {each.id: each.finished for each in deployments}
    done: list[Deployment] = []
    for each in deployments:
        first = arrival_of(each, done, ends)
        if first is None:
            done.append(each)
            continue
        end = max(first.finished, each.finished)
        done[done.index(first)] = replace(first, steps=(*first.steps, *each.steps), finished=end)
    return sorted(done, key=lambda each: each.order)


def replaces_what_runs(deployment: Deployment) -> bool:
    """Tell whether an artifact was put in place; a config or a flag leaves it as it is."""
    return deployment.outcome == "success" and deployment.kind not in ("config", "flag")


def chain(deployments: Sequence[Deployment], environment: str) -> list[Deployment]:
    """List what ran in an environment, one after another (E8)."""
    present = [
        (time, each.id, each)
        for each in deployments
        if replaces_what_runs(each) and (time := each.finished_in(environment))
    ]
    return [each for _, _, each in sorted(present, key=lambda entry: entry[:2])]


def ancestors(graph: Mapping[str, Event], sha: str | None) -> set[str]:
    """Give every known commit reachable from a sha, the commit itself included."""
    seen: set[str] = set()
    waiting = [] if sha is None else [sha]
    while waiting:
        current = waiting.pop()
        if current in graph and current not in seen:
            seen.add(current)
            waiting.extend(graph[current]["parents"])
    return seen


def is_older(graph: Mapping[str, Event], earlier: Sequence[Deployment], new: Deployment) -> bool:
    """Tell whether a deployment goes back behind the one that runs, the last of ``earlier`` (E8)."""
    running = earlier[-1]
    target_sha, running_sha = new.stated("sha"), running.stated("sha")
    if target_sha in graph and running_sha in graph:
        if target_sha in ancestors(graph, running_sha):
            return True
        if running_sha in ancestors(graph, target_sha):
            return False
    ran = [n for n, each in enumerate(earlier) if each.same_thing(new)]
    began = [n for n, each in enumerate(earlier) if each.same_thing(running)]
    return bool(ran) and ran[0] < began[0]


def role_of(graph: Mapping[str, Event], deployments: Sequence[Deployment], new: Deployment) -> str:
    """Classify a deployment; what the source states wins over what we infer (E6-E8)."""
    if new.kind in ("config", "flag"):
        return str(new.kind)
    if new.outcome == "failed":
        return "failed_attempt"
    if new.kind in STATED_ROLES:
        return str(new.kind)
    line = chain(deployments, new.environment)
    before = line[: line.index(new)]
    going_back = before and not before[-1].same_thing(new) and is_older(graph, before, new)
    if going_back and not new.stated("inferred_from"):
        return "rollback"
    known = [each for each in deployments if replaces_what_runs(each) and each.order < new.order]
    return "redeploy" if any(each.same_thing(new) for each in known) else "shipped"
