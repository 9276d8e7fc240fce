"""Two years by week with the help of what is kept of closed periods, each as a ratio to computing it from scratch.

Claim: where everything is kept and stands, a query takes at most MOST_RATIO of a computation from scratch; so it does
once what today's events of five services have touched is kept anew. Between the landing and that, and for a first
query, it takes at most MOST_OVERHEAD of it.

    python benchmarks/closed_periods.py [DEPLOYMENTS]
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from delivery_history import NOW, store_of

from metrics import CATALOGUE, Query, answer, compute
from metrics.closed_units import due, is_usual
from tribometer.events import parse_event
from tribometer.settings import Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tribometer.store import EventStore

DEPLOYMENTS = 16_000
TOUCHED = 5
DAYS = 728
MOST_RATIO = 0.5
MOST_OVERHEAD = 1.3
RULES = Rules()
PHASES = ("first", "kept", "landed", "renewed")
Figures = dict[str, float]
"""Seconds by metric."""


def seconds(work: Callable[[], object]) -> float:
    """Time a call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def queries() -> dict[str, Query]:
    """Every metric of which anything is kept, by week over two years: none of people or business hours."""
    kept = [name for name, metric in CATALOGUE.items() if metric.statistic and is_usual(Query(name, now=NOW))]
    return {name: Query(name, by="week", start=NOW - timedelta(days=DAYS), now=NOW) for name in kept}


def from_scratch(store: EventStore) -> Figures:
    """Time what reads nothing that is kept."""

    def work(query: Query) -> None:
        with store.reader() as reader:
            compute(reader, query, RULES)

    return {name: seconds(partial(work, query)) for name, query in queries().items()}


def with_kept(store: EventStore) -> Figures:
    """Time what reads and keeps."""

    def work(query: Query) -> None:
        with store.reader() as reader:
            answer(reader, query, RULES, store.keep_results)

    return {name: seconds(partial(work, query)) for name, query in queries().items()}


def renewal(store: EventStore) -> float:
    """Time keeping everything that is due, as the service does in the background."""

    def work() -> None:
        for name in queries():
            store.keep_tables(partial(due, metric=name, rules=RULES, now=NOW))

    return seconds(work)


def land_today(store: EventStore) -> None:
    """Land a deployment of today for each of five services, and an incident that blames it."""
    events = []
    for number in range(TOUCHED):
        service, at = f"s{number}", NOW - timedelta(hours=5 + number)
        identity = {"source": "ci", "id": f"today{number}", "service": service}
        deployed = {"environment": "production", "artifact": f"today{number}", "status": "success", "finished_at": at}
        events.append({"type": "deployment", **identity, **deployed})
        blamed = {"change_caused": "yes", "detected_at": at, "deployment": f"today{number}"}
        events.append({"type": "incident", **identity, **blamed})
    store.land([parse_event({**each, "source": "ci"}) for each in events], source="ci")
    store.refresh()


def measured(store: EventStore) -> tuple[Figures, Mapping[str, Figures], tuple[float, float]]:
    """Seconds from scratch, in every phase, and of both renewals."""
    from_scratch(store)
    before = from_scratch(store)
    renewals = [renewal(store)]
    phases = {"first": with_kept(store), "kept": with_kept(store)}
    land_today(store)
    phases["landed"] = with_kept(store)
    renewals.append(renewal(store))
    with_kept(store)
    phases["renewed"] = with_kept(store)
    return before, phases, (renewals[0], renewals[1])


def main() -> int:
    """Measure, print, and hold the sums against the claims."""
    deployments = int(sys.argv[1]) if sys.argv[1:] else DEPLOYMENTS
    with tempfile.TemporaryDirectory() as folder:
        store = store_of(Path(folder), deployments)
        scratch, phases, renewals = measured(store)
        store.close()
    print(f"{'metric':32}  scratch" + "".join(f"{phase:>9}" for phase in PHASES))
    for name, base in {**scratch, "together": sum(scratch.values())}.items():
        taken = [sum(phases[each].values()) if name == "together" else phases[each][name] for each in PHASES]
        print(f"{name:32}{base:8.3f}s" + "".join(f"{each / base:9.2f}" for each in taken))
    whole = sum(scratch.values())
    print(
        f"keeping everything took {renewals[0]:.1f} s, again after the landing {renewals[1]:.1f} s, in the background"
    )
    ratios = {phase: sum(phases[phase].values()) / whole for phase in PHASES}
    limits = {"first": MOST_OVERHEAD, "kept": MOST_RATIO, "landed": MOST_OVERHEAD, "renewed": MOST_RATIO}
    failures = [
        f"{phase}: {ratios[phase]:.2f}, claimed {most}" for phase, most in limits.items() if ratios[phase] > most
    ]
    print("\n".join(failures) or "every claim holds")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
