"""Every metric that is kept, by week over its headline window: kept, measured anew, and as its bare SQL.

    python benchmarks/metric_windows.py [DEPLOYMENTS]    ten commits and ten CI runs to a deployment

Claims: with what the service keeps, a metric takes at most MOST_SECONDS, and at most MOST_RATIO of its bare statement
where that takes longer than a query's fixed cost; the last week of the window is still open. Measured anew, as between
a landing and its renewal, it takes what the table says: two readings of the units, of the window and of its weeks.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from delivery_history import NOW, add_runs, store_of

from metrics import CATALOGUE, Query
from metrics.closed_units import standing
from metrics.computation import compute
from metrics.explanation import sql_text
from tribometer.service.numbers import Numbers
from tribometer.settings import Rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from tribometer.store import EventStore

DEPLOYMENTS = 100_000
RUNS_PER_DEPLOYMENT = 10
REPEATS = 3
MOST_SECONDS = 0.5
MOST_RATIO = 1.3
FIXED_COST = 0.3
"""Seconds below which a bare statement says more about the fixed cost of a query than about its work."""


def best(work: Callable[[], object]) -> float:
    """Time a call a few times and take the shortest."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def kept(numbers: Numbers, query: Query) -> float:
    """Seconds inside the service after its renewal, with no result in memory."""
    times = []
    for _ in range(REPEATS):
        numbers.forget()
        start = time.perf_counter()
        numbers.compute(query)
        times.append(time.perf_counter() - start)
    return min(times)


def anew(store: EventStore, query: Query) -> float:
    """Seconds with nothing kept."""

    def work() -> None:
        with store.reader() as reader:
            compute(reader, query, Rules())

    return best(work)


def bare(store: EventStore, query: Query) -> float:
    """Seconds of the statement that `explain` prints, for the whole window at once."""
    with store.reader() as reader:
        text = sql_text(reader, query, Rules())
        return best(lambda: reader.rows(text))


def measured(store: EventStore) -> list[tuple[str, float, float, float]]:
    """Measure every metric that anything is kept of."""
    numbers = Numbers(store, Rules(), lambda: NOW, {})
    began = time.perf_counter()
    numbers.renewal.renew()
    print(f"renewal of everything that is kept, in the background: {time.perf_counter() - began:.1f} s")
    with store.reader() as reader:
        names = [name for name in CATALOGUE if standing(reader, Query(name, now=NOW), Rules())]
    queries = [Query(name, by="week", now=NOW) for name in names]
    return [(query.metric, kept(numbers, query), anew(store, query), bare(store, query)) for query in queries]


def main() -> int:
    """Measure and hold against the claims."""
    deployments = int(sys.argv[1]) if sys.argv[1:] else DEPLOYMENTS
    with tempfile.TemporaryDirectory() as folder:
        add_runs(Path(folder), deployments * RUNS_PER_DEPLOYMENT)
        with closing(store_of(Path(folder), deployments)) as store:
            figures = measured(store)
    print(f"{deployments:,} deployments, by week{'':16}kept      anew  bare SQL  anew / bare")
    failures = []
    for name, from_kept, from_scratch, statement in figures:
        print(f"{name:38}{from_kept:8.2f} s{from_scratch:8.2f} s{statement:8.2f} s{from_scratch / statement:10.2f}")
        if from_kept > MOST_SECONDS:
            failures.append(f"{name}: {from_kept:.2f} s kept, claimed {MOST_SECONDS}")
        if statement > FIXED_COST and from_kept > MOST_RATIO * statement:
            failures.append(f"{name}: {from_kept / statement:.2f} of its bare SQL, claimed {MOST_RATIO}")
    print("\n".join(failures) or "every claim holds")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
