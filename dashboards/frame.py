"""What every page has: its title, its filters kept in the address, and where its data comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from metrics.query import Query
from tribometer.clock import utc_midnight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.data import DataSource

AUTOMATIC = "Automatic"
PERIODS = {"28 days": 28, "90 days": 90, "365 days": 365}
EVERYTHING = "All"
CUSTOM = "Custom"
ENOUGH = 6
"""Deployments below which a median has no interval: the automatic period widens until it holds as many."""
WEEKS_UP_TO = timedelta(days=200)
RECENT_MINUTES = 120


@dataclass(frozen=True)
class Frame:
    """What the reader chose: a scope and a window (aware UTC, end exclusive)."""

    service: str | None
    team: str | None
    start: datetime
    end: datetime
    now: datetime
    period: str

    def query(self, metric: str, *, by: str | None = None) -> Query:
        """Ask for a metric over this scope and window."""
        return Query(
            metric=metric, service=self.service, team=self.team, start=self.start, end=self.end, by=by, now=self.now
        )

    @property
    def bucket(self) -> str:
        """Weeks while they can be told apart on a chart, else months."""
        return "week" if self.end - self.start <= WEEKS_UP_TO else "month"

    @property
    def words(self) -> str:
        """The window as a reader says it, with its last day inclusive."""
        last = self.end - timedelta(days=1)
        return f"{self.start:%d %b %Y} to {last:%d %b %Y}"


def choose(reader: DataSource) -> Frame:
    """Draw the filters and return what they say; every one of them stands in the address of the page."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        service = _pick("Service", reader.services(), "service") if len(reader.services()) > 1 else None
        team = _pick("Team", reader.teams(), "team") if service is None else None
        period = st.selectbox(
            "Period",
            [AUTOMATIC, *PERIODS, EVERYTHING, CUSTOM],
            key="period",
            bind="query-params",
            width=180,
            help="Automatic is the shortest of 28, 90 and 365 days, or all, that holds six deployments.",
        )
        days = _custom_days(reader) if period == CUSTOM else None
    # today is not over, so it is not counted
    end = utc_midnight(reader.now())
    frame = Frame(service, team, end - timedelta(days=28), end, reader.now(), period)
    return replace(frame, start=days[0], end=days[1]) if days else _windowed(reader, frame)


def _pick(label: str, names: Sequence[str], key: str) -> str | None:
    if not names:
        return None
    everything = f"All {label.lower()}s"
    chosen = st.selectbox(label, [everything, *names], key=key, bind="query-params", width=220)
    return None if chosen == everything else chosen


def _custom_days(reader: DataSource) -> tuple[datetime, datetime] | None:
    today = utc_midnight(reader.now()).date()
    days = st.date_input("From and to (inclusive)", (today - timedelta(days=28), today - timedelta(days=1)), width=240)
    # while a range is being picked there is only its first day
    return (_midnight(days[0]), _midnight(days[-1]) + timedelta(days=1)) if len(days) > 1 else None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _windowed(reader: DataSource, frame: Frame) -> Frame:
    if frame.period in PERIODS:
        return replace(frame, start=frame.end - timedelta(days=PERIODS[frame.period]))
    first = reader.first_shipped_at(frame.service, frame.team)
    everything = replace(frame, start=min(utc_midnight(first), frame.start)) if first else frame
    if frame.period == EVERYTHING:
        return everything
    for days in PERIODS.values():
        candidate = replace(frame, start=frame.end - timedelta(days=days))
        if (reader.compute(candidate.query("deployment_frequency")).n or 0) >= ENOUGH:
            return candidate
    return everything


def heading(reader: DataSource, title: str, question: str) -> None:
    """Draw the title, the question the page answers, and whether the data is a demonstration."""
    st.title(title, anchor=False)
    st.caption(question)
    if reader.demo:
        st.warning("Demo: a generated organisation. None of this is real.", icon=":material/science:")


def provenance(reader: DataSource) -> None:
    """Say at the foot of a page which sources the numbers come from, how fresh they are, and what failed."""
    for source in reader.sources():
        if source.last_error:
            st.error(f"{source.name}: {source.last_error}", icon=":material/sync_problem:")
    states = [
        f"{source.name} ({'collecting now' if source.collecting else _age(source.last_success_at, reader.now())})"
        for source in reader.sources()
    ]
    st.caption("Sources: " + (", ".join(states) if states else "none yet"))


def _age(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "never collected"
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    return f"{minutes} min ago" if minutes <= RECENT_MINUTES else f"{moment:%d %b %Y %H:%M} UTC"
