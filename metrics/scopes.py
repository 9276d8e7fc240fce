"""Which services and teams a query can be about, by the rules that resolve its scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics import compose, tables

if TYPE_CHECKING:
    from tribometer.store import Reader


def services(reader: Reader) -> list[str]:
    """Names of all deployable services that any event names, sorted; with no catalog, each repository is one."""
    final = "SELECT s.service FROM service_catalog AS s ORDER BY s.service NULLS LAST"
    return [name for (name,) in reader.rows(compose.statement(compose.chain(["service_catalog"]), final))]


def teams(reader: Reader) -> list[str]:
    """Ids of all teams that any event names, sorted."""
    return sorted(tables.parents(reader))
