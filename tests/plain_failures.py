"""Which deployment failed, by which evidence (E6, E8, E9; D3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import takewhile

from plain_deployments import Deployment, ancestors, chain
from plain_events import Event, World, first_known, key_of, reference
from plain_history import History
from plain_lead_time import changes_of, shipped_by, shipped_changes

FAILURE_WINDOW = timedelta(days=7)
HOTFIX_PATTERN = re.compile("^hotfix", re.IGNORECASE)
HOTFIX_LABEL = "hotfix"
REVERT_TITLE = re.compile(r"\breverts #(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Detection:
    """One piece of evidence that a deployment failed, and the rule that fired.

    ``began`` is when the incident or the remedy started; None if the incident does not say.
    """

    target: Deployment
    rule: str
    began: datetime | None
    remedy: Deployment | None = None
    incident: Event | None = None

    @property
    def late(self) -> bool:
        """Tell whether the evidence came after the failure window."""
        return self.began is not None and self.began - self.target.finished > FAILURE_WINDOW


def is_change_caused(incident: Event) -> bool:
    """Tell whether people said that a change caused it; unknown is never counted (E9)."""
    return bool(incident.get("change_caused") == "yes")


def incident_start(incident: Event) -> datetime | None:
    """Give when an incident began, for linking it to a deployment and for its window."""
    return first_known(incident, "impact_started_at", "detected_at")


def incident_end(incident: Event) -> datetime | None:
    """Give when an incident was mitigated, else resolved; None while it is open."""
    return first_known(incident, "mitigated_at", "resolved_at")


def latest_shipped(history: History, moment: datetime) -> Deployment | None:
    """Give the last shipped deployment that finished within the failure window before a moment."""
    near = [d for d in history.shipped if timedelta(0) <= moment - d.finished <= FAILURE_WINDOW]
    return near[-1] if near else None


def named_deployment(history: History, incident: Event) -> Deployment | None:
    """Give the deployment of this service that an incident names."""
    named = reference(incident, "deployment")
    owners = (d for d in history.deployments if named in {key_of(step) for step in d.steps})
    return next(owners, None)


def incident_detections(history: History) -> list[Detection]:
    """Find failures by incidents: by reference, else by time within the same service (E9.1, 3)."""
    found = []
    for incident in filter(is_change_caused, history.world.of("incident")):
        began, rule = incident_start(incident), "incident_reference"
        target = named_deployment(history, incident)
        if incident.get("deployment") is None and incident.get("service") == history.service:
            rule = "incident_window"
            target = latest_shipped(history, began) if began else None
        if target is not None:
            found.append(Detection(target, rule, began, incident=incident))
    return found


def rollback_suspects(history: History, rollback: Deployment) -> list[Deployment]:
    """List what was deployed after the rollback's target and before the rollback itself (E8)."""
    line = chain(history.deployments, rollback.environment)
    before = line[: line.index(rollback)]
    places = [n for n, each in enumerate(before) if each.same_thing(rollback)]
    if places:
        return before[places[-1] + 1 :]
    newer = list(takewhile(lambda each: is_newer(history, each, rollback), reversed(before)))
    return newer[::-1] or before[-1:]


def is_newer(history: History, earlier: Deployment, rollback: Deployment) -> bool:
    """Tell whether a recent deployment held all of what a rollback went back to, and more (E8)."""
    recent = rollback.remedy_started - earlier.finished <= FAILURE_WINDOW
    target, sha = rollback.stated("sha"), earlier.stated("sha")
    return recent and target != sha and target in ancestors(history.graph, sha)


def rollback_detections(history: History, blame: str) -> list[Detection]:
    """Find failures by rollbacks: the first deployment after the target, or the last (E8)."""
    found = []
    for rollback in history.ran:
        if rollback.role != "rollback":
            continue
        suspects = rollback_suspects(history, rollback)
        shipped = [each for each in suspects if each.role == "shipped"] or suspects
        began = rollback.remedy_started
        near = [each for each in shipped if began - each.finished <= FAILURE_WINDOW] or shipped[-1:]
        if near:
            target = near[-1] if blame == "last" else near[0]
            found.append(Detection(target, "rollback", began, rollback))
    return found


def reverted_number(change: Event) -> int | None:
    """Give the number of the change that a change reverts, by its field or its title."""
    if change.get("reverts") is not None:
        return int(change["reverts"])
    title = REVERT_TITLE.search(change.get("title") or "")
    return int(title.group(1)) if title else None


def is_hotfix(change: Event) -> bool:
    """Tell a hotfix by title, branch or label."""
    texts = [change.get("title") or "", change.get("head") or ""]
    labelled = HOTFIX_LABEL in (change.get("labels") or ())
    return labelled or any(HOTFIX_PATTERN.search(text) for text in texts)


