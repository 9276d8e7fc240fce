"""One repository of GitLab, Gitea or Forgejo: a source of its own with its own cursor, read part by part."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from collectors.base import NO_ETAGS, Defaults, Page
from collectors.ci.facts import text
from collectors.forge.reading import Reading
from collectors.parsed import part as at
from tribometer.errors import SourceForbidden, SourceMissing
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from datetime import datetime

    from collectors.base import Cursor, ETags
    from collectors.forge.facts import Place
    from collectors.forge.reading import Part
    from collectors.http.client import Client
    from collectors.http.paging import Paginator
    from collectors.parsed import Parsed


@dataclass(frozen=True)
class ForgeRepository(Defaults):
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
    parts: Sequence[Part]
    pages: Paginator
    client: Client = field(compare=False)
    personal: frozenset[str] = frozenset()  # type: ignore[misc]  # the forge's own keys

    @property
    def name(self) -> str:
        """The events' source."""
        return self.place.source

    @property
    def reads(self) -> frozenset[str]:
        """What its parts tell about, and itself."""
        return frozenset({"repository"}).union(*(part.reads for part in self.parts))

    def starting(self, at: datetime) -> Cursor:
        """Cursor of a collection that reads what was changed or created since ``at``, in every part."""
        return {part.what: part.begins(at.isoformat()) for part in self.parts}

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
        if len(refused) == len(self.parts):
            raise next(iter(refused.values()))
        remarks += [_remark(part, refused[part.what]) for part in self.parts if part.what in refused]
        yield replace(self._page(cursor), remarks=tuple(dict.fromkeys(remarks)))

    def _page(self, cursor: Cursor, facts: Parsed | None = None, etags: ETags = NO_ETAGS) -> Page:
        events, rejected = (facts.events, facts.rejected) if facts else ((), ())
        return Page(events, cursor, rejected, self.client.take_requests(), etags=etags, quota=self.client.quota)

    def _described(self, cursor: dict[str, Any]) -> Generator[Page]:
        """The repository itself, when something about it is another than it was."""
        told = [event.model_dump(mode="json", exclude_unset=True, exclude={"source"}) for event in self.about.events]
        if cursor.get("about") != told:
            cursor["about"] = told
            yield self._page(cursor, self.about)

    def _reading(self, cursor: dict[str, Any], etags: ETags) -> Generator[Page, None, Reading]:
        """Ask where the default branch stands; an empty repository has one by name only."""
        reading = Reading(self.place, self.root, self.branch, cursor.get("head"), self.client, etags, self.pages)
        try:
            answer = reading.changed(self.branch) if self.branch else None
        except (SourceMissing, SourceForbidden):
            answer = None
        if answer is None or answer.not_modified:
            return reading
        cursor["head"] = text(at(answer.body, "commit", "id"))
        yield self._page(cursor, etags=answer.etags)
        return replace(reading, head=cursor["head"])


def _remark(part: Part, error: SourceForbidden | SourceMissing) -> Remark:
    do = f"Give the token {part.permission}, or switch this on in the repository; the rest is read all the same"
    return Remark(f"{part.what} cannot be read: {error.problem}", do)
