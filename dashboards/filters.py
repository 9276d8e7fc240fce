"""What a reader chooses on a page: scope, period and what to compare with; kept in the address and between pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from dashboards.frame import PUBLISHED, Frame
from dashboards.health_words import literal
from metrics.comparison import PREVIOUS
from metrics.query import EARLIEST
from tribometer.clock import utc_midnight

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dashboards.data import DataSource

AUTOMATIC = "Automatic"
PERIODS = {"28 days": 28, "90 days": 90, "365 days": 365, "2 years": 730, "5 years": 1826}
EVERYTHING = "All"
CUSTOM = "Custom"
ENOUGH = 6
"""Deployments below which a median has no interval: the automatic period widens until it holds as many."""
KEPT = "filters kept between pages"
BEFORE, ALONE, SURVEY = "The period before", "Nothing", "DORA's published survey"
KINDS = ("service", "team")


def choose(reader: DataSource, *, automatic: str | None = None, published: bool = False) -> Frame:
    """Draw the filters and return what they say; every one of them stands in the address of the page.

    ``automatic`` is the period in place of the automatic one, where deployments do not say which is long enough;
    ``published``: the page's numbers lie on a published scale.
    """
    periods = [*([] if automatic else [AUTOMATIC]), *PERIODS, EVERYTHING, CUSTOM]
    first = automatic or AUTOMATIC
    recall((*KINDS, "period", "compare"))
    # the filters take what they do not know out of the address, so it is read before they are drawn
    unknown("period", periods, first)
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        service, team = scope(reader)
        period = st.selectbox(
            "Period", periods, index=periods.index(first), key="period", bind="query-params", width=160,
            help=None if automatic else "Automatic is the shortest of 28, 90 and 365 days, 2 and 5 years, or all, that "
            "holds six deployments.",
        ) or first  # fmt: skip
        days = _custom_days(reader) if period == CUSTOM else None
        against = _against(reader, service, team, published=published)
    # what a page opens with is its own affair: the next one may open with another period
    remember({"period": None if period == first else period})
    found = replace(opening(reader, period, service, team), against=against)
    return replace(found, start=days[0], end=days[1], why="") if days else found


def opening(reader: DataSource, period: str, service: str | None = None, team: str | None = None) -> Frame:
    """A scope over a period up to the last midnight, for today is not over, against the period before."""
    end = utc_midnight(reader.now())
    opened = Frame(service, team, end - timedelta(days=28), end, moment(reader), period, against=PREVIOUS)
    return _windowed(reader, opened)


def moment(reader: DataSource) -> datetime:
    """The last whole hour, as of which pages ask: so what was worked out once can be drawn again."""
    return reader.now().replace(minute=0, second=0, microsecond=0)


def scope(reader: DataSource) -> tuple[str | None, str | None]:
    """Draw the choice of a service or a team, and return it; none is everything."""
    services, teams = reader.services(), reader.teams()
    recall(KINDS)
    for key, known in (("service", services), ("team", teams)):
        unknown(key, [everything(key), *known], everything(key).lower())
    service = _pick(services, "service") if len(services) > 1 else None
    team = _pick(teams, "team") if service is None else None
    remember({"service": service or everything("service"), "team": team or everything("team")})
    return service, team


def recall(keys: Iterable[str]) -> None:
    """Choose what was chosen on the page before, unless the address says otherwise."""
    kept = st.session_state.get(KEPT, {})
    for key in keys:
        if kept.get(key) and key not in st.query_params and key not in st.session_state:
            st.session_state[key] = kept[key]


def remember(chosen: dict[str, str | None]) -> None:
    """Keep what is chosen for the next page; None where nothing is."""
    st.session_state[KEPT] = {**st.session_state.get(KEPT, {}), **chosen}


def everything(key: str) -> str:
    """The choice of no one service, or team."""
    return f"All {key}s"


def unknown(key: str, known: Sequence[str], shown: str) -> None:
    """Warn of an address that asks for what is not known, before the choice is drawn; ``shown`` stands instead."""
    asked = st.query_params.get(key)
    if asked and asked not in known:
        st.warning(f"No {key} '{literal(asked)}' is known: showing {shown}.", icon=":material/filter_alt_off:")


def _pick(names: Sequence[str], key: str) -> str | None:
    if not names:
        return None
    choices = [everything(key), *names]
    if st.session_state.get(key, choices[0]) not in choices:
        del st.session_state[key]  # it was kept from before its name went
    chosen = st.selectbox(key.capitalize(), choices, key=key, bind="query-params", width=220)
    return None if chosen == everything(key) else chosen


def _against(reader: DataSource, service: str | None, team: str | None, *, published: bool) -> str | None:
    """Draw what to compare with, and return it as `metrics.comparison` takes it; None for nothing."""
    others = [f"service {name}" for name in reader.services() if name != service] if service else []
    others += [f"team {name}" for name in reader.teams() if name != team] if team else []
    choices = [BEFORE, ALONE, *([SURVEY] if published else []), *others]
    unknown("compare", choices, BEFORE.lower())
    if st.session_state.get("compare", BEFORE) not in choices:
        del st.session_state["compare"]
    chosen = st.selectbox("Compare with", choices, key="compare", bind="query-params", width=200) or BEFORE
    remember({"compare": chosen})
    return {ALONE: None, SURVEY: PUBLISHED, BEFORE: PREVIOUS}.get(chosen, chosen.replace(" ", ":", 1))


def _custom_days(reader: DataSource) -> tuple[datetime, datetime] | None:
    today = utc_midnight(reader.now()).date()
    days = st.date_input(
        "From and to (inclusive)", (today - timedelta(days=28), today - timedelta(days=1)), key="days",
        bind="query-params", width=240,
    )  # fmt: skip
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
