"""What the product answers about a handful of contract events: landed in a fresh store, derived, computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

from factories import Event, day, deployment
from metrics import Query, compute, unit_rows
from tribometer.events import parse_event
from tribometer.settings import Rules
from tribometer.store import EventStore, Reader

NOW = day(100)
WINDOW = (day(0), day(90))
RULES = Rules()


@cache
def empty() -> TemporaryDirectory[str]:
    """The folder of a store in which nothing is yet: making its tables takes as long as a query."""
    folder = TemporaryDirectory()
    EventStore.open(Path(folder.name), RULES, clock=lambda: NOW).close()
    return folder


@contextmanager
def landed(events: Sequence[Event], now: datetime = NOW, rules: Rules = RULES) -> Iterator[Reader]:
    """Open a reader on a store that holds the events and what is derived from them."""
    with TemporaryDirectory() as folder:
        copytree(empty().name, folder, dirs_exist_ok=True)
        store = EventStore.open(Path(folder), rules, clock=lambda: now)
        try:
            store.land([parse_event(event) for event in events], source="test")
            store.refresh()
            with store.reader() as reader:
                yield reader
        finally:
            store.close()


def query(metric: str, **options: Any) -> Query:
    """Make a query over the first 90 days unless told otherwise."""
    return Query(metric, **{"start": WINDOW[0], "end": WINDOW[1], "now": NOW, **options})


def answer(metric: str, events: Sequence[Event], **options: Any) -> dict[str, Any]:
    """Give the contract's result object."""
    with landed(events) as reader:
        return compute(reader, query(metric, **options), RULES).to_dict()


def rows(metric: str, events: Sequence[Event], **options: Any) -> list[dict[str, Any]]:
    """Give what `explain --rows` says, in order of time."""
    with landed(events) as reader:
        return list(unit_rows(reader, query(metric, **options), RULES))


def version(name: str, finished_at: datetime, to: str = "api", /, **fields: Any) -> Event:
    """Deploy the version that is called like the deployment, unless told otherwise."""
    return deployment(name, to, finished_at, **{"artifact": name, **fields})


def versions(*names: str, to: str = "api") -> list[Event]:
    """Deploy one version a day at ten o'clock, the first on day 1."""
    return [version(name, day(number, 10), to) for number, name in enumerate(names, start=1)]
