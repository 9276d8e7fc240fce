"""Did it help: what was done to reduce friction, what was expected of it before, and what came of it."""

from __future__ import annotations

import shlex
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from dashboards import filters, frame
from dashboards.health_words import literal
from dashboards.interventions import source
from dashboards.interventions_words import history_rows, listed_words, newest_words
from dashboards.views import did_it_help_verdict
from tribometer.errors import TribometerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamlit.delta_generator import DeltaGenerator

    from dashboards.data import DataSource
    from dashboards.interventions import InterventionSource, Standing

WITHDRAWN = "withdrawn"
MOST_AT_ONCE = 10
"""Of those that nobody opened, so many are judged behind the page; each takes seconds."""
NOTHING_YET = (
    "Nothing is registered yet. Register what you are about to ship **before its release**, with what you expect of it."
)
REGISTER = 'tribometer intervention add "build cache" --metric ci_execution_time --expected 20% --release 2026-03-02'
WHY_BEFORE = (
    "Before, because an expectation that is written down after the numbers are seen can always be made to fit them. "
    "One that is registered after its release is taken with `--after-the-fact`, and for ever marked as exploration."
)


def render(reader: DataSource) -> None:
    """Draw the page for one reader; what was not judged yet is judged behind what can be shown at once."""
    frame.heading(reader, "Did it help", "Did what we shipped help?")
    asked = source()
    standings = asked.standings() if asked is not None else ()
    if asked is None or not standings:
        st.info(NOTHING_YET, icon=":material/add_task:")
        st.code(REGISTER, language="shell", wrap_lines=True)
        st.markdown(WHY_BEFORE)
        return
    place = st.empty()
    _list(place, standings, asked)
    chosen = pick(standings)
    did_it_help_verdict.draw(asked, chosen)
    _list(place, standings, asked)
    _record(asked, chosen)
    frame.provenance(reader)
    _judge_the_rest(place, standings, asked)


def ahead(_reader: DataSource) -> Iterator[object]:
    """Reach the verdicts, one a step; one that cannot be reached says so to whoever opens it."""
    asked = source()
    for each in asked.standings() if asked is not None else ():
        if each.status != WITHDRAWN and asked is not None:
            with suppress(TribometerError):
                yield asked.judged(each.intervention)


def pick(standings: Sequence[Standing]) -> Standing:
    """Let the reader choose one, at first the newest that is released; the choice stands in the address."""
    by_name = {each.intervention.name: each for each in standings}
    first = next((name for name, each in by_name.items() if each.status == "released"), next(iter(by_name)))
    filters.unknown("intervention", list(by_name), literal(first))
    chosen = st.selectbox(
        "Intervention", list(by_name), index=list(by_name).index(first), key="intervention", bind="query-params",
        width=400,
    )  # fmt: skip
    return by_name.get(chosen, by_name[first])


def _list(place: DeltaGenerator, standings: Sequence[Standing], asked: InterventionSource) -> None:
    with place.container():
        st.header("What was done", anchor=False)
        for each in standings:
            made = each.intervention
            demo = " :orange-badge[:material/science: demo]" if made.demo else ""
            exploration = " :orange-badge[:material/explore: exploration]" if made.after_the_fact else ""
            with st.container(border=True, gap="xsmall"):
                st.markdown(f"**{literal(made.name)}** {_verdict(each, asked)}{exploration}{demo}")
                st.caption(listed_words(made))


def _verdict(standing: Standing, asked: InterventionSource) -> str:
    if standing.status == WITHDRAWN:
        return ":gray-badge[withdrawn before its release]"
    kept = asked.kept(standing.intervention)
    words = ":gray-badge[:material/pending: open it for the verdict]" if kept is None else newest_words(kept)
    return f":gray-badge[planned] {words}" if standing.status == "planned" else words


def _judge_the_rest(place: DeltaGenerator, standings: Sequence[Standing], asked: InterventionSource) -> None:
    """Fill the list: the page stands already, and a click of the reader's ends this."""
    left = [
        each.intervention for each in standings if each.status != WITHDRAWN and asked.kept(each.intervention) is None
    ]
    for each in left[:MOST_AT_ONCE]:
        try:
            asked.judged(each)
        except TribometerError:
            continue  # whoever opens it is told why
        _list(place, standings, asked)


def _record(asked: InterventionSource, chosen: Standing) -> None:
    made = chosen.intervention
    st.header("Its record", anchor=False)
    st.markdown(literal(made.plan.notes) if made.plan.notes else "No notes were registered.")
    history = history_rows(asked.history(made.name))
    st.dataframe(history, hide_index=True, alt=f"Every change that was recorded of {made.name}")
    st.caption(
        "Rows are added and never changed; from its first release on nothing can be amended or withdrawn, so that what "
        "was expected cannot follow what was seen."
    )
    with st.expander("The same elsewhere"):
        name = shlex.quote(made.name)
        st.code(
            f"tribometer intervention verdict {name}\ntribometer intervention list --history",
            language="shell",
            wrap_lines=True,
        )
