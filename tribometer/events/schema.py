"""The JSON Schema of all events, made from the models and the lines that document their fields."""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tribometer.events import EVENT_TYPES
from tribometer.events.base import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one event of any type."""
    definitions: dict[str, Any] = {}
    for name, model in EVENT_TYPES.items():
        schema = model.model_json_schema(ref_template="#/$defs/{model}")
        definitions.update(schema.pop("$defs", {}))
        _describe(schema["properties"], field_descriptions(Event) | field_descriptions(model))
        schema["properties"] = {"type": {"const": name}, **schema["properties"]}
        schema["required"] = ["type", *schema.get("required", [])]
        definitions[name] = schema
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tribometer event",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in EVENT_TYPES],
        "$defs": definitions,
    }


def field_descriptions(model: type[BaseModel]) -> dict[str, str]:
    """The text under each field of a model, by the field's name.

    It is read from the source here rather than by pydantic at import, which would cost every command a tenth of a
    second for what only the schema shows.
    """
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    statements = body.body if isinstance(body, ast.ClassDef) else []
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(statements)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }


def _describe(properties: dict[str, Any], descriptions: Mapping[str, str]) -> None:
    for name, shape in properties.items():
        text = descriptions.get(name) or descriptions.get(f"{name}_")
        if text:
            properties[name] = {**shape, "description": text}
