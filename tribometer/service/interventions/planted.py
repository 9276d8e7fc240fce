"""The demo's interventions, on record as if somebody had registered them before the first team took them up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tribometer.demo.planted import BUILD_CACHE, REVIEW_REMINDERS

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from tribometer.demo import Planted
    from tribometer.store.records import Plan

REGISTERED_BEFORE = timedelta(days=14)
BY = "demo"
EXPECTED = {
    "Build cache": (BUILD_CACHE, "ci_execution_time", 0.3),
    "Review reminders": (REVIEW_REMINDERS, "review_response_time", 0.2),
}
"""What is planted, the metric it shall move, and by which share downwards."""


def register(folder: Path, end: datetime) -> None:
    """Put them on record in a demo's folder, in place of those of another day; ``end`` is the end of its history."""
    from tribometer.store.records import RecordStore  # noqa: PLC0415 - loads SQLAlchemy

    plans = {name: _plan(*each, end.date()) for name, each in EXPECTED.items()}
    earliest = max(max(planted.since.values()) for planted, _, _ in EXPECTED.values())
    at = end - timedelta(days=earliest) - REGISTERED_BEFORE
    records = RecordStore.open(folder, clock=lambda: at)
    try:
        records.interventions.drop_demo()
        taken = {each.name for each in records.interventions.all()}
        for name in sorted(plans.keys() - taken):
            records.interventions.add(name, plans[name], BY, demo=True)
    finally:
        records.close()


def _plan(planted: Planted, metric: str, share: float, end: date) -> Plan:
    from tribometer.store.records import Expectation, Plan  # noqa: PLC0415 - as above

    rollout = {f"team:{team}": end - timedelta(days=days) for team, days in planted.since.items()}
    return Plan((Expectation(metric, "down", share),), min(rollout.values()), tuple(rollout), rollout, planted.what)
