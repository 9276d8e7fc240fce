"""A store that no metric finds empty, of any number of CI runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
from delivery_history import DEPLOYMENTS_PER_SERVICE, FILL, NOW
from organisation.platform import add_platform
from organisation.runs import add_runs

from tribometer.store import EventStore
from tribometer.store.connection import FILE_NAME

if TYPE_CHECKING:
    from pathlib import Path

RUNS_PER_DEPLOYMENT = 40
FEWEST_DEPLOYMENTS = 500
DICE = """
CREATE TEMP MACRO dice(one, sides) AS CAST(hash(one) % sides AS BIGINT),
    (one, two, sides) AS CAST(hash(one, two) % sides AS BIGINT),
    (one, two, three, sides) AS CAST(hash(one, two, three) % sides AS BIGINT)
"""
"""Numbers from 0 that look random and are the same every time."""


SHARE = """
UPDATE ownerships SET team = 'team' || CAST(substr(service, 2) AS BIGINT) % $teams
WHERE source = 'catalog' AND service IS NOT NULL
"""


def store_with_runs(folder: Path, runs: int, memory: str | None = None) -> EventStore:
    """Fill a data folder and open its store, derived to date."""
    deployments = max(runs // RUNS_PER_DEPLOYMENT, FEWEST_DEPLOYMENTS)
    return filled_store(folder, runs, deployments, max(1, deployments // DEPLOYMENTS_PER_SERVICE), memory=memory)


def filled_store(  # noqa: PLR0913 - the size of one organisation
    folder: Path, runs: int, deployments: int, services: int, *, teams: int | None = None, memory: str | None = None
) -> EventStore:
    """As `store_with_runs`, of any shape; ``teams`` share the services among them, by default twelve."""
    each = deployments // services
    EventStore.open(folder, clock=lambda: NOW).close()
    with duckdb.connect(folder / FILE_NAME) as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(FILL.format(services=services, deployments=deployments, each=each))
        connection.execute(DICE)
        add_platform(connection, runs, deployments, services)
        add_runs(connection, runs, services, each)
        if teams is not None:
            connection.execute(SHARE, {"teams": teams})
    return EventStore.open(folder, clock=lambda: NOW, memory=memory)
