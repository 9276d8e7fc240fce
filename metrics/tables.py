"""The small tables a query hands to its SQL: parameters, hotfixes, calendars, teams in scope."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa

from metrics.compose import literal
from tribometer.clock import calendar_days, naive_utc
from tribometer.settings.friction import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from metrics.query import Query
    from tribometer.clock import CalendarDay
    from tribometer.settings import Rules
    from tribometer.store import Reader

TIME = pa.timestamp("us")
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
PARAMS = pa.schema(
    [
        ("window_from", TIME),
        ("window_to", TIME),
        ("now", TIME),
        ("failure_window_seconds", pa.float64()),
        ("blame", pa.string()),
        ("bots", pa.string()),
        ("unit", pa.string()),
        ("clock", pa.string()),
        ("service", pa.string()),
        ("team", pa.string()),
        ("calendar", pa.string()),
    ],
)
DEPLOYMENTS = pa.schema(
    [("service", pa.string()), ("deployment_source", pa.string()), ("deployment_id", pa.string())],
)
PRICES = pa.schema([("runner", pa.string()), ("price", pa.float64()), ("currency", pa.string())])
FACTORS = pa.schema(
    [
        ("kind", pa.string()),
        ("people", pa.float64()),
        ("attention", pa.float64()),
        ("nothing_until", pa.float64()),
        ("nothing_after", pa.float64()),
        ("each", pa.float64()),
    ],
)
TEAMS = pa.schema([("team", pa.string())])
TEAM_CALENDARS = pa.schema([("team", pa.string()), ("calendar", pa.string())])
CALENDAR_DATES = pa.schema(
    [
        ("calendar", pa.string()),
        ("utc_date", pa.date32()),
        ("day", pa.date32()),
        ("starts_at", TIME),
        ("ends_at", TIME),
        ("opens_at", TIME),
        ("closes_at", TIME),
        ("is_open", pa.bool_()),
        ("open_days_before", pa.int64()),
    ],
)
DAY_SECONDS = 28_800.0
"""Of a business day at most eight hours count."""
FIRST_TIMES = """
SELECT MIN(first_at) AS first_at FROM (
    SELECT MIN(authored_at) AS first_at FROM commits
    UNION ALL SELECT MIN(created_at) AS first_at FROM changes
    UNION ALL SELECT MIN(first_commit_at) AS first_at FROM changes
    UNION ALL SELECT MIN(finished_at) AS first_at FROM production_deployments
    UNION ALL SELECT MIN(impact_started_at) AS first_at FROM incidents
    UNION ALL SELECT MIN(detected_at) AS first_at FROM incidents
    UNION ALL SELECT MIN(paged_at) AS first_at FROM pages
) AS times
"""


def params(query: Query, rules: Rules) -> pa.Table:
    """One row: the window, the options, the scope, and the calendar of services whose team has none."""
    start, end = query.window
    row = {
        "window_from": naive_utc(start),
        "window_to": naive_utc(end),
        "now": naive_utc(query.now),
        "failure_window_seconds": rules.failure_window.total_seconds(),
        "blame": query.blame,
        "bots": query.bots or query.definition.bots,
        "unit": query.unit,
        "clock": query.clock or query.definition.clock,
        "service": query.service,
        "team": query.team,
        "calendar": calendar_name(rules.timezone, None),
    }
    return pa.Table.from_pylist([row], schema=PARAMS)


def claims_of_today(now: datetime) -> str:
    """Select of the claims of ownership that stand at a time, as if each stood for all time (E25)."""
    moment = f"TIMESTAMP '{naive_utc(now)}'"
    return (
        "SELECT team, service, repository, coalesce(valid_from, TIMESTAMP '1000-01-01 00:00:00') AS claimed_at,\n"
        "    TIMESTAMP '1000-01-01 00:00:00' AS valid_from, TIMESTAMP '9999-12-31 00:00:00' AS valid_to\n"
        f"FROM ownerships\nWHERE coalesce(valid_from <= {moment}, true) AND coalesce({moment} < valid_to, true)"
    )


def hotfix_changes(rules: Rules) -> str:
    """Select of the changes (source, id) that look like hotfixes: ``label`` patterns equal a label, others search.

    The patterns are written into the text: an engine compiles a constant pattern once, one from a table for every row.
    """
    terms = []
    for pattern in rules.hotfix:
        kind, _, label = pattern.partition(":")
        if kind == "label":
            terms.append(f"ARRAY_CONTAINS(labels, {literal(label)})")
        else:
            terms += [f"matches({field}, {literal(pattern)})" for field in ("title", "head")]
    return f"SELECT source, id FROM changes WHERE {' OR '.join(terms) or '1 = 0'}"  # noqa: S608 - literals are quoted


def change_sizes(rules: Rules) -> str:
    """Select of the changes with their lines outside of generated files; by_files: whether any source told files."""
    outside = f"NOT matches(each.path, {literal(_paths(rules.generated))})" if rules.generated else "true"
    lines = "coalesce(each.additions, 0) + coalesce(each.deletions, 0)"
    return (
        "SELECT source, id, file_changes IS NOT NULL AS by_files, CAST(CASE\n"
        "WHEN file_changes IS NULL THEN additions + deletions\n"
        f"ELSE coalesce(list_sum([{lines} FOR each IN file_changes IF {outside}]), 0) END AS DOUBLE) AS lines\n"
        "FROM changes"
    )


def runner_prices(reader: Reader, rules: Rules) -> pa.Table:
    """Rows (runner, price of a minute, currency) of every runner that any job names; none where no price is set."""
    if not rules.ci.cost_per_minute:
        return pa.Table.from_pylist([], schema=PRICES)
    names = sorted({runner or "" for (runner,) in reader.rows("SELECT DISTINCT runner FROM jobs")})
    rows = [{"runner": name, "price": rules.ci.price(name), "currency": rules.ci.currency} for name in names]
    return pa.Table.from_pylist(rows, schema=PRICES)


def friction_factors(rules: Rules) -> pa.Table:
    """Rows of what a wait of each kind costs: people, attention, and seconds of it that count for nothing or at all."""
    rows = []
    for kind in KINDS:
        factors = rules.friction.factors(kind)
        rows.append(
            {
                "kind": kind,
                "people": factors.people,
                "attention": factors.attention,
                "nothing_until": factors.beyond_minutes * 60,
                "nothing_after": factors.beyond_minutes * 60 + factors.at_most_days * DAY_SECONDS,
                "each": None if factors.minutes is None else factors.minutes * 60,
            }
        )
    return pa.Table.from_pylist(rows, schema=FACTORS)


def _paths(globs: Iterable[str]) -> str:
    """A regular expression that finds a path for which any of the globs stands."""
    return "|".join(f"(^|/){_escaped(each)}{'' if each.endswith('/') else '$'}" for each in globs)


def _escaped(glob: str) -> str:
    return re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".")


def calendar_name(zone: str, country: str | None) -> str:
    """Name of the calendar of a time zone and the public holidays of a country."""
    return f"{zone} {country}" if country else zone


def _zone_exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, LookupError):
        return False
    return True


class Calendars:
    """The business calendars in use: the default one and one per team that names a zone or a country."""

    def __init__(self, reader: Reader, query: Query, rules: Rules) -> None:
        """Read the teams; a zone nobody knows is left for the default."""
        rows = reader.rows("SELECT id, MAX(timezone) AS zone, MAX(holidays) AS country FROM teams GROUP BY id")
        self._reader = reader
        self._query = query
        self._by_team = {
            team: (zone if zone and _zone_exists(zone) else rules.timezone, country) for team, zone, country in rows
        }
        self._all = {(rules.timezone, None), *self._by_team.values()}

    def team_calendars(self) -> pa.Table:
        """Rows (team, calendar)."""
        rows = [{"team": team, "calendar": calendar_name(*place)} for team, place in sorted(self._by_team.items())]
        return pa.Table.from_pylist(rows, schema=TEAM_CALENDARS)

    def calendar_dates(self) -> pa.Table:
        """Rows (calendar, utc_date, local day …): a local day once for each UTC date it touches; none if not needed."""
        metric = self._query.definition
        if (self._query.clock or metric.clock) == "calendar" and "calendar_dates" not in metric.given:
            return pa.Table.from_pylist([], schema=CALENDAR_DATES)
        return _dates(tuple(sorted(self._all, key=str)), *self._span())

    def _span(self) -> tuple[date, date]:
        start, end = self._query.window
        ((known,),) = self._reader.rows(FIRST_TIMES)
        first = min(start, known.replace(tzinfo=UTC)) if known else start
        last = max(end, self._query.now)
        return (max(first, EARLIEST) - timedelta(days=2)).date(), (last + timedelta(days=2)).date()


@lru_cache(maxsize=16)
def _dates(places: Sequence[tuple[str, str | None]], first: date, last: date) -> pa.Table:
    """The days of every zone and country; the same for every query of a day."""
    rows = [
        row
        for zone, country in places
        for row in _dated(calendar_name(zone, country), calendar_days(first, last, zone, country))
    ]
    return pa.Table.from_pylist(rows, schema=CALENDAR_DATES)


def _dated(calendar: str, days: Iterable[CalendarDay]) -> Iterable[dict[str, object]]:
    open_days = 0
    for day in days:
        dates = {day.starts_at.date(), (day.ends_at - timedelta(microseconds=1)).date()}
        for utc_date in sorted(dates):
            yield {
                "calendar": calendar,
                "utc_date": utc_date,
                "day": day.day,
                "starts_at": naive_utc(day.starts_at),
                "ends_at": naive_utc(day.ends_at),
                "opens_at": naive_utc(day.opens_at),
                "closes_at": naive_utc(day.closes_at),
                "is_open": day.is_open,
                "open_days_before": open_days,
            }
        open_days += day.is_open


def parents(reader: Reader) -> dict[str, str | None]:
    """Every team that any event names, with the team above it."""
    rows = reader.rows("""
SELECT team, MAX(parent) AS parent FROM (
    SELECT id AS team, parent FROM teams
    UNION ALL SELECT team, CAST(NULL AS STRING) AS parent FROM ownerships
) AS named GROUP BY team
""")
    return dict(rows)


def lineage(team: str, above: Mapping[str, str | None]) -> tuple[str, ...]:
    """A team and all teams above it; a circle ends where it closes."""
    line: list[str] = []
    current: str | None = team
    while current is not None and current not in line:
        line.append(current)
        current = above.get(current)
    return tuple(line)


def scope_teams(team: str | None, above: Mapping[str, str | None]) -> Sequence[str]:
    """The team and its descendants, sorted; none without a team."""
    if team is None:
        return ()
    return sorted({team, *(each for each in above if team in lineage(each, above))})


def team_table(teams: Sequence[str]) -> pa.Table:
    """Rows (team)."""
    return pa.Table.from_pylist([{"team": team} for team in teams], schema=TEAMS)


def no_deployments() -> pa.Table:
    """No rows (service, deployment_source, deployment_id)."""
    return pa.Table.from_pylist([], schema=DEPLOYMENTS)
