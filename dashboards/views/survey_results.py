"""Survey: what a closed wave tells leaders, group by topic; hidden groups are drawn as hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import frame, survey_charts
from dashboards.survey_data import (
    heat_records,
    heat_table,
    previous_of,
    source,
    topic_of,
    topic_table,
    topics,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.data import DataSource
    from dashboards.survey_data import SurveySource
    from surveys.instrument import Instrument
    from surveys.results import WaveResults

NO_RANKING = "Teams stand in the order of the organisation. What a team answers is for that team to improve with."
POINTS = ("1", "2", "3", "4", "5")


def render(reader: DataSource) -> None:
    """Draw the page for one reader."""
    frame.heading(reader, "Survey", "What do developers say, and is it getting better?")
    surveys = source()
    waves = surveys.closed_waves() if surveys is not None else []
    if surveys is None or not waves:
        _nothing_yet()
        return
    wave = pick(waves)
    instrument, teams = surveys.instrument(wave.instrument), surveys.teams(wave.wave)
    _line(wave, instrument)
    records = heat_records(wave, instrument, teams)
    if records:
        st.altair_chart(survey_charts.heat_map(records), alt=f"Favourable answers of {wave.wave} by group and topic")
        st.caption(f"{promise(wave)} {NO_RANKING}")
        with st.expander("As a table"):
            st.dataframe(heat_table(records), hide_index=True)
        _topic(surveys, wave, waves, instrument)
    _rest(wave, instrument)
    _comments(wave, instrument)
    st.caption(f"The same in a terminal: `tribometer survey results {wave.wave!r} --by team`")


def pick(waves: Sequence[WaveResults]) -> WaveResults:
    """Let the reader choose a wave; the choice stands in the address of the page."""
    names = [each.wave for each in waves]
    chosen = st.selectbox("Wave", names, key="wave", bind="query-params", width=300)
    return next((each for each in waves if each.wave == chosen), waves[0])


def promise(wave: WaveResults) -> str:
    """What the wave promised, in words."""
    return (
        f"Told of {wave.minimum} people or more, and only where no sum or difference of what is told would leave "
        "fewer; the others are marked as hidden. Shares are rounded to five points between 5 and 95 %."
    )


def _nothing_yet() -> None:
    st.info(
        "No survey wave is closed yet, and an open one tells nothing. Open one with `tribometer survey open pulse`, or "
        "import what was asked elsewhere: `tribometer survey import pulse FILE --wave NAME`.",
        icon=":material/forum:",
    )


def _line(wave: WaveResults, instrument: Instrument) -> None:
    answered = f", answered by {wave.response} % of those who were asked" if wave.response else ""
    st.markdown(f"**{instrument.title['en']}** ({wave.instrument}), closed {wave.closed_at:%d %b %Y}{answered}")
    for warning in wave.warnings:
        st.warning(warning, icon=":material/info:")


def _topic(surveys: SurveySource, wave: WaveResults, waves: Sequence[WaveResults], instrument: Instrument) -> None:
    st.subheader("One topic", anchor=False)
    by_id = {item.id: item for item in topics(instrument)}
    chosen = st.selectbox(
        "Topic",
        list(by_id),
        format_func=lambda key: f"{topic_of(by_id[key])}: {by_id[key].text['en']}",
        key="topic",
        bind="query-params",
    )
    before = previous_of(wave, waves)
    st.dataframe(topic_table(wave, before, chosen, surveys.teams(wave.wave)), hide_index=True)
    against = f"Change since {before.wave}." if before else "There is no earlier wave to compare it with."
    flipped = " Agreement is bad news here: favourable is who disagrees." if by_id[chosen].reverse else ""
    st.caption(f"{against}{flipped}")
    cell = wave.cell(chosen, {})
    if cell is not None and cell.published.spread is not None:
        words = ", ".join(
            f"{point}: {share * 100:.0f} %" for point, share in zip(POINTS, cell.published.spread, strict=True)
        )
        st.caption(f"Everybody, from 1 to 5: {words}")


def _rest(wave: WaveResults, instrument: Instrument) -> None:
    """What is not answered on five points of agreement, for everybody."""
    shown = {item.id for item in topics(instrument)}
    rows = [
        {
            "Item": each.item,
            "Answer": each.choice or "",
            "Value": _value(each.unit, each.published.value),
            "People": each.published.n_band or "",
            "Status": "" if each.published.status == "ok" else words_of(each.published),
        }
        for each in wave.cells
        if not each.scope and each.item.partition(":")[0] not in shown
    ]
    if rows:
        st.subheader("Time, choices and the rest", anchor=False)
        st.dataframe(rows, hide_index=True)


def _value(unit: str, value: float | None) -> str:
    if value is None:
        return "—"
    if unit == "share":
        return f"{value * 100:.0f} %"
    if unit == "recommendation":
        return f"{value * 100:+.0f}"
    return f"{value:g} {'%' if unit == 'percent' else unit}"


def _comments(wave: WaveResults, instrument: Instrument) -> None:
    if not wave.comments:
        return
    with st.expander(f"Comments ({len(wave.comments)}), apart from scores"):
        for each in wave.comments:
            item = instrument.item(each.item)
            of = each.scope.get("team", "everybody")
            st.text(f"{item.measures if item else each.item}, {of}: {each.text}")
