"""Reading what a repository's files say: who owns it, and its workflows as pipeline definitions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.codeowners import PLACES, codeowners_remarks, parse_codeowners
from collectors.github.events import Parsed, apart, at, items, made, said, text
from collectors.github.queries import FILES
from collectors.github.reading import Landing, Reading, State, stamp
from collectors.ownership import dated
from collectors.workflow_file import uses
from tribometer.events import Ownership

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ".github/workflows"
KEYS = ("hidden", "root", "docs")
"""The answer's keys of CODEOWNERS in the places where GitHub looks for it, in its order."""
WORKFLOW = re.compile(r"\.ya?ml$", re.IGNORECASE)


@dataclass(frozen=True)
class Files:
    """CODEOWNERS and workflow files at the head of the default branch; one question, and only when it has moved.

    State: ``head``; ``said``, the ownership told so far; ``files``, the blob of each workflow file; ``remarks`` that
    hold until the branch moves.
    """

    what = "files"
    permission = "`Contents: read` (a classic token: `repo`)"

    def begins(self, since: str) -> State:
        """Nothing: files are read as they stand."""
        del since
        return {}

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """Read the files if the branch stands elsewhere than before."""
        head = reading.standing()
        if head is None or head == state.get("head"):
            return
        paths = zip(("workflows", *KEYS), (FOLDER, *PLACES["github"]), strict=True)
        data = reading.graphql.ask(FILES, {**reading.variables, **{key: f"{head}:{path}" for key, path in paths}})
        found, before = at(data, "repository"), state.get("files", {})
        workflows = {str(at(entry, "path")): at(entry, "object") for entry in _workflows(found)}
        parsed = [
            each
            for path, blob in workflows.items()
            if before.get(path) != at(blob, "oid")
            for each in _definition(reading, head, path, blob)
        ]
        owners, said_now, rejected = _owners(reading, found, state)
        remarks = codeowners_remarks(_codeowners(found), repository=reading.place.repository, dialect="github")
        events, refused = apart(parsed)
        files = {path: at(blob, "oid") for path, blob in workflows.items()}
        after = {"head": head, "files": files, "said": said_now, "remarks": [[each.what, each.do] for each in remarks]}
        yield Landing(after, [*events, *owners], [*refused, *rejected])


def _workflows(found: object) -> list[Any]:
    entries = items(found, "workflows", "entries")
    return [entry for entry in entries if at(entry, "type") == "blob" and WORKFLOW.search(str(at(entry, "path")))]


def _definition(reading: Reading, head: str, path: str, blob: object) -> Parsed:
    """A workflow file; what is too long to be shown whole, or is no text, is told without content."""
    content = text(blob, "text") if not at(blob, "isTruncated") else None
    place = reading.place
    fields = said(
        repository=place.repository,
        path=path,
        observed_at=stamp(reading.now),
        sha=head,
        content=content,
        uses=uses(content) if content is not None else None,
    )
    return [made("pipeline_definition", place, f"{place.repository}/{path}@{at(blob, 'oid')}", fields)]


def _codeowners(found: object) -> str:
    """The text of the first CODEOWNERS file; empty without any."""
    return next((text(found, key, "text") or "" for key in KEYS if at(found, key)), "")


def _owners(reading: Reading, found: object, state: State) -> tuple[list[Ownership], Any, list[Any]]:
    """Ownership that has changed, all that is told by now, and the lines that GitHub would not take."""
    place, name = reading.place, reading.place.repository
    claims, rejected = parse_codeowners(_codeowners(found), source=place.source, repository=name, dialect="github")
    owners = [claim for claim in claims if isinstance(claim, Ownership)]
    changed, told = dated(owners, state.get("said", ()), source=place.source, at=reading.now)
    return changed, told, rejected
