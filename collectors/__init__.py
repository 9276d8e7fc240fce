"""The catalogue of collectors: from a configured ``[[sources]]`` table to something that yields pages of events."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from tribometer.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

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
PUSHED = frozenset({"alertmanager", "cdevents"})
"""What is only ever pushed, and so is no source to collect from."""


def build(source: Mapping[str, Any], *, origin: str, data: Path, key: str = "sources") -> Collector:
    """Make the collector of one table, which errors call ``key``, e.g. ``sources[1]``.

    ``origin`` is the file it stands in, ``data`` the data folder.
    Raise `ConfigurationError`, which names the key, the file and the fix, for anything that does not fit.
    """
    kind = source.get("kind")
    if not isinstance(kind, str) or kind not in COLLECTORS:
        raise _unknown_kind(kind, f"{key}.kind", origin)
    model: type[SourceSettings] = import_module(COLLECTORS[kind]).SETTINGS
    try:
        settings = model.model_validate(dict(source))
    except ValidationError as error:
        raise _configuration_error(error, model, origin, key) from None
    return settings.collector(data)


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
    problem = error.errors(include_url=False, include_input=False)[0]
    key = ".".join([table, *(str(part) for part in problem["loc"])])
    if problem["type"] == "extra_forbidden":
        known = ", ".join(model.model_fields)
        fix = f"{_suggestion(str(problem['loc'][-1]), model.model_fields)}Known keys: {known}"
        return ConfigurationError(key, origin, "unknown key", fix)
    if problem["type"] == "missing":
        return ConfigurationError(key, origin, "is missing", "Add it to the table")
    message = problem["msg"].removeprefix("Value error, ")
    return ConfigurationError(key, origin, message, "Correct it in the [[sources]] table")


def _suggestion(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean {close[0]!r}? " if close else ""


__all__ = ["COLLECTORS", "build"]
