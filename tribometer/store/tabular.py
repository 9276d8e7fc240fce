"""Events from rows of a table: which field a column fills, and what a cell's text means there."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tribometer.errors import EventRejected, UsageError
from tribometer.events import EVENT_TYPES
from tribometer.store.json_lines import decoded
from tribometer.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

WHOLE_NUMBER = re.compile(r"-?\d{1,19}")
TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
SEPARATOR = ";"


@dataclass(frozen=True)
class Target:
    """Where a column's cells go: a field as events name it, a part of it if it is a reference, its SQL type."""

    field: str
    part: str | None
    sql_type: str | None


def targets(event_type: str, header: Sequence[str], origin: str) -> list[Target]:
    """The target of every column; an unknown column becomes an unknown field of its name.

    Raises `UsageError` for an unknown type and for columns without a name or with the same name or target.
    """
    if event_type not in TABLES:
        raise UsageError(f"unknown event type {event_type!r}; known types: {', '.join(EVENT_TYPES)}")
    known = _known_columns(event_type)
    found = [known.get(name.strip(), Target(name.strip(), None, None)) for name in header]
    if any(not target.field for target in found):
        raise UsageError(f"{origin}: every column of the header needs a name")
    twice = [target.field for target, count in Counter(found).items() if count > 1]
    if twice:
        raise UsageError(f"{origin}: two columns of the header fill the field {twice[0]!r}")
    return found


def object_of(columns: Sequence[Target], cells: Sequence[Any]) -> dict[str, Any]:
    """The JSON object of a row; a cell that is None is not carried."""
    found: dict[str, Any] = {}
    for target, cell in zip(columns, cells, strict=True):
        if cell is None:
            continue
        if target.part is None:
            found[target.field] = cell
        elif isinstance(part := found.setdefault(target.field, {}), dict):
            part[target.part] = cell
    return found


def value_of(target: Target, text: str) -> Any:  # noqa: ANN401 - any JSON value
    """What a cell's text means in its column: None when empty, itself where it does not fit, for the model to judge."""
    if not text.strip():
        return None
    convert = CONVERT.get(target.sql_type or "")
    return convert(text.strip()) if convert else text


def _known_columns(event_type: str) -> Mapping[str, Target]:
    """Targets by every name a column may have: the field's, ``field.id`` or ``field_id`` of a reference."""
    known = {name: Target(name, None, "VARCHAR") for name in ("type", "source", "id")}
    known["version"] = Target("version", None, "version")
    fields = TABLES[event_type].model.model_fields
    for column in TABLES[event_type].columns:
        name = fields[column.field].alias or column.field
        if column.part is None:
            sql_type = "object" if column.field == "trailers" else column.sql_type
            known[name] = Target(name, None, sql_type)
        else:
            known[name] = Target(name, None, "reference")
            known[f"{name}.{column.part}"] = known[f"{name}_{column.part}"] = Target(name, column.part, "VARCHAR")
    return known


def _whole(text: str) -> int | str:
    return int(text) if WHOLE_NUMBER.fullmatch(text) else text


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _truth(text: str) -> bool | str:
    return TRUTH.get(text.lower(), text)


def _json(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return decoded(text.encode("utf-8", "surrogatepass"))
    except EventRejected:
        return text


def _texts(text: str) -> Any:  # noqa: ANN401 - a list, or what the model rejects
    if text.startswith("["):
        return _json(text)
    return [part.strip() for part in text.split(SEPARATOR) if part.strip()]


def _reference(text: str) -> Any:  # noqa: ANN401 - an id, or an object of source and id
    return _json(text) if text.startswith("{") else text


CONVERT: Mapping[str, Callable[[str], Any]] = {
    "BIGINT": _whole,
    "version": _whole,
    "DOUBLE": _number,
    "BOOLEAN": _truth,
    "TIMESTAMP": str,
    "VARCHAR[]": _texts,
    "STRUCT(path VARCHAR, additions BIGINT, deletions BIGINT)[]": _json,
    "object": _json,
    "reference": _reference,
}


def content_of(event_type: str, data: Mapping[str, Any]) -> str:
    """A row as the JSON text that a rejection keeps, complete enough to be sent again."""
    return json.dumps({"type": event_type, **data}, default=str)
