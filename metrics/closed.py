"""Results of closed periods, kept in the store: computed once, and again only when what they are made from changes.

Of a series by week, month, quarter or year the whole periods that are over are looked up. What is found counts only
under the seal that the units of the moment have, so an event that comes late, a move of a service to another team or a
changed rule is seen by the next query, whenever and in whatever order it lands. The headline and the open end of a
series are computed by every query, and so are compositions and what is not cut by time.
"""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from metrics.closed_seal import seals, slots
from metrics.closed_units import ClosedWorkspace
from metrics.computation import compute, data_as_of, findings, hint, prepared
from metrics.definition import PERIODS
from metrics.judgement import Findings, Judge
from metrics.result import MetricResult
from tribometer.clock import naive_utc
from tribometer.store.closed import ClosedResult, kept_results

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from metrics.query import Query
    from metrics.sample import Sample
    from tribometer.settings import Rules
    from tribometer.store import Reader

    Keep = Callable[[Sequence[ClosedResult]], object]


def answer(reader: Reader, query: Query, rules: Rules, keep: Keep) -> MetricResult:
    """The same as `metrics.compute`, with the help of what is kept; ``keep`` is given what is worth keeping.

    The reader is put on hold: it sees the store of one moment.
    """
    reader.hold()
    if query.definition.compose is not None or query.by not in PERIODS or query.definition.people is not None:
        return compute(reader, query, rules)
    workspace = ClosedWorkspace(reader, query, rules)
    observed = prepared(workspace)
    judge = Judge(query, observed, data_as_of(reader, query.definition), hint(workspace))
    [told] = _judged(judge, workspace.whole()).values()
    series = workspace.series()
    # what nobody can tell of has no units, so nothing is kept of it
    found = _closed(judge, workspace, series, rules, keep) if observed.observable else _judged(judge, series)
    return told.model_copy(update={"series": [found[bucket] for bucket in series.buckets]})


def _judged(judge: Judge, sample: Sample) -> dict[str, MetricResult]:
    found = findings(sample, judge.metric) if judge.observed.observable else Findings()
    return {bucket: judge.result(sample, found, bucket) for bucket in sample.buckets}


def _closed(
    judge: Judge, workspace: ClosedWorkspace, series: Sample, rules: Rules, keep: Keep
) -> dict[str, MetricResult]:
    """Every bucket's result: those that are kept and still hold, and the rest measured together."""
    over = [name for name, each in series.buckets.items() if not each.partial and each.ends_at <= judge.query.now]
    seal, slot = seals(series, judge.observed, rules), slots(series)
    kept = kept_results(series.reader, [slot[name] for name in over])
    known = {name: kept[slot[name]][1] for name in over if kept.get(slot[name], ("",))[0] == seal[name]}
    found = {name: restored(text, judge) for name, text in known.items()}
    if len(found) < len(series.buckets):
        rest = workspace.narrowed(series, series.buckets.keys() - found.keys())
        found |= _judged(judge, rest)
        # of a name that nobody knows nothing is worth keeping, and there is no end of such names
        new = set(_settled(rest)) & set(over) if judge.hint is None else set()
        at = naive_utc(judge.query.now)
        keep([ClosedResult(slot[name], seal[name], written(found[name]), at) for name in sorted(new)])
    return found


def _settled(sample: Sample) -> list[str]:
    """Buckets none of whose units waits for the clock; the others would have to be kept anew by every query."""
    open_units = "rule = 'immature'" + (" OR censored" if "censored" in sample.query.definition.keeps else "")
    rows = sample.reader.rows(f"SELECT DISTINCT bucket FROM {sample.units} WHERE {open_units}")  # noqa: S608 - our own
    waiting = {bucket for (bucket,) in rows}
    return [bucket for bucket in sample.buckets if bucket not in waiting]


def written(result: MetricResult) -> str:
    """A result as it is kept: without what belongs to the query that computed it."""
    told = result.model_dump(mode="json", by_alias=True, exclude={"series", "data_as_of", "computed_at"})
    return json.dumps({**told, "extra": result.extra})


def restored(text: str, judge: Judge) -> MetricResult:
    """A result that was kept, as this query tells it."""
    told: dict[str, Any] = json.loads(text)
    live = {"data_as_of": judge.data_as_of, "computed_at": judge.query.now.astimezone(UTC), "hint": judge.hint}
    return MetricResult.model_validate({**told, **live})
