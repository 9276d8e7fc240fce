"""Survey: what a closed wave tells leaders, group by topic; hidden groups are drawn as hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import drawing, frame, survey_charts
from dashboards.survey_data import heat_table, published_csv, source
from dashboards.survey_groups import heat_records, topics
from dashboards.survey_words import STATUS
from dashboards.views import survey_rest, survey_topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.data import DataSource
    from dashboards.survey_groups import Record
    from surveys.instrument import Instrument
    from surveys.wave_results import WaveResults

NO_RANKING = (
    "Teams stand in the order of the organisation, never by what they said: this is no ranking. What a team answers is "
    "for that team to improve with."
)
MANY = 10
"""Topics from which on a heat map is wider than a laptop's screen, and is moved sideways."""


def render(reader: DataSource) -> None:
    """Draw the page for one reader."""
    frame.heading(reader, "Survey", "What do developers say, and is it getting better?")
    surveys = source()
    waves = surveys.closed_waves() if surveys is not None else []
    if surveys is None or not waves:
        _nothing_yet()
        return
    wave = pick(waves)
    instrument, teams = surveys.instrument(wave.instrument), surveys.facts(wave.wave).teams
    _line(wave, instrument)
    asked = topics(instrument)
    if asked:
        _heat(wave, heat_records(wave, asked, teams), len(asked))
        survey_topic.draw(wave, waves, asked, teams)
    survey_rest.draw(wave, instrument, teams)
    _reliability(wave)
    _comments(wave, instrument)


def pick(waves: Sequence[WaveResults]) -> WaveResults:
    """Let the reader choose a wave; the choice stands in the address of the page."""
    names = [each.wave for each in waves]
    chosen = st.selectbox("Wave", names, key="wave", bind="query-params", width=300)
    return next((each for each in waves if each.wave == chosen), waves[0])


def _nothing_yet() -> None:
    st.info(
        "No survey wave is closed yet, and an open one tells nothing. Open one with `tribometer survey open pulse`, or "
        "import what was asked elsewhere: `tribometer survey import pulse FILE --wave NAME`.",
        icon=":material/forum:",
    )


def _line(wave: WaveResults, instrument: Instrument) -> None:
    answered = f", answered by {wave.response} % of those who were asked" if wave.response else ""
    st.markdown(f"**{instrument.title['en']}** ({wave.instrument}), closed {wave.closed_at:%d %b %Y}{answered}")
    if not wave.response:
        st.caption("How many were asked is not known, or too few answered, so no response is told.")
    for warning in wave.warnings:
        st.warning(warning, icon=":material/info:")


def promise(wave: WaveResults) -> str:
    """What the wave promised, in words."""
    return (
        f"Told of {wave.minimum} people or more, and only where no sum or difference of what is told would leave "
        "fewer; the others are marked as hidden. Shares are rounded to five points between 5 and 95 %."
    )


def _heat(wave: WaveResults, records: Sequence[Record], columns: int) -> None:
    st.header("Groups by topics", anchor=False, help="Share of answers in the two best of five points.")
    with st.container(key="heatmap-wide" if columns > MANY else "heatmap"):
        drawing.draw(
            survey_charts.heat_map,
            records,
            alt=f"Favourable answers of {wave.wave} by group and topic; the table below has the same",
        )
    st.caption(f"{promise(wave)} {NO_RANKING} Red to blue is few to many favourable; the number in a cell says it too.")
    with st.expander("As a table"):
        st.dataframe(heat_table(records), hide_index=True, alt=f"Favourable answers of {wave.wave} by group and topic")
        st.caption(f"Hidden: {STATUS['suppressed'].partition(': ')[2]}.")
        st.download_button("Download what is told (CSV)", published_csv(wave), f"{wave.wave}.csv", "text/csv")


def _reliability(wave: WaveResults) -> None:
    found = wave.reliability
    if found is None:
        return
    with st.expander("How well the items hang together"):
        st.markdown(
            f"McDonald's omega {found['omega']:.2f}, Cronbach's alpha {found['alpha']:.2f}, "
            f"of {found['n_band']} people."
        )
        st.dataframe(
            [{"Item": item, "Correlation with the rest": value} for item, value in found["item_rest"].items()],
            hide_index=True,
            alt="Correlation of each item with the rest",
        )
        st.caption("From 0.7 on the index of these items is steady enough to compare. Told from 100 people on.")


def _comments(wave: WaveResults, instrument: Instrument) -> None:
    if not wave.comments:
        return
    st.header("Comments", anchor=False)
    st.caption(
        "Apart from scores, redacted, in no order, and under the nearest group above their writers that is large "
        "enough. Read them for what to mend, not for who wrote them."
    )
    if not st.toggle(f"Show comments ({len(wave.comments)})", key="comments"):
        return
    for each in wave.comments:
        item = instrument.item(each.item)
        st.text(f"{item.measures if item else each.item}, {each.scope.get('team', 'everybody')}: {each.text}")
