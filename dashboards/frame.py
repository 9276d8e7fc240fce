"""What every page has: its title, the scope and window of its numbers, and where its data comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from dashboards.health_words import mending
from dashboards.remarks import said_by, sizes, together
from metrics import CATALOGUE
from metrics.comparison import PREVIOUS, other_query
from metrics.query import EARLIEST, Query
from tribometer.clock import utc_midnight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.data import DataSource, SourceState

BUCKETS = {"week": timedelta(days=200), "month": timedelta(days=5 * 366), "quarter": timedelta(days=15 * 366)}
"""Up to which window a chart is cut how, so that it holds about sixty points at most; years beyond."""
PUBLISHED = "published"
"""In place of a scope to compare with: the distribution that a survey published."""
RECENT_MINUTES = 120
CATCH_UP_SECONDS = 2.0
STYLE = Path(str(files("dashboards").joinpath("page.css")))


@dataclass(frozen=True)
class Frame:
    """What the reader chose: a scope and a window (aware UTC, end exclusive); ``why`` the automatic one is that.

    ``against`` is what to compare with, as `metrics.comparison` takes it, or the published survey; None for nothing.
    """

    service: str | None
    team: str | None
    start: datetime
    end: datetime
    now: datetime
    period: str
    why: str = ""
    against: str | None = None

    def query(self, metric: str, *, by: str | None = None) -> Query:
        """Ask for a metric over this scope and window; one of people is told of the whole organisation only."""
        people = CATALOGUE[metric].people is not None
        return Query(
            metric=metric,
            service=None if people else self.service,
            team=None if people else self.team,
            start=self.start,
            end=self.end,
            by=by,
            now=self.now,
        )

    def series(self, metric: str) -> Query:
        """Ask for a metric with its course over time, where it has one."""
        return self.query(metric, by=self.bucket if self.bucket in CATALOGUE[metric].by else None)

    def other(self, metric: str) -> Query | None:
        """Ask for the other side of the comparison; None where there is none to compare a metric with."""
        people = CATALOGUE[metric].people is not None
        if self.against in {None, PUBLISHED} or (people and self.against != PREVIOUS):
            return None
        if self.against == PREVIOUS and self.start - (self.end - self.start) < EARLIEST:
            return None
        return other_query(self.query(metric), str(self.against))

    @property
    def of(self) -> str:
        """The scope as a reader says it."""
        return self.service or (f"team {self.team}" if self.team else "Everything")

    @property
    def bucket(self) -> str:
        """The finest cut of the window whose points can be told apart on a chart."""
        return next((name for name, longest in BUCKETS.items() if self.end - self.start <= longest), "year")

    @property
    def words(self) -> str:
        """The window as a reader says it, with its last day inclusive."""
        last = self.end - timedelta(days=1)
        return f"{self.start:%d %b %Y} to {last:%d %b %Y}"


def of_all_time(reader: DataSource) -> Frame:
    """Everything there is, today included."""
    end = utc_midnight(reader.now()) + timedelta(days=1)
    return Frame(None, None, EARLIEST, end, reader.now(), "All")


def heading(reader: DataSource, title: str, question: str) -> None:
    """Draw the title, the question the page answers, and whether the data is a demonstration."""
    st.html(STYLE)
    st.title(title, anchor=False)
    st.caption(question)
    if reader.demo:
        st.warning("Demo: a generated organisation. None of this is real.", icon=":material/science:")


def nothing_yet() -> None:
    """Say how the first data comes in."""
    st.info(
        "Nothing is collected yet. Start `tribometer up` inside a git clone, name sources in `tribometer.toml`, "
        "or send events with `tribometer import FILE` or `POST /api/v1/events`. What keeps sources "
        "that are named already, Data health says.",
        icon=":material/inbox:",
    )


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
        f"{source.name} ({'collecting now' if source.collecting else age(source.last_success_at, reader.now())})"
        for source in sources
    ]
    if reader.behind():
        st.fragment(_catching_up, run_every=CATCH_UP_SECONDS)(reader)
    st.caption("Sources: " + (", ".join(states) if states else "none yet"))


def _catching_up(reader: DataSource) -> None:
    """Say that newer data is being worked in, and draw the page again when it is."""
    if not reader.behind():
        st.rerun()
    st.caption(":material/sync: New data has come in: numbers above are as of before it, and are worked out anew.")


def remarks(sources: Sequence[SourceState]) -> list[str]:
    """What the sources have to say about their last collection, each once, with the sources' names before it."""
    return [f"{what}. {do}." for what, do in together(said_by(sources), sizes(sources))]


def age(moment: datetime | None, now: datetime) -> str:
    """How long ago something was collected, in words."""
    if moment is None:
        return "never collected"
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    return f"{minutes} min ago" if minutes <= RECENT_MINUTES else f"{moment:%d %b %Y %H:%M} UTC"
