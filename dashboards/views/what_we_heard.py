"""What we heard: what respondents get back, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import frame
from dashboards.survey_data import change, previous_of, ranked_topics, source, words_of
from dashboards.views.survey_results import pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.data import DataSource
    from dashboards.survey_data import SurveySource
    from surveys.instrument import Instrument, Item
    from surveys.results import WaveResults
    from tribometer.privacy.published import Published

FEW = 3
LATE_DAYS = 14
"""Days after which a promise is due: nothing tires people more than answers that nobody acts on."""


def render(reader: DataSource) -> None:
    """Draw the page for one reader."""
    frame.heading(reader, "What we heard", "What did you tell us, and what happens now?")
    surveys = source()
    waves = surveys.closed_waves() if surveys is not None else []
    if surveys is None or not waves:
        st.info("No survey has been closed yet. Its results will stand here for everybody.", icon=":material/forum:")
        return
    wave = pick(waves)
    instrument = surveys.instrument(wave.instrument)
    answered = f" {wave.response} % of those who were asked answered." if wave.response else ""
    st.markdown(f"**{instrument.title['en']}** was closed on {wave.closed_at:%d %B %Y}.{answered}")
    _promised(reader, surveys, wave)
    told = ranked_topics(wave, instrument)
    if not told:
        st.info(f"Fewer than {wave.minimum} people answered, so nothing is told.", icon=":material/lock:")
    else:
        best, worst = told[:FEW], list(reversed(told[FEW:]))[:FEW]
        _list("What goes well", best)
        if worst:
            _list("What gets in the way", worst)
        _changes(wave, waves, instrument)
    _rules(wave)


def _promised(reader: DataSource, surveys: SurveySource, wave: WaveResults) -> None:
    found = surveys.action(wave.wave)
    if found is not None:
        action, at = found
        on = f" (promised on {at:%d %B %Y})" if at is not None else ""
        st.success(f"What we do about it: {action}{on}", icon=":material/task_alt:")
        return
    days = (reader.now() - wave.closed_at).days
    waited = f" The results are {days} days old." if days > LATE_DAYS else ""
    st.warning(f"Nothing is promised yet.{waited}", icon=":material/pending:")


def _list(title: str, told: Sequence[tuple[Item, Published]]) -> None:
    st.subheader(title, anchor=False)
    for item, published in told:
        says = "disagree" if item.reverse else "agree"
        st.markdown(f"- “{item.text['en']}” — **{words_of(published)}** {says}")


def _changes(wave: WaveResults, waves: Sequence[WaveResults], instrument: Instrument) -> None:
    before = previous_of(wave, waves)
    st.subheader("What changed", anchor=False)
    if before is None:
        st.markdown("It was asked for the first time, so there is nothing to compare it with.")
        return
    found = []
    for item, published in ranked_topics(wave, instrument):
        cell = before.cell(item.id, {})
        moved = change(published, None if cell is None else cell.published)
        if moved.verdict in {"better", "worse"}:
            found.append(f"- “{item.text['en']}”: {moved.words}")
    st.markdown("\n".join(found) or f"Nothing that is more than chance since {before.wave}.")


def _rules(wave: WaveResults) -> None:
    with st.expander("Who sees what"):
        st.markdown(
            f"- Results are told of {wave.minimum} people or more, rounded, and so that nobody can work out a few by "
            "taking one group from another.\n"
            "- Comments are shown of ten people or more, under the team above yours, without names and secrets.\n"
            "- When a survey is closed, what leads from you to your answer is deleted: nobody can look it up any more."
        )
