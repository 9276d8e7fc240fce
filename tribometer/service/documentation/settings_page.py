"""``docs/settings.md``: every key with its type, default, variable and meaning, and the tables of every collector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

import tribometer.settings
from collectors import COLLECTORS
from tribometer.events.schema import field_descriptions
from tribometer.service.documentation.friction_page import factors
from tribometer.service.documentation.markdown import blocks, document, link, plain, said, table
from tribometer.service.documentation.shapes import default, kind
from tribometer.settings import CONFIG_VARIABLE, ENVIRONMENTS, PREFIX, Secret, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEAD = ("key", "takes", "default", "variable", "meaning")


def page() -> str:
    """Make the page."""
    intro = blocks(
        plain(tribometer.settings.__doc__),
        f"The file is the one given with `--config`, else named by `{CONFIG_VARIABLE}`, else `tribometer.toml` in the "
        "working folder, if there is one. A variable goes before the file. An unknown key or variable is an error that "
        "names what was meant. Everything has a default: no file is needed.",
    )
    return document("Settings", intro, [*_settings(Settings), *_collectors(), *_values()])


def described(model: type[BaseModel]) -> dict[str, str]:
    """The text of each of a model's own and inherited fields; `Undocumented` names one without any."""
    texts: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel) and not each.__module__.startswith("pydantic"):
            texts |= field_descriptions(each)
    named = {name: field.description or texts.get(name) for name, field in model.model_fields.items()}
    keys = ((name, text) for name, text in named.items() if _table_of(model, name) is None)
    return {name: said(text, f"{model.__name__}.{name}") for name, text in keys}


def _table_of(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """The model of a key that is a table of keys itself."""
    inner = model.model_fields[name].annotation
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _settings(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """The keys at the top of the file, then each table of keys."""
    schema = model.model_json_schema()
    yield "Keys at the top", table(HEAD, _rows(model, schema, PREFIX))
    for name in model.model_fields:
        inner = _table_of(model, name)
        if inner is not None:
            rows = _rows(inner, inner.model_json_schema(), f"{PREFIX}{name.upper()}__")
            yield f"`[{name}]`", blocks(said(inner.__doc__, f"the table [{name}]"), table(HEAD, rows))


def _rows(model: type[BaseModel], schema: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, ...]]:
    for name, text in described(model).items():
        shape = schema["properties"][name]
        kinds = kind(shape, schema.get("$defs", {}))
        yield f"`{name}`", kinds, default(shape), f"`{prefix}{name.upper()}`", text


def _collectors() -> Iterator[tuple[str, str]]:
    """Where the keys of a ``[[sources]]`` table are told."""
    known = ", ".join(link(f"`{name}`", f"`{name}`", "sources.md") for name in COLLECTORS)
    yield "`[[sources]]`", f"One table for each source; its keys depend on its `kind`: {known}."


def _values() -> Iterator[tuple[str, str]]:
    yield "Secrets", said(Secret.__doc__, "Secret")
    tiers = ((tier, ", ".join(f"`{glob}`" for glob in globs)) for tier, globs in ENVIRONMENTS.items())
    words = (
        "Patterns over an environment's name in lower case; the first tier that fits wins. What fits none is listed "
        "by `tribometer doctor` as unmapped, and can be given a tier with a click on the Data health page: that is "
        "kept in the store, and asked only where no pattern fits."
    )
    yield "Tiers of environments", f"{words}\n\n{table(('tier', 'built in'), tiers)}"
    yield (
        "Factors of friction",
        f"What `[friction.kinds]` changes, by kind; friction.md says what they do.\n\n{factors()}",
    )
