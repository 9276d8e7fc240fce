"""YAML as plain text, lists and mappings, within bounds: no tag makes an object, no alias makes a bomb.

Every scalar stays the text that was written, so `on:` is no truth value and 3.10 no 3.1. The parser hands over events
and the value is put together here, because a composer calls itself for every level of a hostile file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

Value = dict[str, Any] | list[Any] | str
MOST_CHARACTERS = 1_000_000
MOST_NODES = 100_000
"""With every alias written out."""
DEEPEST = 60
REFERENCE = "!reference"
"""GitLab's tag: the value stands as ``{"!reference": [...]}``."""
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnreadableError(ValueError):
    """A text that is no YAML, or more of it than any pipeline needs; the message says which."""


@dataclass
class _Open:
    """A list or a mapping whose end has not come, with the number of nodes in it."""

    value: list[Any] | dict[str, Any]
    anchor: str | None
    tag: str | None
    key: str | None = None
    merge: bool = False
    size: int = 1
    merged: list[Any] = field(default_factory=list)


class _Builder:
    """Puts one document's events together."""

    def __init__(self) -> None:
        self.top: Value = ""
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Value, int]] = {}

    def take(self, event: yaml.Event) -> None:
        """Take the next event of the document."""
        if isinstance(event, yaml.ScalarEvent):
            plain = event.value == "<<" and event.style is None
            self._put(event.value, 1, event.anchor, is_merge=plain)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise UnreadableError(f"the alias *{event.anchor} names nothing before it")
            self._put(*self._anchors[event.anchor], None)
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            if len(self._open) >= DEEPEST:
                raise UnreadableError(f"it is nested deeper than {DEEPEST} levels")
            self._open.append(_Open([] if isinstance(event, yaml.SequenceStartEvent) else {}, event.anchor, event.tag))
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            self._close()

    def _close(self) -> None:
        done = self._open.pop()
        if isinstance(done.value, dict) and done.merged:
            done.value = _merged(done.value, done.merged)
        value: Value = {REFERENCE: done.value} if done.tag == REFERENCE else done.value
        self._put(value, done.size, done.anchor)

    def _put(self, value: Value, size: int, anchor: str | None, *, is_merge: bool = False) -> None:
        if anchor is not None:
            self._anchors[anchor] = (value, size)
        if not self._open:
            self.top = value
            return
        into = self._open[-1]
        into.size += size
        if into.size > MOST_NODES:
            raise UnreadableError(f"it has more than {MOST_NODES:,} parts with its aliases written out")
        if isinstance(into.value, list):
            into.value.append(value)
        elif into.key is None:
            into.key, into.merge = value if isinstance(value, str) else repr(value), is_merge
        else:
            if into.merge:
                into.merged += value if isinstance(value, list) else [value]
            else:
                into.value[into.key] = value
            into.key = None


def _merged(own: dict[str, Any], others: list[Any]) -> dict[str, Any]:
    """What ``<<`` brings: a mapping's own keys go before all others, earlier ones before later ones."""
    found: dict[str, Any] = {}
    for each in [own, *others]:
        if isinstance(each, dict):
            found = {**each, **found}
    return found


def documents(text: str) -> Iterator[Value]:
    """Yield every document of a text; an empty one is ``""``.

    Raises `UnreadableError` for what is no YAML or is beyond the bounds.
    """
    if len(text) > MOST_CHARACTERS:
        raise UnreadableError(f"it has more than {MOST_CHARACTERS:,} characters")
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                builder = _Builder()
            elif isinstance(event, yaml.DocumentEndEvent):
                yield builder.top
            else:
                builder.take(event)
    except (yaml.YAMLError, UnicodeError) as error:
        raise UnreadableError(f"it is no YAML ({type(error).__name__})") from None


@lru_cache(maxsize=512)
def mapping(text: str) -> dict[str, Any]:
    """Return the last document of a text that is a mapping, empty where none is: GitLab's header comes before it."""
    found = [each for each in documents(text) if isinstance(each, dict)]
    return found[-1] if found else {}
