"""One repository of GitHub: a source of its own with its own cursor, read part by part."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from collectors.forge.repository import Repository
from collectors.github.events import place_of
from collectors.github.graphql import GraphQL
from collectors.github.parse import parse_repository
from collectors.github.reading import GitHubReading, stamp
from collectors.http.paging import LinkPages
from collectors.parsed import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from collectors.base import Cursor, ETags
    from collectors.forge.reading import Part
    from collectors.http.client import Client
    from tribometer.errors import SourceForbidden

PERSONAL = frozenset({"login", "email", "author.name", "committer.name"})


class GitHubRepository(Repository[GitHubReading]):
    """One repository, whose default branch may be hidden from the token."""

    personal = PERSONAL
    sha = "sha"
    of_the_branch = frozenset({"commits", "files"})

    def starting(self, at: datetime) -> Cursor:
        """The time in GitHub's words."""
        return {part.what: part.begins(stamp(at)) for part in self.parts}

    def begun(self, head: str | None, etags: ETags) -> GitHubReading:
        """What the parts read with, GraphQL included."""
        graphql = GraphQL(self.client, self.name)
        return GitHubReading(self.place, self.root, self.branch, head, self.client, etags, self.pages, graphql)

    def hidden(self, reading: GitHubReading, error: SourceForbidden) -> GitHubReading:
        """The same, with what the parts of the branch cannot be read for."""
        return replace(reading, head=None, hidden=error)


def repository(
    about: Mapping[str, Any], prefix: str, parts: Sequence[Part[GitHubReading]], reads: frozenset[str], client: Client
) -> GitHubRepository:
    """The repository of an answer; ``prefix`` stands before the server's paths."""
    branch = text(about, "default_branch")
    return GitHubRepository(
        kind="github",
        place=place_of(about),
        about=parse_repository(about),
        root=f"{prefix}/repos/{text(about, 'full_name')}",
        branch=f"/branches/{quote(branch)}" if branch else None,
        parts=parts,
        pages=LinkPages(),
        reads=reads,
        client=client,
    )
