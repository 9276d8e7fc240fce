"""The units of all time, kept in the store: a query reads what lies in its window and scope, and computes no fact anew.

Kept are a metric's units and coverage rows. Where they depend on the clock, as while a deployment may still fail, the
facts behind them are kept instead, which do not. All of it is kept with the stamps of the tables it was made from, so
that nobody reads it once any of these was written to; what is made anew is made in one go, for what a revert or an
incident of today says about a deployment of last year stands in no column. Business days end with the clock's day, so
of what is told on the business clock only that is kept which comes before it. Kept are the usual options only, those
a page begins with; a query with others computes everything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metrics import compose
from metrics.closed_basis import basis_text, stands
from metrics.query import EARLIEST, LATEST, Query
from metrics.workspace import OWN_STEPS, SCOPE, Workspace
from tribometer.store.closed import ClosedTable, kept_tables
from tribometer.store.stamps import stamped_tables, stamps

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from metrics.definition import Coverage, Metric
    from metrics.sample import Sample
    from metrics.shelf import Shelf
    from tribometer.settings import Rules
    from tribometer.store import Reader
    from tribometer.store.stamps import NotingReader

READ = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)")
PERSONAL = "person"
"""How facts begin that are about single people: of these nothing is kept (ADR 12)."""
IN_SCOPE = (
    """
SELECT u.* FROM closed.{table} AS u CROSS JOIN params AS p
LEFT JOIN scope_teams AS s ON s.team = u.team
WHERE u.at >= p.window_from AND u.at < p.window_to"""
    + SCOPE
)


def is_usual(query: Query) -> bool:
    """Whether a query has the options under which units are kept."""
    metric = query.definition
    if metric.people is not None:
        # what people did is kept nowhere: it would be told to whoever reads the store's files
        return False
    chosen = (query.clock or metric.clock, query.unit, query.blame, query.bots or metric.bots, query.owners)
    usual = (metric.clock, Query.unit, Query.blame, metric.bots, Query.owners)
    return not metric.superseded and chosen == usual


def kept_name(metric: Metric, table: str) -> str:
    """The name under which a metric's table is kept."""
    return f"{metric.name}_{table}"


def standing(reader: Reader, query: Query, rules: Rules) -> frozenset[str]:
    """The tables of a query's metric that are kept and made from what the store holds now."""
    if not is_usual(query):
        return frozenset()
    prefix, present = kept_name(query.definition, ""), stamps(reader)
    return frozenset(
        name.removeprefix(prefix)
        for name, basis in kept_tables(reader).items()
        if name.startswith(prefix) and stands(basis, rules, present)
    )


def due(reader: NotingReader, metric: str, rules: Rules, now: datetime) -> list[ClosedTable]:
    """The tables of a metric as they have to be kept; none where those that are kept stand."""
    query = Query(metric, start=EARLIEST, end=LATEST, now=now)
    if not is_usual(query) or standing(reader, query, rules):
        return []
    workspace = Workspace(reader, query, rules)
    workspace.materialise_owners()
    made = _clock_free(workspace)
    read = stamped_tables(reader.statements)
    if read is None:
        return []
    known = stamps(reader)
    basis = basis_text(rules, {name: known.get(name, 0) for name in read})
    return [
        ClosedTable(kept_name(workspace.metric, name), basis, f"SELECT * FROM {name}")  # noqa: S608 - names of our own
        for name in made
    ]


def _coverages(metric: Metric) -> dict[str, Coverage]:
    told = {"metric_coverage": metric.coverage, "metric_gate": metric.gate}
    return {table: coverage for table, coverage in told.items() if coverage is not None}


def _clock_free(workspace: Workspace) -> list[str]:
    """Make of a workspace's tables what is the same under any clock, and name it.

    Of the units that are not, what comes last before the clock is read.
    """
    metric, found = workspace.metric, []
    chain = workspace.unit_chain()
    if _tells_time(chain, metric):
        found += sorted(_last_clock_free(chain, metric.sql, metric))
        names = " ".join(found)
        workspace.prepared(_needed(chain, names), names)
    else:
        workspace.materialise_units()
        found.append("metric_units")
    for table, coverage in _coverages(metric).items():
        if not _tells_time(compose.chain([coverage.fact], workspace.given), metric):
            workspace.materialise_coverage(table, coverage)
            found.append(table)
    return found


def _last_clock_free(chain: compose.Chain, text: str, metric: Metric) -> set[str]:
    """The facts that a text is made from and no clock changes, and of these none that is behind another."""
    found = set()
    for name in chain.keys() & set(READ.findall(text)):
        if name in OWN_STEPS or name.startswith(PERSONAL) or _tells_time(_needed(chain, name), metric):
            found |= _last_clock_free(chain, chain[name], metric)
        else:
            found.add(name)
    return found


def _tells_time(chain: compose.Chain, metric: Metric) -> bool:
    """Whether anything in a chain may read the clock; of business days the last ends with its day."""
    words = frozenset[str]().union(*(compose.words(compose.bare(body)) for body in chain.values()))
    return bool(words & {"now", *metric.given, *(["calendar_dates"] if metric.clock == "business" else [])})


def _needed(chain: compose.Chain, text: str) -> compose.Chain:
    """The part of a chain that a text reads, directly or not."""
    wanted: set[str] = set()
    more = set(compose.words(text) & chain.keys())
    while more:
        wanted |= more
        more = {word for name in more for word in compose.words(compose.bare(chain[name]))} & chain.keys() - wanted
    return {name: body for name, body in chain.items() if name in wanted}


class ClosedWorkspace(Workspace):
    """A workspace that reads what is kept, as long as it stands; the reader is on hold, so that it stays true."""

    def __init__(self, reader: Reader, query: Query, rules: Rules, shelf: Shelf | None = None) -> None:
        """Find out what stands."""
        super().__init__(reader, query, rules, shelf)
        self._standing = standing(reader, query, rules)

    def materialise(self) -> None:
        """As `Workspace.materialise`."""
        if self.metric.observe is not None:
            # what a source could have told is asked for behind this, of tables that units alone would bring
            self.give("hotfix_changes golden_declared golden_templates")
        super().materialise()

    def keep(self, table: str, ctes: compose.Chain, final: str) -> None:
        """As `Workspace.keep`, from what is kept where it can be."""
        if table in self._standing:
            super().keep(table, {}, IN_SCOPE.format(table=kept_name(self.metric, table)))
            return
        kept = {name: f"closed.{kept_name(self.metric, name)}" for name in ctes.keys() & self._standing}

        def reading(text: str) -> str:
            # read where it is kept: an engine that knows what is wanted of it need not read all
            return READ.sub(lambda found: found[0].replace(found[1], kept.get(found[1], found[1])), text)

        rest = {name: reading(body) for name, body in ctes.items() if name not in kept}
        super().keep(table, _needed(rest, reading(final)), reading(final))

    def narrowed(self, sample: Sample, buckets: Iterable[str]) -> Sample:
        """A sample with only some of its buckets."""
        chosen = list(buckets)
        places = {name: sample.buckets[name] for name in chosen}
        return self._sample(sample.by, sample.table, places, {name: sample.services[name] for name in chosen})
