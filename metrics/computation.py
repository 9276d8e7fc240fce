"""From a query to the result object: measure on the engine, then judge."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from metrics import compose, people
from metrics.closed_units import ClosedWorkspace
from metrics.definition import POOLED, Cell, Coverage, Metric, Observability
from metrics.judgement import Findings, Judge, hides
from metrics.result import CoverageShare
from metrics.workspace import Workspace
from tribometer.store.tables import TABLE_NAMES

if TYPE_CHECKING:
    from datetime import datetime

    from metrics.query import Query
    from metrics.result import MetricResult
    from metrics.sample import Sample
    from metrics.shelf import Shelf
    from tribometer.settings import Rules
    from tribometer.store import Reader


def exclusions(sample: Sample, metric: Metric) -> dict[str, dict[str, int]]:
    """Excluded units by rule, and the flags of counted units that the metric counts too."""
    rows = sample.reader.rows(f"""
SELECT bucket, counted, CASE WHEN counted THEN flag ELSE rule END AS reason, COUNT(*) AS n
FROM {sample.units} WHERE NOT counted OR flag IS NOT NULL
GROUP BY bucket, counted, CASE WHEN counted THEN flag ELSE rule END
""")  # noqa: S608 - a relation of our own
    found: dict[str, dict[str, int]] = {}
    for bucket, counted, reason, n in rows:
        rule = metric.counted_flags.get(reason) if counted else reason
        if rule is not None and rule != people.FEW:
            counts = found.setdefault(bucket, {})
            counts[rule] = counts.get(rule, 0) + n
    return {bucket: dict(sorted(counts.items())) for bucket, counts in found.items()}


def coverage_of(reader: Reader, relation: str, coverage: Coverage) -> dict[Cell, CoverageShare]:
    """What of each cell's population was covered; cells without a population are not there."""
    counts = "".join(f", SUM(CASE WHEN {name} THEN 1 ELSE 0 END) AS {name}" for name in coverage.counts)
    rows = reader.rows(f"""
SELECT bucket, service, GROUPING(service) AS is_pooled, AVG(CASE WHEN covered THEN 1.0 ELSE 0.0 END) AS share{counts}
FROM {relation} GROUP BY GROUPING SETS ((bucket, service), (bucket))
""")  # noqa: S608 - a relation of our own
    return {
        (bucket, POOLED if is_pooled else service): CoverageShare(
            share=share, floor=coverage.floor, of=coverage.of, **dict(zip(coverage.counts, numbers, strict=True))
        )
        for bucket, service, is_pooled, share, *numbers in rows
    }


def coverages(sample: Sample, metric: Metric) -> dict[Cell, CoverageShare]:
    """Each cell's coverage; where the gate hides the value, the gate's."""
    if sample.by in metric.cuts:
        # what could not be judged has no such column
        return {}
    told = coverage_of(sample.reader, sample.coverage, metric.coverage) if metric.coverage else {}
    gates = coverage_of(sample.reader, sample.gate, metric.gate) if metric.gate else {}
    return told | {cell: gate for cell, gate in gates.items() if hides(gate)}


def findings(sample: Sample, metric: Metric) -> Findings:
    """Measure one sample."""
    if metric.statistic is None:
        return Findings()
    return Findings(
        metric.statistic.measure(sample),
        exclusions(sample, metric),
        coverages(sample, metric),
        metric.parts(sample) if metric.parts else {},
        people.suppressed(sample),
    )


def observability(reader: Reader, query: Query) -> Observability:
    """What the store's sources could have told about a metric."""
    if query.definition.observe is not None:
        return query.definition.observe(reader, query)
    return Observability(all(could_tell(reader, each) for each in query.definition.needs))


