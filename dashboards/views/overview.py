"""What changed: the last week beyond noise, what costs most, the five keys, and what cannot be told yet and why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from dashboards import cards, filters, frame, overview_data
from dashboards.answers import answers
from dashboards.health_words import literal
from dashboards.questions import DELIVERY, PAGES, address_of
from dashboards.unread import needed, telling_of
from metrics import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dashboards.data import DataSource
    from dashboards.overview_data import Moved, OverviewSource, Story

TITLE, QUESTION = (
    "What changed",
    "What changed beyond noise in the last week, what costs most, and what needs somebody?",
)
MOST = 8
SIGNS = {
    "better": ":green[:material/thumb_up:]",
    "worse": ":red[:material/thumb_down:]",
    "moved": ":material/swap_vert:",
}
POLL = 1.0


def render(reader: DataSource) -> None:
    """Draw the page for one reader; what takes longer is worked out behind it."""
    frame.heading(reader, TITLE, QUESTION)
    if not reader.sources():
        frame.nothing_yet()
        return
    source = overview_data.source()
    if source is not None:
        waits = source.story() is None and source.problem() is None
        st.fragment(_week, run_every=POLL if waits else None)(source)
    chosen = filters.opening(reader, filters.AUTOMATIC)
    st.header("The five keys", anchor=False)
    why = f" ({chosen.why})" if chosen.why else ""
    st.caption(f"Everything, {chosen.words}{why}, against the period before. [Delivery](/delivery) has them by team.")
    cards.draw(reader, chosen, answers(reader, chosen, DELIVERY), DELIVERY)
    _dark(reader)
    frame.provenance(reader)


def ahead(_reader: DataSource) -> Iterator[object]:
    """Begin the story of the week; the five keys are the page Delivery's."""
    source = overview_data.source()
    yield source.story() if source is not None else None


def _week(source: OverviewSource) -> None:
    """Draw the story of the week, or that it is worked out: then the page is drawn again when it is there."""
    problem, story = source.problem(), source.story()
    if problem is not None:
        st.warning(literal(problem), icon=":material/error:")
    elif story is None:
        st.progress(0.5, "Comparing the last week of every team with the weeks before")
        st.session_state["waited for the week"] = True
    elif st.session_state.pop("waited for the week", False):
        st.rerun()
    else:
        _story(story)


def _story(story: Story) -> None:
    until = story.week + timedelta(days=6)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.header("Moved beyond noise", anchor=False)
        st.caption(f"The week of {story.week:%d %b} to {until:%d %b %Y} against what the weeks before varied by.")
        _list(list(_moves(story)))
    with right:
        st.header("What costs most", anchor=False)
        # each begins with its rank, which two may share
        st.markdown("\n\n".join(map(literal, story.frictions)) or "No wait of anybody can be told yet.")
        if len(story.tied) > 1:
            st.caption(f"Cannot be told apart: {', '.join(story.tied)}.")
        st.markdown("[Friction](/friction) opens each to its waits.")
        if story.stale:
            st.header("Needs somebody", anchor=False)
            _list([literal(line) for line in story.stale])


def _moves(story: Story) -> Iterator[str]:
    if not story.looked:
        yield "No number has a value in the last week and in eight weeks before it: nothing can be told from noise."
        yield "What happens less often is on the other pages, over longer periods."
        return
    if not story.moved:
        yield f"Nothing beyond what the weeks before vary by; {story.looked} series were looked at."
        return
    for each in story.moved[:MOST]:
        yield f"{SIGNS[each.verdict]} {_linked(each)}"
    if len(story.moved) > MOST:
        yield f"{len(story.moved) - MOST} more, of single teams."
    yield f"{story.looked} series were looked at; some {story.chance:.0f} would stand here by chance alone."


def _linked(each: Moved) -> str:
    """The sentence with a link to where its number opens."""
    address = address_of(each.metric, {"team": each.team} if each.team else {})
    return f"{literal(each.sentence)} [Open]({address})" if address else literal(each.sentence)


def _list(lines: Sequence[str]) -> None:
    st.markdown("\n".join(f"- {line}" for line in lines))


def _dark(reader: DataSource) -> None:
    """Say which questions no source tells of, and which events would."""
    sources = reader.sources()
    told = frozenset[str]().union(*(each.reads for each in sources if not each.left))
    lines = []
    for path, (title, keys) in PAGES.items():
        types = {each for name in keys for each in needed(CATALOGUE[name])}
        if told & types or telling_of(types, reader.unread()):
            continue
        lines.append(
            f"- [{title}](/{path}): connect a source of {', '.join(f'`{each}`' for each in sorted(types))} events"
        )
    if lines:
        st.header("Not told by any source yet", anchor=False)
        st.markdown("\n".join(lines))
