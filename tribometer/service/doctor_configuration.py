"""The settings in force, and what keeps their sources from being collected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboards.health import Configuration, SecretPlace
from tribometer.errors import ConfigurationError
from tribometer.service import sources
from tribometer.service.collecting import collectors
from tribometer.settings import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tribometer.service.instance import Instance


def configuration(instance: Instance) -> Configuration:
    """Read what is configured, the places of secrets included, never their values."""
    file = instance.settings.file
    tables = sources.tables(instance.settings, instance.folder)
    return Configuration(
        file=str(file) if file else None,
        sources=tuple(str(table.get("kind")) for table in tables),
        from_this_clone=bool(tables) and not instance.settings.sources,
        problem=_source_problem(instance, tables),
        secrets=tuple(secret for number, table in enumerate(tables) for secret in _secrets(number, table)),
    )


def _source_problem(instance: Instance, tables: Sequence[Mapping[str, Any]]) -> str | None:
    """What keeps the sources from being collected, before anything is read from them."""
    try:
        _, unreadable = collectors(instance, tables)
    except ConfigurationError as error:
        return str(error)
    return "; ".join(str(error) for error in unreadable) or None


def _secrets(number: int, table: Mapping[str, Any]) -> Iterator[SecretPlace]:
    for name, value in table.items():
        if isinstance(value, Secret):
            key = f"sources[{number}].{name}"
            yield SecretPlace(key, _problem(value, key))


def _problem(secret: Secret, key: str) -> str | None:
    try:
        secret.reveal(key)
    except ConfigurationError as error:
        return str(error)
    return None
