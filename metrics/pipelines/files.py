"""The pipeline files of one repository as they stood together: what is local is looked up here."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from metrics.pipelines.documents import UnreadableError, mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTE = re.compile(r"@([0-9a-f]{40})['\"]?[ \t]+#[ \t]*(?:tag[=:]?[ \t]*)?(\S+)")


class Files:
    """Texts by path, each read once; what cannot be read is an empty mapping and a problem."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Read nothing yet."""
        self._texts = texts
        self._documents: dict[str, dict[str, Any]] = {}
        self.problems: dict[str, str] = {}
        self.taken: set[str] = set()

    def __contains__(self, path: str) -> bool:
        return path in self._texts

    def text(self, path: str) -> str:
        """The file as it stood."""
        return self._texts[path]

    def document(self, path: str) -> dict[str, Any]:
        """The mapping that a YAML file is."""
        if path not in self._documents:
            try:
                self._documents[path] = mapping(self._texts[path])
            except UnreadableError as problem:
                self._documents[path] = {}
                self.problems[path] = str(problem)
        return self._documents[path]

    def take(self, path: str) -> None:
        """Note that a file stands within another one."""
        self.taken.add(path)

    @cached_property
    def notes(self) -> Mapping[str, str]:
        """Versions that comments behind a sha name, by sha."""
        return {sha: version for text in self._texts.values() for sha, version in NOTE.findall(text)}
