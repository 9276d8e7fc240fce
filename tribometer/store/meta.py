"""What the store knows about itself, as names and values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tribometer.store.columns import json_text

if TYPE_CHECKING:
    import duckdb

    from tribometer.settings import Rules

EXCHANGE = "INSERT INTO store_meta VALUES ($name, $value) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


def value(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """What is stored under a name."""
    row = connection.execute("SELECT value FROM store_meta WHERE name = $name", {"name": name}).fetchone()
    return row[0] if row else None


def exchange(connection: duckdb.DuckDBPyConnection, name: str, new: str) -> bool:
    """Store a value under a name; tell whether it is another than before."""
    if value(connection, name) == new:
        return False
    connection.execute(EXCHANGE, {"name": name, "value": new})
    return True


def derivation_text(rules: Rules) -> str:
    """The rules that decide what is derived, as one text; the order of tiers counts."""
    tiers = [[tier, list(patterns)] for tier, patterns in rules.environments.items()]
    mapped = {"mapped": dict(sorted(rules.mapped.items()))} if rules.mapped else {}
    return json_text({"environments": tiers, "failure_window": rules.failure_window.total_seconds(), **mapped})
