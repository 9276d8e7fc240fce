"""``docs/events.md``: what each type of event carries, in which unit, and what must be there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tribometer.events import EVENT_TYPES, Event, Personal, References
from tribometer.events.schema import json_schema
from tribometer.service.documentation.markdown import blocks, document, plain, said, table
from tribometer.service.documentation.shapes import kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHARED = ("source", "id", "version")
EXAMPLE = '{"type": "team", "source": "catalog", "id": "payments", "name": "Payments"}'
INTRO = f"""An event is one JSON object: what one source says of one thing. It lands by `tribometer import` (JSON
Lines, CSV, Parquet), by `POST /api/v1/events`, or from a collector; `tribometer import --schema` prints all this as
JSON Schema.

```json
{EXAMPLE}
```

The same type, source and id is the same thing: an event that comes again is merged field by field. A field it carries
replaces what is stored, null included; a field it leaves out stays. A time is RFC 3339 with an offset, a duration is
told by its two ends, additions and deletions are lines, shares are 0 to 1. Fields that are not listed here are kept as
they came. What names a person is turned into a keyed pseudonym before it is stored. E5 and the like are
[edge rules](metrics.md#edge-rules)."""


def page() -> str:
    """Make the page."""
    schema = json_schema()
    definitions = schema["$defs"]
    shared = definitions["team"]["properties"]
    rows = [_row(name, shared[name], definitions, {}, required=name != "version") for name in ("type", *SHARED)]
    common = table(
        ("field", "takes", "", "meaning"), [("`type`", "text", "required", "One of the types below."), *rows[1:]]
    )
    sections = [(name, _section(model, definitions[name], definitions)) for name, model in EVENT_TYPES.items()]
    return document("Events", INTRO, [("Fields of every event", common), *sections])


def _section(model: type[Event], schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    words = said(model.__doc__, f"the event {model.TYPE}")
    needs = f"Needs one of: {', '.join(f'`{name}`' for name in model.ONE_OF)}." if model.ONE_OF else ""
    return blocks(words, needs, table(("field", "takes", "", "meaning"), _rows(model, schema, definitions)))


def _rows(
    model: type[Event], schema: Mapping[str, Any], definitions: Mapping[str, Any]
) -> Iterator[tuple[str, str, str, str]]:
    marks = _marks(model)
    for name, shape in schema["properties"].items():
        if name not in ("type", *SHARED):
            yield _row(name, shape, definitions, marks, required=name in schema["required"])


def _row(
    name: str, shape: Mapping[str, Any], definitions: Mapping[str, Any], marks: Mapping[str, str], *, required: bool
) -> tuple[str, str, str, str]:
    takes = marks.get(name) or kind(shape, definitions)
    return f"`{name}`", takes, "required" if required else "", plain(shape.get("description", ""))


def _marks(model: type[Event]) -> dict[str, str]:
    """What JSON Schema cannot say: which fields name a person or another event."""
    found: dict[str, str] = {}
    for name, field in model.model_fields.items():
        for mark in [*field.metadata, *_inner(field.annotation)]:
            if isinstance(mark, References):
                found[field.alias or name] = f"id of a `{mark.target}`, or {{`source`, `id`}}"
            elif isinstance(mark, Personal):
                found[field.alias or name] = "list of persons" if "list" in str(field.annotation) else "person"
    return found


def _inner(annotation: Any) -> Iterator[object]:  # noqa: ANN401 - any annotation
    """The marks within an optional annotation."""
    yield from getattr(annotation, "__metadata__", ())
    for part in getattr(annotation, "__args__", ()):
        yield from _inner(part)
