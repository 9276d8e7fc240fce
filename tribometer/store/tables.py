"""How each event type lies in the store: one table a type, one column a field, times as naive UTC.

A reference becomes two columns, ``<field>_source`` and ``<field>_id``. Names that SQL reserves are spelled out.
The first migration was written from these tables; a test holds the two against each other.
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from tribometer.events import EVENT_TYPES, Event, FileChange, Reference
from tribometer.events.base import IDENTITY

if TYPE_CHECKING:
    import builtins
    from collections.abc import Mapping

TABLE_NAMES = {
    "team": "teams",
    "service": "services",
    "ownership": "ownerships",
    "repository": "repositories",
    "person": "people",
    "commit": "commits",
    "change": "changes",
    "review": "reviews",
    "review_request": "review_requests",
    "run": "runs",
    "job": "jobs",
    "gate": "gates",
    "deployment": "deployments",
    "observation": "observations",
    "incident": "incidents",
    "page": "pages",
    "shift": "shifts",
    "slo": "slos",
    "template_release": "template_releases",
    "request": "requests",
    "pipeline_definition": "pipeline_definitions",
}
RESERVED = {"group": "group_id", "from_": "window_from", "to": "window_to"}
SCALARS = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN", datetime: "TIMESTAMP"}
COMPOSITES: Mapping[Any, str] = {
    list[str]: "VARCHAR[]",
    list[FileChange]: "STRUCT(path VARCHAR, additions BIGINT, deletions BIGINT)[]",
    dict[str, list[str]]: "VARCHAR",
}
"""Trailers lie as JSON text: their names are open, and a map column would not export to every engine alike."""


@dataclass(frozen=True)
class Column:
    """One column: its name, its SQL type, and the event field that fills it.

    ``part`` is ``"source"`` or ``"id"`` for the two columns of a reference, else None.
    """

    name: str
    sql_type: str
    field: str
    part: Literal["source", "id"] | None = None


@dataclass(frozen=True)
class Table:
    """The table of one event type; its key is (source, id)."""

    type: str
    name: str
    model: builtins.type[Event]
    columns: tuple[Column, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The event fields in column order, each once."""
        return tuple(dict.fromkeys(column.field for column in self.columns))


def _plain(annotation: Any) -> Any:  # noqa: ANN401 - a type expression has no narrower type
    """Strip ``Annotated`` and ``| None`` down to the bare type."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _plain(get_args(annotation)[0])
    if origin in {Union, types.UnionType}:
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return _plain(kinds[0])
    if origin is Literal:
        return str
    if origin is list:
        return list[_plain(get_args(annotation)[0])]  # type: ignore[misc] # built at run time
    return annotation


def _columns(field: str, annotation: Any) -> list[Column]:  # noqa: ANN401 - a type expression
    plain = _plain(annotation)
    name = RESERVED.get(field, field)
    if plain is Reference:
        return [
            Column(f"{name}_source", "VARCHAR", field, "source"),
            Column(f"{name}_id", "VARCHAR", field, "id"),
        ]
    return [Column(name, SCALARS.get(plain) or COMPOSITES[plain], field)]


def _table(event_type: str, model: type[Event]) -> Table:
    hints = typing.get_type_hints(model, include_extras=True)
    columns = [
        column for field in model.model_fields if field not in IDENTITY for column in _columns(field, hints[field])
    ]
    return Table(event_type, TABLE_NAMES[event_type], model, tuple(columns))


TABLES: Mapping[str, Table] = {name: _table(name, model) for name, model in EVENT_TYPES.items()}
"""The table of every event type, by the type's name."""
