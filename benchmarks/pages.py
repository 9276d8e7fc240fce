"""Every page of a running service as its visitors feel it, alone and together, beside the bare SQL of one of them.

    python benchmarks/pages.py [RUNS [VISITORS]]    the organisation of `catalogue.py`, 20 visitors

The service is started on the store by a clock of its own, for the data ends on a fixed day. A visitor is the websocket
of a browser: seconds are those from what is sent until the script of the page is over, so neither the network nor the
browser's own drawing are among them. Somebody has opened the first page, and the service has come to rest behind it:
what every team and service is told is worked out from then on. First, one visitor opens every page in a tab of its own,
waits until all that is worked out behind it is there, opens it again, and chooses a team and then a service
that nobody chose on it. Pages share what is worked out, and are opened in their order. Then all visitors click for
SECONDS, each on its own.

The bare SQL is that of the numbers which HEADLINE opens with: one statement each, run on the same file before the
service has it, the shorter of two times; of everything, and of one team.

Claims: the first view of every page takes less than FIRST_SECONDS, a change of its filters less than FILTER_SECONDS,
and no page of anybody's says that something went wrong.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from delivery_history import NOW
from organisation.filled import store_with_runs
from visitors.crowd import FILTERS, crowd, percentiles
from visitors.service import serving
from visitors.session import PATIENCE, visiting
from visitors.told import TEAMS, close_surveys, register_intervention

from dashboards.pages import PAGES
from dashboards.views import delivery
from metrics.explanation import sql_text
from tribometer.service.logs import LOG_FILE
from tribometer.service.numbers import Numbers
from tribometer.service.page_numbers import PageNumbers
from tribometer.settings import Rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from visitors.crowd import Clicks
    from visitors.service import Service
    from visitors.session import Drawn

    from dashboards.pages import Page
    from metrics import Query
    from tribometer.store import EventStore, Reader

RUNS, VISITORS = 1_000_000, 20
SECONDS = 30.0
FIRST_SECONDS, FILTER_SECONDS = 1.5, 0.5
HEADLINE = "delivery"
RULES = Rules()
COLUMNS = ("words", "first view", "filled", "again", *(f"new {key}" for key in FILTERS))
WORST, MOST_LOGGED = 5, 20_000


@dataclass(frozen=True)
class Figures:
    """What one visitor felt on one page: seconds, and what went wrong. ``changed`` has no filter that is not there.

    ``filled``: from the first click until nothing of the page was being worked out any more.
    """

    page: Page
    first: Drawn
    filled: float
    again: Drawn
    changed: dict[str, Drawn]
    errors: tuple[str, ...]

    @property
    def seconds(self) -> list[float | None]:
        """The row of the table."""
        changed = [self.changed[key].whole if key in self.changed else None for key in FILTERS]
        return [self.first.first, self.first.whole, self.filled, self.again.whole, *changed]

    def broken(self) -> Iterable[str]:
        """The claims that this page does not hold."""
        if self.first.whole >= FIRST_SECONDS:
            yield f"{self.page.title}: first view {self.first.whole:.2f} s, claimed {FIRST_SECONDS}"
        for key, drawn in self.changed.items():
            if drawn.whole >= FILTER_SECONDS:
                yield f"{self.page.title}: new {key} {drawn.whole:.2f} s, claimed {FILTER_SECONDS}"


def bare(store: EventStore) -> tuple[float, float]:
    """Seconds of the SQL alone behind the headline numbers, of everything and of one team."""
    asked = list(delivery.queries(PageNumbers(Numbers(store, RULES, lambda: NOW, {}))))
    with store.reader() as reader:
        return _statements(reader, asked), _statements(reader, [replace(each, team=TEAMS[0]) for each in asked])


def _statements(reader: Reader, asked: Iterable[Query]) -> float:
    spent = 0.0
    for query in asked:
        if query.definition.statistic is not None:
            text = sql_text(reader, query, RULES)
            spent += min(_seconds(reader, text) for _ in range(2))
    return spent


def _seconds(reader: Reader, text: str) -> float:
    begun = time.perf_counter()
    reader.rows(text)
    return time.perf_counter() - begun


async def felt(url: str, page: Page, turn: int) -> Figures:
    """What one visitor feels on a page; the filters' choices of each ``turn`` are others."""
    begun = time.perf_counter()
    async with visiting(url) as session:
        first = await session.open(page.path)
        wrong = await session.watch(PATIENCE)
        filled = time.perf_counter() - begun
    changed = {}
    async with visiting(url) as session:
        again = await session.open(page.path)
        for key in FILTERS:
            wrong += await session.watch(PATIENCE)
            if names := session.choices(key):
                changed[key] = await session.choose(key, names[-1 - turn % len(names)])
    errors = [*wrong, *(each for drawn in (first, again, *changed.values()) for each in drawn.errors)]
    return Figures(page, first, filled, again, changed, tuple(errors))


