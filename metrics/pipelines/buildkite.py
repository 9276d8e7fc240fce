"""Pipelines of Buildkite: commands, groups, and plugins as references."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from metrics.pipelines.steps import Place, Reference, reference, step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metrics.pipelines.files import Files
    from metrics.pipelines.steps import Step

FILE = re.compile(r"(\.buildkite/|buildkite/|^)(pipeline(\.[\w-]+)?|[\w.-]*pipeline)\.ya?ml")
COMMANDS = ("command", "commands")
OTHER = frozenset({*COMMANDS, "plugins", "depends_on", "steps", "group"})
DEEPEST = 8


def fits(path: str) -> bool:
    """Whether a file is a pipeline by its place and name."""
    return path.startswith((".buildkite/", "buildkite/")) and FILE.fullmatch(path) is not None


def steps(path: str, files: Files) -> Iterator[Step]:
    """Yield the commands, plugins and triggers of a pipeline."""
    yield from _steps(files.document(path).get("steps"), Place(path), 0)


def _steps(listed: object, place: Place, depth: int) -> Iterator[Step]:
    for number, each in enumerate(listed if isinstance(listed, list) and depth < DEEPEST else ()):
        if not isinstance(each, dict):
            continue
        if isinstance(each.get("steps"), list):
            yield from _steps(each["steps"], place.within(each.get("group"), each.get("label")), depth + 1)
            continue
        job = str(each.get("key") or each.get("label") or f"{depth}.{number}")
        yield from _job(each, replace(place, job=job))


def _job(each: dict[str, Any], place: Place) -> Iterator[Step]:
    does = {key: value for key, value in each.items() if key not in OTHER}
    names = (each.get("label"), each.get("key"), each.get("name"))
    for plugin, given in _plugins(each.get("plugins")):
        yield step(place.within(*names), {"plugin": given}, reference=plugin)
    for command in (value for key in COMMANDS for value in _listed(each.get(key))):
        yield step(place, does, names=names, command=str(command))
    if isinstance(each.get("trigger"), str):
        yield step(place, does, names=names, reference=Reference(each["trigger"]))


def _plugins(value: object) -> Iterator[tuple[Reference, object]]:
    for each in _listed(value):
        if isinstance(each, str):
            yield reference(each, mark="#"), None
        elif isinstance(each, dict):
            yield from ((reference(name, mark="#"), given) for name, given in each.items())


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None or value == "" else [value]
