"""What we heard: what respondents get back, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import frame
from dashboards.health_words import literal
from dashboards.survey_data import source
from dashboards.survey_groups import CANNOT_TELL, change, favourite_first, previous_of, told_of, topics
from dashboards.survey_words import interval_of, people_of, value_of
from dashboards.views.survey_results import pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.data import DataSource
    from dashboards.survey_data import SurveySource
    from dashboards.survey_groups import Topic
    from surveys.instrument import Instrument
    from surveys.wave_results import WaveResults
    from tribometer.privacy.published import Published
    from tribometer.store.answers import WaveFacts

FEW, MOST_CHANGES = 3, 6
LATE_DAYS = 14
"""Days after which a promise is due: nothing tires people more than answers that nobody acts on."""
ANSWERED = {"80+": "at least 80 %", "60-79": "60 to 79 %", "<60": "fewer than 60 %"}


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
    told = favourite_first(wave, topics(instrument))
    _asked(wave, instrument, told)
    _promised(reader, surveys, wave)
    if not told:
        st.info(f"Fewer than {wave.minimum} people answered, so nothing is told.", icon=":material/lock:")
    else:
        best, worst = told[:FEW], list(reversed(told[FEW:]))[:FEW]
        _list("What goes best", best)
        if worst:
            _list("What gets in the way most", worst)
        _changes(wave, waves, told)
    _rules(wave, surveys.facts(wave.wave))


def _asked(wave: WaveResults, instrument: Instrument, told: Sequence[tuple[Topic, Published]]) -> None:
    people = max((people_of(each) for _, each in told), key=_least, default="")
    how_many = f" {people} of you told us." if people else ""
    answered = f" That is {ANSWERED.get(wave.response, wave.response)} of those we asked." if wave.response else ""
    st.markdown(
        f"**{instrument.title['en']}** asked {len(instrument.items)} questions and was closed on "
        f"{wave.closed_at:%d %B %Y}.{how_many}{answered}"
    )
    with st.expander("What we asked"):
        st.markdown(instrument.about["en"])
        st.markdown("\n".join(f"- {literal(item.text['en'])}" for item in instrument.items))


def _least(band: str) -> int:
    return int(band.rstrip("+").partition("-")[0] or 0)


def _promised(reader: DataSource, surveys: SurveySource, wave: WaveResults) -> None:
    found = surveys.action(wave.wave)
    if found is not None:
        action, at = found
        on = f" (promised on {at:%d %B %Y})" if at is not None else ""
        st.success(f"What we do about it: {literal(action)}{on}", icon=":material/task_alt:")
        return
    days = (reader.now() - wave.closed_at).days
    late = f" A promise was due within {LATE_DAYS} days." if days > LATE_DAYS else ""
    st.warning(f"Nothing is promised yet. The results are {days} days old.{late}", icon=":material/pending:")


def _list(title: str, told: Sequence[tuple[Topic, Published]]) -> None:
    st.header(title, anchor=False)
    lines = [
        f"- “{literal(topic.wording)}” **{value_of(published)}** say {topic.favourable} "
        f"(possible: {interval_of(published)})"
        for topic, published in told
    ]
    st.markdown("\n".join(lines))


def _changes(wave: WaveResults, waves: Sequence[WaveResults], told: Sequence[tuple[Topic, Published]]) -> None:
    before = previous_of(wave, waves)
    st.header("What changed", anchor=False)
    if before is None:
        st.markdown("It was asked for the first time, so there is nothing to compare it with.")
        return
    moved = [(topic, change(published, told_of(before, topic.key, {}))) for topic, published in told]
    sure = sorted((each for each in moved if each[1].verdict != CANNOT_TELL), key=lambda each: -each[1].least)
    unsure = [topic.heading for topic, found in moved if found.verdict == CANNOT_TELL]
    if sure:
        lines = [f"- “{literal(topic.wording)}” {found.words}" for topic, found in sure[:MOST_CHANGES]]
        st.markdown(f"Since {literal(before.wave)}:\n\n" + "\n".join(lines))
    for verdict in ("better", "worse"):
        also = [topic.heading for topic, found in sure[MOST_CHANGES:] if found.verdict == verdict]
        if also:
            st.markdown(f"Also {verdict}: {', '.join(also)}.")
    if unsure:
        st.markdown(
            f"Since {literal(before.wave)} we **cannot tell** whether this got better or worse, for the difference may "
            f"be chance: {', '.join(unsure)}."
        )


def _rules(wave: WaveResults, facts: WaveFacts) -> None:
    with st.expander("Who sees what", expanded=True):
        kept = f" Answers are deleted on {facts.keep_until:%d %B %Y}." if facts.keep_until else ""
        st.markdown(
            f"- Results are told of groups of {wave.minimum} people or more, rounded, and so that nobody can work out "
            "a few by taking one group from another. Smaller groups are hidden, from leaders too.\n"
            f"- Comments are shown of {facts.comment_minimum} people or more, under the team above yours, without "
            "names and secrets, and apart from scores.\n"
            "- When a survey is closed, what leads from you to your answer is deleted: nobody can look it up any "
            f"more.{kept}"
        )
