"""Nine teams whose changes waited for reviews, those of the first team three times as long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import factories as make
from factories import Event

TEAMS = 9
CHANGES = 10
LONG, SHORT = 6.0, 2.0
"""Hours of a working day."""


def events(until: datetime) -> Iterator[Event]:
    """A change of every team on the Tuesdays of the ten weeks before a time."""
    monday = (until - timedelta(days=until.weekday())).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
    for team in range(TEAMS):
        yield {"type": "team", "source": "test", "id": f"team{team}"}
        yield make.service(f"s{team}", repository=f"acme/s{team}")
        yield make.ownership(f"o{team}", f"team{team}", service=f"s{team}")
        for number in range(1, CHANGES + 1):
            asked_at = monday - timedelta(weeks=number) + timedelta(days=1, hours=9)
            yield from _reviewed(team, number, asked_at, LONG if team == 0 else SHORT)


def _reviewed(team: int, number: int, asked_at: datetime, waits: float) -> Iterator[Event]:
    of = make.change(
        f"acme/s{team}", number, asked_at, author=f"p{team}", ready_at=make.text(asked_at),
        merged_at=make.text(asked_at + timedelta(hours=waits + 1)),
    )  # fmt: skip
    yield of
    yield make.review(f"r{team}-{number}", of["id"], asked_at + timedelta(hours=waits), state="approved", reviewer="q")
