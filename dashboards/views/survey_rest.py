"""What a survey asks beside five points: time lost, opportunities and choices, of everybody or of one group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import drawing, survey_charts
from dashboards.survey_groups import in_tree_order
from dashboards.survey_journeys import INFRASTRUCTURE, hours, opportunities, others, shares, table
from dashboards.survey_words import EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboards.survey_groups import Record
    from surveys.instrument import Instrument
    from surveys.wave_results import WaveResults


def draw(wave: WaveResults, instrument: Instrument, teams: Mapping[str, str | None]) -> None:
    """Draw whatever of it the instrument asks."""
    if not any((hours(wave, instrument, {}), shares(wave, instrument, {}), others(wave, instrument, {}))):
        return
    st.header("Time, choices and the rest", anchor=False)
    names = [EVERYBODY, *(team for team, _ in in_tree_order(teams))]
    group = st.selectbox("Of", names, key="of", bind="query-params", width=220)
    scope = {} if group == EVERYBODY else {"team": group}
    _hours(hours(wave, instrument, scope))
    _opportunities(opportunities(wave, instrument, scope))
    for wording, records in shares(wave, instrument, scope).items():
        st.markdown(f"**{wording}**")
        _drawn(records, "share of people", share=True)
    rest = others(wave, instrument, scope)
    if rest:
        st.dataframe(table(rest), hide_index=True, alt="Other questions")


def _hours(records: Sequence[Record]) -> None:
    """Hours as bars; shares of people beside them in words, for they are no hours."""
    if not records:
        return
    st.markdown("**Time lost in a week**")
    _drawn([each for each in records if each["unit"] == "hours"], "hours a week", share=False)
    if any("infrastructure" in each["what"] for each in records):
        st.caption(INFRASTRUCTURE)
    for each in records:
        if each["unit"] == "share":
            around = f" ({each['interval']}; {each['people']} people)" if each["value"] is not None else ""
            st.markdown(f"{each['what']}: **{each['words']}**{around}")


def _opportunities(records: Sequence[Record]) -> None:
    if not records:
        return
    st.markdown("**Opportunity by journey**")
    st.dataframe(table(list(records)), hide_index=True, alt="Opportunity scores by journey")
    st.caption(
        "Importance + max(importance - satisfaction, 0), of ten each, 20 at most: what matters much and satisfies few "
        "stands on top. Both are made from published shares."
    )


def _drawn(records: Sequence[Record], title: str, *, share: bool) -> None:
    if len(records) > 1:
        drawing.draw(
            survey_charts.bars, records, "what", "value", title, share=share, alt=f"{title}; the table has the same"
        )
        with st.expander("As a table"):
            st.dataframe(table(list(records)), hide_index=True, alt=title)
    else:
        st.dataframe(table(list(records)), hide_index=True, alt=title)
