"""What makes a field's value valid, as SQL: read off the models' JSON Schema, so that it stands nowhere twice."""

from __future__ import annotations

import typing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from tribometer.events.base import INT64
from tribometer.store.columns import kind_of
from tribometer.store.lines import LINE_LIMIT
from tribometer.store.tables import TABLES, Column

if TYPE_CHECKING:
    from collections.abc import Mapping

# a day inside what Python's times hold, whatever their zone
TIMES = "TIMESTAMP '0001-01-03' AND TIMESTAMP '9999-12-29'"
IDENTITY = (Column("source", "VARCHAR", "source"), Column("id", "VARCHAR", "id"))
VERSION = Column("version", "BIGINT", "version")
ROW_WISE = frozenset({"person"})
"""Types that only the row path reads: of a person, every text is keyed, the key of the row too."""


@dataclass(frozen=True)
class Rule:
    """One field: its name in events, the columns it fills, and what its values must be.

    ``kind``: SQL type, or "reference", "trailers" or "version". ``numbered``: a whole number passes as its digits.
    """

    field: str
    name: str
    columns: tuple[Column, ...]
    kind: str
    required: bool
    numbered: bool
    schema: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The column that is null exactly where the field is: of a reference, its id."""
        return self.columns[-1].name

    def valid(self) -> str:
        """SQL: whether the columns' values, null where the field is null or absent, may stand."""
        checks = [_check(self.schema, f'"{column.name}"') for column in self.columns]
        valid = " AND ".join(checks)
        return valid if self.required else f'("{self.key}" IS NULL OR ({valid}))'


@cache
def rules_of(event_type: str) -> tuple[Rule, ...]:
    """The rules of a type's source, id, version and fields."""
    table = TABLES[event_type]
    schema = table.model.model_json_schema()
    hints = typing.get_type_hints(table.model, include_extras=True)
    found: list[Rule] = []
    for field in ("source", "id", "version", *table.fields):
        columns = tuple(each for each in (*IDENTITY, VERSION, *table.columns) if each.field == field)
        name = table.model.model_fields[field].alias or field
        kind = "version" if field == "version" else kind_of(columns[0])
        shape = _resolved(schema["properties"][name], schema)
        numbered = kind in {"VARCHAR", "reference"} and _takes_numbers(hints[field])
        found.append(Rule(field, name, columns, kind, name in schema["required"], numbered, shape))
    return tuple(found)


def _takes_numbers(hint: Any) -> bool:  # noqa: ANN401 - a type expression
    """Whether a whole number is taken as a name: no schema says so, the model does."""
    try:
        TypeAdapter(hint).validate_python(1)
    except ValidationError:
        return False
    return True


def _resolved(shape: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """A field's schema without null, and with what it refers to in its place."""
    if "anyOf" in shape:
        shape = next(each for each in shape["anyOf"] if each.get("type") != "null")
    if "$ref" in shape:
        shape = schema["$defs"][shape["$ref"].rpartition("/")[2]]
    resolved = dict(shape)
    if "items" in resolved:
        resolved["items"] = _resolved(resolved["items"], schema)
    if "properties" in resolved:
        resolved["properties"] = {name: _resolved(each, schema) for name, each in resolved["properties"].items()}
    return resolved


def _check(schema: Mapping[str, Any], value: str) -> str:
    """SQL: whether a value is valid; null where the value is null."""
    if "enum" in schema:
        return f"{value} IN ({', '.join(repr(each) for each in schema['enum'])})"
    if schema.get("format") == "date-time":
        return f"{value} BETWEEN {TIMES}"
    return CHECKS[schema["type"]](schema, value)


def _check_text(schema: Mapping[str, Any], value: str) -> str:
    some = f"{value} <> '' AND " if schema.get("minLength") else ""
    return f"{some}strlen({value}) <= {schema.get('maxLength', LINE_LIMIT)} AND NOT contains({value}, chr(0))"


def _check_whole(schema: Mapping[str, Any], value: str) -> str:
    return f"{value} BETWEEN {schema.get('minimum', -INT64)} AND {schema.get('maximum', INT64)}"


def _check_number(schema: Mapping[str, Any], value: str) -> str:
    return f"isfinite({value}) AND {value} BETWEEN {schema['minimum']} AND {schema.get('maximum', 1.7e308)}"


def _check_list(schema: Mapping[str, Any], value: str) -> str:
    bad = f"NOT coalesce({_check(schema['items'], 'each')}, false)"
    return f"len(list_filter({value}, lambda each: {bad})) = 0"


def _check_object(schema: Mapping[str, Any], value: str) -> str:
    """Of a reference, whose parts stand in columns of their own, or of a file's change within a list."""
    if "properties" not in schema:
        return f"{value} IS NULL"
    if "source" in schema["properties"]:
        return _check(schema["properties"]["id"], value)
    required = schema["required"]
    parts = {name: (f"{value}['{name}']", each) for name, each in schema["properties"].items()}
    return " AND ".join(
        _check(each, part) if name in required else f"({part} IS NULL OR {_check(each, part)})"
        for name, (part, each) in parts.items()
    )


CHECKS = {
    "string": _check_text,
    "integer": _check_whole,
    "number": _check_number,
    "boolean": lambda _, value: f"{value} IS NOT NULL",
    "array": _check_list,
    "object": _check_object,
}
