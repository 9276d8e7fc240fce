"""Waits for an environment's protection rules: who or what a deployment waited for, and how long.

GitHub gives an approval no time. A deployment's status says when it began to wait and when that ended; the run's
approvals say whether somebody decided, and how. Where a timer runs beside, the one that ended last has ended the
wait, and when somebody approved before the timer ran out is not known: then only the timer is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from collectors.forge.facts import below
from collectors.github.delivery import made_by
from collectors.github.queries import ENVIRONMENTS
from collectors.github.reading import before
from collectors.parsed import Parsed, merged, part, parts, text
from tribometer.errors import SourceForbidden, SourceMissing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.forge.facts import Place
    from collectors.github.reading import GitHubReading

WAITING = "WAITING"
REVIEWERS, TIMER = "REQUIRED_REVIEWERS", "WAIT_TIMER"
TOLERANCE_MINUTES = 1
"""What may pass between a timer's end and the deployment's going on."""
Kind = Literal["human", "timer", "policy"]


@dataclass(frozen=True)
class Wait:
    """One wait of one deployment: of which run (and attempt, None: not known), for which environment."""

    place: Place
    deployment: str | None
    environment: str
    run: int
    attempt: int | None
    begins: str
    ends: str | None

    def gate(self, kind: Kind, ends: str | None, decision: str | None = None, begins: str | None = None) -> Parsed:
        """The gate event of it."""
        place = self.place
        run = place.run(self.run, self.attempt)
        return place.told(
            "gate",
            below(run, "gates", self.environment, kind) or f"{self.deployment}/gates/{kind}",
            deployment=self.deployment,
            run=run,
            kind=kind,
            requested_at=begins or self.begins,
            decided_at=ends,
            decision=decision,
        )


@dataclass
class Gates:
    """Asks for what a wait was about; once for each run, and for the rules of a repository only if any waited."""

    reading: GitHubReading
    rules: dict[str, dict[str, int]] | None = None
    asked: dict[str, list[Any]] = field(default_factory=dict)

    def of(self, node: Mapping[str, Any], deployment: str | None) -> Parsed:
        """The gates of a deployment; none where it did not wait, or no workflow has made it."""
        wait = self._wait(node, deployment)
        if wait is None:
            return Parsed()
        return self._decided(wait) if wait.ends else self._pending(wait)

    def _wait(self, node: Mapping[str, Any], deployment: str | None) -> Wait | None:
        statuses = sorted(parts(node, "statuses", "nodes"), key=lambda status: text(status, "createdAt") or "")
        begins = next((text(each, "createdAt") for each in statuses if part(each, "state") == WAITING), None)
        maker = made_by([{"log_url": part(each, "logUrl")} for each in statuses])
        if begins is None or maker is None:
            return None
        behind = (text(each, "createdAt") or "" for each in statuses if part(each, "state") != WAITING)
        # a status that was made within the same second led to the wait
        ends = next((time for time in behind if time > begins), None)
        run, job = maker
        environment = text(node, "environment") or ""
        return Wait(self.reading.place, deployment, environment, run, self._attempt(run, job), begins, ends)

    def _attempt(self, run: int, job: int | None) -> int | None:
        known = self.reading.attempts.of(run, job)
        if known is None and job is not None:
            for answer in self.reading.each([self.reading.request(f"/actions/jobs/{job}")]):
                known = part(answer and answer.body, "run_attempt")
        return known

    def _decided(self, wait: Wait) -> Parsed:
        rules = self._rules(wait.environment)
        decision = self._decision(wait)
        minutes = rules.get(TIMER)
        timer_ends = _later(wait.begins, minutes) if minutes else None
        told = [wait.gate("timer", min(timer_ends, wait.ends or timer_ends))] if timer_ends else []
        if decision or REVIEWERS in rules:
            people_ended_it = timer_ends is None or (wait.ends or "") > _later(timer_ends, TOLERANCE_MINUTES)
            told += [wait.gate("human", wait.ends, decision)] if people_ended_it else []
        else:
            told = told or [wait.gate("policy", wait.ends)]
        return merged(told)

    def _pending(self, wait: Wait) -> Parsed:
        parsed = Parsed()
        for pending in self._listed(f"/actions/runs/{wait.run}/pending_deployments"):
            if text(pending, "environment", "name") != wait.environment:
                continue
            started = text(pending, "wait_timer_started_at")
            if part(pending, "wait_timer") and started:
                parsed.take(wait.gate("timer", None, begins=started))
            if parts(pending, "reviewers"):
                parsed.take(wait.gate("human", None))
        return parsed

    def _decision(self, wait: Wait) -> str | None:
        """What was decided last about this environment; the run's approvals come newest first."""
        for approval in self._listed(f"/actions/runs/{wait.run}/approvals"):
            names = {text(each, "name") for each in parts(approval, "environments")}
            if wait.environment in names and part(approval, "state") in {"approved", "rejected"}:
                return text(approval, "state")
        return None

    def _listed(self, rest: str) -> list[Any]:
        if rest not in self.asked:
            answers: Iterator[Any] = self.reading.each([self.reading.request(rest)])
            self.asked[rest] = [each for answer in answers for each in (answer.body if answer else None) or ()]
        return self.asked[rest]

    def _rules(self, environment: str) -> dict[str, int]:
        """Rules of an environment and their minutes; empty where the token may not see them."""
        if self.rules is None:
            try:
                data = self.reading.graphql.ask(ENVIRONMENTS, self.reading.variables)
            except (SourceForbidden, SourceMissing):
                data = {}
            nodes: Sequence[Any] = parts(data, "repository", "environments", "nodes")
            self.rules = {str(part(node, "name")): _rules_of(node) for node in nodes}
        return self.rules.get(environment, {})


def _rules_of(node: Mapping[str, Any]) -> dict[str, int]:
    return {str(part(rule, "type")): part(rule, "timeout") or 0 for rule in parts(node, "protectionRules", "nodes")}


def _later(time: str, minutes: int) -> str:
    return before(time, timedelta(minutes=-minutes)) or time
