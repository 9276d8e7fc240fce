"""Every metric of the catalogue over a store of CI runs: by the product, as its bare SQL, and by pandas.

    python benchmarks/catalogue.py [RUNS [MEMORY]]    three jobs to a run, a delivery history of a fortieth of its size

The store is filled column by column, straight into its tables: landing, its checks and pseudonyms are bypassed, what is
derived is derived by the product. Nothing is kept of closed periods, so every answer is computed from scratch, by the
headline window; metrics of CI over a year too. The pandas column is the computation alone;
reading the tables into frames is told apart, once. Its values are the product's, to NEAR. The breakage of default
branches is told by the calendar here, for pandas has no business clock.

Claims: wherever a bare statement takes longer than a query's fixed cost, an answer takes at most MOST_RATIO of it, and
all answers together MOST_TOGETHER; what pandas computes too, the product computes in MOST_OF_PANDAS of its time,
reading included, from RUNS on: small frames are quicker than any query. No metric is empty but those that no source can
tell.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from math import isclose
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import duckdb
import pandas as pd
from delivery_history import NOW
from frames import ci, flow, trees
from frames.reading import Frames, Window, read
from organisation.filled import store_with_runs

from metrics import CATALOGUE, Query, compute
from metrics.explanation import sql_text
from tribometer.clock import naive_utc
from tribometer.errors import StoreError
from tribometer.settings import Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from metrics.result import MetricResult
    from tribometer.store import EventStore

RUNS = 1_000_000
QUICK = 1.0
"""Seconds below which a call is timed a second time, for the first may have had to wait for something."""
YEAR = timedelta(days=365)
COMPUTED = ci.COMPUTED | trees.COMPUTED | flow.COMPUTED
BY_CALENDAR = frozenset({"default_branch_breakage"})
UNTOLD = frozenset({"unplanned_work_share"})
NEAR = 1e-9
FIXED_COST = 0.5
"""Seconds below which a bare statement says more about the fixed cost of a query than about its work."""
MOST_RATIO = 5.0
MOST_TOGETHER = 2.0
MOST_OF_PANDAS = 1.0
RULES = Rules()
T = TypeVar("T")


@dataclass(frozen=True)
class Figures:
    """What was measured of one query: seconds, None where there is no such computation."""

    query: Query
    result: MetricResult
    product: float
    statement: float | None
    pandas: float | None = None
    value: float | None = None
    outgrown: bool = False
    """The bare statement, every aggregate at once, did not find room in the memory that the product had."""

    @property
    def name(self) -> str:
        """The metric, and its window where that is not the headline's."""
        return self.query.metric + (" (year)" if self.query.start else "")

    @property
    def agrees(self) -> bool:
        """Whether pandas found the product's value, where it computed any."""
        told = self.result.value
        return self.pandas is None or (
            told is not None and self.value is not None and isclose(told, self.value, rel_tol=NEAR)
        )


def timed(work: Callable[[], T], *, again: bool = True) -> tuple[float, T]:
    """Call once, and a second time where that was quick: the shorter time, and what came of it."""
    start = time.perf_counter()
    found = work()
    spent = time.perf_counter() - start
    return (min(spent, timed(work, again=False)[0]), found) if again and spent < QUICK else (spent, found)


def queries() -> Iterator[Query]:
    """Every metric over its headline window, then CI's over a year."""
    for name in CATALOGUE:
        yield Query(name, clock="calendar" if name in BY_CALENDAR else None, now=NOW)
    for name, metric in CATALOGUE.items():
        if metric.group == "CI":
            clock = "calendar" if name in BY_CALENDAR else None
            yield Query(name, start=Query(name, now=NOW).window[1] - YEAR, clock=clock, now=NOW)


