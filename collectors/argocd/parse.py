"""What Argo CD's API says of an application, as events: each sync is a deployment, what runs is an observation.

Argo CD's API description (``v1alpha1Application``) and manifests of real applications; no server to try it on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from collectors.ci.facts import Facts, repository_of, revision
from collectors.parsed import part, parts, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

PHASES = {"Succeeded": "success", "Failed": "failure", "Error": "failure", "Running": "running",
          "Terminating": "running"}  # fmt: skip
RUNS = frozenset({"Healthy", "Degraded", "Suspended"})
"""Health of an application whose roll-out is over: then what was synced is what runs."""
IN_CLUSTER = "kubernetes.default.svc"


@dataclass(frozen=True)
class Context:
    """What the configuration says. ``service`` and ``environment`` say where an application's are found."""

    source: str
    url: str
    service: str = "repository"
    environment: str = "cluster/namespace"


@dataclass(frozen=True)
class Place:
    """What an application is called, what it deploys, and where to."""

    application: str
    service: str
    environment: str
    url: str


def name_of(application: object) -> str | None:
    """Its name within Argo CD, with the namespace of its object; None for what is no application."""
    name, namespace = text(part(application, "metadata", "name")), text(part(application, "metadata", "namespace"))
    return f"{namespace}/{name}" if name and namespace else name


def place_of(application: object, context: Context) -> Place | None:
    """Its service and environment; None where it does not have what the configuration looks for."""
    service, environment = _service(application, context.service), _environment(application, context.environment)
    name = name_of(application)
    if not (name and service and environment):
        return None
    return Place(name, service, environment, f"{context.url}/applications/{name}")


def parse_syncs(application: object, context: Context, place: Place) -> Facts:
    """A deployment for each sync in the history, and for the operation that is or was the last.

    The id has the time the sync began, which the history and the operation share; numbers of the history begin anew
    with an application that is deleted and made again.
    """
    facts = Facts(source=context.source)
    syncs = parts(application, "status", "history")
    for sync in syncs:
        _say(facts, sync, (part(sync, "deployStartedAt"), part(sync, "deployedAt")), "success", place)
    operation = part(application, "status", "operationState")
    began, phase = part(operation, "startedAt"), part(operation, "phase")
    known = began is None or began in {part(sync, "deployStartedAt") for sync in syncs}
    if not known and part(operation, "operation", "sync", "dryRun") is not True:
        times = began, part(operation, "finishedAt")
        _say(facts, part(operation, "syncResult"), times, PHASES.get(phase, str(phase)), place)
    return facts


@dataclass(frozen=True)
class Runtime:
    """What an application runs: the commit it was made from, if it is in sync with it, and its images."""

    sha: str | None
    artifact: str | None


def runtime_of(application: object) -> Runtime | None:
    """What is seen to run; None while a roll-out is under way, or nothing is seen."""
    if part(application, "status", "health", "status") not in RUNS:
        return None
    in_sync = part(application, "status", "sync", "status") == "Synced"
    sha = _sha(part(application, "status", "sync")) if in_sync else None
    images = sorted({image for image in parts(application, "status", "summary", "images") if text(image)})
    return Runtime(sha, " ".join(images)[:4096] or None) if sha or images else None


def parse_runtime(application: object, runtime: Runtime, at: datetime, context: Context, place: Place) -> Facts:
    """The observation of what runs now."""
    facts = Facts(source=context.source)
    facts.say(
        "observation", application, id=f"{name_of(application)}@{at.isoformat(timespec='seconds')}",
        service=place.service, environment=place.environment, observed_at=at, sha=runtime.sha,
        artifact=runtime.artifact, via="argocd",
    )  # fmt: skip
    return facts


def _say(facts: Facts, sync: object, times: tuple[Any, Any], status: str, place: Place) -> None:
    began, ended = times
    if not began and not ended:
        facts.reject(sync, f"a sync of {place.application} tells neither when it began nor when it ended")
        return
    facts.say(
        "deployment", sync, id=f"{place.application}@{began or ended}", service=place.service,
        environment=place.environment, sha=_sha(sync), artifact=_version(sync), created_at=began, started_at=began,
        finished_at=ended, status=status, url=place.url,
    )  # fmt: skip


def _sources(raw: object) -> Sequence[Any]:
    """Its sources, whether it has one or several."""
    return parts(raw, "sources") or [part(raw, "source")]


def _sha(raw: object) -> str | None:
    """The commit of the first source that is a git repository; a chart has a version instead."""
    revisions = parts(raw, "revisions") or [part(raw, "revision")]
    return next(filter(None, map(revision, revisions)), None)


def _version(raw: object) -> str | None:
    """Name and version of the chart that was synced; None for a git repository."""
    charts = [(text(part(each, "chart")), number) for number, each in enumerate(_sources(raw))]
    revisions = parts(raw, "revisions") or [part(raw, "revision")]
    return next(
        (f"{chart}:{revisions[n]}" for chart, n in charts if chart and n < len(revisions) and revisions[n]), None
    )


def _service(application: object, rule: str) -> str | None:
    if rule == "application":
        return text(part(application, "metadata", "name"))
    if rule == "repository":
        sources = [each for each in _sources(part(application, "spec")) if not part(each, "chart")]
        return next(filter(None, (repository_of(part(each, "repoURL")) for each in sources)), None)
    return _marked(application, rule)


def _environment(application: object, rule: str) -> str | None:
    destination = part(application, "spec", "destination")
    namespace = text(part(destination, "namespace"))
    cluster = text(part(destination, "name")) or _cluster(part(destination, "server"))
    if rule == "cluster":
        return cluster
    if rule == "namespace":
        return namespace
    if rule == "cluster/namespace":
        return f"{cluster}/{namespace}" if cluster and namespace else cluster or namespace
    return _marked(application, rule)


def _cluster(server: object) -> str | None:
    host = urlsplit(server).hostname if isinstance(server, str) else None
    return "in-cluster" if host == IN_CLUSTER else host


def _marked(application: object, rule: str) -> str | None:
    """The label or annotation that a rule like ``label:app.kubernetes.io/part-of`` names."""
    where, _, key = rule.partition(":")
    marks: Mapping[str, Any] = part(application, "metadata", f"{where}s") or {}
    return text(part(marks, key))
