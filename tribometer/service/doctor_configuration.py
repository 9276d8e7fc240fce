"""The settings in force, and what keeps their sources from being collected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import BaseModel

from dashboards.health import Configuration, SecretPlace
from tribometer.errors import ConfigurationError, SecretMissing
from tribometer.service import sources
from tribometer.service.configured import every_table
from tribometer.settings import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tribometer.service.instance import Instance
    from tribometer.settings import Settings

ELSEWHERE = frozenset({"sources", "records"})
"""Keys at the top whose secrets are looked at by others: with their tables, and by opening the record store."""


def configuration(instance: Instance) -> Configuration:
    """Read what is configured, the places of secrets included, never their values."""
    settings = instance.settings
    tables = sources.tables(settings, instance.folder)
    secrets = [found for number, table in enumerate(tables) for found in _secrets(f"sources[{number}]", table)]
    secrets += _other_secrets(settings)
    return Configuration(
        file=str(settings.file) if settings.file else None,
        sources=tuple(str(table.get("kind")) for table in tables),
        from_this_clone=not settings.sources and any(table.get("kind") == "git" for table in tables),
        problems=tuple(_source_problems(instance, told=any(each.problem for each in secrets))),
        secrets=tuple(secrets),
    )


def _source_problems(instance: Instance, *, told: bool) -> Iterator[str]:
    """What keeps sources from being collected, before anything is read; ``told``: a missing secret is known."""
    for each in every_table(instance):
        if each.problem and not (told and isinstance(each.problem, SecretMissing)):
            yield str(each.problem)


def _other_secrets(settings: Settings) -> Iterator[SecretPlace]:
    for name in type(settings).model_fields.keys() - ELSEWHERE:
        yield from _secrets(name, getattr(settings, name))


def _secrets(key: str, value: object) -> Iterator[SecretPlace]:
    """Find the places of secrets, however deep in lists and tables they are."""
    secret = _secret(value)
    if secret:
        yield SecretPlace(key, _problem(secret, key))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _secrets(f"{key}.{name}", inner)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets(f"{key}.{name}", getattr(value, name))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _secrets(f"{key}[{number}]", inner)


def _secret(value: object) -> Secret | None:
    """Take a place as it stands in a table of a source too: below its first level nobody has looked at it yet."""
    if isinstance(value, Secret):
        return value
    is_place = isinstance(value, Mapping) and len(value) == 1 and value.keys() <= Secret.model_fields.keys()
    return Secret.model_validate(value) if is_place else None


def _problem(secret: Secret, key: str) -> str | None:
    try:
        secret.reveal(key)
    except ConfigurationError as error:
        return str(error)
    return None
