"""From a walk through the commit graph to pages of commit events."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from collectors.base import Rejection
from collectors.git.log import Unreadable, parse_commit
from collectors.git.stream import Raw, stream, without_files
from tribometer.events import Commit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.git.repository import GitRepository, History

FIRST_PAGE = 500
PAGE_COMMITS = 5_000
"""Commits of the first page and of the largest; each may hold twice its predecessor, for while the first ones land
git reads on, and a short history is read by then."""
PAGE_FILES = 50_000
"""File changes after which a page ends early: an imported tree must not fill the memory."""


@dataclass
class CommitPage:
    """What lands together, while it is being filled up to ``limit`` commits."""

    limit: int
    commits: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    files: int = 0

    def add(self, fields: dict[str, Any]) -> None:
        """Take the fields of one more commit."""
        self.commits.append(fields)
        self.files += fields.get("files") or 0

    @property
    def full(self) -> bool:
        """Whether it should land before more is read."""
        return len(self.commits) >= self.limit or self.files >= PAGE_FILES

    def next(self) -> CommitPage:
        """Begin the page after this one."""
        return CommitPage(min(2 * self.limit, PAGE_COMMITS))


class CommitReader:
    """Reads the commits of one repository page by page.

    ``frontier``: the commits read so far that no other commit read so far builds upon. Parents are read before their
    children, so what is reachable from the frontier is exactly what was read: a place to go on from.
    """

    def __init__(self, repository: GitRepository, source: str, name: str) -> None:
        self._repository = repository
        self._identity = {"source": source, "repository": name}
        self.frontier: set[str] = set()
        self._lost: set[str] = set()
        self._uncounted = 0
        self._first_uncounted: Raw | None = None

    def pages(self, history: History) -> Iterator[tuple[list[Commit], list[Rejection]]]:
        """Yield the events of the history, a page at a time, with what could not be one."""
        page = CommitPage(FIRST_PAGE)
        for raw in self._raws(history):
            self._take(raw, page, history)
            if page.full:
                yield self._events(page)
                page = page.next()
        if page.commits or page.rejected:
            yield self._events(page)

    def shortfall(self) -> list[Rejection]:
        """Say once for all commits whose files git could not compare that their lines are unknown."""
        first = self._first_uncounted
        if first is None:
            return []
        reason = (
            f"lines and files of {self._uncounted} commits are unknown, objects are missing: {first.problem}. "
            "Fetch them (`git fetch --refetch --no-filter`) or clone in full, then collect with --full"
        )
        return [Rejection(first.sha, reason)]

    def _raws(self, history: History) -> Iterator[Raw]:
        # against parents that are not here a commit would seem to add the whole tree
        ends = [sha for sha in history.shas if sha in history.ends]
        inner = [sha for sha in history.shas if sha not in history.ends]
        return chain(without_files(self._repository, ends), stream(self._repository, inner))

    def _take(self, raw: Raw, page: CommitPage, history: History) -> None:
        self.frontier.add(raw.sha)
        if raw.record is None:
            self._refuse(raw.sha, f"the commit cannot be read: {raw.problem}", page)
            return
        try:
            fields = parse_commit(raw.record, counted=raw.counted)
        except Unreadable as error:
            self._refuse(raw.sha, str(error), page)
            return
        if raw.problem:
            self._uncounted += 1
            self._first_uncounted = self._first_uncounted or raw
        self.frontier.difference_update(fields["parents"])
        fields["history_cut"] = history.cuts(raw.sha, fields["parents"]) or not self._lost.isdisjoint(fields["parents"])
        page.add(fields)

    def _refuse(self, sha: str, reason: str, page: CommitPage) -> None:
        self._lost.add(sha)
        page.rejected.append(Rejection(sha, reason))

    def _events(self, page: CommitPage) -> tuple[list[Commit], list[Rejection]]:
        self._resolve_reverts(page)
        events = []
        for fields in page.commits:
            try:
                events.append(Commit.model_validate(fields | self._identity | {"id": fields["sha"]}))
            except ValidationError as error:
                page.rejected.append(Rejection(fields["sha"], str(error.errors()[0]["msg"])))
        return events, page.rejected

    def _resolve_reverts(self, page: CommitPage) -> None:
        """Spell out abbreviated names of reverted commits; one that names none or several commits is dropped."""
        short = [fields for fields in page.commits if len(fields.get("reverts", fields["sha"])) < len(fields["sha"])]
        if not short:
            return
        found = self._repository.commits(fields["reverts"] for fields in short)
        for fields in short:
            fields["reverts"] = found.get(fields["reverts"])
