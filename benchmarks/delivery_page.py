"""The Delivery page as it opens and over all of two years, drawn with nothing kept and drawn again, at four sizes.

    python benchmarks/delivery_page.py [DEPLOYMENTS]    the smallest of the sizes, each twice the one before

Beside it, in the same run, a query of the shape that makes other tools slow: every incident is paired with every
deployment before it to find the newest. Claims: the page takes at most MOST_SECONDS at the smallest size, and grows by
at most the power MOST_GROWTH of the size, while the pairing grows by its square.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import closing
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING

from delivery_history import NOW, store_of
from streamlit.testing.v1 import AppTest

from dashboards.filters import AUTOMATIC, EVERYTHING
from tribometer.service.numbers import Numbers
from tribometer.settings import Rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from tribometer.store import EventStore

DEPLOYMENTS = 15_000
DOUBLINGS = 3
MOST_SECONDS = 10.0
MOST_GROWTH = 1.3
PATIENCE = 300
COLUMNS = ("opens", "again", "two years", "again", "pairing")
PAIRS = """
SELECT i.id, max_by(d.id, d.finished_at) AS blamed
FROM incidents AS i CROSS JOIN deployments AS d WHERE d.finished_at <= i.detected_at GROUP BY i.id
"""


def seconds_of(work: Callable[[], object]) -> float:
    """Time a call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def page_of(numbers: Numbers, period: str) -> AppTest:
    """Prepare the page over a period, as its address says it."""

    def script(numbers):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - it is run as a script, without imports
        from dashboards.views import delivery  # noqa: PLC0415 - as above

        delivery.render(numbers)

    page = AppTest.from_function(script, kwargs={"numbers": numbers}, default_timeout=PATIENCE)
    page.query_params["period"] = period
    return page


def drawn(page: AppTest) -> None:
    """Draw it; a page that failed is no measurement."""
    page.run()
    if page.exception:
        sys.exit(f"the page failed: {page.exception[0].message}")


def paired(store: EventStore) -> None:
    """Run the query that pairs all with all."""
    with store.reader() as reader:
        reader.rows(PAIRS)


def measured(deployments: int) -> tuple[float, ...]:
    """Seconds of both pages, each drawn first and again, and of pairing all with all."""
    with tempfile.TemporaryDirectory() as folder, closing(store_of(Path(folder), deployments)) as store:
        found = []
        for period in (AUTOMATIC, EVERYTHING):
            page = page_of(Numbers(store, Rules(), lambda: NOW, {}), period)
            found += [seconds_of(lambda: drawn(page)) for _ in range(2)]  # noqa: B023 - called at once
        return *found, seconds_of(lambda: paired(store))


def main() -> int:
    """Measure four sizes and hold them against the claims."""
    smallest = int(sys.argv[1]) if sys.argv[1:] else DEPLOYMENTS
    sizes = [smallest << step for step in range(DOUBLINGS + 1)]
    measured(200)  # imports and first uses
    figures = [measured(size) for size in sizes]
    print("deployments" + "".join(f"{name:>12}" for name in COLUMNS))
    for size, seconds in zip(sizes, figures, strict=True):
        print(f"{size:11,}" + "".join(f"{each:10.2f} s" for each in seconds))
    growths = [log2(last / begin) / DOUBLINGS for begin, last in zip(figures[0], figures[-1], strict=True)]
    print("as power  :" + "".join(f"{each:12.2f}" for each in growths))
    pages = (0, 2)
    held = all(figures[0][page] <= MOST_SECONDS and growths[page] <= MOST_GROWTH for page in pages)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