async def come(url: str) -> None:
    """Be the first who opens a page."""
    async with visiting(url) as session:
        await session.open("")


def alone(service: Service) -> list[Figures]:
    """One visitor on every page, printed as it goes: the first row may take its time."""
    print(f"{'page':16}" + "".join(f"{name:>12}" for name in COLUMNS), flush=True)
    found = []
    for turn, page in enumerate(PAGES):
        found.append(asyncio.run(felt(service.url, page, turn)))
        cells = "".join(f"{'-':>12}" if each is None else f"{each:12.2f}" for each in found[-1].seconds)
        print(f"{page.title:16}{cells}", flush=True)
    return found


def report(clicks: Clicks, visitors: int) -> None:
    """Print what many visitors felt."""
    print(f"{visitors} visitors{'':6}{'clicks':>12}{'p50':>12}{'p95':>12}{'most':>12}")
    for name, seconds in (
        ("pages", clicks.opened), ("filters", clicks.changed), ("together", clicks.opened + clicks.changed),
    ):  # fmt: skip
        if len(seconds) > 1:
            print(f"{name:16}{len(seconds):>12,}" + "".join(f"{each:12.2f}" for each in percentiles(seconds)))
    print(f"{len(clicks.errors)} errors")


def compared(figures: Sequence[Figures], whole: float, team: float) -> None:
    """Print the headline page beside its bare SQL."""
    page = next(each for each in figures if each.page.path == HEADLINE)
    changed = page.changed["team"].whole
    print(
        f"{page.page.title} beside its bare SQL: first view {page.first.whole:.2f} s to {whole:.2f} s "
        f"({page.first.whole / whole:.2f}), new team {changed:.2f} s to {team:.2f} s ({changed / team:.2f})"
    )


def filled(folder: Path, runs: int) -> tuple[float, float]:
    """Fill a data folder and leave it closed; the seconds of its bare SQL."""
    begun = time.perf_counter()
    with store_with_runs(folder, runs) as store:
        close_surveys(store)
        print(f"{runs:,} runs; filled and derived in {time.perf_counter() - begun:.0f} s", flush=True)
        found = bare(store)
    register_intervention(folder)
    return found


def measured(folder: Path, visitors: int, statements: tuple[float, float]) -> list[str]:
    """Serve the folder, measure, print; the claims that do not hold."""
    with serving(folder) as service:
        print(f"ready {service.ready:.1f} s after its start, at rest after {service.rested():.1f} s", flush=True)
        asyncio.run(come(service.url))
        print(f"teams and services known after {service.rested():.1f} s", flush=True)
        before = service.peak
        figures = alone(service)
        compared(figures, *statements)
        between = service.peak
        clicks = crowd(service.url, [page.path for page in PAGES], visitors, SECONDS)
        report(clicks, visitors)
        print(f"memory: {before:.2f} GB at rest, {between:.2f} GB with every page, {service.peak:.2f} GB at most")
    errors = [f"{each.page.title}: {error}" for each in figures for error in each.errors] + clicks.errors
    if errors:
        print((folder / LOG_FILE).read_text(encoding="utf-8")[-MOST_LOGGED:], file=sys.stderr)
    failures = [claim for each in figures for claim in each.broken()]
    return [*failures, *([f"{len(errors)} errors, such as: {'; '.join(errors[:WORST])}"] if errors else [])]


def main() -> int:
    """Measure, print, and hold against the claims."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left running
    runs = int(sys.argv[1]) if sys.argv[1:] else RUNS
    visitors = int(sys.argv[2]) if sys.argv[2:] else VISITORS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        failures = measured(folder, visitors, filled(folder, runs))
    print("\n".join(failures) or "every claim holds")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
