"""The git collector: commits of branches and tags, and release tags as production deployments."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from collectors.base import NO_ETAGS, Defaults, Page, Rejection, SourceSettings
from collectors.git.clone import (
    ROUND_TRIPS,
    bring_up_to_date,
    checked_url,
    clone_folder,
    name_from_folder,
    name_from_url,
    without_credentials,
)
from collectors.git.history import CommitReader
from collectors.git.process import GitFailed
from collectors.git.release import PRODUCTION, TAGS, Releases
from collectors.git.remarks import remarks
from collectors.git.repository import GitRepository, History
from tribometer.errors import SourceGone
from tribometer.events import Deployment, Repository

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from datetime import datetime

    from collectors.base import Cursor, ETags


@dataclass(frozen=True)
class GitCollector(Defaults):
    """One git repository, on disk or by URL.

    Cursor: ``tips`` (object by ref), ``releases`` (object by release tag), ``ends`` (where a shallow clone ends),
    ``about`` (the repository event). Of a collection that was cut off, also ``landed``: commits up to which history
    is stored. Commits come oldest first, so a page's cursor is a place to go on from: a kill costs one page.
    Rewritten branches need nothing more: what the new tips reach and the old ones did not is new; old tips that are
    gone are left out, at the worst a commit is read twice.
    """

    repository: str
    releases: re.Pattern[str]
    path: Path
    url: str | None = None
    timeout: float = 3600.0

    kind = "git"
    reads = frozenset({"repository", "commit", "deployment"})

    @property
    def name(self) -> str:
        """The events' source."""
        return f"git:{self.repository}"

    @property
    def place(self) -> str:
        """Where the repository is, as errors name it."""
        return without_credentials(self.url) if self.url else str(self.path)

    @property
    def _requests(self) -> int:
        return ROUND_TRIPS if self.url else 0

    def starting(self, at: datetime) -> Cursor:
        """Cursor that reads commits entered since ``at``; older history stays as it was read before, or unread."""
        return {"from": at.isoformat()}

    def position(self, cursor: Cursor) -> str:
        """Count the refs and releases read; of a first collection that was cut off there are none yet."""
        if "tips" not in cursor:
            return "part of the history"
        return f"{len(cursor['tips']):,} refs, {len(cursor['releases']):,} releases"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield commits, parents first, then releases; raise `SourceError` with what to do about it."""
        del etags  # refs tell what is new
        with self._translated():
            if self.url:
                bring_up_to_date(self.path, self.url, self.timeout)
            repository = GitRepository.at(self.path)
            yield from self._pages(repository, since or {})

    def _pages(self, repository: GitRepository, before: Cursor) -> Iterator[Page]:
        refs = repository.refs()
        releases = Releases.among(refs, self.releases, self.name, self.repository)
        about, ends = self._about(repository), sorted(repository.shallow)
        after = {"tips": refs, "releases": releases.tags, "ends": ends, "about": about}
        remarked = tuple(remarks(refs, self.releases, len(ends), None if self.url else self.path))
        if after == before:
            yield Page((), after, requests=self._requests, remarks=remarked)
            return
        if set(before.get("ends", ())) - set(ends):
            # deepened: what was cut off has history now, and commits to count against
            before = {key: before[key] for key in ("releases", "about") if key in before}
        history = self._history(repository, refs, before)
        total = len(history.shas) + len(releases.tags) + 1
        if before.get("about") != about:
            yield Page([self._described(about)], before, total=total)
        reader = CommitReader(repository, self.name, self.repository)
        for events, rejected in reader.pages(history):
            landed = sorted({*before.get("landed", ()), *reader.frontier})
            # with a hole in it, what was read is not all that its frontier reaches
            cursor = before if history.missing else {**before, "ends": ends, "landed": landed}
            yield Page(events, cursor, rejected, total=total)
        changes = list(releases.changes(before.get("releases", {}), repository))
        deployments = [change for change in changes if isinstance(change, Deployment)]
        refused = [*reader.shortfall(), *(change for change in changes if isinstance(change, Rejection))]
        yield Page(deployments, before if history.missing else after, refused, self._requests, total, remarked)
        if history.missing:
            raise self._hole(history.missing)

    def _history(self, repository: GitRepository, refs: Mapping[str, str], before: Cursor) -> History:
        commits = repository.commits(refs.values())
        # a tag may name any object, a branch only a commit
        lost = [sha for ref, sha in refs.items() if sha not in commits and not ref.startswith(TAGS)]
        known = repository.commits([*before.get("tips", {}).values(), *before.get("landed", ())])
        options = [f"--since={before['from']}"] if "from" in before else []
        history = repository.history(sorted(set(commits.values())), sorted(set(known.values())), *options)
        return replace(history, missing=history.missing or next(iter(lost), None))

    def _about(self, repository: GitRepository) -> dict[str, str | None]:
        remote = repository.remote
        url = self.url or (remote[1] if remote else None)
        return {
            "name": self.repository,
            "url": without_credentials(url) if url else None,
            "default_branch": repository.default_branch(),
        }

    def _described(self, about: Mapping[str, str | None]) -> Repository:
        return Repository.model_validate({"source": self.name, "id": self.repository, **about})

    def _hole(self, missing: str) -> SourceGone:
        fix = "What could be read is kept. `git fsck` shows the damage; `git fetch --refetch` or a fresh clone mends it"
        return SourceGone(self.name, f"{self.place} lacks object {missing}, and the history behind it", fix)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what git and the file system say into errors of this source."""
        try:
            yield
        except GitFailed as failed:
            raise failed.translated(self.name, self.place) from failed
        except OSError as error:
            fix = "Check the folder and who may read it"
            raise SourceGone(self.name, f"{self.place}: {error.strerror}", fix) from error


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds characters that cannot be printed")
    return text


class GitSettings(SourceSettings):
    """A ``[[sources]]`` table of kind git; one of ``path`` and ``url``."""

    kind: Literal["git"]
    path: Path | None = None
    """A clone on disk: bare or not, a worktree, or a folder within one."""
    url: Annotated[str, AfterValidator(checked_url)] | None = None
    """A repository to clone into the data folder."""
    name: Annotated[str, Field(min_length=1), AfterValidator(_printable)] | None = None
    """The repository's name everywhere; default: owner/repo of the remote's URL, else the folder's name."""
    releases: re.Pattern[str] = re.compile(PRODUCTION)
    """Tags that are production releases: a regular expression searched in the tag's name."""
    timeout: Annotated[float, Field(gt=0)] = 3600.0
    """Seconds a clone or fetch may take."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.path is None) == (self.url is None):
            raise ValueError("needs either `path` (a clone on disk) or `url` (to clone), and not both")
        return self

    def collector(self, data: Path) -> GitCollector:
        """Make the collector; a clone of a URL lies in the data folder."""
        if self.url:
            name = self.name or name_from_url(self.url) or name_from_folder(self.url)
            return GitCollector(name, self.releases, clone_folder(data, name, self.url), self.url, self.timeout)
        path = (self.path or Path()).expanduser().absolute()
        return GitCollector(self.name or _name_of(path), self.releases, path)


def _name_of(path: Path) -> str:
    try:
        repository = GitRepository.at(path)
        remote = repository.remote
        return (remote and name_from_url(remote[1])) or name_from_folder(repository.folder)
    except (GitFailed, OSError):
        # collecting it will say what is wrong; until then it goes by its folder
        return name_from_folder(path)


SETTINGS = GitSettings