def reverted_deployments(history: History) -> list[tuple[Deployment, Deployment | None]]:
    """Pair each deployment of a revert with the one that shipped the original, if known (E9.2)."""
    shipped = shipped_changes(history)
    by_number = {(c["repository"], int(c["number"])): d for c, d in shipped}
    pairs = [
        (deployment, by_number.get((change["repository"], number)))
        for change, deployment in shipped
        if (number := reverted_number(change)) is not None
    ]
    by_change = {key_of(change): deployment for change, deployment in shipped}
    for deployment in history.deployments:
        for sha in sorted(history.matched.get(deployment.id, ())):
            original = history.graph[sha].get("reverts")
            if original is not None:
                pairs.append((deployment, original_deployment(history, by_change, original)))
    return pairs


def original_deployment(history: History, by_change: dict[tuple[str, str], Deployment], sha: str) -> Deployment | None:
    """Give the deployment that shipped a commit, itself or squashed within its change."""
    direct = shipped_by(history, sha)
    if direct is not None and sha in history.matched[direct.id]:
        return direct
    if sha not in history.graph:
        return None
    homes = [by_change.get(key_of(c)) for c in changes_of(history, history.graph[sha])]
    return next((home for home in homes if home), None)


def revert_detections(history: History) -> list[Detection]:
    """Find failures by reverts; original and revert together are no failure (E9.2)."""
    return [
        Detection(original, "revert", remedy.remedy_started, remedy)
        for remedy, original in reverted_deployments(history)
        if original is not None and original.order < remedy.order and remedy != history.first
    ]


def hotfix_deployments(history: History) -> list[Deployment]:
    """List the deployments of hotfixes; a revert is judged as a revert (E9: first rule wins).

    What the first observed deployment brought is all the history before it, not a remedy (E5).
    """
    return [
        deployment
        for change, deployment in shipped_changes(history)
        if is_hotfix(change) and reverted_number(change) is None and deployment != history.first
    ]


def hotfix_detections(history: History) -> list[Detection]:
    """Find failures by hotfixes: the latest shipped deployment before one (E9.4)."""
    found = []
    for hotfix in hotfix_deployments(history):
        began = hotfix.remedy_started
        before = [each for each in history.shipped if each.order < hotfix.order]
        near = [each for each in before if began - each.finished <= FAILURE_WINDOW]
        if near:
            found.append(Detection(near[-1], "hotfix", began, hotfix))
    return found


@lru_cache(maxsize=512)
def detections(history: History, blame: str = "first") -> list[Detection]:
    """Give all evidence against a service's deployments, in the order of E9."""
    return [
        *incident_detections(history),
        *revert_detections(history),
        *hotfix_detections(history),
        *rollback_detections(history, blame),
    ]


@lru_cache(maxsize=512)
def is_known_attempt(history: History, deployment: Deployment) -> bool:
    """Tell a failed attempt that hurt users: they were affected, or an incident names it (E6)."""
    if deployment.role != "failed_attempt":
        return False
    named = any(
        named_deployment(history, incident) == deployment
        for incident in history.world.of("incident")
        if is_change_caused(incident)
    )
    return named or any(step.get("users_affected") is True for step in deployment.steps)


@lru_cache(maxsize=512)
def countable(history: History) -> list[Deployment]:
    """List the denominator of the change fail rate: shipped, and attempts that hurt (E6)."""
    return [each for each in history.deployments if each.role == "shipped" or is_known_attempt(history, each)]


def evidence(history: History, target: Deployment, blame: str) -> list[Detection]:
    """Give the timely evidence against one deployment; a hurtful attempt is its own evidence."""
    found = [d for d in detections(history, blame) if d.target == target and not d.late]
    if not found and is_known_attempt(history, target):
        return [Detection(target, "failed_attempt", target.finished)]
    return found


@lru_cache(maxsize=512)
def failed_deployments(history: History, blame: str) -> list[Deployment]:
    """List the failed deployments, each once however much evidence there is (E23)."""
    return [each for each in countable(history) if evidence(history, each, blame)]


def late_failures(history: History, blame: str) -> list[Deployment]:
    """List the deployments with nothing but late evidence against them."""
    late = [d.target for d in detections(history, blame) if d.late]
    failed = failed_deployments(history, blame)
    return [each for each in countable(history) if each in late and each not in failed]


def misplaced(history: History, blame: str) -> list[Deployment]:
    """List the blamed deployments outside the denominator (E9)."""
    targets = [d.target for d in detections(history, blame)]
    return [d for d in history.deployments if d in targets and d not in countable(history)]


def remedies_ever_seen(world: World, histories: Sequence[History]) -> bool:
    """Tell whether any rollback, hotfix or revert is in the store (D3, observability)."""
    rolled = any(each.role == "rollback" for history in histories for each in history.ran)
    changes = world.of("change")
    noted = any(is_hotfix(each) or reverted_number(each) is not None for each in changes)
    return rolled or noted or any(each.get("reverts") for each in world.of("commit"))
