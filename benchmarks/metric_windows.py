"""Every delivery metric by week over its headline window, inside the service and as its bare SQL.

Claims, held at the largest size: a metric takes at most MOST_SECONDS, and at most MOST_RATIO of its bare statement; and
from size to size, each twice the one before, seconds grow by at most the power MOST_GROWTH of the size.

    python benchmarks/metric_windows.py [DEPLOYMENTS]    the largest of four sizes; ten commits to a deployment
"""

from __future__ import annotations

import sys
import tempfile
import time
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING

from delivery_history import NOW, store_of

from metrics import CATALOGUE, Query
from metrics.computation import compute
from metrics.explanation import sql_text
from tribometer.settings import Rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from tribometer.store import EventStore

DEPLOYMENTS = 16_000
DOUBLINGS = 3
REPEATS = 2
MOST_SECONDS = 0.5
MOST_RATIO = 1.3
MOST_GROWTH = 1.3
FASTEST = 0.05
"""Below this nothing is claimed of ratio and growth: it is the fixed cost of a query."""

Figures = dict[str, tuple[float, float | None]]
"""Seconds inside the service and of the bare statement, by metric; None for a metric made of others."""


def best(work: Callable[[], object]) -> float:
    """Time a call a few times and take the shortest."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def inside(store: EventStore, query: Query) -> float:
    """Seconds inside the service, with nothing kept from before: what it does for a period that is still open."""

    def work() -> None:
        with store.reader() as reader:
            compute(reader, query, Rules())

    return best(work)


def bare(store: EventStore, query: Query) -> float | None:
    """Seconds of the statement that `explain` prints, for the whole window at once."""
    if query.definition.statistic is None:
        return None
    with store.reader() as reader:
        text = sql_text(reader, query, Rules())
        return best(lambda: reader.rows(text))


def measured(deployments: int) -> Figures:
    """Measure one size."""
    with tempfile.TemporaryDirectory() as folder:
        store = store_of(Path(folder), deployments)
        queries = {name: Query(name, by="week", now=NOW) for name in CATALOGUE}
        inside(store, queries["change_lead_time"])
        found = {name: (inside(store, query), bare(store, query)) for name, query in queries.items()}
        store.close()
    return found


def broken(name: str, seconds: float, ratio: float | None, growth: float) -> list[str]:
    """Which claims the figures of a metric break."""
    claims = [] if name == "quick_check" else [("seconds", seconds, MOST_SECONDS)]
    if seconds > FASTEST:
        claims += [("growth", growth, MOST_GROWTH)]
        claims += [("ratio", ratio, MOST_RATIO)] if ratio is not None else []
    return [f"{name}: {what} {value:.2f}, claimed {most}" for what, value, most in claims if value > most]


def main() -> int:
    """Measure four sizes and hold the largest against the claims."""
    largest = int(sys.argv[1]) if sys.argv[1:] else DEPLOYMENTS
    sizes = [largest >> step for step in range(DOUBLINGS, -1, -1)]
    figures = [measured(size) for size in sizes]
    print(f"{'metric':32}" + "".join(f"{size:>9,}" for size in sizes) + "  bare SQL  ratio  growth")
    failures = []
    for name, (seconds, statement) in figures[-1].items():
        ratio = seconds / statement if statement else None
        growth = log2(seconds / figures[0][name][0]) / DOUBLINGS
        told = "       -      -" if ratio is None else f"{statement:8.3f} {ratio:6.2f}"
        print(f"{name:32}" + "".join(f"{each[name][0]:9.3f}" for each in figures) + f"  {told} {growth:7.2f}")
        failures += broken(name, seconds, ratio, growth)
    print("\n".join(failures) or "every claim holds")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
