"""What follows from the board: what if, the roadmap, and whether a platform team is worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import friction_data
from dashboards.friction_words import amount_words
from metrics.friction import roadmap, roadmap_issues, roadmap_tables
from metrics.friction.questions import Move, Reduction, Repair
from metrics.friction.what_if import what_if
from metrics.friction.worth import worth
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from dashboards.friction_data import FrictionSource
    from metrics.friction.board import Board
    from metrics.friction.measuring import Measured
    from metrics.friction.questions import Question
    from tribometer.settings import Friction

UNKNOWN = "not known"
LESS, FIX, MOVE = "Less of a kind", "One pipeline mended", "Services moved to a template"


def draw(source: FrictionSource, board: Board, found: Measured) -> None:
    """Draw what-if, the roadmap and the worth of a platform team."""
    _what_if(board, found, source.settings)
    _roadmap(board, source.settings)
    if not board.scope:
        _worth(board, found, source.settings)


def _what_if(board: Board, found: Measured, settings: Friction) -> None:
    st.header("What if", anchor=False)
    sort = st.segmented_control(
        "Question", [LESS, FIX, MOVE], key="what-if", default=LESS, required=True, label_visibility="collapsed"
    )
    question = {LESS: _less, FIX: _fix, MOVE: _move}[sort or LESS](board, found)
    if question is None:
        return
    try:
        answer = what_if(question, board, settings, found.templates)
    except UsageError as error:
        st.info(str(error))
        return
    money = f", {answer.money.value:,.0f} {answer.currency}" if answer.money else ""
    st.markdown(
        f"{answer.asked}: **{amount_words(answer.found.returned)}** hours a month{money} come "
        f"back, of {amount_words(answer.found.lost)}."
    )
    st.caption(" ".join(answer.assumptions))


def _less(board: Board, found: Measured) -> Question | None:
    del found
    lines = {line.kind.name: line.kind.title for line in friction_data.counted(board)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox("Kind", list(lines), format_func=lines.__getitem__, key="less-kind", width=320)
        percent = st.slider("Less by, %", 5, 100, 30, 5, key="less-by", width=260)
    return Reduction(kind, percent / 100)


def _fix(board: Board, found: Measured) -> Question | None:
    del found
    hours: dict[tuple[str, str], float] = {}
    titles = {line.kind.name: line.kind.title for line in board.lines}
    for cell in board.cells:
        if cell.pipeline and cell.hours > 0:
            hours[cell.pipeline, cell.kind] = hours.get((cell.pipeline, cell.kind), 0.0) + cell.hours
    if not hours:
        st.info("No hours of this board lie in a pipeline.")
        return None
    costliest = sorted(hours, key=lambda each: (each[1] != "flaky_reruns", -hours[each], each))
    chosen = st.selectbox(
        "Pipeline", costliest, format_func=lambda each: f"{each[0]}: {titles[each[1]].lower()}", key="fix", width=520
    )
    return Repair(*chosen)


def _move(board: Board, found: Measured) -> Question | None:
    templates = sorted(set(found.templates.values()))
    others = sorted({cell.service for cell in board.cells if cell.service})
    if board.scope or not templates:
        st.info("Asked of the whole organisation, where services were made from templates.")
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        template = st.selectbox("To template", templates, key="move-to", width=240)
        movable = [name for name in others if found.templates.get(name) != template]
        services = st.multiselect("Services", movable, key="move", width=420, placeholder="Choose services")
    return Move(tuple(services), template) if services and template else None


def _roadmap(board: Board, settings: Friction) -> None:
    st.header("Roadmap", anchor=False, help="Cost of delay over effort, where the effort is known.")
    made = roadmap.roadmap(board, settings)
    st.dataframe(
        [
            {
                "Place": item.place,
                "Friction": item.kind.title,
                "Hours a month": amount_words(item.hours),
                "Comes back": f"{item.reducible:.0%}{' (assumed)' if item.assumed else ''}",
                "Returned a month": amount_words(item.returned),
                "Effort, days": UNKNOWN if item.effort is None else f"{item.effort:g}",
                "Returned per day": UNKNOWN if item.delay is None else f"{item.delay:,.1f}",
            }
            for item in made.items
        ],
        hide_index=True,
        alt="The roadmap",
    )
    if all(item.effort is None for item in made.items):
        st.caption("Ordered by what comes back: `[friction] effort_days` says what each takes, and orders it by that.")
    issues = "\n\n".join(f"# {each.title}\n\n{each.body}" for each in roadmap_issues.to_issues(made))
    with st.container(horizontal=True):
        st.download_button("CSV", roadmap_tables.to_csv(made), "roadmap.csv", "text/csv")
        st.download_button("Markdown", roadmap_tables.to_markdown(made), "roadmap.md", "text/markdown")
        st.download_button("Issues", issues, "issues.md", "text/markdown")


def _worth(board: Board, found: Measured, settings: Friction) -> None:
    st.header("Is a platform team worth it here", anchor=False)
    told = worth(board.total, found.engineers, settings)
    st.markdown(" ".join(told.advice))
    with st.expander("What this assumes"):
        st.markdown("\n".join(f"- {sentence}" for sentence in told.assumptions))
