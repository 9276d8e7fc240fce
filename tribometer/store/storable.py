"""What a valid event may still hold that no column can: checked before it lands, so that it is rejected alone."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tribometer.events import FileChange, Reference
from tribometer.events.base import INT64
from tribometer.store.lines import LINE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tribometer.events import Event

DEPTH_LIMIT = 64


def unstorable(event: Event) -> str | None:
    """Why the event cannot be stored, None when it can."""
    if not event.model_extra and _is_plain(event.__dict__.values()):
        return None
    stated = {name: value for name, value in event.__dict__.items() if not isinstance(value, datetime)}
    for name, value in (stated | event.extra).items():
        if problem := _text_problem(name) or _problem(value):
            return f"{name!a:.80}: {problem}"
    return None


def _is_plain(values: Iterable[Any]) -> bool:
    """Whether all texts are ASCII without NUL: true of nearly every event, and found out in a few microseconds.

    Numbers need no look here: the models bound them.
    """
    texts: list[str] = []
    for value in values:
        kind = type(value)
        if kind is str:
            texts.append(value)
        elif kind is list:
            texts.extend(each if type(each) is str else each.path for each in value)
        elif kind is Reference:
            texts += (value.id, value.source or "")
        elif kind is dict:
            return False
    joined = "".join(texts)
    return len(joined) <= LINE_LIMIT and joined.isascii() and "\0" not in joined


def _problem(value: Any, depth: int = 0) -> str | None:  # noqa: ANN401 - any value of an event
    if isinstance(value, str):
        return _text_problem(value)
    if isinstance(value, list):
        return _first_problem(value, depth)
    if isinstance(value, dict):
        return _first_problem(value, depth) or _first_problem(value.values(), depth)
    if isinstance(value, FileChange):
        return _text_problem(value.path)
    if isinstance(value, Reference):
        return _text_problem(value.id) or _text_problem(value.source or "")
    return _number_problem(value)


def _first_problem(values: Iterable[Any], depth: int) -> str | None:
    if depth >= DEPTH_LIMIT:
        return f"nested deeper than {DEPTH_LIMIT} levels"
    return next((problem for value in values if (problem := _problem(value, depth + 1))), None)


def _text_problem(text: str) -> str | None:
    if len(text) > LINE_LIMIT:
        return f"holds {len(text):,} characters; an event has at most {LINE_LIMIT:,} bytes"
    if "\0" in text:
        return "holds the character NUL"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "holds half a surrogate pair, which is no character"
    return None


def _number_problem(value: object) -> str | None:
    if not isinstance(value, int | float | None):
        return f"is a {type(value).__name__}, which is no JSON value"
    if isinstance(value, float) and not math.isfinite(value):
        return "is no finite number"
    if isinstance(value, int) and abs(value) > INT64:
        return "is a whole number beyond 63 bits"
    return None
