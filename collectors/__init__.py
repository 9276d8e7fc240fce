"""The catalogue of collectors: from a configured ``[[sources]]`` table to something that yields pages of events."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from tribometer.errors import ConfigurationError
from tribometer.settings import NO_PLACE, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from collectors.base import Collector, SourceSettings

COLLECTORS: Mapping[str, str] = {
    "git": "collectors.git.collector",
    "github": "collectors.github.collector",
    "gitlab": "collectors.gitlab.collector",
    "gitea": "collectors.gitea.collector",
    "forgejo": "collectors.gitea.collector",
    "jenkins": "collectors.jenkins.collector",
    "buildkite": "collectors.buildkite.collector",
    "circleci": "collectors.circleci.collector",
    "buildbot": "collectors.buildbot.collector",
    "argocd": "collectors.argocd.collector",
    "pagerduty": "collectors.pagerduty.collector",
    "opsgenie": "collectors.opsgenie.collector",
    "statuspage": "collectors.statuspage",
    "catalog": "collectors.catalog.collector",
    "people": "collectors.people_file",
    "scim": "collectors.scim.collector",
    "backstage": "collectors.backstage.collector",
}
"""Module of every kind of source; its ``SETTINGS`` is the model of the table. Imported when it is needed."""
UNNAMED = "configuration"
"""Where a table stands, for who makes its collector."""
PUSHED = frozenset({"alertmanager", "cdevents"})
"""What is only ever pushed, and so is no source to collect from."""


def build(
    source: Mapping[str, Any], *, origin: str, data: Path, key: str = "sources", replayed: bool = False
) -> Collector:
    """Make the collector of one table, which errors call ``key``, e.g. ``sources[1]``.

    ``origin`` is the file it stands in, ``data`` the data folder; ``replayed``: it asks no server and reads no secret.
    Raise `ConfigurationError`, which names the key, the file and the fix, for anything that does not fit.
    """
    kind = source.get("kind")
    if not isinstance(kind, str) or kind not in COLLECTORS:
        raise _unknown_kind(kind, f"{key}.kind", origin)
    settings = _settings(source, settings_of(kind), origin, key)
    try:
        return (settings.unasked() if replayed else settings).collector(data)
    except ConfigurationError as error:
        place = origin if error.origin == UNNAMED else error.origin
        whole = f"{key}.{error.key.removeprefix('sources.')}"
        raise type(error)(whole, place, error.problem, error.fix) from None


def settings_of(kind: str) -> type[SourceSettings]:
    """The model of the tables of a kind."""
    model: type[SourceSettings] = import_module(COLLECTORS[kind]).SETTINGS
    return model


def _settings(source: Mapping[str, Any], model: type[SourceSettings], origin: str, key: str) -> SourceSettings:
    try:
        return model.model_validate(dict(source))
    except ValidationError as error:
        problem = _configuration_error(error, model, origin, key)
    # not in the handler: a kept error would keep pydantic's with it, in a circle that no collector of garbage sees
    raise problem


def _unknown_kind(kind: object, key: str, origin: str) -> ConfigurationError:
    known = ", ".join(COLLECTORS)
    if isinstance(kind, str) and kind in PUSHED:
        fix = f'Remove the table, and let it send to /hooks/{kind}: [hooks.{kind}] secret = {{env = "NAME"}}'
        return ConfigurationError(key, origin, f"{kind!r} is pushed, not collected", fix)
    fix = f"{_suggestion(str(kind), COLLECTORS)}Set it to one of: {known}"
    return ConfigurationError(key, origin, f"{kind!r} is no kind of source", fix)


def _configuration_error(
    error: ValidationError, model: type[SourceSettings], origin: str, table: str
) -> ConfigurationError:
    """Word the first problem; its value is left out, for it may be a secret in the wrong place."""
    problem = _telling(error.errors(include_url=False, include_input=False))
    key = ".".join([table, *(str(part) for part in problem["loc"])])
    if problem["type"] == "extra_forbidden":
        *inside, name = problem["loc"]
        known = _known(model, inside)
        fix = f"{_suggestion(str(name), known)}Known keys: {', '.join(known)}"
        return ConfigurationError(key, origin, "unknown key", fix)
    if problem["type"] == NO_PLACE:
        return ConfigurationError(key, origin, problem["msg"], written(problem))
    if problem["type"] == "missing":
        return ConfigurationError(key, origin, "is missing", "Add it to the table")
    message = problem["msg"].removeprefix("Value error, ")
    return ConfigurationError(key, origin, message, "Correct it in the [[sources]] table")


def _telling(problems: Sequence[ErrorDetails]) -> ErrorDetails:
    """The first, but where a key is missing the one beside it that is unknown: it is the same key, misspelt."""
    first = problems[0]
    beside = [each for each in problems if each["type"] == "extra_forbidden" and each["loc"][:-1] == first["loc"][:-1]]
    return beside[0] if beside and first["type"] == "missing" else first


def _known(model: type[BaseModel], inside: Iterable[int | str]) -> list[str]:
    """The keys of the table that stands there, or of the tables of which one may."""
    tables = [model]
    for part in inside:
        fields = [table.model_fields[str(part)] for table in tables if part in table.model_fields]
        kinds = [kind for field in fields for kind in (field.annotation, *get_args(field.annotation))]
        tables = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)] or tables
    return list(dict.fromkeys(field.alias or name for table in tables for name, field in table.model_fields.items()))


def _suggestion(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean {close[0]!r}? " if close else ""


__all__ = ["COLLECTORS", "build", "settings_of"]
