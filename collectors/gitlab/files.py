"""Where GitLab keeps what its files say, and what a pipeline takes by reference."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from collectors.gitlab.ci import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.ci.facts import Forge
    from collectors.forge.reading import Reading

PAIR = re.compile(r"""(?P<item>-\s)?\s*(?:(?P<key>[a-z]+)\s*:(?:\s+|$))?(?P<value>.*)""")
TOP = "include:"
WHOLE = ("component", "remote", "template")
"""Keys whose value says by itself what is included."""


@dataclass(frozen=True)
class GitLabLayout:
    """The project's pipeline definition: ``.gitlab-ci.yml``, or where its settings say, if that is in the project."""

    file: str = FILE
    forge: Forge = "gitlab"

    def definitions(self, reading: Reading, head: str) -> list[str]:
        """The one file; of another project or address none."""
        del reading, head
        elsewhere = "@" in self.file or "://" in self.file
        return [] if elsewhere else [self.file]

    def path(self, file: str) -> str:
        """The file's text."""
        return f"/repository/files/{quote(file, safe='')}/raw"

    def uses(self, content: str) -> list[str]:
        """What is included with its pin, as ``acme/ci/go.yml@v2``; the project's own files are not."""
        return list(dict.fromkeys(used for item in _items(content) for used in _used(item)))


def _items(content: str) -> Iterator[dict[str, str]]:
    """What stands under ``include``, an item each."""
    item = dict[str, str]()
    for line in _included(content):
        pair = PAIR.match(line.strip())
        value = pair["value"].partition(" #")[0].strip("\"' ") if pair else ""
        if pair is None or not value:
            continue
        if pair["item"] and (pair["key"] or "project" not in item):
            yield item
            item = {}
        item.setdefault(pair["key"] or ("file" if "project" in item else "remote"), value)
    yield item


def _included(content: str) -> Iterator[str]:
    """The lines of the block, the rest of its first line among them."""
    inside = False
    for line in content.splitlines():
        if line.startswith(TOP):
            inside = True
            yield line.removeprefix(TOP)
        elif inside and line and line[0] not in " \t-#":
            return
        elif inside and not line.lstrip().startswith("#"):
            yield line


def _used(item: dict[str, str]) -> Iterator[str]:
    for key in WHOLE:
        value = item.get(key, "")
        if value and (key != "remote" or "://" in value):
            yield value
    if "project" in item:
        path = "/".join(filter(None, (item["project"].strip("/"), item.get("file", "").strip("/[] "))))
        yield f"{path}@{item['ref']}" if "ref" in item else path
