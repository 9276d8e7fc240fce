"""``docs/facts.md``: the SQL that metrics share, verbatim."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from metrics import CATALOGUE, compose
from metrics.tables import CALENDAR_DATES, PARAMS, TEAM_CALENDARS, TEAMS
from tribometer.service.documentation.markdown import blocks, document, fenced, link, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from metrics import Metric

INTRO = """A fact is one select that several metrics read. A metric's statement is its own SQL behind the facts that
its header names, each as a common table expression called like its file; `tribometer explain NAME` prints the whole,
ready to run. `name = fact` in a header puts a fact where others read `name`, and `name = fact(relation)` applies it to
a relation that it calls `these`.

Columns of stored tables are explained where they are made, in `tribometer/store/migrations/`. `seconds_between(a, b)`
are the seconds from a to b, to the microsecond; `matches(text, pattern)` searches a regular expression and ignores
case."""
GIVEN: Mapping[str, pa.Schema] = {
    "params": PARAMS,
    "calendar_dates": CALENDAR_DATES,
    "team_calendars": TEAM_CALENDARS,
    "scope_teams": TEAMS,
}
TOLD: Mapping[str, str] = {
    "hotfix_changes": "`source`, `id` of the changes that `[patterns] hotfix` finds",
    "hiring_cohorts": "`cohort`, `starts_at`, `ends_at` (exclusive) of hiring quarters with five people or more",
    "rotation_stretches": "`rotation`, `begins_at`, `ends_at` (included): ends of the shifts until five people had one",
    "golden_declared": "`templates`, `workflows`: whether it can be told which of them are golden",
    "golden_templates": "`template`: golden by `[golden_path] templates`; where none is declared, those with releases",
    "golden_workflows": "`workflow`: golden by `[golden_path] workflows`",
    "golden_references": "`reference`: what pipelines use and `[golden_path] workflows` says is golden",
    "friction_factors": "`kind`, `people`, `attention`, seconds `nothing_until`, `nothing_after`, `each`: `[friction]`",
    "production_environments": "`environment`: those seen to run that the settings say are production",
}


def page() -> str:
    """Make the page."""
    return document("Facts", INTRO, [("Tables a query is given", _given()), *_facts()])


def _given() -> str:
    rows = ((f"`{name}`", ", ".join(f"`{column}`" for column in schema.names)) for name, schema in GIVEN.items())
    return table(("table", "columns"), [*rows, *((f"`{name}`", told) for name, told in TOLD.items())])


def names() -> list[str]:
    """The facts there are, sorted."""
    found = files("metrics").joinpath("facts").iterdir()
    return sorted(each.name.removesuffix(".sql") for each in found if each.name.endswith(".sql"))


def uses(sql: str) -> list[str]:
    """The facts that a select's header names, sorted and each once; what it calls otherwise is none."""
    named = {use: compose.NAMED.fullmatch(use) for use in compose.uses(sql)}
    found = {match[2] if match else use for use, match in named.items()}
    relations = {match[3] for match in named.values() if match and match[3]}
    return sorted(found | (relations - {match[1] for match in named.values() if match}))


def read(metric: Metric) -> list[str]:
    """The facts that a metric names itself: its units', its coverage's, and what waits."""
    if metric.statistic is None:
        return []
    beside = [coverage.fact for coverage in (metric.coverage, metric.gate) if coverage is not None]
    return sorted({*uses(metric.sql), *beside, *filter(None, [metric.waiting])})


def _facts() -> Iterator[tuple[str, str]]:
    for name in names():
        readers = [
            link(metric.title, metric.title, "metrics.md") for metric in CATALOGUE.values() if name in read(metric)
        ]
        readers += [link(each, each) for each in names() if name in uses(compose.fact(each))]
        by = f"Read by {', '.join(readers)}." if readers else ""
        yield name, blocks(by, fenced(compose.fact(name), "sql"))
