"""GitLab, gitlab.com or self-managed: the projects of a group with all that happens to their changes.

Requests spent on a hundred things, besides the one for the list:

- merge requests: 300 for their commits, versions and notes (100 where no head has moved since), and 5 GraphQL
  questions for the lines they change
- pipelines: 200, for the pipeline's own times and its jobs; of child pipelines also those that tell their parents
- deployments: none; those in environments that need an approval one each; issues and commits: none
- a project in which nothing has happened: 5, one more if it has no deployments, and one for incidents and each label
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from collectors.base import NO_ETAGS, Defaults, Page
from collectors.ci.asking import each_found
from collectors.ci.facts import text
from collectors.forge.facts import RELEASES, Raw
from collectors.forge.files import Files
from collectors.forge.repository import ForgeRepository
from collectors.gitlab.changes import Commits, MergeRequests
from collectors.gitlab.check import tried
from collectors.gitlab.ci import FILE
from collectors.gitlab.deployments import Deployments
from collectors.gitlab.files import GitLabLayout
from collectors.gitlab.issues import Incidents
from collectors.gitlab.parse import parse_project, place_of
from collectors.gitlab.pipelines import ChildPipelines, Pipelines
from collectors.gitlab.updated import OVERLAP
from collectors.http.client import Client
from collectors.http.exchange import Answer, Request
from collectors.http.paging import LinkPages, listed
from collectors.http.server import Address, Server, ServerSettings
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from collectors.base import Cursor, ETags, Permission
    from collectors.forge.reading import Part

CLOUD = "https://gitlab.com"
API = "/api/v4"
PAGES = LinkPages()
GLOB = frozenset("*?[")
PERSONAL = frozenset({
    "username", "author_name", "author_email", "committer_name", "committer_email", "email", "user_name",
    "user_username", "user_email", "public_email", "author.name", "user.name", "merge_user.name", "merged_by.name",
    "body@", "description@", "message@", "closed_by.name", "assignee.name", "assignees.name", "reviewers.name",
})  # fmt: skip


@dataclass(frozen=True)
class GitLabCollector(Defaults):
    """A group of projects, or a list of them; each is a source of its own, collected through one client.

    ``own_parts`` are read of every project, besides its files. The cursor says how many projects there were.
    """

    server: Server
    group: str | None
    projects: tuple[str, ...]
    own_parts: tuple[Part, ...]
    at_once: int = 4  # type: ignore[misc]  # how many projects at a time is for the settings to say

    kind = "gitlab"
    overlap = OVERLAP
    personal = PERSONAL

    @property
    def name(self) -> str:
        """The family of sources."""
        return self.server.source

    @property
    def reads(self) -> frozenset[str]:
        """What is read of the projects."""
        return frozenset({"repository"}).union(*(part.reads for part in (*self.own_parts, Files(GitLabLayout()))))

    def starting(self, at: datetime) -> Cursor:
        """The list is read anew; the projects begin at the time themselves."""
        del at
        return {}

    def position(self, cursor: Cursor) -> str:
        """Count the projects."""
        return f"{cursor.get('projects', 0):,} projects"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield the list of projects, which are collected before this goes on."""
        del since, etags  # the list is short, and it is the projects that are asked what is new
        with Client(self.server) as client:
            remarks = list[Remark]()
            found = list(self._found(client, remarks))
            yield Page(
                (),
                {"projects": len(found)},
                requests=client.take_requests(),
                remarks=tuple(remarks),
                quota=client.quota,
                members=[self._member(raw, client) for raw in found],
            )

    def check(self) -> Sequence[Permission]:
        """Try the token on the first project; raise `SourceError` when the server does not answer."""
        with Client(self.server) as client:
            first = next(self._found(client, []), None)
            return tried(client, f"{API}/projects/{first['id']}" if first else None)

    def _member(self, raw: Raw, client: Client) -> ForgeRepository:
        branch = text(raw.get("default_branch"))
        return ForgeRepository(
            kind=self.kind,
            place=place_of(raw),
            about=parse_project(raw),
            root=f"{API}/projects/{raw['id']}",
            branch=f"/repository/branches/{quote(branch, safe='')}" if branch else None,
            parts=(*self.own_parts, Files(GitLabLayout(text(raw.get("ci_config_path")) or FILE))),
            pages=PAGES,
            client=client.part(),
            personal=self.personal,
        )

    def _found(self, client: Client, remarks: list[Remark]) -> Iterator[Raw]:
        """The projects that are wanted, those of the group first."""
        met = set[object]()
        for raw in self._of_group(client):
            if self._is_wanted(raw):
                met.add(raw["path_with_namespace"])
                yield raw
        named = [path for path in self.projects if path not in met and not GLOB.intersection(path)]
        answers = each_found(client, [Request(f"{API}/projects/{quote(path, safe='')}") for path in named])
        for path, answer in zip(named, answers, strict=True):
            if isinstance(answer, Answer) and _is_project(answer.body):
                met.add(path)
                yield answer.body
            else:
                problem = getattr(answer, "problem", "the answer is no project")
                remarks.append(
                    Remark(f"{path} cannot be read: {problem}", "Check `projects`, and what the token may see")
                )
        if not met:
            remarks.append(Remark("no project was found", "Check `group` and `projects`, and what the token may see"))

    def _of_group(self, client: Client) -> Iterator[Raw]:
        if self.group is None:
            return
        asked = {"include_subgroups": "true", "with_shared": "false", "order_by": "id", "sort": "asc"}
        asked |= {} if self.projects else {"archived": "false"}
        for answer in client.pages(Request(f"{API}/groups/{quote(self.group, safe='')}/projects", asked), PAGES):
            yield from (raw for raw in listed(answer, None) if _is_project(raw))

    def _is_wanted(self, raw: Raw) -> bool:
        path = raw["path_with_namespace"]
        group = f"{self.group}/".casefold()
        within = path[len(group) :] if path.casefold().startswith(group) else path
        if path in self.projects or within in self.projects:
            return True
        fitting = any(fnmatchcase(name, glob) for name in (path, within) for glob in self.projects)
        return raw.get("archived") is not True and (not self.projects or fitting)


