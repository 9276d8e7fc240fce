"""What people add to a generated organisation: closed surveys and an intervention, so that no page stands empty."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from delivery_history import NOW

from tribometer.clock import utc_midnight
from tribometer.store.answer_rows import Response
from tribometer.store.answers import WaveFacts, new_key
from tribometer.store.records import Expectation, Plan, RecordStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from tribometer.store import EventStore
    from tribometer.store.answer_rows import Said

INSTRUMENT = "pulse_v1"
WAVES = {"2025-Q4": timedelta(days=100), "2026-Q1": timedelta(days=12)}
"""How long before the end of the data each wave was closed."""
OPEN = timedelta(days=14)
TEAMS = tuple(f"team{number}" for number in range(12))
PEOPLE = 25
LEAST_GROUP, LEAST_COMMENTS = 5, 10
INTERVENTION = "Build cache"
RELEASED, REGISTERED = timedelta(days=210), timedelta(days=240)


def close_surveys(store: EventStore) -> None:
    """Close two waves that everybody answered."""
    for turn, (name, ago) in enumerate(WAVES.items()):
        wave, opened = f"pulse {name}", NOW - ago - OPEN
        store.answers.open_wave(
            WaveFacts(wave, INSTRUMENT, LEAST_GROUP, LEAST_COMMENTS, opened, teams=dict.fromkeys(TEAMS))
        )
        store.answers.save_all(wave, list(_said(turn)))
        store.answers.close_wave(wave, {(team, ""): PEOPLE for team in TEAMS}, opened + OPEN)


def _said(turn: int) -> Iterator[Said]:
    for place, team in enumerate(TEAMS):
        for person in range(PEOPLE):
            agreed = {f"PU0{item}": float((place + person * item + turn) % 5 + 1) for item in range(1, 9)}
            key = new_key()
            yield Response(key, key, new_key(), team), {**agreed, "PU09": float(person % 6), "PU10": "review"}, {}


def register_intervention(folder: Path) -> None:
    """Put one on record that reached half of the teams, one after the other."""
    first = utc_midnight(NOW - RELEASED)
    rollout = {f"team:{team}": (first + timedelta(days=7 * at)).date() for at, team in enumerate(TEAMS[::2])}
    expected = (Expectation("ci_execution_time", "down", 0.2),)
    records = RecordStore.open(folder, clock=_at_registration)
    try:
        records.interventions.add(INTERVENTION, Plan(expected, first.date(), tuple(rollout), rollout), "benchmark")
    finally:
        records.close()


def _at_registration() -> datetime:
    return NOW - REGISTERED
