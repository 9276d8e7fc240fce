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
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from collectors.ci.asking import each_found
from collectors.forge.facts import RELEASES, Raw
from collectors.forge.family import GLOB, Family, Listed, Selection
from collectors.forge.files import Files
from collectors.forge.reading import Reading
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
from collectors.http.server import Address, ServerSettings
from collectors.parsed import text
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from collectors.base import Cursor, ETags, Permission
    from collectors.forge.reading import Part

CLOUD = "https://gitlab.com"
API = "/api/v4"
PAGES = LinkPages()
PERSONAL = frozenset({
    "username", "author_name", "author_email", "committer_name", "committer_email", "email", "user_name",
    "user_username", "user_email", "public_email", "author.name", "user.name", "merge_user.name", "merged_by.name",
    "body@", "description@", "message@", "closed_by.name", "assignee.name", "assignees.name", "reviewers.name",
})  # fmt: skip


class GitLabRepository(ForgeRepository):
    """One project."""

    personal = PERSONAL


@dataclass(frozen=True)
class GitLabCollector(Family[Reading]):
    """A group of projects, or a list of them; their files are read besides the ``parts``."""

    group: str | None

    overlap = OVERLAP
    personal = PERSONAL

    @property
    def reads(self) -> frozenset[str]:
        """What is read of the projects."""
        return super().reads | Files.reads

    def listed(self, client: Client, since: Cursor, etags: ETags) -> Listed:
        """The list, which is short: it is the projects that are asked what is new."""
        del since, etags
        remarks, asked = list[Remark](), list[str]()
        found = list(self._found(client, remarks, asked))
        names = [name for raw in found for name in self._names(raw)]
        remarks += self.selection.remarks(self.group or "the server", names, asked)
        return Listed([self._member(raw, client) for raw in found], {"projects": len(found)}, remarks)

    def check(self) -> Sequence[Permission]:
        """Try the token on the first project; raise `SourceError` when the server does not answer."""
        with Client(self.server) as client:
            first = next(self._found(client, [], []), None)
            return tried(client, f"{API}/projects/{first['id']}" if first else None)

    def _member(self, raw: Raw, client: Client) -> ForgeRepository:
        branch = text(raw, "default_branch")
        return GitLabRepository(
            kind=self.kind,
            place=place_of(raw),
            about=parse_project(raw),
            root=f"{API}/projects/{raw['id']}",
            branch=f"/repository/branches/{quote(branch, safe='')}" if branch else None,
            parts=(*self.parts, Files(GitLabLayout(text(raw, "ci_config_path") or FILE))),
            pages=PAGES,
            reads=self.reads,
            client=client.part(),
        )

    def _found(self, client: Client, remarks: list[Remark], asked: list[str]) -> Iterator[Raw]:
        """The projects that are wanted, those of the group first, then those ``asked`` for by their paths."""
        met = set[object]()
        for raw in self._of_group(client):
            if self.selection.wants(*self._names(raw), archived=raw.get("archived") is True):
                met.update(self._names(raw))
                yield raw
        asked += [path for path in self.selection.named if path not in met and "/" in path]
        answers = each_found(client, [Request(f"{API}/projects/{quote(path, safe='')}") for path in asked])
        for path, answer in zip(asked, answers, strict=True):
            if isinstance(answer, Answer) and _is_project(answer.body):
                yield answer.body
                continue
            problem = getattr(answer, "problem", "the answer is no project")
            remarks.append(Remark(f"{path} cannot be read: {problem}", "Check `projects`, and what the token may see"))

    def _of_group(self, client: Client) -> Iterator[Raw]:
        if self.group is None:
            return
        asked = {"include_subgroups": "true", "with_shared": "false", "order_by": "id", "sort": "asc"}
        asked |= {} if self.selection.patterns else {"archived": "false"}
        for answer in client.pages(Request(f"{API}/groups/{quote(self.group, safe='')}/projects", asked), PAGES):
            yield from (raw for raw in listed(answer, None) if _is_project(raw))

    def _names(self, raw: Raw) -> tuple[str, str]:
        """The whole path of a project, and its path within the group."""
        path, group = raw["path_with_namespace"], f"{self.group}/".casefold()
        return path, path[len(group) :] if path.casefold().startswith(group) else path


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
        selection = Selection("projects", "project", self.projects)
        return GitLabCollector(self.kind, server, self._parts(), selection, self.at_once, self.group)

    def _parts(self) -> tuple[Part[Reading], ...]:
        parts: list[Part[Reading]] = [MergeRequests()]
        if self.commits:
            parts.append(Commits())
        parts += [Pipelines(self.jobs), ChildPipelines(self.jobs), Deployments(self.releases)]
        if self.incidents:
            parts.append(Incidents(self.incidents.labels))
        return tuple(parts)


SETTINGS = GitLabSettings
PERMISSIONS = """A token with the scope ``read_api``, whose user has the role Reporter in the projects."""