def could_tell(reader: Reader, event_type: str) -> bool:
    """Whether any event of a type was ever landed, or a source is known that reads it."""
    table = TABLE_NAMES[event_type]
    ((known,),) = reader.rows(
        f"SELECT EXISTS (SELECT 1 AS found FROM {table}) OR EXISTS ("  # noqa: S608 - a table of our own
        "SELECT 1 AS found FROM source_states WHERE ARRAY_CONTAINS(reads, $event_type)) AS known",
        event_type=event_type,
    )
    return bool(known)


def data_as_of(reader: Reader, metric: Metric) -> datetime | None:
    """The oldest last success among the sources that read what the metric reads; None where none succeeded.

    A part that its family has no more (a repository that was deleted) tells nothing new for ever: it does not count.
    """
    rows = reader.rows(
        "SELECT reads, last_success_at FROM source_states WHERE last_success_at IS NOT NULL AND left_at IS NULL"
    )
    times = [at for reads, at in rows if metric.reads & set(reads or ())]
    return min(times).replace(tzinfo=UTC) if times else None


def hint(workspace: Workspace) -> str | None:
    """A sentence for a scope that nothing was ever heard of."""
    query = workspace.query
    if query.team is not None and query.team not in workspace.above:
        return f"No event names a team {query.team!r}; check the spelling, or land `team` and `ownership` events."
    if query.service is not None and not workspace.spans:
        if called := _spoken_of(workspace, query.service):
            return f"The catalog calls the service of {query.service!r} {called!r}: ask for that."
        return (
            f"No event names a service {query.service!r}; `tribometer metric {query.metric} --by service` lists them."
        )
    return None


def _spoken_of(workspace: Workspace, repository: str) -> str | None:
    """The one service that what names a repository speaks of."""
    final = f"SELECT service FROM spoken_services WHERE repository = {compose.literal(repository)}"  # noqa: S608 - quoted
    rows = workspace.reader.rows(compose.statement(compose.chain(["spoken_services"]), final))
    return next((service for (service,) in rows), None)


def measured(
    reader: Reader, query: Query, rules: Rules, shelf: Shelf | None = None
) -> tuple[Judge, list[tuple[Sample, Findings]]]:
    """What was measured for a query on the whole window and, with ``by``, on its series; and who judges it."""
    asked, query = query, people.of_whole_cohorts(reader, query)
    workspace = workspace_of(reader, query, rules, shelf)
    observed = prepared(workspace)
    told = people.widening(asked, query) or hint(workspace)
    judge = Judge(query, observed, data_as_of(reader, query.definition), told)
    samples = [workspace.whole(), *([workspace.series()] if query.by else [])]
    return judge, [
        (sample, findings(sample, query.definition) if observed.observable else Findings()) for sample in samples
    ]


def prepared(workspace: Workspace) -> Observability:
    """Keep what a query is measured on, and say whether any source could have told.

    Where none could, only whose the services are is kept; unless that is found out from what is kept.
    """
    reader, query, metric = workspace.reader, workspace.query, workspace.metric
    if metric.observe is None and query.by not in metric.cuts:
        observed = observability(reader, query)
        (workspace.materialise if observed.observable else workspace.materialise_owners)()
        return observed
    workspace.materialise()
    return observability(reader, query)


def workspace_of(reader: Reader, query: Query, rules: Rules, shelf: Shelf | None = None) -> Workspace:
    """The workspace of a query: what is kept in the store may be read where it was seen to stand, on a held reader."""
    return (ClosedWorkspace if reader.held else Workspace)(reader, query, rules, shelf)


def compute(reader: Reader, query: Query, rules: Rules, shelf: Shelf | None = None) -> MetricResult:
    """Answer a query with the contract's result object; queries that share a ``shelf`` share their facts."""
    metric = query.definition
    if metric.compose is not None:
        return metric.compose(reader, query, rules)
    judge, answers = measured(reader, query, rules, shelf)
    whole, *cut = [[judge.result(sample, found, bucket) for bucket in sample.buckets] for sample, found in answers]
    return whole[0].model_copy(update={"series": cut[0]}) if cut else whole[0]
