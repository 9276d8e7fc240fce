"""One repository of a forge: a source of its own with its own cursor, read part by part."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from collectors.base import NO_ETAGS, Defaults, Page, only_told_by
from collectors.forge.reading import Reading
from collectors.parsed import Parsed, text
from tribometer.errors import SourceForbidden, SourceMissing
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from datetime import datetime

    from collectors.base import Cursor, ETags
    from collectors.forge.facts import Place
    from collectors.forge.reading import Part
    from collectors.http.client import Client
    from collectors.http.paging import Paginator

R = TypeVar("R", bound=Reading)


@dataclass(frozen=True)
class Repository(Defaults, ABC, Generic[R]):
    """One repository.

    Cursor: ``about``, the repository as it was told; ``head`` of its default branch; and the state of each part, by
    the part's name. A part whose right is missing, or that is switched off, is remarked on and costs the others
    nothing. ``branch`` is the path of the default branch below ``root``, None of an empty repository.
    """

    kind: str
    place: Place
    about: Parsed
    root: str
    branch: str | None
    parts: Sequence[Part[R]]
    pages: Paginator
    reads: frozenset[str]
    client: Client = field(compare=False)

    sha: ClassVar[str] = "id"
    """Key of a commit's name in the answer about the branch."""
    of_the_branch: ClassVar[frozenset[str]] = frozenset()
    """Parts that say nothing of a repository without commits, not even that they may not be read."""

    @abstractmethod
    def begun(self, head: str | None, etags: ETags) -> R:
        """What the parts read with, as long as the default branch stands where it did."""

    def hidden(self, reading: R, error: SourceForbidden) -> R:
        """The same where the token may not see the branch."""
        del error
        return reading

    @property
    def name(self) -> str:
        """The events' source."""
        return self.place.source

    def starting(self, at: datetime) -> Cursor:
        """Cursor of a collection that reads what was changed or created since ``at``, in every part."""
        return {part.what: part.begins(at.isoformat()) for part in self.parts}

    def unfinished(self, cursor: Cursor) -> Cursor:
        """What every part has left to ask for again."""
        return {part.what: part.unfinished(cursor.get(part.what, {})) for part in self.parts}

    def position(self, cursor: Cursor) -> str:
        """Name the parts that were read, and that are still being read for the first time."""
        done = [part.what for part in self.parts if part.what in cursor and "walking" not in cursor[part.what]]
        return f"{len(done)} of {len(self.parts)} parts"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield what is new, part by part; raise `SourceMissing` when there is nothing to be read of it at all."""
        cursor: dict[str, Any] = dict(since or {})
        yield from self._described(cursor)
        reading = yield from self._reading(cursor, etags)
        remarks, refused = list[Remark](), dict[str, SourceForbidden | SourceMissing]()
        for part in self.parts:
            try:
                for landing in part.read(reading, cursor.get(part.what, {})):
                    cursor = {**cursor, part.what: landing.state}
                    remarks += landing.remarks
                    yield self._page(cursor, landing.facts, landing.etags)
            except (SourceForbidden, SourceMissing) as error:
                refused[part.what] = error
        silent = frozenset[str]() if reading.head else self.of_the_branch
        if refused and all(part.what in refused.keys() | silent for part in self.parts):
            raise self._all_refused(list(refused.values()))
        remarks += _remarks([(part, refused[part.what]) for part in self.parts if part.what in refused])
        remarks += [Remark(*each) for part in self.parts for each in cursor.get(part.what, {}).get("remarks", ())]
        unread = only_told_by(refused, {part.what: part.reads for part in self.parts})
        yield replace(self._page(cursor), remarks=tuple(dict.fromkeys(remarks)), unread=unread)

    def _all_refused(self, errors: Sequence[SourceForbidden | SourceMissing]) -> SourceForbidden | SourceMissing:
        """The first of them, with the rights of all parts: it is not one right that is missing but the repository."""
        told = [part.permission.partition(" (")[0].replace(",", "") for part in self.parts]
        rights = ", ".join(dict.fromkeys(right for each in told for right in each.split(" and ")))
        fix = f"Let the token see this repository, with {rights}; or leave it out of the table"
        return type(errors[0])(errors[0].source, errors[0].problem, fix)

    def _page(self, cursor: Cursor, facts: Parsed | None = None, etags: ETags = NO_ETAGS) -> Page:
        told, requests = facts or Parsed(), self.client.take_requests()
        return Page(
            told.events, cursor, told.rejected, requests, etags=etags, quota=self.client.quota, whole=told.whole
        )

    def _described(self, cursor: dict[str, Any]) -> Generator[Page]:
        """The repository itself, when something about it is another than it was."""
        told = [event.model_dump(mode="json", exclude_unset=True, exclude={"source"}) for event in self.about.events]
        if cursor.get("about") != told:
            cursor["about"] = told
            yield self._page(cursor, self.about)

    def _reading(self, cursor: dict[str, Any], etags: ETags) -> Generator[Page, None, R]:
        """Ask where the default branch stands; an empty repository has one by name only."""
        reading = self.begun(cursor.get("head"), etags)
        try:
            answer = reading.changed(self.branch) if self.branch else None
        except SourceMissing:
            answer = None
        except SourceForbidden as error:
            return self.hidden(reading, error)
        if answer is None or answer.not_modified:
            return reading
        cursor["head"] = text(answer.body, "commit", self.sha)
        yield self._page(cursor, etags=answer.etags)
        return replace(reading, head=cursor["head"])


class ForgeRepository(Repository[Reading]):
    """One repository of GitLab, Gitea or Forgejo."""

    def begun(self, head: str | None, etags: ETags) -> Reading:
        """What every forge's parts read with."""
        return Reading(self.place, self.root, self.branch, head, self.client, etags, self.pages)


def _remarks(refused: Sequence[tuple[Part[R], SourceForbidden | SourceMissing]]) -> Iterator[Remark]:
    """One for each permission, by the first thing that it is missing for."""
    of_permission = dict[str, list[tuple[str, str]]]()
    for part, error in refused:
        of_permission.setdefault(part.permission, []).append((part.what, error.problem))
    for permission, parts in of_permission.items():
        do = f"Give the token {permission}, or switch this on in the repository; the rest is read all the same"
        yield Remark(f"{' and '.join(what for what, _ in parts)} cannot be read: {parts[0][1]}", do)