def measured(store: EventStore, query: Query) -> Figures:
    """Time the product and its bare statement, each on a reader of its own."""

    def answer() -> MetricResult:
        with store.reader() as reader:
            return compute(reader, query, RULES)

    product, result = timed(answer)
    if query.definition.statistic is None:
        return Figures(query, result, product, None)
    with store.reader() as reader:
        text = sql_text(reader, query, RULES)
        try:
            statement, _ = timed(lambda: reader.rows(text))
        except StoreError as error:
            if not isinstance(error.__cause__, duckdb.OutOfMemoryException):
                raise
            return Figures(query, result, product, None, outgrown=True)
    return Figures(query, result, product, statement)


def answered(store: EventStore) -> Iterator[Figures]:
    """Measure every query, and tell on the error stream how far it is: it takes minutes."""
    for query in queries():
        found = measured(store, query)
        print(told(found), file=sys.stderr, flush=True)
        yield found


def by_pandas(frames: Frames, figures: Figures) -> Figures:
    """The same number over frames, where a computation is there."""
    work = COMPUTED.get(figures.query.metric)
    if work is None:
        return figures
    start, end = (pd.Timestamp(naive_utc(each)) for each in figures.query.window)
    spent, value = timed(partial(work, frames, Window(start, end, pd.Timestamp(naive_utc(NOW)))))
    return replace(figures, pandas=spent, value=value)


def peak() -> float:
    """The most memory this process has held, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def told(figures: Figures) -> str:
    """A line of the table."""

    def against(other: float | None) -> str:
        return f"{other:10.2f}{figures.product / other:8.2f}" if other else " " * 18

    bare = f"{'no room':>10}{'':8}" if figures.outgrown else against(figures.statement)
    columns = bare + against(figures.pandas)
    return f"{figures.name:40}{figures.result.n or 0:>10,}{figures.product:10.2f}{columns}"


def broken(every: list[Figures], runs: int, reading: float) -> list[str]:
    """The claims that do not hold."""
    found = [f"{each.name} is empty" for each in every if not each.result.n and each.query.metric not in UNTOLD]
    found += [
        f"{each.name}: {each.result.value} by the product, {each.value} by pandas" for each in every if not each.agrees
    ]
    for each in every:
        if each.statement and each.statement > FIXED_COST and each.product > MOST_RATIO * each.statement:
            found.append(f"{each.name}: {each.product / each.statement:.2f} of its bare SQL, claimed {MOST_RATIO}")
    both = [each for each in every if each.statement]
    together = sum(each.product for each in both) / sum(each.statement or 0.0 for each in both)
    if together > MOST_TOGETHER:
        found.append(f"together: {together:.2f} of the bare SQL, claimed {MOST_TOGETHER}")
    framed = [each for each in every if each.pandas]
    share = sum(each.product for each in framed) / (reading + sum(each.pandas or 0.0 for each in framed))
    if runs >= RUNS and share > MOST_OF_PANDAS:
        found.append(f"together: {share:.2f} of pandas, claimed {MOST_OF_PANDAS}")
    return found


def main() -> int:
    """Measure, print, and hold against the claims."""
    runs, memory = int(sys.argv[1]) if sys.argv[1:] else RUNS, sys.argv[2] if sys.argv[2:] else None
    with tempfile.TemporaryDirectory() as folder:
        filling, store = timed(lambda: store_with_runs(Path(folder), runs, memory), again=False)
        print(f"{runs:,} runs; filled and derived in {filling:.0f} s, {peak():.1f} GB at most")
        print(f"queries may hold {store.memory}")
        answers = list(answered(store))
        before = peak()
        with store.reader() as reader:
            reading, frames = timed(partial(read, reader), again=False)
        store.close()
    print(f"{'metric':40}{'n':>10}{'product s':>10}{'bare SQL':>10}{'ratio':>8}{'pandas s':>10}{'ratio':>8}")
    every = []
    for each in answers:
        every.append(by_pandas(frames, each))
        print(told(every[-1]), flush=True)
    print(f"at most {before:.1f} GB without frames, {peak():.1f} GB with; reading them took {reading:.1f} s")
    failures = broken(every, runs, reading)
    print("\n".join(failures) or "every claim holds")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
