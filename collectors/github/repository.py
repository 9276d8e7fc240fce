"""One repository of GitHub: a source of its own with its own cursor, read part by part."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from collectors.base import NO_ETAGS, Defaults, Page
from collectors.github.events import Place, apart, text
from collectors.github.graphql import GraphQL
from collectors.github.parse import parse_repository
from collectors.github.reading import Reading
from tribometer.errors import SourceForbidden, SourceMissing
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from datetime import datetime

    from collectors.base import Cursor, ETags
    from collectors.github.reading import Part
    from collectors.http.client import Client

READS = frozenset(
    {"repository", "change", "commit", "review", "review_request", "run", "job", "gate", "deployment", "incident",
     "ownership", "pipeline_definition"},
)  # fmt: skip
OF_THE_BRANCH = frozenset({"commits", "files"})
"""Parts that have nothing to ask for in a repository without commits."""
PERSONAL = frozenset({"login", "email", "author.name", "committer.name"})


@dataclass(frozen=True)
class GitHubRepository(Defaults):
    """One repository.

    Cursor: ``about``, the repository as it was told; ``head`` of its default branch; and the state of each part, by
    the part's name. A part whose right is missing, or that is switched off, is remarked on and costs the others
    nothing.
    """

    about: Mapping[str, Any]
    parts: Sequence[Part]
    prefix: str
    client: Client = field(compare=False)
    reads: frozenset[str] = READS

    kind = "github"
    personal = PERSONAL

    @property
    def place(self) -> Place:
        """The repository as events name it."""
        return Place.of(self.about)

    @property
    def name(self) -> str:
        """The events' source."""
        return self.place.source

    def starting(self, at: datetime) -> Cursor:
        """Cursor of a collection that reads what was changed or created since ``at``, in every part."""
        since = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {part.what: part.begins(since) for part in self.parts}

    def position(self, cursor: Cursor) -> str:
        """Name the parts that were read, and that are still being read for the first time."""
        done = [part.what for part in self.parts if part.what in cursor and "walking" not in cursor[part.what]]
        return f"{len(done)} of {len(self.parts)} parts"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield what is new, part by part; raise `SourceMissing` when there is nothing to be read of it at all."""
        cursor: dict[str, Any] = dict(since or {})
        yield from self._described(cursor)
        reading = yield from self._reading(cursor, etags)
        refused = dict[str, SourceForbidden | SourceMissing]()
        for part in self.parts:
            try:
                for landing in part.read(reading, cursor.get(part.what, {})):
                    cursor = {**cursor, part.what: landing.state}
                    yield Page(
                        landing.events,
                        cursor,
                        landing.rejected,
                        self.client.take_requests(),
                        etags=landing.etags,
                        quota=self.client.quota,
                    )
            except (SourceForbidden, SourceMissing) as error:
                refused[part.what] = error
        silent = frozenset() if reading.head else OF_THE_BRANCH
        if refused and all(part.what in refused.keys() | silent for part in self.parts):
            raise next(iter(refused.values()))
        remarks = [_remark(part, refused[part.what]) for part in self.parts if part.what in refused]
        remarks += [Remark(*each) for part in self.parts for each in cursor.get(part.what, {}).get("remarks", ())]
        yield Page((), cursor, requests=self.client.take_requests(), remarks=remarks, quota=self.client.quota)

    def _described(self, cursor: dict[str, Any]) -> Generator[Page]:
        """The repository itself, when something about it is another than it was."""
        events, rejected = apart(parse_repository(self.about))
        told = [event.model_dump(mode="json", exclude_unset=True, exclude={"source"}) for event in events]
        if cursor.get("about") != told:
            cursor["about"] = told
            yield Page(events, cursor, rejected)

    def _reading(self, cursor: dict[str, Any], etags: ETags) -> Generator[Page, None, Reading]:
        """Ask where the default branch stands; an empty repository has one by name only."""
        graphql = GraphQL(self.client, self.name)
        reading = Reading(self.place, cursor.get("head"), self.prefix, self.client, graphql, etags)
        branch = text(self.about, "default_branch")
        try:
            answer = reading.changed(f"branches/{quote(branch)}") if branch else None
        except SourceMissing:
            answer = None
        except SourceForbidden as error:
            return replace(reading, head=None, hidden=error)
        if answer is None or answer.not_modified:
            return reading
        cursor["head"] = text(answer.body, "commit", "sha")
        yield Page((), cursor, requests=self.client.take_requests(), etags=answer.etags)
        return replace(reading, head=cursor["head"])


def _remark(part: Part, error: SourceForbidden | SourceMissing) -> Remark:
    do = f"Give the token {part.permission}, or switch this on in the repository; the rest is read all the same"
    return Remark(f"{part.what} cannot be read: {error.problem}", do)
