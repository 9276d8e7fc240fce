"""All events of the demo organisation as tables, and as the files that an import reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from tribometer.demo import catalog, ci, ci_events, code, delivery, operations, platform, reviews, surveys
from tribometer.demo.history import history
from tribometer.demo.world import SEED, World

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from tribometer.demo.history import History

VERSION = 4
"""Raised when the same day would give other events."""


def event_tables(now: datetime, *, scale: float = 1.0, seed: int = SEED) -> Mapping[str, pa.Table]:
    """The events of two years up to the last UTC midnight before ``now``, one table per event type.

    ``scale`` multiplies how much happens, so that tests need not wait for all of it. Columns are those that an
    import of Parquet reads; times are UTC microseconds.
    """
    return _tables(history(World.until(now, seed, scale)))


def write(
    folder: Path, now: datetime, *, answers: Path | None = None, scale: float = 1.0, seed: int = SEED
) -> Mapping[str, Path]:
    """Write one Parquet file per event type into the folder, and survey answers as CSV into the folder ``answers``.

    Return the event files by type.
    """
    past = history(World.until(now, seed, scale))
    if answers is not None:
        answers.mkdir(parents=True, exist_ok=True)
        for wave in surveys.waves(past):
            wave.write(answers)
    found = {}
    for event_type, events in _tables(past).items():
        found[event_type] = folder / f"{event_type}.parquet"
        pq.write_table(events, found[event_type], compression="none")
    return found


def _tables(past: History) -> dict[str, pa.Table]:
    world, people, changes = past.world, past.people, past.changes
    incidents = operations.incident_events(past)
    return {
        "team": catalog.team_events(),
        "service": catalog.service_events(world),
        "ownership": catalog.ownership_events(world, people),
        "person": catalog.person_events(people),
        "repository": code.repository_events(world),
        "commit": code.commit_events(world, people, changes, past.commits),
        "change": code.change_events(world, people, changes, past.commits),
        **reviews.review_tables(world, people, changes),
        **ci_events.ci_tables(past, ci.runs(past)),
        "deployment": delivery.deployment_events(past),
        "gate": delivery.gate_events(past),
        "observation": delivery.observation_events(past),
        "incident": incidents,
        "page": operations.page_events(past, incidents),
        "shift": operations.shift_events(past),
        "slo": operations.slo_events(past, incidents),
        "template_release": platform.template_events(world),
        "request": platform.request_events(world),
        "pipeline_definition": platform.pipeline_events(world),
    }
