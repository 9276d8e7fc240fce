"""Events from JSON Lines, or from one JSON array where the file holds that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from tribometer.errors import EventRejected
from tribometer.events import parse_event
from tribometer.store.lines import BYTE_ORDER_MARK, LINE_LIMIT, lines
from tribometer.store.rejects import Rejected
from tribometer.store.storable import unstorable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tribometer.events import Event
    from tribometer.store.lines import Line

ARRAY_LIMIT = 4 * LINE_LIMIT


def read_json_lines(file: BinaryIO, origin: str, default_type: str | None) -> Iterator[Event | Rejected]:
    """Every line as an event or as the rejection it becomes; empty lines are skipped."""
    for line in lines(file):
        if line.content.strip():
            yield read_line(line, origin, default_type)


def read_json_array(file: BinaryIO, origin: str, default_type: str | None) -> list[Event | Rejected] | None:
    """The items of a file that is one JSON array; None, and the file as it was, when it is not one.

    An array is read whole, so only up to `ARRAY_LIMIT` bytes; a rejection's line is the item's place, from 1.
    """
    start = file.tell()
    head = file.read(64).removeprefix(BYTE_ORDER_MARK)
    if head.lstrip().startswith(b"["):
        head += file.read(ARRAY_LIMIT)
    try:
        items = decoded(head) if len(head) <= ARRAY_LIMIT else None
    except EventRejected:
        items = None
    if not isinstance(items, list):
        file.seek(start)
        return None
    return [_read_item(item, number, origin, default_type) for number, item in enumerate(items, 1)]


def event_from(content: bytes, default_type: str | None = None) -> Event:
    """The event in one JSON text; raises `EventRejected`."""
    return storable_event(decoded(content), default_type)


def storable_event(data: object, default_type: str | None = None) -> Event:
    """The event in one JSON value, known to fit the store; raises `EventRejected`."""
    try:
        event = parse_event(data, default_type)
    except RecursionError:
        raise EventRejected("the JSON is nested too deeply") from None
    if problem := unstorable(event):
        raise EventRejected(problem)
    return event


def decoded(content: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a JSON text, stricter than `json.loads`; raises `EventRejected` with the place."""
    try:
        return DECODER.decode(content.decode())
    except UnicodeDecodeError as error:
        raise EventRejected(f"not UTF-8: byte {content[error.start]:#04x} at column {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise EventRejected(f"broken JSON at column {error.pos + 1}: {error.msg}") from None
    except RecursionError:
        raise EventRejected("the JSON is nested too deeply") from None
    except ValueError as error:
        raise EventRejected(str(error)) from None


def read_line(line: Line, origin: str, default_type: str | None) -> Event | Rejected:
    """One line as an event or as the rejection it becomes."""
    if line.too_long:
        reason = f"the line has {line.size:,} bytes; an event has at most {LINE_LIMIT:,}"
        return Rejected(origin, line.number, reason, line.content, line.size, default_type)
    try:
        return event_from(line.content, default_type)
    except EventRejected as error:
        return Rejected(origin, line.number, error.reason, line.content, default_type=default_type)


def _read_item(item: object, number: int, origin: str, default_type: str | None) -> Event | Rejected:
    try:
        return storable_event(item, default_type)
    except EventRejected as error:
        content = json.dumps(item)
        return Rejected(origin, number, error.reason, content, default_type=default_type)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number; leave the field out or write null")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: which of two equal names was meant nobody can know."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!a:.80} stands twice in one object")
    return found


DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant)
