"""What an instrument's file is refused with: the item by its id, the key, and what to write there instead."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

LIKE: Mapping[str, str] = {
    "slug": 'slug = "pulse_v1"',
    "title": 'title = {en = "Pulse"}',
    "about": 'about = {en = "Answer for the last week."}',
    "minutes": "minutes = 2",
    "languages": 'languages = ["en", "de"]',
    "cohorts": "cohorts = 3",
    "cohort_days": "cohort_days = 14",
    "open_days": "open_days = 10",
    "trigger": 'trigger = "deployment"',
    "attribution": 'attribution = "Whose questions these are."',
    "items": "[[items]], one such table for each of up to 40 items",
    "id": 'id = "PU01"',
    "measures": 'measures = "focus"',
    "scale": 'scale = "agreement"',
    "text": 'text.en = "Reviews came back before they held up my work."',
    "reverse": "reverse = true",
    "comment": "comment = true",
    "driver": "driver = true",
    "journey": 'journey = "review"',
    "day": "day = 30",
    "block": 'block = "main"',
    "options": 'options = [{id = "review", label = {en = "Review"}}]',
    "rows": 'rows = [{id = "review", label = {en = "Review"}}]',
    "most": "most = 3",
    "source": 'source = "DevEx flow"',
    "label": 'label = {en = "Review"}',
}
"""How each key is written."""
LIKE_OPTION = 'id = "review"'
OPTIONS = frozenset({"options", "rows"})
TEXTS = frozenset({"title", "about", "text", "label"})


def worded(error: ValidationError, table: Mapping[str, Any], models: Mapping[str, type[BaseModel]]) -> list[str]:
    """A line for every problem; ``models`` are those of an ``instrument``, an ``item`` and an ``option``."""
    return [line for each in error.errors(include_url=False) for line in _lines(each, table, models)]


def _lines(problem: ErrorDetails, table: Mapping[str, Any], models: Mapping[str, type[BaseModel]]) -> Iterator[str]:
    where = problem["loc"]
    if problem["type"] == "value_error":
        yield from (f"{line}." for line in str(problem["ctx"]["error"]).splitlines())
        return
    key = str(where[-1]) if problem["type"] == "extra_forbidden" else _key(where)
    place = _place(where, table)
    before = f"{place}: " if place else ""
    if problem["type"] == "extra_forbidden":
        known = models[_kind(where)].model_fields
        yield f"{before}unknown key {key!r}. {_suggestion(key, list(known))}"
    elif problem["type"] == "missing":
        yield f"{before}{key} is missing. Write it like {_like(key, where)}."
    elif problem["type"] == "literal_error":
        yield f"{before}{key}: {problem['input']!r} is none. {_suggestion(str(problem['input']), _expected(problem))}"
    else:
        yield f"{before}{key}: {_lower(problem['msg'])}. Write it like {_like(key, where)}."


def _key(where: Sequence[int | str]) -> str:
    """The key that is wrong; below a text stand languages, of which Indonesian is called like a key of ours."""
    names = [each for each in where if isinstance(each, str) and each in LIKE]
    return next((each for each in names if each in TEXTS), (names or ["slug"])[-1])


def _kind(where: Sequence[int | str]) -> str:
    if OPTIONS & set(where[:-1]):
        return "option"
    return "item" if "items" in where[:-1] else "instrument"


def _like(key: str, where: Sequence[int | str]) -> str:
    return LIKE_OPTION if key == "id" and OPTIONS & set(where) else LIKE[key]


def _expected(problem: ErrorDetails) -> list[str]:
    return str(problem["ctx"]["expected"]).replace(" or ", ", ").replace("'", "").split(", ")


def _suggestion(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(sorted(known))}."


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _place(where: Sequence[int | str], table: Mapping[str, Any]) -> str:
    """The item by its id, of an option or a row with its own; where there is none, its number counted from one."""
    named, inner = [], table
    for step, following in zip(where, (*where[1:], None), strict=True):
        if step in {"items", *OPTIONS} and isinstance(following, int):
            inner = inner[str(step)][following]
            found = inner.get("id") if isinstance(inner, dict) else None
            named.append(f"{str(step).removesuffix('s')} {_name(found) or f'number {following + 1}'}")
            if not isinstance(inner, dict):
                break
    return ", ".join(named)


def _name(found: object) -> str:
    if not isinstance(found, str):
        return ""
    return found if found.isprintable() else repr(found)
