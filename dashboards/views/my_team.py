"""My team's week: the last whole week of one team beside what its weeks usually are, and what waits for it now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from dashboards import filters, frame, waiting
from dashboards.answers import shown
from metrics import CATALOGUE
from metrics.moves import LEAST_BEFORE, move
from metrics.query import Query
from metrics.wording import WORKING, value_text
from tribometer.clock import utc_midnight

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from dashboards.data import DataSource
    from metrics.result import MetricResult
    from metrics.verdicts.weekly import Level

WEEKS = 27
LEVELS: tuple[Level, ...] = ("team", "service")
SOUND = frozenset({"ok", "too_few"})
METRICS = (
    "deployment_frequency",
    "change_lead_time",
    "pr_cycle_time",
    "review_response_time",
    "unreviewed_share",
    "ci_time_to_feedback",
    "ci_success_rate",
    "ci_flake_rate",
    "default_branch_breakage",
)
SIGNS = {
    "usual": ":gray[as usual]",
    "better": ":green[:material/thumb_up: better than usual]",
    "worse": ":red[:material/thumb_down: worse than usual]",
    "moved": ":material/swap_vert: other than usual",
}


@dataclass(frozen=True)
class Weeks:
    """A metric by whole weeks, ascending: values, None where nothing can be told, and the units behind each."""

    metric: str
    values: tuple[float | None, ...] = ()
    units: tuple[int, ...] = ()


def render(reader: DataSource) -> None:
    """Draw the page for one reader."""
    frame.heading(reader, "My team's week", "How was our week, beside our usual ones, and what waits for us?")
    if not reader.sources():
        frame.nothing_yet()
        return
    if not reader.teams():
        st.info(
            "No team is known yet: a catalog says which services are whose (`[catalog] file`, Backstage, or `team` and "
            "`ownership` events). Until then the other pages tell of everything together.",
            icon=":material/groups:",
        )
        return
    with st.container(horizontal=True, key="filters"):
        service, team = filters.scope(reader)
    chosen = filters.opening(reader, "90 days", service, team)
    monday = utc_midnight(reader.now()) - timedelta(days=reader.now().weekday())
    last = monday - timedelta(days=7)
    st.markdown(f"**{chosen.of}**, the week of {last:%d %b} to {monday - timedelta(days=1):%d %b %Y}")
    if not (service or team):
        st.info(
            "Choose your team above: the page keeps it in its address, so a bookmark opens on it.",
            icon=":material/group:",
        )
    _week([_weeks(reader, monday, name, service, team) for name in shown(METRICS)])
    waiting.draw(
        reader,
        chosen,
        "review_response_time",
        "Waiting for a review",
        "No change of these 90 days waits for a first review.",
    )
    waiting.draw(
        reader,
        chosen,
        "provisioning_wait",
        "Asked of the platform and not there yet",
        "Nothing that was asked for is open.",
    )
    frame.provenance(reader)


def ahead(reader: DataSource) -> Iterator[object]:
    """Work out the weeks of every team, and of every service, all at once, a number a step."""
    monday = utc_midnight(reader.now()) - timedelta(days=reader.now().weekday())
    for name in METRICS:
        for level in LEVELS:
            yield reader.weekly(_asked(reader, monday, name), level)
        yield reader.compute(replace(_asked(reader, monday, name), by="week"))


def _asked(reader: DataSource, monday: datetime, metric: str) -> Query:
    return Query(metric, start=monday - timedelta(weeks=WEEKS), end=monday, now=filters.moment(reader))


def _weeks(reader: DataSource, monday: datetime, metric: str, service: str | None, team: str | None) -> Weeks:
    """The weeks of a scope: of a team, or a service, those that are worked out of all of them at once."""
    query = _asked(reader, monday, metric)
    for level, name in zip(LEVELS, (team, service), strict=True):
        if name is not None and (found := reader.weekly(query, level).members.get(name)):
            return Weeks(metric, *zip(*found, strict=True))
    series = reader.compute(replace(query, service=service, team=team, by="week")).series
    return Weeks(metric, tuple(map(_together, series)), tuple(each.n or 0 for each in series))


def _together(week: MetricResult) -> float | None:
    """The value of all units of a week together, as of a team; None where nothing can be told."""
    if week.status not in SOUND:
        return None
    return week.pooled.value if week.pooled is not None else week.value


def _week(found: Sequence[Weeks]) -> None:
    rows = [_row(each) for each in found]
    told = [row for row in rows if row is not None]
    if not told:
        st.info("Nothing of the last week can be told yet.", icon=":material/inbox:")
        return
    lines = ["| Number | Last week | Usual range | n | Beside the usual |", "|---|---|---|---|---|"]
    lines += [
        f"| {row['title']} | **{row['value']}** | {row['usual']} | {row['n']} | {SIGNS[row['sign']]} |" for row in told
    ]
    st.markdown("\n".join(lines))
    st.caption(
        f"Usual is what the {WEEKS - 1} weeks before varied by (process behaviour limits, from {LEAST_BEFORE} weeks "
        "on). A week outside of it is worth a look; most weeks inside of it are not. All services count together."
    )
    unseen = [CATALOGUE[each.metric].title for each, row in zip(found, rows, strict=True) if row is None]
    if unseen:
        st.caption(f"Nothing to tell last week: {', '.join(unseen)}.")


def _row(weeks: Weeks) -> dict[str, str] | None:
    """The last week in words; None where it has no value."""
    if not weeks.values or weeks.values[-1] is None:
        return None
    metric = CATALOGUE[weeks.metric]
    unit = WORKING if metric.unit == "seconds" and metric.clock == "business" else metric.unit
    found = move(weeks.values, metric.unit)
    return {
        "title": metric.title,
        "value": value_text(unit, weeks.values[-1]),
        "usual": f"{value_text(unit, found.low)} to {value_text(unit, found.high)}" if found else "too few weeks",
        "n": f"{weeks.units[-1]:,}",
        "sign": found.verdict(metric.better) if found is not None and found.is_signal else "usual",
    }
