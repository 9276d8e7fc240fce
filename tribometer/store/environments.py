"""Tiers that an operator gave to environments beside the settings, whose patterns go first; they survive a restart."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tribometer.store import meta
from tribometer.store.columns import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from tribometer.settings import Rules

NAME = "environment tiers"
SEEN = "SELECT DISTINCT environment FROM deployments WHERE tier IS NULL AND environment IS NOT NULL"
DEPLOYED_TO = """
INSERT INTO stale_services
WITH touched AS (
    SELECT DISTINCT service FROM deployments WHERE tier IS NULL AND list_contains($environments, environment)
)
SELECT service, true FROM (
    SELECT service FROM touched
    UNION SELECT name FROM services WHERE repository IN (SELECT service FROM touched)
) WHERE service IS NOT NULL
ON CONFLICT (service) DO UPDATE SET rebuild = true
"""


def mapped(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The tier given to each environment, by the environment's name as it was seen."""
    text = meta.value(connection, NAME)
    return json.loads(text) if text else {}


def in_force(connection: duckdb.DuckDBPyConnection, rules: Rules) -> Rules:
    """The rules of the settings, completed by what was given here."""
    return with_mapped(rules, mapped(connection))


def with_mapped(rules: Rules, given: Mapping[str, str]) -> Rules:
    """Rules that know these environments where no pattern of theirs does."""
    return replace(rules, mapped={name.casefold(): tier for name, tier in given.items()})


def give(connection: duckdb.DuckDBPyConnection, environment: str, tier: str | None) -> None:
    """Give an environment a tier, or take it away, and mark whose derived rows that changes."""
    same = environment.casefold()
    others = {name: each for name, each in mapped(connection).items() if name.casefold() != same}
    given = others if tier is None else {**others, environment: tier}
    meta.exchange(connection, NAME, json_text(given))
    spellings = [name for (name,) in connection.execute(SEEN).fetchall() if name.casefold() == same]
    connection.execute(DEPLOYED_TO, {"environments": spellings})
