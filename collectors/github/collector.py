"""GitHub, in the cloud or as Enterprise Server: an owner's repositories with all that happens to their changes.

Requests spent, conditional ones that have nothing new left out (they cost nothing of the quota):

- 1,000 pull requests with their commits, reviews, requests for reviews and timeline: 10 GraphQL questions, and one for
  each that has more than 25 commits or 100 reviews or events; 1,000 commits of the default branch: 10
- 1,000 runs: 10 lists and 1,000 for their jobs, which GitHub gives for one run at a time; a re-run one for each earlier
  attempt
- 100 deployments with their statuses: 1; each that waited for an approval: 1 or 2
- a repository in which nothing has happened: 4, one more for releases or incidents, all of them conditional
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from collectors.base import NO_ETAGS
from collectors.forge.facts import RELEASES
from collectors.forge.family import Family, Listed, Selection
from collectors.forge.settings import Labelled
from collectors.github.app import App, AppCredential
from collectors.github.changes import Changes
from collectors.github.check import tried
from collectors.github.commits import Commits
from collectors.github.deployments import Deployments
from collectors.github.events import family
from collectors.github.files import Files
from collectors.github.incidents import Incidents
from collectors.github.listing import Listing
from collectors.github.reading import GitHubReading
from collectors.github.releases import Releases
from collectors.github.repository import PERSONAL, repository
from collectors.github.run_walk import OVERLAP
from collectors.github.runs import Runs, WorkflowDeployments
from collectors.http.client import Client
from collectors.http.server import LOOPBACK, Address, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from collectors.base import Cursor, ETags, Permission
    from collectors.forge.reading import Part
    from collectors.http.server import Credential

CLOUD = "https://api.github.com"
ENTERPRISE = "/api/v3"
HEADERS = {
    "accept": "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
    "x-github-next-global-id": "1",
}
"""The last one: ids of GraphQL in their one lasting form."""
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"


@dataclass(frozen=True)
class GitHubCollector(Family[GitHubReading]):
    """An owner of repositories; each of them is a source of its own, collected through one client.

    Cursor: the list of repositories, as it was when it was another one last. ``prefix`` stands before the server's
    paths.
    """

    owner: str
    prefix: str

    overlap = OVERLAP
    personal = PERSONAL

    def position(self, cursor: Cursor) -> str:
        """Count the repositories of the owner, collected or not."""
        return f"{sum(len(page['repositories']) for page in cursor.get('pages', ())):,} repositories"

    def listed(self, client: Client, since: Cursor, etags: ETags) -> Listed:
        """The list, asked for conditionally."""
        listing = Listing(client, self.prefix, self.owner, self.selection, etags)
        found, cursor = listing.read(since)
        members = [repository(about, self.prefix, self.parts, self.reads, client.part()) for about in found]
        return Listed(members, cursor, listing.remarks, listing.new_etags)

    def check(self) -> Sequence[Permission]:
        """Try the credential on the first repository; raise `SourceError` when there is no such owner, or no server."""
        with Client(self.server) as client:
            found, cursor = Listing(client, self.prefix, self.owner, self.selection, NO_ETAGS).read({})
            owner = self.owner if cursor["owners"] == "orgs" else None
            return [each for about in found[:1] for each in tried(client, self.prefix, owner, about["full_name"])]


class Environments(BaseModel):
    """Deployments are those that GitHub keeps by environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    from_: Annotated[Literal["environments"], Field(alias="from")]


class Workflow(BaseModel):
    """Deployments are the runs of a workflow."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    from_: Annotated[Literal["workflow"], Field(alias="from")]
    name: Annotated[str, StringConstraints(min_length=1)]
    """Glob over the workflow's file or name, e.g. ``deploy*``."""
    environment: Annotated[str, StringConstraints(min_length=1)] = "production"
    """Where it deploys to."""


