"""Friction: where people wait, what it costs, how sure the order is, and what they say of it themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from dashboards import drawing, filters, frame, friction_charts, friction_data
from dashboards.friction_words import FEW, amount_words, headline
from dashboards.views import friction_kind, friction_plan
from metrics.friction.corroboration import WORDS
from metrics.query import Query
from tribometer.clock import utc_midnight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dashboards.data import DataSource
    from metrics.friction.board import Board
    from metrics.friction.kinds import Kind

PERIODS = {"12 weeks": 84, "26 weeks": 182, "52 weeks": 364}
ASKING = (
    "No closed survey says how this feels, so nothing can be set against it: `tribometer survey open quarterly` asks "
    "about every journey, `tribometer survey open pulse` about some."
)


def render(reader: DataSource) -> None:
    """Draw the page for one reader."""
    frame.heading(reader, "Friction", "Where does friction sit, what does it cost, and what do we fix first?")
    source = friction_data.source()
    if source is None:
        return
    query = _choose(reader)
    with st.spinner("Adding up waits"):
        found = source.measured(query)
    board = source.board(query, found)
    if found.hint:
        st.info(found.hint)
    if friction_data.counted(board):
        _ranking(board)
        friction_kind.draw(source, query, board)
        _felt(board)
        friction_plan.draw(source, board, found)
    else:
        st.info(headline(board, []), icon=":material/hourglass_empty:")
    _unseen(board)
    frame.provenance(reader)


def ahead(reader: DataSource) -> Iterator[object]:
    """Work out the board that the page opens with."""
    source = friction_data.source()
    if source is not None:
        yield source.measured(_query(reader, next(iter(PERIODS))))


def _choose(reader: DataSource) -> Query:
    """Draw the filters; every one of them stands in the address of the page."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        service, team = filters.scope(reader)
        period = st.selectbox("Period", list(PERIODS), key="weeks", bind="query-params", width=160)
    return _query(reader, period or next(iter(PERIODS)), service, team)


def _query(reader: DataSource, period: str, service: str | None = None, team: str | None = None) -> Query:
    end = utc_midnight(reader.now())
    return Query(
        "friction_cost",
        team=team,
        service=service,
        start=end - timedelta(days=PERIODS[period]),
        end=end,
        now=filters.moment(reader),
    )


def _ranking(board: Board) -> None:
    lines = friction_data.counted(board)
    titles = [line.kind.title for line in lines]
    start, end = board.window
    st.header("What costs most", anchor=False)
    money = f", {board.money.value:,.0f} {board.currency}" if board.money else ""
    st.markdown(
        f"{headline(board, titles)} In all **{amount_words(board.total)}** hours a month{money}, from "
        f"{start:%d %b %Y} to {end - timedelta(days=1):%d %b %Y}."
    )
    drawing.draw(
        friction_charts.ranking,
        friction_data.bar_records(board),
        friction_data.tie_records(board),
        alt="Hours lost a month by kind of friction with 95 % intervals; the table below has the same",
        key="ranking",
    )
    sure = "A bracket joins what cannot be told apart; whiskers are 95 % intervals over teams."
    st.caption(
        f"{sure if board.total.low is not None else FEW} Hours are business hours waited x people held up x attention: "
        "the wait is measured, the factors are assumptions that the settings change."
    )
    with st.expander("As a table"):
        st.dataframe(friction_data.table_records(board), hide_index=True, alt="The friction board")


def _felt(board: Board) -> None:
    st.header("Felt and measured", anchor=False, help="By journey of the survey; only published results are read.")
    if all(each.reading == "unknown" for each in board.journeys):
        st.info(ASKING, icon=":material/forum:")
        return
    groups: dict[str, list[str]] = {}
    for each in board.journeys:
        groups.setdefault(each.reading, []).append(each.journey.replace("_", " "))
    advice = {each.reading: each.advice for each in board.journeys}
    for reading, words in WORDS.items():
        if reading in groups:
            st.markdown(f"**{words.capitalize()}**: {', '.join(groups[reading])}. {advice[reading]}")
    with st.expander("As a table"):
        st.dataframe(friction_data.journey_records(board), hide_index=True, alt="Felt and measured")


def _unseen(board: Board) -> None:
    quiet = [line.kind.title for line in board.lines if line.status == "no_data"]
    if quiet:
        st.caption(f"None in this period: {', '.join(quiet)}.")
    if unseen := [line.kind for line in board.lines if line.status == "not_observable"]:
        st.caption("\n".join(["Not observable, which is not 0:", "", *(f"- {_unseen_line(each)}" for each in unseen)]))


def _unseen_line(kind: Kind) -> str:
    needs = ", ".join(f"`{each}`" for each in sorted(kind.needs))
    why = f"connect a source of {needs} events." if needs else " ".join(kind.caveats)
    return f"{kind.title}: {why}"
