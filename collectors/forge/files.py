"""Reading what a repository's files say at GitLab, Gitea and Forgejo: who owns it, and how its pipeline is defined."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from collectors.codeowners import FILE, PLACES, codeowners_remarks, parse_codeowners
from collectors.forge.reading import Current, Landing, Reading, State
from collectors.http.exchange import Request
from collectors.ownership import dated
from collectors.parsed import Parsed, merged
from tribometer.errors import SourceMissing
from tribometer.events import Ownership

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.ci.facts import Forge


class Layout(Protocol):
    """Where a forge keeps its files, and how it is asked for them."""

    @property
    def forge(self) -> Forge:
        """Whose rules CODEOWNERS follows."""

    def definitions(self, reading: Reading, head: str) -> list[str]:
        """Paths of the files that define pipelines."""

    def path(self, file: str) -> str:
        """Path below the repository's, of a file's text."""

    def uses(self, content: str) -> list[str]:
        """What a definition takes by reference, with its pin."""


@dataclass(frozen=True)
class Files(Current):
    """CODEOWNERS and pipeline definitions at the head of the default branch, when it has moved.

    State: ``head``; ``files``, a digest of each definition; what `owned_by` keeps.
    """

    layout: Layout

    what = "files"
    permission = "the right to read the repository"
    reads = frozenset({"ownership", "pipeline_definition"})

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """Read the files if the branch stands elsewhere than before."""
        head = reading.head
        if head is None or head == state.get("head"):
            return
        before = state.get("files", {})
        contents = {path: self._text(reading, head, path) for path in self.layout.definitions(reading, head)}
        files = {path: _digest(content) for path, content in contents.items() if content is not None}
        changed = {path: content for path, content in contents.items() if content and before.get(path) != files[path]}
        owned, after = owned_by(self._owners(reading, head), reading, state)
        facts = merged([owned, *(self._defined(reading, path, content) for path, content in changed.items())])
        yield Landing({"head": head, "files": files, **after}, facts)

    def _owners(self, reading: Reading, head: str) -> str:
        """The text of CODEOWNERS from the first of the places where the forge looks for it."""
        found = (self._text(reading, head, place) for place in PLACES[self.layout.forge])
        return next((content for content in found if content is not None), "")

    def _text(self, reading: Reading, head: str, file: str) -> str | None:
        request = reading.request(self.layout.path(file), {"ref": head})
        try:
            body = reading.client.send(Request(request.path, request.params, text=True)).body
        except SourceMissing:
            return None
        return body if isinstance(body, str) else ""

    def _defined(self, reading: Reading, path: str, content: str) -> Parsed:
        return definition_told(reading, path, _digest(content), content, self.layout.uses(content))


def owned_by(content: str, reading: Reading, state: State) -> tuple[Parsed, State]:
    """Ownership by the text of CODEOWNERS that has changed, and what of the state follows.

    State: ``said``, the ownership told so far; ``remarks`` that hold until the branch moves.
    """
    place = reading.place
    claims, rejected = parse_codeowners(content, source=place.source, repository=place.repository, dialect=place.forge)
    owners = [claim for claim in claims if isinstance(claim, Ownership)]
    changed, told = dated(owners, state.get("said", ()), source=place.source, at=reading.now)
    remarks = codeowners_remarks(content, repository=place.repository, dialect=place.forge)
    facts = Parsed([*changed], rejected, whole=[FILE])
    return facts, {"said": told, "remarks": [[each.what, each.do] for each in remarks]}


def definition_told(reading: Reading, path: str, digest: object, content: str | None, uses: list[str] | None) -> Parsed:
    """The definition of a pipeline, as the file at a path has it now, with its content and what it uses."""
    place = reading.place
    return place.told(
        "pipeline_definition",
        f"{place.repository}/{path}@{digest}",
        repository=place.repository,
        path=path,
        observed_at=reading.now,
        sha=reading.head,
        content=content,
        uses=uses,
    )


def _digest(content: str) -> str:
    """What git calls the content."""
    data = content.encode()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
