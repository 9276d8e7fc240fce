"""Reliability (R1): windows of service-level objectives that were met, and the error budget that is left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from metrics import compose
from metrics.definition import POOLED, Cell, Measure, Metric
from metrics.statistics import Proportion, aggregated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.sample import Sample

DEFINED = """
SELECT DISTINCT COALESCE(a.service, s.service) AS service
FROM slos AS s LEFT JOIN spoken_services AS a ON a.repository = s.service
"""


@dataclass(frozen=True)
class Objectives(Proportion):
    """Share of windows that met their objective.

    Further fields: ``error_budget_remaining``, the share of the allowed bad events that is left, negative when
    overspent, None where none are allowed; ``not_defined_share``, the share of services without any objective.
    """

    def columns(self) -> str:
        """What `Proportion` aggregates, and the error budget that remains."""
        return super().columns() + ", 1 - SUM(bad) / NULLIF(SUM(bad_allowed), 0) AS error_budget_remaining"

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """The share per cell; a service without any objective could not be observed."""
        defined = _defined(sample)
        found: dict[Cell, Measure] = {}
        for bucket, services in sample.services.items():
            lacking = [service for service in services if service not in defined]
            found |= {(bucket, service): Measure(0, status="not_observable") for service in lacking}
            if services and len(lacking) == len(services):
                found[bucket, POOLED] = Measure(0, status="not_observable")
        for cell, (n, share, hits, left) in aggregated(sample, self.columns()).items():
            services = sample.services[cell[0]]
            lacking_share = sum(service not in defined for service in services) / len(services) if services else None
            extra = {"error_budget_remaining": left, "not_defined_share": lacking_share}
            found[cell] = replace(self._measure(int(n or 0), share, hits or 0.0), extra=extra)
        return found


def _defined(sample: Sample) -> set[str]:
    """The services that have an objective at any time."""
    defined = compose.statement(compose.chain(["spoken_services"]), DEFINED)
    return {service for (service,) in sample.reader.rows(defined)}


def defined_services(sample: Sample) -> Mapping[str, list[str]]:
    """The services of every bucket that have an objective at any time, sorted."""
    defined = _defined(sample)
    return {bucket: sorted(defined & set(services)) for bucket, services in sample.services.items()}


METRIC = Metric(
    name="reliability",
    version=1,
    title="Reliability",
    unit="share",
    better="higher",
    group="Operations",
    question="How often does a service keep the objectives it has declared?",
    source="Service-level objectives as the service declares them; DORA's operational performance, not a delivery key.",
    formula="Windows of service-level objectives that were met, divided by windows with any event; a share.",
    caveats=(
        "An objective that is easily kept says little: read it with the objective itself.",
        "Windows without any event are left out; windows that overlap are counted each.",
        "Services with different objectives are not comparable, and one without an objective is not reliable for that.",
    ),
    not_comparable=(
        "Services with other objectives: the same share of an easier promise is less.",
        "Availability in percent of time: a window counts whole, however narrowly it was missed.",
    ),
    rules=(),
    reads=frozenset({"slo"}),
    needs=frozenset({"slo"}),
    statistic=Objectives(),
    window_days=28,
    keeps=("bad", "bad_allowed"),
    context=defined_services,
)
