"""Everything a query needs on the engine before it measures: given tables, its units, its buckets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from metrics import compose, people, rotations, tables
from metrics.drift_tables import DriftTables
from metrics.golden_tables import GoldenTables
from metrics.sample import WHOLE, Sample
from metrics.shelf import Shelf
from tribometer.clock import Bucket, months, naive_utc, quarters, weeks, years

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from metrics.definition import Coverage, Metric
    from metrics.query import Query
    from tribometer.settings import Rules
    from tribometer.store import Reader

UNIT_COLUMNS = ("unit", "source", "id", "service", "at", "value", "counted", "rule", "flag")
CUTTERS = {"week": weeks, "month": months, "quarter": quarters, "year": years}
BUCKETS = pa.schema(
    [("bucket", pa.string()), ("period", tables.TIME), ("starts_at", tables.TIME), ("ends_at", tables.TIME)],
)
OWN_STEPS = frozenset({"units", "unit_spans", "dated_spans", "timed_units"})
"""Steps of one query only: read once, so they stay within the statement that reads them."""
PATHS = pa.schema([("team", pa.string()), ("bucket", pa.string())])
SCOPE = """
    AND (p.service IS NULL OR u.service = p.service)
    AND (p.team IS NULL OR s.team IS NOT NULL)"""
SCOPED = """
FROM {relation} AS u
CROSS JOIN params AS p
LEFT JOIN service_owner AS o ON o.service = u.service AND o.owned_from <= u.at AND u.at < o.owned_to
LEFT JOIN scope_teams AS s ON s.team = o.team"""
OWNED = (
    SCOPED
    + """
WHERE u.at >= p.window_from AND u.at < p.window_to
    AND (u.service IS NULL OR o.service IS NOT NULL)"""
    + SCOPE
)
PLACED = (
    """
