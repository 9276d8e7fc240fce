"""Provisioning wait (G7): from asking the platform for something until it can be used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from metrics.definition import Cell, Measure, Metric
from metrics.requests import observe_requests
from metrics.survival import Survival
from metrics.waits import spreads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.sample import Sample


@dataclass(frozen=True)
class Provisioning(Survival):
    """Median wait; further field ``first_response`` with p50, p90 (calendar seconds), n, and how many wait."""

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """As `Survival`, with the wait for a first answer."""
        answers = spreads(sample, "answered_in", "unanswered")
        return {
            cell: replace(found, extra={**found.extra, "first_response": answers[cell]})
            for cell, found in super().measure(sample).items()
        }


METRIC = Metric(
    name="provisioning_wait",
    version=1,
    title="Provisioning wait",
    unit="seconds",
    better="lower",
    group="Platform",
    question="How long does a team wait until what it asked the platform for can be used?",
    source="Requests by portal or ticket; a wait ends with the first successful use, not when the ticket is closed.",
    formula="Time of the first use minus the time of the request, in seconds; the median over requests.",
    caveats=(
        "Where no source tells the first use, the time of fulfilment stands for it, and how often is told.",
        "Kinds of requests are worlds apart: `--by kind` says more than the median over all.",
        "Nights and weekends count; `--clock business` leaves them out.",
        "What came to nothing (failed, refused, cancelled) waited too and is only counted among the exclusions.",
    ),
    not_comparable=(
        "Ticket resolution times, which end when somebody closes the ticket.",
        "Approval wait, which is a part of it where requests need an approval.",
    ),
    rules=("E3", "E24", "E25"),
    reads=frozenset({"request"}),
    needs=frozenset({"request"}),
    statistic=Provisioning(),
    minimum_n=6,
    window_days=90,
    span=("requested_at", "waited_until"),
    keeps=("kind", "censored", "answered_in", "unanswered"),
    counted_flags={"negative": "E3", "fulfilled_at": "fulfilled_at"},
    cuts={"kind": "kind"},
    beside={"censored": "count", "first_response": "seconds"},
    placed="unit",
    over="units",
    observe=observe_requests,
)
