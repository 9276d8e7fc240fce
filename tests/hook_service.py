"""A service that takes deliveries of webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from tribometer.service.access import Access
from tribometer.service.asgi import routes
from tribometer.service.instance import Instance


@contextmanager
def taking_deliveries(instance: Instance) -> Iterator[TestClient]:
    """Serve an instance to a sender somewhere on the network."""
    app = Starlette(routes=routes(instance, Access("local"), lambda: True))
    with TestClient(app, "https://tribometer.example.org", client=("203.0.113.7", 1)) as client:
        yield client


def rows(instance: Instance, sql: str) -> list[tuple[Any, ...]]:
    """What the store answers."""
    with instance.store.reader() as reader:
        return reader.rows(sql)
