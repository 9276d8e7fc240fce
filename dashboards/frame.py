"""What every page has: its title, its filters kept in the address, and where its data comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from dashboards.health_words import literal, mending
from dashboards.remarks import said_by, sizes, together
from metrics.query import EARLIEST, Query
from tribometer.clock import utc_midnight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.data import DataSource, SourceState

AUTOMATIC = "Automatic"
PERIODS = {"28 days": 28, "90 days": 90, "365 days": 365, "2 years": 730, "5 years": 1826}
EVERYTHING = "All"
CUSTOM = "Custom"
ENOUGH = 6
"""Deployments below which a median has no interval: the automatic period widens until it holds as many."""
BUCKETS = {"week": timedelta(days=200), "month": timedelta(days=5 * 366), "quarter": timedelta(days=15 * 366)}
"""Up to which window a chart is cut how, so that it holds about sixty points at most; years beyond."""
RECENT_MINUTES = 120
STYLE = Path(str(files("dashboards").joinpath("page.css")))


@dataclass(frozen=True)
class Frame:
    """What the reader chose: a scope and a window (aware UTC, end exclusive); ``why`` the automatic one is that."""

    service: str | None
    team: str | None
    start: datetime
    end: datetime
    now: datetime
    period: str
    why: str = ""

    def query(self, metric: str, *, by: str | None = None) -> Query:
        """Ask for a metric over this scope and window."""
        return Query(
            metric=metric, service=self.service, team=self.team, start=self.start, end=self.end, by=by, now=self.now
        )

    @property
    def bucket(self) -> str:
        """The finest cut of the window whose points can be told apart on a chart."""
        return next((name for name, longest in BUCKETS.items() if self.end - self.start <= longest), "year")

    @property
    def words(self) -> str:
        """The window as a reader says it, with its last day inclusive."""
        last = self.end - timedelta(days=1)
        return f"{self.start:%d %b %Y} to {last:%d %b %Y}"


def choose(reader: DataSource) -> Frame:
    """Draw the filters and return what they say; every one of them stands in the address of the page."""
    services, teams = reader.services(), reader.teams()
    periods = [AUTOMATIC, *PERIODS, EVERYTHING, CUSTOM]
    # the filters take what they do not know out of the address, so it is read before they are drawn
    for key, known in (("service", services), ("team", teams)):
        unknown(key, [_everything(key), *known], _everything(key).lower())
    unknown("period", periods, AUTOMATIC)
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        service = _pick(services, "service") if len(services) > 1 else None
        team = _pick(teams, "team") if service is None else None
        period = st.selectbox(
            "Period",
            periods,
            key="period",
            bind="query-params",
            width=180,
            help="Automatic is the shortest of 28, 90 and 365 days, 2 and 5 years, or all, that holds six deployments.",
        )
        days = _custom_days(reader) if period == CUSTOM else None
    # today is not over, so it is not counted
    end = utc_midnight(reader.now())
    frame = Frame(service, team, end - timedelta(days=28), end, reader.now(), period)
    return replace(frame, start=days[0], end=days[1]) if days else _windowed(reader, frame)


def of_all_time(reader: DataSource) -> Frame:
    """Everything there is, today included."""
    end = utc_midnight(reader.now()) + timedelta(days=1)
    return Frame(None, None, EARLIEST, end, reader.now(), EVERYTHING)


def _everything(key: str) -> str:
    return f"All {key}s"


def unknown(key: str, known: Sequence[str], shown: str) -> None:
    """Warn of an address that asks for what is not known, before the choice is drawn; ``shown`` stands instead."""
    asked = st.query_params.get(key)
    if asked and asked not in known:
        st.warning(f"No {key} '{literal(asked)}' is known: showing {shown}.", icon=":material/filter_alt_off:")


def _pick(names: Sequence[str], key: str) -> str | None:
    if not names:
        return None
    chosen = st.selectbox(key.capitalize(), [_everything(key), *names], key=key, bind="query-params", width=220)
    return None if chosen == _everything(key) else chosen


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
    shipped = reader.times(replace(frame, start=EARLIEST).query("deployment_frequency"), ENOUGH)
    if shipped.first is None:
        return frame
    everything = replace(frame, start=min(utc_midnight(shipped.first), frame.start))
    return everything if frame.period == EVERYTHING else _shortest(everything, shipped.newest)


def _shortest(everything: Frame, newest: Sequence[datetime]) -> Frame:
    if len(newest) < ENOUGH:
        return replace(everything, why="all there is")
    starts = [everything.end - timedelta(days=days) for days in PERIODS.values()]
    start = next((start for start in starts if start <= newest[ENOUGH - 1]), everything.start)
    return replace(everything, start=max(start, everything.start), why="the shortest that holds six deployments")


def heading(reader: DataSource, title: str, question: str) -> None:
    """Draw the title, the question the page answers, and whether the data is a demonstration."""
    st.html(STYLE)
    st.title(title, anchor=False)
    st.caption(question)
    if reader.demo:
        st.warning("Demo: a generated organisation. None of this is real.", icon=":material/science:")


def provenance(reader: DataSource, *, remarked: bool = False) -> None:
    """Say at the foot of a page which sources the numbers come from, how fresh they are, and what failed.

    ``remarked``: the page has told what the sources remark, or why that is no matter yet.
    """
    everything = reader.sources()
    known = {source.name for source in everything}
    # the parts of a source are told by it: there may be hundreds
    sources = [source for source in everything if source.family not in known]
    for source in sources:
        if waiting := mending(source):
            st.caption(f"{source.name}: {waiting}. What was read is kept.")
        elif source.last_error:
            st.error(f"{source.name}: {source.last_error}", icon=":material/sync_problem:")
    for remark in () if remarked else remarks(everything):
        st.caption(remark)
    states = [
        f"{source.name} ({'collecting now' if source.collecting else _age(source.last_success_at, reader.now())})"
        for source in sources
    ]
    st.caption("Sources: " + (", ".join(states) if states else "none yet"))


def remarks(sources: Sequence[SourceState]) -> list[str]:
    """What the sources have to say about their last collection, each once, with the sources' names before it."""
    return [f"{what}. {do}." for what, do in together(said_by(sources), sizes(sources))]


def _age(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "never collected"
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    return f"{minutes} min ago" if minutes <= RECENT_MINUTES else f"{moment:%d %b %Y %H:%M} UTC"
