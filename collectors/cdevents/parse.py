"""What each type of CDEvent means here.

Things are named by their source and id: what a subject refers to without a source is the sender's own. A statement has
the time of its event as version, so the order of arrival does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.parsed import UNSAID, part, said
from collectors.times import EPOCH

if TYPE_CHECKING:
    from datetime import datetime

    from collectors.parsed import Parsed

CONCLUSIONS = {"success": "success", "failure": "failure", "error": "failure", "cancel": "cancelled"}
SHA = re.compile(r"@([0-9a-f]{40})(?:[?#].*)?$")
NUMBER = re.compile(r"(?:^|[#!/])(\d{1,18})$")
ONLY_ATTEMPT = 1
"""Every instance of a pipeline is a run of its own."""


@dataclass(frozen=True)
class Occurrence:
    """One CDEvent: our source of it, its id, who sent it, when it happened, and itself."""

    ours: str
    identity: str
    sender: str
    at: datetime
    raw: Any

    def said(self, *path: str) -> object:
        """A value of the subject's content."""
        return said(part(self.raw, "subject", "content", *path))

    def custom(self, key: str) -> object:
        """A value that the sender added."""
        return said(part(self.raw, "customData", key))

    @property
    def name(self) -> str:
        """The subject, by its source and id."""
        return self.named(part(self.raw, "subject"))

    def named(self, reference: object) -> str:
        """What is referred to, by its source and id."""
        return f"{str(part(reference, 'source') or self.sender).rstrip('/')}/{str(part(reference, 'id')).lstrip('/')}"

    @property
    def base(self) -> Mapping[str, Any]:
        """What every event of this occurrence carries."""
        return {"raw": self.raw, "source": self.ours, "version": self.at}


Meaning = Callable[[Occurrence, "Parsed"], str]
"""Adds the events of an occurrence; returns what it lacks to be one, empty when nothing."""


def _deployment(kind: str | None) -> Meaning:
    def add(occurrence: Occurrence, parsed: Parsed) -> str:
        artifact = occurrence.said("artifactId")
        sha = SHA.search(str(artifact))
        parsed.add(
            "deployment",
            **occurrence.base,
            id=f"{occurrence.sender.rstrip('/')}/{occurrence.identity}",
            service=_last_part(part(occurrence.raw, "subject", "id")),
            environment=occurrence.said("environment", "id"),
            artifact=artifact,
            sha=sha[1] if sha else occurrence.custom("sha"),
            status="success",
            kind=kind or UNSAID,
            finished_at=occurrence.at,
        )
        return ""

    return add


def _incident(when: str, *, weak: bool = False) -> Meaning:
    """``weak``: its time gives way to what is said about the same thing otherwise, however early that came."""

    def add(occurrence: Occurrence, parsed: Parsed) -> str:
        service = part(occurrence.raw, "subject", "content", "service", "id")
        common = {**occurrence.base, "id": occurrence.name}
        more = {
            "service": _last_part(service) if service else UNSAID,
            "severity": occurrence.custom("severity"),
            "url": occurrence.said("ticketURI"),
            # of a resolution it tells how it ended
            "title": UNSAID if when == "resolved_at" else occurrence.said("description"),
        }
        if weak:
            parsed.add("incident", **common, **more)
            common = {**common, "version": EPOCH}
            more = {}
        parsed.add("incident", **common, **more, **{when: occurrence.at})
        return ""

    return add


def _run(when: str) -> Meaning:
    def add(occurrence: Occurrence, parsed: Parsed) -> str:
        created = occurrence.at if when == "created_at" else occurrence.custom("created_at")
        facts = {"repository": occurrence.custom("repository"), "sha": occurrence.custom("sha"), "created_at": created}
        if lacks := _lacking(facts):
            return lacks
        parsed.add(
            "run",
            **occurrence.base,
            **{**facts, when: occurrence.at},
            id=occurrence.name,
            run=occurrence.name,
            attempt=ONLY_ATTEMPT,
            workflow=_or(occurrence.said("pipelineName"), occurrence.name),
            branch=occurrence.custom("branch"),
            event=occurrence.custom("event"),
            url=_or(occurrence.said("uri"), occurrence.said("url")),
            conclusion=_conclusion(occurrence) if when == "completed_at" else UNSAID,
        )
        return ""

    return add


def _job(when: str) -> Meaning:
    def add(occurrence: Occurrence, parsed: Parsed) -> str:
        run = part(occurrence.raw, "subject", "content", "pipelineRun")
        if not part(run, "id"):
            return "pipelineRun.id"
        parsed.add(
            "job",
            **occurrence.base,
            id=occurrence.name,
            run=occurrence.named(run),
            attempt=ONLY_ATTEMPT,
            name=_or(occurrence.said("taskName"), str(part(occurrence.raw, "subject", "id"))),
            conclusion=_conclusion(occurrence) if when == "completed_at" else UNSAID,
            **{when: occurrence.at},
        )
        return ""

    return add


def _change(when: str | None) -> Meaning:
    def add(occurrence: Occurrence, parsed: Parsed) -> str:
        repository = _or(occurrence.custom("repository"), occurrence.said("repository", "id"))
        number = NUMBER.search(str(part(occurrence.raw, "subject", "id")))
        created = occurrence.at if when == "created_at" else occurrence.custom("created_at")
        numbered = int(number[1]) if number else occurrence.custom("number")
        facts = {"repository": repository, "number": numbered, "created_at": created}
        if lacks := _lacking(facts):
            return lacks
        times = {when: occurrence.at} if when else {}
        parsed.add(
            "change",
            **occurrence.base,
            **{**facts, **times},
            id=occurrence.name,
            title=occurrence.custom("title"),
            merge_sha=occurrence.custom("sha") if when == "merged_at" else UNSAID,
        )
        return ""

    return add


def _review(occurrence: Occurrence, parsed: Parsed) -> str:
    identity = f"{occurrence.sender.rstrip('/')}/{occurrence.identity}"
    parsed.add("review", **occurrence.base, id=identity, change=occurrence.name, submitted_at=occurrence.at)
    return ""


def _conclusion(occurrence: Occurrence) -> object:
    outcome = occurrence.said("outcome")
    return CONCLUSIONS.get(outcome, outcome) if isinstance(outcome, str) else outcome


def _lacking(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"customData.{name}" for name, value in facts.items() if value is UNSAID)


def _or(value: object, other: object) -> object:
    return other if value is UNSAID else value


def _last_part(identity: object) -> str:
    """``service/shop`` and ``daemonset/shop`` are the shop."""
    return str(identity).rstrip("/").rpartition("/")[2]


TYPES: Mapping[str, Meaning] = {
    "service.deployed": _deployment(None),
    "service.upgraded": _deployment(None),
    "service.rolledback": _deployment("rollback"),
    "incident.detected": _incident("detected_at"),
    "incident.reported": _incident("detected_at", weak=True),
    "incident.resolved": _incident("resolved_at"),
    "pipelinerun.queued": _run("created_at"),
    "pipelinerun.started": _run("started_at"),
    "pipelinerun.finished": _run("completed_at"),
    "taskrun.started": _job("started_at"),
    "taskrun.finished": _job("completed_at"),
    "change.created": _change("created_at"),
    "change.updated": _change(None),
    "change.merged": _change("merged_at"),
    "change.abandoned": _change("closed_at"),
    "change.reviewed": _review,
}
"""What is read, by subject and predicate. An environment, artifact or published service alone is no event here."""
