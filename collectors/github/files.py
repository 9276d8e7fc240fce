"""Reading what a repository's files say: who owns it, and its workflows as pipeline definitions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.codeowners import PLACES
from collectors.forge.files import definition_told, owned_by
from collectors.forge.reading import Current, Landing, State
from collectors.github.queries import FILES
from collectors.parsed import merged, part, parts, text
from collectors.workflow_file import uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.github.reading import GitHubReading
    from collectors.parsed import Parsed

FOLDER = ".github/workflows"
KEYS = ("hidden", "root", "docs")
"""The answer's keys of CODEOWNERS in the places where GitHub looks for it, in its order."""
WORKFLOW = re.compile(r"\.ya?ml$", re.IGNORECASE)


@dataclass(frozen=True)
class Files(Current):
    """CODEOWNERS and workflow files at the head of the default branch; one question, and only when it has moved.

    State: ``head``; ``files``, the blob of each workflow file; what `owned_by` keeps.
    """

    what = "files"
    permission = "`Contents: read` (a classic token: `repo`)"
    reads = frozenset({"ownership", "pipeline_definition"})

    def read(self, reading: GitHubReading, state: State) -> Iterator[Landing]:
        """Read the files if the branch stands elsewhere than before."""
        head = reading.standing()
        if head is None or head == state.get("head"):
            return
        paths = zip(("workflows", *KEYS), (FOLDER, *PLACES["github"]), strict=True)
        data = reading.graphql.ask(FILES, {**reading.variables, **{key: f"{head}:{path}" for key, path in paths}})
        found, before = part(data, "repository"), state.get("files", {})
        workflows = {str(part(entry, "path")): part(entry, "object") for entry in _workflows(found)}
        changed = {path: blob for path, blob in workflows.items() if before.get(path) != part(blob, "oid")}
        owned, after = owned_by(_codeowners(found), reading, state)
        facts = merged([*(_definition(reading, path, blob) for path, blob in changed.items()), owned])
        files = {path: part(blob, "oid") for path, blob in workflows.items()}
        yield Landing({"head": head, "files": files, **after}, facts)


def _workflows(found: object) -> list[Any]:
    entries = parts(found, "workflows", "entries")
    return [entry for entry in entries if part(entry, "type") == "blob" and WORKFLOW.search(str(part(entry, "path")))]


def _definition(reading: GitHubReading, path: str, blob: object) -> Parsed:
    """A workflow file; what is too long to be shown whole, or is no text, is told without content."""
    content = text(blob, "text") if not part(blob, "isTruncated") else None
    used = uses(content) if content is not None else None
    return definition_told(reading, path, part(blob, "oid"), content, used)


def _codeowners(found: object) -> str:
    """The text of the first CODEOWNERS file; empty without any."""
    return next((text(found, key, "text") or "" for key in KEYS if part(found, key)), "")