class Published(BaseModel):
    """Deployments are published releases whose tag fits ``releases``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    from_: Annotated[Literal["releases"], Field(alias="from")]


def _api(url: str) -> str:
    """Refuse the address of a website, or of another part of the API; say what to write instead."""
    found = urlsplit(url)
    host = found.hostname or ""
    of_cloud = host in {"github.com", "www.github.com"}
    is_api = host.startswith("api.") or host in LOOPBACK or found.path not in {"", "/api", "/api/graphql"}
    if of_cloud or not is_api:
        right = CLOUD if of_cloud else f"https://{found.netloc}{ENTERPRISE}"
        raise ValueError(f"this is not where GitHub's API answers; write {right}")
    return url


class GitHubSettings(ServerSettings):
    """A ``[[sources]]`` table of kind github."""

    kind: Literal["github"]
    owner: Annotated[str, StringConstraints(pattern=NAME)]
    """Organisation or user whose repositories are collected."""
    url: Annotated[Address, AfterValidator(_api)] = CLOUD
    """The API: of an Enterprise server ``https://HOST/api/v3``."""
    repositories: tuple[str, ...] = ()
    """Names or globs; default: all that are not archived."""
    app: App | None = None
    """A GitHub App instead of a token: ``{id = 1, key = {file = "app.pem"}, installation = 2}``."""
    deployments: Annotated[Environments | Workflow | Published, Field(discriminator="from_")] = Environments(
        **{"from": "environments"}
    )
    """Where deployments are told, one way: ``environments``, a ``workflow``, or ``releases``."""
    releases: re.Pattern[str] = RELEASES
    """Tags that are production releases, where releases are deployments: a regular expression searched in the tag."""
    incidents: Labelled | None = None
    """Issues with one of these labels are incidents: ``{labels = ["incident"]}``."""
    jobs: bool = True
    """Whether the jobs of runs are collected, which costs one request for each run."""
    commits: bool = True
    """Whether the default branch's commits are collected; a git source of the same repositories does it faster, and
    knows their files. Those of pull requests are always collected: after a squash no clone has them."""

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        if self.app and self.token:
            raise ValueError("needs either `token` or `app`, not both")
        return self

    def unasked(self) -> Self:
        """The same without its App, whose key is none that could stand for it."""
        return super().unasked().model_copy(update={"app": None})

    def collector(self, data: Path) -> GitHubCollector:
        """Make the collector."""
        del data
        source = f"{family(self.url)}{self.owner}"
        # GraphQL of an Enterprise server lies beside its REST API: both are below this
        address, prefix = (self.url.removesuffix("/v3"), "/v3") if self.url.endswith(ENTERPRISE) else (self.url, "")
        server = self.server(source, address, self._credentials(source, prefix), HEADERS)
        return GitHubCollector(self.kind, server, self._parts(), self.selection, self.at_once, self.owner, prefix)

    @property
    def selection(self) -> Selection:
        """Which repositories of the owner are wanted."""
        return Selection("repositories", "repository", self.repositories)

    def _credentials(self, source: str, prefix: str) -> tuple[Credential, ...]:
        if self.app is None:
            return self.tokens()
        return (AppCredential(self.app, source=source, prefix=prefix),)

    def _parts(self) -> tuple[Part[GitHubReading], ...]:
        told = self.deployments
        by_workflow = WorkflowDeployments(told.name, told.environment) if isinstance(told, Workflow) else None
        parts: list[Part[GitHubReading]] = [Changes()]
        if self.commits:
            parts.append(Commits())
        parts.append(Runs(self.jobs, by_workflow))
        if isinstance(told, Environments):
            parts.append(Deployments(Releases(self.releases, inferred=True)))
        elif isinstance(told, Published):
            parts.append(Releases(self.releases))
        if self.incidents:
            parts.append(Incidents(self.incidents.labels))
        return (*parts, Files())


SETTINGS = GitHubSettings
PERMISSIONS = """
A fine-grained token or an App: Metadata, Contents, Pull requests, Actions, Deployments and Issues: read, and Members:
read of the organisation. A classic token: the scopes ``repo`` and ``read:org``.
"""
