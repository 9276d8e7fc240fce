"""The friction board of a large organisation, and what the demo's planted friction does to the board of many seeds.

    python benchmarks/friction_board.py [SEEDS]    500 services of 50 teams, two years; then demos of so many seeds

The store is filled as in `catalogue.py`: 100,000 deployments, a million commits, a million runs and three million jobs.
The board is computed from scratch, over its headline window; beside it the one statement that `explain` prints.

Claims: the board takes at most MOST_RATIO of its bare statement. In the demo of every seed the planted wait for reviews
is among the first tie of the board, its team alone is the first of all teams there, and the planted workflow alone is
the first of all pipelines in flaky re-runs.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from delivery_history import NOW
from organisation.filled import filled_store

from metrics import Query
from metrics.explanation import sql_text
from metrics.friction.board import board
from metrics.friction.measuring import measured
from tribometer import demo
from tribometer.demo.planted import FLAKY_WORKFLOW, REVIEW_WAIT
from tribometer.settings import Friction, Rules
from tribometer.store import EventStore
from tribometer.store.importing import import_files

if TYPE_CHECKING:
    from metrics.friction.board import Board, Place

SERVICES, TEAMS, DEPLOYMENTS, RUNS = 500, 50, 100_000, 1_000_000
SEEDS = 20
MOST_RATIO = 3.0
DEMO_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def board_of(store: EventStore, now: datetime) -> Board:
    """The board of the whole organisation over its headline window."""
    query = Query("friction_cost", now=now)
    with store.reader() as reader:
        found = measured(reader, query, Rules())
    return board(
        found.cells,
        found.weeks,
        window=query.window,
        scope={},
        months=found.months,
        observable=found.observable,
        settings=Friction(),
    )


def large(folder: Path) -> bool:
    """Print the seconds of a large organisation's board beside its bare statement; whether the claim holds."""
    with filled_store(folder, RUNS, DEPLOYMENTS, SERVICES, teams=TEAMS) as store:
        start = time.perf_counter()
        made = board_of(store, NOW)
        seconds = time.perf_counter() - start
        with store.reader() as reader:
            text = sql_text(reader, Query("friction_cost", now=NOW), Rules())
            start = time.perf_counter()
            reader.rows(text)
            bare = time.perf_counter() - start
    lost = sum(line.status == "ok" for line in made.lines)
    print(f"{SERVICES} services, {made.teams} teams: board {seconds:.1f} s, bare statement {bare:.1f} s: "
          f"{seconds / bare:.2f}; {lost} kinds, {len(made.cells):,} cells")  # fmt: skip
    return seconds <= MOST_RATIO * bare


def planted(folder: Path, seed: int) -> bool:
    """Print where one seed's planted friction stands; whether the claim holds."""
    with EventStore.open(folder / "data", clock=lambda: DEMO_NOW) as store:
        for event_type, file in demo.write(folder, DEMO_NOW, seed=seed).items():
            import_files(store, [file], event_type, refresh=False)
        store.refresh()
        made = board_of(store, DEMO_NOW)
    lines = {line.kind.name: line for line in made.lines}
    review, flaky = lines["review_wait"], lines["flaky_reruns"]
    team = next(place for place in review.places if place.what == "team")
    pipeline = next(place for place in flaky.places if place.what == "pipeline")
    print(f"seed {seed}: review wait ranks {review.first} to {review.last}; {_words(team)}; {_words(pipeline)}")
    return (
        review.first == 1
        and _alone(team, REVIEW_WAIT.where[0])
        and _alone(pipeline, "/".join(FLAKY_WORKFLOW.where))
    )  # fmt: skip


def _words(place: Place) -> str:
    return f"{place.name} ranks {place.first} to {place.last} with {place.share:.0%}"


def _alone(place: Place, name: str) -> bool:
    return (place.name, place.first, place.last) == (name, 1, 1)


def main() -> int:
    """Measure and print; the exit code says whether every claim holds."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    with tempfile.TemporaryDirectory() as place:
        holds = [large(Path(place))]
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as place:
            holds.append(planted(Path(place), seed))
    print(f"{sum(holds[1:])} of {seeds} seeds as planted; the board's ratio holds: {holds[0]}")
    return 0 if all(holds) else 1


if __name__ == "__main__":
    sys.exit(main())
