"""One topic of a wave: its distribution, group by group with intervals, and what it is compared with."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from dashboards import drawing, survey_charts
from dashboards.survey_compare import against, choices, topic_records, topic_table
from dashboards.survey_groups import in_tree_order, previous_of, told_of
from dashboards.survey_words import EVERYBODY, interval_of, method_of, people_of, status_of, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboards.survey_compare import Against
    from dashboards.survey_groups import Record, Topic
    from surveys.wave_results import WaveResults
    from tribometer.privacy.published import Published


def draw(
    wave: WaveResults, waves: Sequence[WaveResults], asked: Sequence[Topic], teams: Mapping[str, str | None]
) -> None:
    """Let the reader choose a topic, a group and what to compare with; all three stand in the address."""
    st.header("One topic", anchor=False)
    by_key = {topic.key: topic for topic in asked}
    names, before = [team for team, _ in in_tree_order(teams)], previous_of(wave, waves)
    with st.container(horizontal=True, vertical_alignment="bottom", key="topic-filters"):
        key = st.selectbox(
            "Topic", list(by_key), format_func=lambda key: by_key[key].heading, key="topic", bind="query-params",
            width=260,
        )  # fmt: skip
        group = st.selectbox("Group", [EVERYBODY, *names], key="group", bind="query-params", width=220)
        compared = st.selectbox("Compare with", choices(before, names), key="against", bind="query-params", width=220)
    topic, other = by_key[key], against(compared, before)
    scope = {} if group == EVERYBODY else {"team": group}
    records = topic_records(wave, topic, teams, other)
    st.markdown(f"“{topic.wording}” — favourable is {topic.favourable}.")
    _number(wave, topic, group, told_of(wave, topic.key, scope))
    if other is not None and other.scope != scope:
        _difference(records, group, other)
    _by_group(topic, records, other)
    _behind(wave, topic, group)


def _number(wave: WaveResults, topic: Topic, group: str, told: Published | None) -> None:
    left, right = st.columns([1, 2], vertical_alignment="center")
    with left:
        definition = f"Share of answers that are {topic.favourable}. {_definition(wave)}"
        st.metric(f"{topic.heading}, {group}", value_of(told), help=definition)
        words = [interval_of(told), f"{people_of(told)} people" if people_of(told) else "", status_of(told)]
        st.caption(" · ".join(word for word in words if word and word != "ok"))
    with right:
        if told is not None and told.spread is not None:
            drawing.draw(survey_charts.spread, told.spread, topic.points, alt=f"How {group} answered {topic.key}")
        else:
            st.caption("How answers spread over the five points is told from ten people on.")


def _difference(records: Sequence[Record], group: str, other: Against) -> None:
    words = next(record["change"] for record in records if record["name"] == group)
    st.markdown(f"**{group}** against **{other.words}**: {words}.")


def _by_group(topic: Topic, records: Sequence[Record], other: Against | None) -> None:
    drawing.draw(
        survey_charts.bars,
        records,
        "group",
        "share",
        "favourable",
        alt=f"{topic.heading} by group with intervals; the table below has the same",
    )
    with st.expander("As a table, with the comparison" if other else "As a table"):
        st.dataframe(topic_table(records, other), hide_index=True, alt=f"{topic.heading} by group")
    against_words = (
        f"A difference from {other.words} that is less than chance is “cannot tell”; its bounds are rounded outwards "
        "to five points."
        if other
        else "Compared with nothing."
    )
    st.caption(f"The thick line is the interval of 95 %. {against_words}")


def _definition(wave: WaveResults) -> str:
    return f"Rounded to five points between 5 and 95 %, told of {wave.minimum} people or more."


def _behind(wave: WaveResults, topic: Topic, group: str) -> None:
    with st.expander("What stands behind this number"):
        method = method_of(told_of(wave, topic.key, {}))
        flipped = " Agreement is bad news here, so the scale is turned around." if topic.reverse else ""
        bounds = f" The interval is by {method}, rounded outwards." if method else ""
        st.markdown(f"{_definition(wave)}{bounds}{flipped} People are told in bands.")
        item = topic.key.partition(":")[0]
        command = f"tribometer survey results {shlex.quote(wave.wave)} --by team --item {item}"
        asked = {"by": "team"} if group == EVERYBODY else {"team": group}
        st.code(
            f"{command}\nGET /api/v1/metrics/survey_favourable?{urlencode(asked)}", language="shell", wrap_lines=True
        )
