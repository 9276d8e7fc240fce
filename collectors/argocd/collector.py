"""Argo CD: syncs of applications as deployments, and what they run as observations, by the API."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from collectors.argocd.parse import Context, name_of, parse_runtime, parse_syncs, place_of, runtime_of
from collectors.base import NO_ETAGS, Defaults, Page, Permission
from collectors.ci.asking import permission
from collectors.ci.facts import MOST_NAMED, Facts
from collectors.ci.settings import host_and_path
from collectors.http.client import Client
from collectors.http.exchange import Request
from collectors.http.paging import listed
from collectors.http.server import Address, Server, ServerSettings
from collectors.times import instant
from tribometer.errors import SourceGone
from tribometer.events import Deployment
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from datetime import datetime
    from pathlib import Path

    from collectors.argocd.parse import Runtime
    from collectors.base import Cursor, ETags

FIELDS = (
    *(f"metadata.{name}" for name in ("name", "namespace", "labels", "annotations")),
    *(f"spec.{name}" for name in ("source", "sources", "destination")),
    *(f"status.{name}" for name in ("history", "sync", "health", "summary")),
    *(f"status.operationState.{name}" for name in ("phase", "startedAt", "finishedAt", "operation")),
    *(f"status.operationState.syncResult.{name}" for name in ("revision", "revisions", "source", "sources")),
)
"""What is read; without this, the state of every object in the cluster comes too."""
LIST = Request("/api/v1/applications", {"fields": ",".join(f"items.{name}" for name in FIELDS)})
FINAL = frozenset({"success", "failure"})
OBSERVED_AGAIN = timedelta(days=1)
"""What runs unchanged is said once more after this long, so that a gap in the collections shows."""
BATCH = 100
PLACES = "cluster|namespace|cluster/namespace"
MARKED = r"(label|annotation):\S+"


@dataclass(frozen=True)
class ArgoCDCollector(Defaults):
    """One Argo CD.

    The list of applications is one answer, and each tells its last syncs (ten, unless configured otherwise): a
    collection is one request. Cursor: ``applications`` by name, each with ``syncs``, the ids of those that have landed
    for good, and ``runs`` and ``at``, what was observed last and when.
    """

    server: Server
    context: Context

    kind = "argocd"
    reads = frozenset({"deployment", "observation"})
    personal = frozenset({"username", "initiatedBy"})

    @property
    def name(self) -> str:
        """The events' source."""
        return self.context.source

    def starting(self, at: datetime) -> Cursor:
        """Cursor that reads all there is: the history is short, and has no since."""
        del at
        return {}

    def position(self, cursor: Cursor) -> str:
        """Count the applications."""
        return f"{len(cursor.get('applications', {})):,} applications"

    def check(self) -> Sequence[Permission]:
        """Try to list applications."""
        with Client(self.server) as client:
            fix = "Give the account of `token` the policy: p, role:metrics, applications, get, */*, allow"
            return [permission(client, LIST, "applications", fix)]

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield syncs and what runs; raise `SourceError` with what to do about it."""
        del etags  # Argo CD gives no validators
        with Client(self.server) as client:
            answer = client.send(LIST)
            if not isinstance(answer.body, dict) or "items" not in answer.body:
                raise SourceGone(self.name, "it gives no list of applications", "Check that `url` is Argo CD's address")
            found = {name: each for each in listed(answer, "items") if (name := name_of(each))}
            state = _State(self.context, (since or {}).get("applications", {}), self.server.clock())
            names = sorted(found)
            for start in range(0, max(len(names), 1), BATCH):
                facts = Facts(source=self.name)
                for name in names[start : start + BATCH]:
                    facts.take(state.facts(name, found[name]))
                # those that are gone are forgotten at the end
                last = start + BATCH >= len(names)
                kept = {name: each for name, each in state.known.items() if name in found or not last}
                requests, said = client.take_requests(), self._remarks(found) if last else []
                yield Page(
                    facts.events, {"applications": kept}, facts.rejected, requests, remarks=said, quota=client.quota
                )

    def _remarks(self, found: dict[str, Any]) -> list[Remark]:
        if not found:
            fix = "If there are any, let the account of `token` get them: Argo CD hides what it may not see"
            return [Remark("no application is visible", fix)]
        lost = sorted(name for name, each in found.items() if place_of(each, self.context) is None)
        if not lost:
            return []
        more = f" and {len(lost) - MOST_NAMED} more" if len(lost) > MOST_NAMED else ""
        rules = f"service = {self.context.service!r}, environment = {self.context.environment!r}"
        what = f"{', '.join(lost[:MOST_NAMED])}{more} have no service or environment by {rules}"
        return [
            Remark(what, "Set `service` and `environment` to where your applications say it, like label:team/service")
        ]


@dataclass
class _State:
    """What is known of each application from the last collection, and from this one."""

    context: Context
    known: dict[str, Any]
    now: datetime

    def __post_init__(self) -> None:
        self.known = dict(self.known)

    def facts(self, name: str, application: object) -> Facts:
        """What is new of one application."""
        place = place_of(application, self.context)
        if place is None:
            return Facts(source=self.context.source)
        before = self.known.get(name, {})
        facts = parse_syncs(application, self.context, place)
        final = [event.id for event in facts.events if isinstance(event, Deployment) and event.status in FINAL]
        landed = set(before.get("syncs", ()))
        facts.events = [event for event in facts.events if event.id not in landed]
        runtime = runtime_of(application)
        observed = self._observed(runtime, before) if runtime else None
        if runtime and observed:
            facts.take(parse_runtime(application, runtime, self.now, self.context, place))
        self.known[name] = {
            "syncs": sorted(final),
            **(observed or {key: before[key] for key in ("runs", "at") if before}),
        }
        return facts

    def _observed(self, runtime: Runtime, before: dict[str, Any]) -> dict[str, str] | None:
        """What to note of what runs, when it is another thing or was said long ago; else None."""
        said = f"{runtime.sha} {runtime.artifact}".encode()
        runs, at = hashlib.sha256(said).hexdigest()[:20], instant(before.get("at"))
        if before.get("runs") == runs and at and self.now - at < OBSERVED_AGAIN:
            return None
        return {"runs": runs, "at": self.now.isoformat()}


class ArgoCDSettings(ServerSettings):
    """A ``[[sources]]`` table of kind argocd."""

    kind: Literal["argocd"]
    url: Address
    """The server's address, e.g. ``https://argocd.example.org``."""
    name: Annotated[str, Field(min_length=1)] | None = None
    """What the source is called; default: host and path of the address."""
    service: Annotated[str, Field(pattern=f"^(repository|application|{MARKED})$")] = "repository"
    """What an application's service is: the name of its first git repository, its own name, or what a label or
    annotation of it says, e.g. ``label:app.kubernetes.io/part-of``."""
    environment: Annotated[str, Field(pattern=f"^(cluster|namespace|cluster/namespace|{MARKED})$")] = (
        "cluster/namespace"
    )
    """What its environment is: where it deploys to, or what a label or annotation of it says."""

    def collector(self, data: Path) -> ArgoCDCollector:
        """Make the collector; it keeps nothing on disk."""
        del data
        source = f"argocd:{self.name or host_and_path(self.url)}"
        context = Context(source, self.url, self.service, self.environment)
        return ArgoCDCollector(self.server(source, self.url, self.tokens()), context)


SETTINGS = ArgoCDSettings
PERMISSIONS = """A token of an account with the policy ``p, role:metrics, applications, get, */*, allow``."""
