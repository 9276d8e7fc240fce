"""Jenkins: the jobs of a server, each project a source of its own, by the remote access API."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from collectors.base import NO_ETAGS, Defaults, Page, Permission
from collectors.ci.asking import each_found, permission
from collectors.ci.facts import fits
from collectors.ci.settings import BasicToken, CISettings, host_and_path
from collectors.http.client import Client
from collectors.http.exchange import Answer, Request
from collectors.http.server import Address, Server
from collectors.jenkins.builds import address
from collectors.jenkins.parse import Context, JenkinsJob
from collectors.jenkins.project import JenkinsProject
from collectors.parsed import part, parts
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from collectors.base import Cursor, ETags

DEPTH = 5
"""Folders within folders that one question reaches; deeper ones are asked for by themselves."""
MOST_ROUNDS = 20
MULTIBRANCH = "WorkflowMultiBranchProject"


@dataclass(frozen=True)
class JenkinsCollector(Defaults):
    """One server: a family of projects.

    The tree of jobs is one request, and says which job has new builds. Cursor: ``projects``, how many there are.
    """

    server: Server
    context: Context
    folder: str = ""
    jobs: tuple[str, ...] = ("*",)

    at_once = 2
    kind = "jenkins"
    reads = frozenset({"run", "job", "gate", "deployment"})
    personal = frozenset({"userId", "userName", "shortDescription"})

    @property
    def name(self) -> str:
        """The family's name."""
        return self.context.source

    def position(self, cursor: Cursor) -> str:
        """Count the projects."""
        return f"{cursor.get('projects', 0):,} projects"

    def check(self) -> Sequence[Permission]:
        """Try to list jobs."""
        with Client(self.server) as client:
            fix = "Give `user` the permissions Overall/Read and Job/Read, and make `token` in the user's own settings"
            return [
                permission(client, Request(f"{address(self.folder)}/api/json", {"tree": "jobs[name]"}), "jobs", fix)
            ]

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield the projects as members; raise `SourceError` with what to do about it."""
        del since, etags  # the tree is asked for as a whole
        with Client(self.server) as client:
            projects: dict[str, list[JenkinsJob]] = {}
            unread: list[str] = []
            for job in self._jobs(client, unread):
                if fits(job.path, self.jobs) or fits(job.project, self.jobs):
                    projects.setdefault(job.project, []).append(job)
            members = [self._member(project, jobs, client) for project, jobs in sorted(projects.items())]
            remarks = [Remark(f"folder {each} cannot be read", "Let `user` read it") for each in unread]
            if not members:
                fix = "Jenkins hides what a user may not see: check `user`, `folder` and `jobs`"
                remarks.append(Remark("no job is visible", fix))
            requests = client.take_requests()
            yield Page((), {"projects": len(members)}, requests=requests, remarks=remarks, members=members)

    def _jobs(self, client: Client, unread: list[str]) -> Iterator[JenkinsJob]:
        """All jobs below the folder; where the tree is deeper than one question reaches, with more of them."""
        folders = [self.folder]
        root = client.get(f"{address(self.folder)}/api/json", {"tree": _tree(DEPTH)})
        answers: list[Any] = [root]
        for _ in range(MOST_ROUNDS):
            deeper: list[str] = []
            for folder, answer in zip(folders, answers, strict=True):
                if isinstance(answer, Answer):
                    project = folder if _kind(answer.body) == MULTIBRANCH else None
                    yield from _leaves(answer.body, project, DEPTH, deeper)
                else:
                    unread.append(folder)
            if not deeper:
                return
            asked = [Request(f"{address(folder)}/api/json", {"tree": _tree(DEPTH)}) for folder in deeper]
            folders, answers = deeper, list(each_found(client, asked))

    def _member(self, project: str, jobs: Sequence[JenkinsJob], client: Client) -> JenkinsProject:
        context = replace(self.context, source=f"{self.name}/{project}")
        return JenkinsProject(context, tuple(sorted(jobs, key=lambda job: job.path)), client.part())


def _tree(depth: int) -> str:
    return f"jobs[fullName,lastBuild[number]{',' + _tree(depth - 1) if depth > 1 else ''}]"


def _leaves(folder: object, project: str | None, depth: int, deeper: list[str]) -> Iterator[JenkinsJob]:
    """Jobs that build; folders at the edge of what was asked for go to ``deeper``."""
    for job in parts(folder, "jobs"):
        path, kind = part(job, "fullName"), _kind(job)
        if not isinstance(path, str):
            continue
        if isinstance(part(job, "jobs"), list):
            yield from _leaves(job, path if kind == MULTIBRANCH else None, depth - 1, deeper)
        elif depth == 1 and _is_folder(kind):
            deeper.append(path)
        else:
            last = part(job, "lastBuild", "number")
            yield JenkinsJob(path, project or path, last if isinstance(last, int) else 0)


def _kind(job: object) -> str:
    return str(part(job, "_class")).rpartition(".")[2]


def _is_folder(kind: str) -> bool:
    return kind == MULTIBRANCH or "Folder" in kind


class JenkinsSettings(CISettings):
    """A ``[[sources]]`` table of kind jenkins."""

    kind: Literal["jenkins"]
    url: Address
    """The server's address, e.g. ``https://ci.example.org/jenkins``."""
    name: Annotated[str, Field(min_length=1)] | None = None
    """What the source is called; default: host and path of the address."""
    user: Annotated[str, Field(min_length=1)] | None = None
    """Who asks; ``token`` is an API token of this user."""
    folder: str = ""
    """Full name of the folder to read; default: all."""
    jobs: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)] = ("*",)
    """Full names of jobs or multibranch projects, with ``*`` and ``?``."""

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.user is None) != (self.token is None):
            raise ValueError("needs both `user` and `token` (an API token of that user), or neither")
        return self

    def collector(self, data: Path) -> JenkinsCollector:
        """Make the collector; it keeps nothing on disk."""
        del data
        source = f"jenkins:{self.name or host_and_path(self.url)}"
        context = Context(
            source, self.url, repositories=self.repositories, forge=self.forge, deploying=self.deployments
        )
        secrets = () if self.token is None else self.token if isinstance(self.token, tuple) else (self.token,)
        credentials = tuple(BasicToken(self.user or "", secret) for secret in secrets)
        return JenkinsCollector(self.server(source, self.url, credentials), context, self.folder.strip("/"), self.jobs)


SETTINGS = JenkinsSettings
PERMISSIONS = """An API token of ``user``, who has the permissions Overall/Read and Job/Read."""
