"""``docs/sources.md``: every kind of source with its keys, what its credential must allow, and what can be pushed."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from typing import TYPE_CHECKING

from collectors import COLLECTORS
from collectors.base import SourceSettings
from collectors.http.server import ServerSettings
from tribometer.service.documentation.markdown import blocks, document, fenced, plain, said, table
from tribometer.service.documentation.settings_page import described
from tribometer.service.documentation.shapes import default, kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType

    from pydantic import BaseModel

INTRO = """A source is a `[[sources]]` table of `tribometer.toml`; its `kind` says by which collector it is read.
[Connect your organisation](connect.md) shows whole examples, [Add a source](add-a-source.md) how a new kind is written.
A secret is a place, `{env = "NAME"}` or `{file = "PATH"}`, never the text itself. `tribometer doctor` tries each
credential, and names what it may not read."""
LITERAL = re.compile(r"::\n\n((?:(?: {4}.*)?\n)+)")


def page() -> str:
    """Make the page."""
    shared = [
        ("Keys of every source", _keys(SourceSettings, set())),
        ("Keys of every source that asks a server", _keys(ServerSettings, set(SourceSettings.model_fields))),
    ]
    return document("Sources", INTRO, [*shared, *kinds(COLLECTORS)])


def kinds(modules: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each kind with what its module says of it; `Undocumented` names one that says too little."""
    for name, place in modules.items():
        yield f"`{name}`", section(name, import_module(place))


def section(name: str, module: ModuleType) -> str:
    """Tell what a collector reads, what its credential must allow, and its keys."""
    said(module.__doc__, f"the collector of {name}")
    words, model, allowed = laid_out(str(module.__doc__)), module.SETTINGS, ""
    if issubclass(model, ServerSettings):
        needed = said(getattr(module, "PERMISSIONS", None), f"{module.__name__}.PERMISSIONS", "a text")
        allowed = f"**Credential**: {needed}"
    shared = set(ServerSettings.model_fields if allowed else SourceSettings.model_fields)
    return blocks(words, allowed, _keys(model, shared - _own(model)))


def laid_out(docstring: str) -> str:
    """Turn a module's docstring into Markdown: paragraphs, lists as they are, and literal blocks as code."""
    parts: list[str] = []
    # what stands between paragraphs is, by turns, text and a literal block
    *before, last = LITERAL.split(f"{docstring.strip()}\n")
    for number, part in enumerate(before):
        if number % 2:
            parts.append(fenced(inspect.cleandoc(f"\n{part}")))
        else:
            parts += [_paragraph(each) for each in f"{part.strip()}:".split("\n\n")]
    return blocks(*parts, *(_paragraph(each) for each in last.strip().split("\n\n")))


def _paragraph(text: str) -> str:
    return re.sub(r"``(.+?)``", r"`\1`", text) if text.lstrip().startswith("- ") else plain(text)


def _own(model: type[BaseModel]) -> set[str]:
    """The keys that a kind says anew, with words of its own."""
    return {name for name in model.__annotations__ if name != "kind"}


def _keys(model: type[BaseModel], known: Iterable[str]) -> str:
    """The keys of a table but those that were told already."""
    schema = model.model_json_schema()
    required, shapes = set(schema.get("required", ())), schema["properties"]
    rows = [
        (
            f"`{name}`",
            kind(shapes[schema_name], schema.get("$defs", {})),
            "required" if schema_name in required else default(shapes[schema_name]),
            text,
        )
        for name, text in described(model).items()
        if name not in known
        for schema_name in [model.model_fields[name].alias or name]
    ]
    return table(("key", "takes", "default", "meaning"), rows)
