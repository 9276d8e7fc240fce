"""Where events name people."""

from __future__ import annotations

import re
import typing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, get_args, get_origin

from tribometer.events import EVENT_TYPES
from tribometer.events.base import Addressed, Branched, Personal, Titled, Written

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND_FIELDS: Mapping[str, str] = {"author": "author_kind", "reviewer": "reviewer_kind"}


@dataclass(frozen=True)
class People:
    """Where an event type names people: ``named`` fields, and ``kinds`` that their handles may give away.

    ``written`` are fields that people wrote freely, ``addresses`` URLs, ``branches`` names of branches, ``titles``
    names for people to read; ``rest`` are all others, which are keys.
    """

    known: frozenset[str]
    named: tuple[str, ...]
    written: tuple[str, ...]
    addresses: tuple[str, ...]
    branches: tuple[str, ...]
    titles: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]
    rest: frozenset[str]


@cache
def people_in(event_type: str) -> People:
    """Where an event type names people; the ``id`` of a person event is a name."""
    hints = typing.get_type_hints(EVENT_TYPES[event_type], include_extras=True)
    named, written, addresses, branches, titles = (
        tuple(name for name, hint in hints.items() if _is_marked(hint, mark))
        for mark in (Personal, Written, Addressed, Branched, Titled)
    )
    kinds = tuple((name, kind) for name, kind in KIND_FIELDS.items() if name in hints and kind in hints)
    if event_type == "person":
        named, kinds = ("id", *named), (("id", "kind"),)
    known = frozenset(EVENT_TYPES[event_type].model_fields)
    rest = known - {*named, *written, *addresses, *branches, *titles, "trailers"}
    return People(known, named, written, addresses, branches, titles, kinds, rest)


def _is_marked(hint: object, mark: type) -> bool:
    if get_origin(hint) is Annotated and any(isinstance(each, mark) for each in get_args(hint)[1:]):
        return True
    return any(_is_marked(part, mark) for part in get_args(hint))


@cache
def personal_text() -> re.Pattern[str]:
    """Finds ``"author": "…"`` and the like in text that no longer parses as JSON."""
    names = {name for event_type in EVENT_TYPES for name in people_in(event_type).named} - {"id"}
    return re.compile(rf'("(?:{"|".join(sorted(names))})"\s*:\s*)(\[[^\]]*+|"[^"]*+)')
