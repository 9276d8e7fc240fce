"""What every metric could judge, and what would let it judge more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dashboards.health import CoverageHealth
from tribometer.clock import utc_midnight
from tribometer.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.definition import Metric
    from tribometer.service.instance import Instance
    from tribometer.service.operations import Tell

DAYS = 90
RAISED_BY: Mapping[str, str] = {
    "commit_graph_coverage": "Collect the repository that is deployed, with its whole history, and send the `sha` of "
    "every deployment",
    "incident_coverage": "Say of every incident whether a change caused it: `change_caused` yes or no, or the "
    "`deployment` that did",
    "recovery_coverage": "Send incidents with the time their impact began, `impact_started_at` or `detected_at`",
}
"""What raises the coverage that a fact of `metrics.facts` tells."""
NOT_OBSERVABLE = "not_observable"


def coverage(instance: Instance, tell: Tell) -> tuple[CoverageHealth, ...]:
    """Compute every metric over the days before today and keep what it says of its coverage.

    A metric that is made of others rests on theirs.
    """
    from metrics import CATALOGUE  # noqa: PLC0415 - as other commands start without the catalogue

    found, wanted = [], [metric for metric in CATALOGUE.values() if metric.statistic is not None]
    for done, metric in enumerate(wanted, start=1):
        found.append(_of(instance, metric))
        tell({"progress": {"of": "computing coverage", "done": done, "total": len(wanted)}})
    return tuple(found)


def _of(instance: Instance, metric: Metric) -> CoverageHealth:
    """One that cannot be computed is a finding of its own, not the end of the visit."""
    from metrics import Query  # noqa: PLC0415 - as above

    # as seen from midnight: the answer stands all day, until something lands
    midnight = utc_midnight(instance.clock())
    query = Query(metric=metric.name, start=midnight - timedelta(days=DAYS), end=midnight, now=midnight)
    try:
        told = instance.numbers.compute(query).to_dict()
    except StoreError as error:
        return CoverageHealth(metric.name, metric.title, "failed", None, str(error), None)
    share = told.get("coverage") or _defined(metric)
    return CoverageHealth(metric.name, metric.title, told["status"], share, None, _do(metric, told["status"], share))


def _defined(metric: Metric) -> dict[str, Any] | None:
    """What would be covered, where nothing was there to cover."""
    asked = metric.coverage or metric.gate
    return {"share": None, "floor": asked.floor, "of": asked.of} if asked else None


def _do(metric: Metric, status: str, share: Mapping[str, Any] | None) -> str | None:
    if status == NOT_OBSERVABLE:
        # a metric of failures can tell of them by other signs too, but incidents are what to connect
        needs = metric.needs or {"incident"}
        return f"Send {' and '.join(f'`{name}`' for name in sorted(needs))} events: no source tells of them"
    return _raised_by(metric, share)


def _raised_by(metric: Metric, share: Mapping[str, Any] | None) -> str | None:
    """Say what to do where something is missing, for the coverage whose words stand in the result."""
    if share is None or share["share"] in {None, 1.0}:
        return None
    asked = [each for each in (metric.coverage, metric.gate) if each is not None]
    said = next((each for each in asked if each.of == share["of"]), asked[0] if asked else None)
    return RAISED_BY.get(said.fact) if said else None
