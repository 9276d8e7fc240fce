"""What values a field takes, in words, from its JSON Schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
INT64 = 2**63 - 1
FORMATS = {"date-time": "time", "path": "path", "regex": "regular expression"}
HOLDERS = {"array": ("list", "items"), "object": ("table", "additionalProperties")}
SEVERAL = {"table": "tables", "list of text": "lists of text"}
NAMES = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "null"}


def kind(shape: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """Say what may stand there, e.g. ``list of text`` or ``number > 0``; that null may is left out."""
    if "anyOf" in shape or "oneOf" in shape:
        ways = [
            kind(each, definitions) for each in shape.get("anyOf", shape.get("oneOf")) if each.get("type") != "null"
        ]
        return " or ".join(dict.fromkeys(ways))
    if "$ref" in shape:
        return _table(definitions[shape["$ref"].rpartition("/")[2]])
    if "enum" in shape or "const" in shape:
        return " or ".join(f"`{value}`" for value in shape.get("enum", [shape.get("const")]))
    if shape.get("type") in HOLDERS:
        return _holder(shape, definitions)
    return FORMATS.get(shape.get("format", "")) or _bounded(shape)


def _holder(shape: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    name, key = HOLDERS[shape["type"]]
    held = shape.get(key)
    if not isinstance(held, dict):
        return name
    each = kind(held, definitions)
    return f"{name} of {SEVERAL.get(each, each)}"


def _table(definition: Mapping[str, Any]) -> str:
    fields = definition["properties"]
    return "{" + ", ".join(f"`{name}`" for name in fields) + "}"


def _bounded(shape: Mapping[str, Any]) -> str:
    name = NAMES.get(shape.get("type", ""), shape.get("type", "anything"))
    bounds = [f"{sign} {shape[key]:g}" for key, sign in BOUNDS.items() if key in shape and abs(shape[key]) < INT64]
    return " ".join([name, ", ".join(bounds)]).strip()


def default(shape: Mapping[str, Any]) -> str:
    """Say what stands there when nothing is given; a dash for nothing."""
    value = shape.get("default")
    if value is None or value in ([], {}):
        return "—"
    whole = isinstance(value, float) and value.is_integer()
    return f"`{json.dumps(int(value) if whole else value, ensure_ascii=False)}`"
