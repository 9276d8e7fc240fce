"""Every text in a value of an event, however deep: to look at all of them, or to change each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tribometer.events import FileChange, Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def texts_in(values: Iterable[Any]) -> list[str]:
    """All texts in the values, names of objects too."""
    found: list[str] = []
    for value in values:
        kind = type(value)
        if kind is str:
            found.append(value)
        elif kind is list:
            found += texts_in(value)
        elif kind is dict:
            found += texts_in(value)
            found += texts_in(value.values())
        elif kind is Reference or kind is FileChange:
            found += texts_in(value.__dict__.values())
    return found


def with_texts(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - any value of an event
    """The value, each text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [with_texts(each, change) for each in value]
    if isinstance(value, dict):
        return {change(name): with_texts(each, change) for name, each in value.items()}
    if isinstance(value, Reference | FileChange):
        return value.model_copy(update={name: with_texts(each, change) for name, each in value.__dict__.items()})
    return value