def _is_project(raw: object) -> bool:
    return isinstance(raw, dict) and isinstance(raw.get("id"), int) and bool(text(raw.get("path_with_namespace")))


class Labelled(BaseModel):
    """Issues that are incidents, besides those of GitLab's type."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    labels: tuple[str, ...] = ()
    """One of them makes an issue an incident."""


class GitLabSettings(ServerSettings):
    """A ``[[sources]]`` table of kind gitlab; it has a ``group``, ``projects``, or both."""

    kind: Literal["gitlab"]
    url: Address = CLOUD
    """The server's address."""
    group: Annotated[str, StringConstraints(pattern=r"^[\w.-]+(/[\w.-]+)*$")] | None = None
    """Group whose projects are collected, those of its subgroups too: ``acme`` or ``acme/shop``."""
    projects: tuple[str, ...] = ()
    """Whole paths, or names and globs within the group; default: all that are not archived."""
    oauth: bool = False
    """Whether ``token`` is one of OAuth; others are sent as ``PRIVATE-TOKEN``."""
    releases: re.Pattern[str] = RELEASES
    """Tags whose releases are deployments where a project has no others: a regular expression searched in the tag."""
    incidents: Labelled | None = None
    """Incidents are collected: GitLab's own, and issues with one of these labels: ``{labels = ["incident"]}``."""
    jobs: bool = True
    """Whether the jobs of pipelines are collected; without them no attempts are known."""
    commits: bool = True
    """Whether commits are collected; a git source of the same repositories does it faster, and knows their files."""

    @model_validator(mode="after")
    def _names_projects(self) -> Self:
        if self.group is None and not self.projects:
            raise ValueError("needs `group`, or `projects` with whole paths like acme/checkout")
        globs = [path for path in self.projects if GLOB.intersection(path) or "/" not in path]
        if self.group is None and globs:
            raise ValueError(f"{globs[0]!r} in `projects` is no whole path; give `group` too")
        return self

    def collector(self, data: Path) -> GitLabCollector:
        """Make the collector; it keeps nothing on disk."""
        del data
        source = f"gitlab:{self.group or ','.join(self.projects)}"
        credentials = self.tokens() if self.oauth else self.tokens(header="private-token", form="{}")
        server = self.server(source, self.url, credentials)
        return GitLabCollector(server, self.group, self.projects, self._parts(), at_once=self.at_once)

    def _parts(self) -> tuple[Part, ...]:
        parts: list[Part] = [MergeRequests()]
        if self.commits:
            parts.append(Commits())
        parts += [Pipelines(self.jobs), ChildPipelines(self.jobs), Deployments(self.releases)]
        if self.incidents:
            parts.append(Incidents(self.incidents.labels))
        return tuple(parts)


SETTINGS = GitLabSettings
PERMISSIONS = """A token with the scope ``read_api``, whose user has the role Reporter in the projects."""
