"""What every metric could judge, and what would let it judge more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dashboards.health import CoverageHealth
from dashboards.unread import NOT_OBSERVABLE, awaited, needed, not_read_yet
from tribometer.clock import utc_midnight
from tribometer.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dashboards.unread import Unread
    from metrics import Query
    from metrics.definition import Metric
    from metrics.result import MetricResult
    from tribometer.service.instance import Instance
    from tribometer.service.operations import Tell

DAYS = 90
RAISED_BY: Mapping[str, str] = {
    "commit_graph_coverage": "Collect the repository that is deployed, with its whole history, and send the `sha` of "
    "every deployment",
    "incident_coverage": "Say of every incident whether a change caused it: `change_caused` yes or no, or the "
    "`deployment` that did",
    "golden_coverage": "Say by which path a deployment went: `path`, or `[golden_path]` in tribometer.toml, so that "
    "its run or the template of its service tells",
    "request_touches": "Send `human_touches` with every request: how many people had to do something for it",
    "recovery_coverage": "Send incidents with the time their impact began, `impact_started_at` or `detected_at`",
}
"""What raises the coverage that a fact of `metrics.facts` tells."""


def coverage(instance: Instance, tell: Tell) -> tuple[CoverageHealth, ...]:
    """What share of its population every metric could judge over the days before today, and what no source tells of.

    Left out is what has no such share and can be told. A metric that is made of others rests on theirs.
    """
    from metrics import CATALOGUE  # noqa: PLC0415 - as other commands start without the catalogue

    unread = instance.numbers.unread()
    found, wanted = [], [metric for metric in CATALOGUE.values() if metric.statistic is not None]
    with instance.numbers.together() as compute:
        for done, metric in enumerate(wanted, start=1):
            found.append(_of(instance, metric, unread, compute))
            tell({"progress": {"of": "computing coverage", "done": done, "total": len(wanted)}})
    return tuple(each for each in found if each is not None)


def _of(
    instance: Instance, metric: Metric, unread: Sequence[Unread], compute: Callable[[Query], MetricResult]
) -> CoverageHealth | None:
    """One that cannot be computed is a finding of its own, not the end of the visit."""
    from metrics import Query  # noqa: PLC0415 - as above

    if not (metric.coverage or metric.gate or metric.observe):
        return None if _can_be_told(instance, metric) else _unobservable(metric, None, unread)
    # as seen from midnight: the answer stands all day, until something lands
    midnight = utc_midnight(instance.clock())
    query = Query(metric=metric.name, start=midnight - timedelta(days=DAYS), end=midnight, now=midnight)
    try:
        told = compute(query)
    except StoreError as error:
        return CoverageHealth(metric.name, metric.title, "failed", None, str(error), None)
    if told.status == NOT_OBSERVABLE:
        return _unobservable(metric, told.hint, unread)
    share = told.to_dict().get("coverage") or _defined(metric)
    if share is None:
        return None
    advice = _raised_by(metric, share)
    do = _first_read(metric.reads, unread) or advice if advice else None
    return CoverageHealth(metric.name, metric.title, told.status, share, None, do)


def _can_be_told(instance: Instance, metric: Metric) -> bool:
    from metrics.computation import could_tell  # noqa: PLC0415 - as above

    with instance.store.reader() as reader:
        return all(could_tell(reader, each) for each in metric.needs)


def _unobservable(metric: Metric, hint: str | None, unread: Sequence[Unread]) -> CoverageHealth:
    events = " and ".join(f"`{name}`" for name in sorted(needed(metric)))
    do = _first_read(awaited(metric), unread) or hint or f"Send {events} events: no source tells of them"
    return CoverageHealth(metric.name, metric.title, NOT_OBSERVABLE, _defined(metric), None, do)


def _first_read(event_types: frozenset[str], unread: Sequence[Unread]) -> str | None:
    """That a source has to be read first, as a sentence's beginning."""
    waited = not_read_yet(event_types, unread)
    return f"{waited[0].upper()}{waited[1:]}" if waited else None


def _defined(metric: Metric) -> dict[str, Any] | None:
    """What would be covered, where nothing was there to cover."""
    asked = metric.coverage or metric.gate
    return {"share": None, "floor": asked.floor, "of": asked.of} if asked else None


def _raised_by(metric: Metric, share: Mapping[str, Any] | None) -> str | None:
    """Say what to do where something is missing, for the coverage whose words stand in the result."""
    if share is None or share["share"] in {None, 1.0}:
        return None
    asked = [each for each in (metric.coverage, metric.gate) if each is not None]
    said = next((each for each in asked if each.of == share["of"]), asked[0] if asked else None)
    return RAISED_BY.get(said.fact) if said else None
