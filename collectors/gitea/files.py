"""Where Gitea and Forgejo keep what their files say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from collectors.parsed import text
from collectors.workflow_file import uses
from tribometer.errors import SourceMissing

if TYPE_CHECKING:
    from collectors.ci.facts import Forge
    from collectors.forge.reading import Reading

FOLDERS = (".forgejo/workflows", ".gitea/workflows", ".github/workflows")
"""Where workflows are looked for, in this order; the first folder with any is the only one."""
WORKFLOW = re.compile(r"\.ya?ml$", re.IGNORECASE)


@dataclass(frozen=True)
class GiteaLayout:
    """Workflows of Actions, which are written as GitHub's are."""

    forge: Forge = "gitea"

    def definitions(self, reading: Reading, head: str) -> list[str]:
        """The workflow files of the first folder that has any."""
        for folder in FOLDERS:
            try:
                entries = reading.client.send(reading.request(f"/contents/{folder}", {"ref": head})).body
            except SourceMissing:
                continue
            paths = [text(entry.get("path")) for entry in entries if isinstance(entry, dict)]
            found = [path for path in paths if path and WORKFLOW.search(path)]
            if found:
                return found
        return []

    def path(self, file: str) -> str:
        """The file's text."""
        return f"/raw/{quote(file)}"

    def uses(self, content: str) -> list[str]:
        """What a workflow takes by reference, with its pin."""
        return uses(content)
