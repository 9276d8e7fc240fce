"""Pipelines of GitLab CI: `include` and `extends` resolved as far as the files are at hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from metrics.pipelines.documents import REFERENCE
from metrics.pipelines.steps import Place, Reference, reference, step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metrics.pipelines.files import Files
    from metrics.pipelines.steps import Step

ROOT = ".gitlab-ci.yml"
KEYWORDS = frozenset({"default", "include", "stages", "variables", "workflow", "image", "services", "cache", "spec"})
"""Beside the scripts, the words at the top of a file that are no job; what else is a mapping is one."""
SCRIPTS = ("before_script", "script", "after_script")
NOT_DONE = frozenset({*SCRIPTS, "extends", "stage", "needs", "dependencies"})
"""What of a job is no part of what its steps do."""
DEEPEST = 11
"""How often `extends` may follow `extends`: GitLab allows no more."""
MOST_INCLUDES = 150


def fits(path: str) -> bool:
    """Whether a file is where GitLab begins to read."""
    return path == ROOT


def steps(path: str, files: Files) -> Iterator[Step]:
    """Yield what is included from elsewhere, then every command of every job."""
    whole, references = _included(path, files, ())
    for each in references:
        yield step(Place(path, "include"), {}, reference=each)
    for name, job in whole.items():
        if isinstance(job, dict) and name not in KEYWORDS and name not in SCRIPTS and name[:1] != ".":
            yield from _job(path, name, _extended(name, whole, ()), whole)


def _included(path: str, files: Files, within: tuple[str, ...]) -> tuple[dict[str, Any], list[Reference]]:
    """A file with the local ones it includes beneath it, and what it includes from elsewhere."""
    own = files.document(path)
    below: dict[str, Any] = {}
    references: list[Reference] = []
    for each in _listed(own.get("include"))[:MOST_INCLUDES]:
        local = _local(each)
        if local is None:
            references += _references(each)
        elif local in files and local not in within and local != path:
            files.take(local)
            inner, more = _included(local, files, (*within, path))
            below, references = _over(below, inner), [*references, *more]
    return _over(below, own), references


def _local(each: object) -> str | None:
    if isinstance(each, dict):
        each = each.get("local")
    return each.lstrip("/") if isinstance(each, str) and not re.match(r"https?://", each) else None


def _references(each: object) -> Iterator[Reference]:
    """What an include takes from elsewhere."""
    if isinstance(each, str):
        yield Reference(each)
    elif isinstance(each, dict) and isinstance(each.get("project"), str):
        pin = each.get("ref")
        for file in _listed(each.get("file")):
            yield Reference(f"{each['project']}/{str(file).lstrip('/')}", pin if isinstance(pin, str) else None)
    elif isinstance(each, dict) and isinstance(each.get("component"), str):
        yield reference(each["component"])
    elif isinstance(each, dict):
        yield from (Reference(each[kind]) for kind in ("remote", "template") if isinstance(each.get(kind), str))


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None or value == "" else [value]


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """GitLab's deep merge: mappings grow together, anything else is replaced."""
    found = dict(below)
    for key, value in above.items():
        old = found.get(key)
        found[key] = _over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return found


def _extended(name: str, whole: dict[str, Any], within: tuple[str, ...]) -> dict[str, Any]:
    job = whole.get(name)
    if not isinstance(job, dict) or name in within or len(within) > DEEPEST:
        return {}
    found: dict[str, Any] = {}
    for each in _listed(job.get("extends")):
        found = _over(found, _extended(str(each), whole, (*within, name)))
    return _over(found, job)


def _job(path: str, name: str, job: dict[str, Any], whole: dict[str, Any]) -> Iterator[Step]:
    does = {key: value for key, value in job.items() if key not in NOT_DONE}
    place = Place(path, name).within(name, job.get("stage"))
    defaults = whole.get("default")
    given = {**whole, **defaults} if isinstance(defaults, dict) else whole
    for part in SCRIPTS:
        found = job.get(part, given.get(part) if part != "script" else None)
        for command in _commands(found, whole, 0):
            yield step(place, {**does, "part": part}, command=command)
    trigger = job.get("trigger")
    if trigger is not None:
        taken = trigger.get("include", trigger.get("project")) if isinstance(trigger, dict) else trigger
        yield step(place, {"trigger": taken}, reference=_started(taken))


def _started(taken: object) -> Reference | None:
    """The pipeline elsewhere that a job starts."""
    if isinstance(taken, str):
        return Reference(taken)
    return next((found for each in _listed(taken) if _local(each) is None for found in _references(each)), None)


def _commands(value: object, whole: dict[str, Any], depth: int) -> Iterator[str]:
    """Every command of a script, lists within it and `!reference` followed."""
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, list):
        for each in value:
            yield from _commands(each, whole, depth)
    elif isinstance(value, dict) and REFERENCE in value and depth < DEEPEST:
        yield from _commands(_looked_up(value[REFERENCE], whole), whole, depth + 1)


def _looked_up(where: object, whole: dict[str, Any]) -> object:
    names = [str(each) for each in _listed(where)]
    found: object = _extended(names[0], whole, ()) if names else None
    for name in names[1:]:
        found = found.get(name) if isinstance(found, dict) else None
    return found