FROM {relation} AS u
CROSS JOIN params AS p
LEFT JOIN scope_teams AS s ON s.team = u.team
WHERE u.at >= p.window_from AND u.at < p.window_to"""
    + SCOPE
)
"""As `OWNED`, of units that say themselves whose they are."""


@dataclass(frozen=True)
class ServiceSpan:
    """A service in scope, from when to when its team owned it within the window."""

    service: str
    team: str | None
    template: str | None


class Workspace:
    """The tables of one query on one reader."""

    def __init__(self, reader: Reader, query: Query, rules: Rules, shelf: Shelf | None = None) -> None:
        """Read the teams; nothing is put on the engine yet. Queries that share a ``shelf`` share their facts."""
        self.reader = reader
        self.shelf = shelf or Shelf(reader)
        self.query = query
        self.metric: Metric = query.definition
        self.above = tables.parents(reader)
        calendars = tables.Calendars(reader, query, rules)
        teams = tables.scope_teams(query.team, self.above)
        self.given: Mapping[str, Callable[[], pa.Table | str]] = {
            "params": lambda: tables.params(query, rules),
            "hotfix_changes": lambda: tables.hotfix_changes(rules),
            "change_sizes": lambda: tables.change_sizes(rules),
            "runner_prices": lambda: tables.runner_prices(reader, rules),
            "friction_factors": lambda: tables.friction_factors(rules),
            "team_calendars": calendars.team_calendars,
            "calendar_dates": calendars.calendar_dates,
            "hiring_cohorts": lambda: people.cohort_table(people.hiring_cohorts(reader, query.now)),
            "rotation_stretches": lambda: rotations.stretch_table(reader, query.now),
            "scope_teams": lambda: tables.team_table(teams),
            **DriftTables(reader, query, rules).given,
            **GoldenTables(reader, rules).given,
        }
        if (query.bots or self.metric.bots) == "include":
            # telling bots' deployments apart walks all changes; nobody asks when they count like any other
            self.given = {**self.given, "bot_deployments": tables.no_deployments}
        if query.owners == "now":
            self.given = {**self.given, "ownership_claims": lambda: tables.claims_of_today(query.now)}

    @property
    def business(self) -> bool:
        """Whether the value is read on the business clock and not yet so by the metric's own SQL."""
        return (self.query.clock or self.metric.clock) == "business" and self.metric.span is not None

    def owner(self, column: str) -> str:
        """Where a unit's ``team`` or ``template`` is read from."""
        return f"o.{column}" if self.metric.placed == "service" else f"u.{column}"

    def owned(self, relation: str) -> str:
        """The rest of a select over a relation of units ``u``: those in window and scope."""
        return (OWNED if self.metric.placed == "service" else PLACED).format(relation=relation)

    def unit_chain(self) -> compose.Chain:
        """CTEs down to ``units`` (and ``timed_units``), without those that are tables already."""
        ready = {*self.given, "units"}
        ctes = compose.chain(compose.uses(self.metric.sql), ready)
        ctes["units"] = self.metric.sql
        compose.chain(["service_owner"], ready, ctes)
        if self.business and self.metric.span is not None:
            begin, end = self.metric.span
            names = {"span_from": begin, "span_to": end, "whole_from": begin, "whole_to": end}
            columns = ", ".join(f"u.{column} AS {name}" for name, column in names.items())
            ctes["unit_spans"] = f"SELECT u.*, {columns} FROM units AS u"  # noqa: S608 - columns of our own
            steps = (
                f"dated_spans = {self.metric.placed}_calendar(unit_spans)",
                "timed_units = business_seconds(dated_spans)",
            )
            compose.chain(steps, {*ready, "unit_spans"}, ctes)
        return ctes

    def scoped_units(self) -> str:
        """Select of the units in window and scope with their owner; reads the last of `unit_chain`."""
        value = {"value": "u.business_value AS value"} if self.business else {}
        columns = ", ".join(value.get(name, f"u.{name}") for name in (*UNIT_COLUMNS, *self.metric.keeps))
        relation = "timed_units" if self.business else "units"
        return f"SELECT {columns}, {self.owner('team')}, {self.owner('template')}{self.owned(relation)}"

    def literals(self, text: str) -> compose.Chain:
        """The given tables that a text names, as selects of literals."""
        made = {name: table() for name, table in self.given.items() if compose.mentions(text, name)}
        return {name: each if isinstance(each, str) else compose.literal_table(each) for name, each in made.items()}

    def keep(self, table: str, ctes: compose.Chain, final: str) -> None:
        """Keep a select over facts as a table."""
        self.shelf.keep(table, self.prepared(ctes, final))

    def prepared(self, ctes: compose.Chain, final: str) -> str:
        """Keep the facts of a select, for the query's other tables read them too; what is left of the statement."""
        self.give(compose.statement(ctes, final))
        self.shelf.keep_all({name: body for name, body in ctes.items() if name not in OWN_STEPS})
        return compose.statement({name: body for name, body in ctes.items() if name in OWN_STEPS}, final)

    def give(self, text: str) -> None:
        """Put the given tables that a text names on the engine."""
        for name, table in self.given.items():
            if compose.mentions(text, name):
                made = table()
                if isinstance(made, str):
                    self.shelf.keep(name, made)
                else:
                    self.shelf.give(name, made)

    def materialise(self) -> None:
        """Keep all that the metric is measured on."""
        self.materialise_owners()
        self.materialise_units()
        self.materialise_observed()
        self.give(" ".join(self.metric.given))
        for table, coverage in (("metric_coverage", self.metric.coverage), ("metric_gate", self.metric.gate)):
            if coverage is not None:
                self.materialise_coverage(table, coverage)

    def materialise_owners(self) -> None:
        """Keep the resolved owners: units, coverage and spans all ask for them."""
        chain = compose.chain(["service_owner"], self.given)
        self.give(compose.statement(chain, "scope_teams"))
        self.shelf.keep_all(chain)

    def materialise_units(self) -> None:
        """Keep the units in window and scope: everything is measured on them."""
        self.keep("metric_units", self.unit_chain(), self.scoped_units())

    def materialise_observed(self) -> None:
        """Keep the spans in which the services in scope lived and were owned."""
        final = (
            "SELECT u.* FROM service_observed AS u CROSS JOIN params AS p\n"  # noqa: S608
            "LEFT JOIN scope_teams AS s ON s.team = u.team\n"
            "WHERE u.starts_at < p.window_to AND u.ends_at > p.window_from" + SCOPE
        )
        self.keep("metric_observed", compose.chain(["service_observed"], self.given), final)

    def materialise_coverage(self, table: str, coverage: Coverage) -> None:
        """Keep what of a coverage's population could be judged."""
        columns = ", ".join(f"u.{name}" for name in ("service", "at", "covered", *coverage.counts))
        final = f"SELECT {columns}, {self.owner('team')}, {self.owner('template')}{self.owned(coverage.fact)}"
        self.keep(table, compose.chain([coverage.fact], self.given), final)

    @cached_property
    def spans(self) -> tuple[ServiceSpan, ...]:
        """Who owned which service in scope at some time of the window."""
        rows = self.reader.rows(
            "SELECT DISTINCT u.service, u.team, u.template FROM service_owner AS u CROSS JOIN params AS p\n"  # noqa: S608
            "LEFT JOIN scope_teams AS s ON s.team = u.team\n"
            "WHERE u.owned_from < p.window_to AND u.owned_to > p.window_from" + SCOPE,
        )
        return tuple(ServiceSpan(*row) for row in rows)

    @cached_property
    def services(self) -> tuple[str, ...]:
        """The services in scope, sorted; one that was asked for by name is in it even when nobody knows it."""
        asked = {self.query.service} if self.query.service is not None else set()
        return tuple(sorted({each.service for each in self.spans} | asked))

    def periods(self) -> list[Bucket]:
        """The buckets of ``by``, ascending; names get the whole window."""
        start, end = self.query.window
        by = self.query.by or ""
        if by in CUTTERS:
            return CUTTERS[by](start, end)
        return [Bucket(name, start, start, end, partial=False) for name in sorted(self._names())]

    def _names(self) -> set[str]:
        if self.query.by == "service":
            return set(self.services)
        if self.query.by == "template":
            return {each.template for each in self.spans if each.template is not None}
        if self.query.by == "team":
            return set(tables.scope_teams(self.query.team, self.above) or self.above)
        return set(self._cut) if self.query.by in self.metric.cuts else set()

    @cached_property
    def _cut(self) -> Mapping[str, tuple[str, ...]]:
        """What a kept column says of the units, with the services it says it of."""
        column = self.metric.cuts[self.query.by or ""]
        rows = self.reader.rows(
            f"SELECT DISTINCT {column} AS name, service FROM metric_units "  # noqa: S608 - a column of our own
            f"WHERE {column} IS NOT NULL ORDER BY name NULLS LAST, service NULLS LAST"
        )
        found: dict[str, tuple[str, ...]] = {}
        for name, service in rows:
            found[name] = (*found.get(name, ()), *([service] if service is not None else ()))
        return found

    def members(self, bucket: str) -> tuple[str, ...]:
        """The services that belong to a bucket: for names those so named, for periods all in scope."""
        by = self.query.by
        if by == "service":
            return (bucket,)
        if by == "template":
            return tuple(sorted({each.service for each in self.spans if each.template == bucket}))
        if by == "team":
            return tuple(
                sorted(
                    {
                        each.service
                        for each in self.spans
                        if each.team is not None and bucket in tables.lineage(each.team, self.above)
                    }
                )
            )
        if by in self.metric.cuts:
            return self._cut[bucket]
        return self.services

    def whole(self) -> Sample:
        """The sample whose one bucket is the whole window."""
        start, end = self.query.window
        bucket = Bucket(WHOLE, start, start, end, partial=False)
        return self._sample(None, "metric_whole", {WHOLE: bucket}, {WHOLE: self.services})

    def series(self) -> Sample:
        """The sample cut by the query's ``by``."""
        buckets = {each.label: each for each in self.periods()}
        if self.query.by == "team":
            rows = [{"team": team, "bucket": name} for team in self.above for name in tables.lineage(team, self.above)]
            self.reader.define("team_paths", pa.Table.from_pylist(rows, schema=PATHS))
        members = {name: self.members(name) for name in buckets}
        return self._sample(self.query.by, "metric_buckets", buckets, members)

    def _sample(
        self, by: str | None, table: str, buckets: Mapping[str, Bucket], services: Mapping[str, tuple[str, ...]]
    ) -> Sample:
        rows = [
            {
                "bucket": each.label,
                "period": naive_utc(each.period),
                "starts_at": naive_utc(each.starts_at),
                "ends_at": naive_utc(each.ends_at),
            }
            for each in buckets.values()
        ]
        self.reader.define(table, pa.Table.from_pylist(rows, schema=BUCKETS))
        return Sample(self.reader, self.query, by, table, buckets, services)
