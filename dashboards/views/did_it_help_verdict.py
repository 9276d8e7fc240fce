"""One intervention: its verdict at every horizon, and the weeks behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import drawing
from dashboards import interventions_charts as charts
from dashboards.health_words import literal, prose
from dashboards.interventions_words import (
    badge,
    day,
    effect_words,
    expected_effect,
    finding_lines,
    level_words,
    method_lines,
    released_words,
    title,
)
from metrics.verdicts.finding import TRANSITION
from tribometer.errors import TribometerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.interventions import InterventionSource, JudgedMetric, Judgement, Standing
    from metrics.verdicts import Finding

NO_RANKING = "Nobody is told apart: the lines are means over {}s, and no person is measured."


def draw(asked: InterventionSource, chosen: Standing) -> None:
    """Judge the chosen one, which takes seconds the first time, and draw what came of it."""
    made = chosen.intervention
    st.header(f"{literal(made.name)}: did it help?", anchor=False)
    for remark in chosen.remarks:
        words = f"{remark[:1].upper()}{remark[1:]}."
        if made.after_the_fact:
            st.warning(words, icon=":material/explore:")
        else:
            st.caption(words)
    if chosen.status == "withdrawn":
        st.info("It was withdrawn before its release: there is nothing to judge.", icon=":material/undo:")
        return
    try:
        with st.spinner("Comparing week by week …"):
            judgement = asked.judged(made)
    except TribometerError as error:
        st.error(literal(str(error)))
        return
    metric = _metric(judgement.metrics)
    _verdicts(metric, judgement)
    _weeks(metric, judgement, released_words(made.plan))


def _metric(metrics: Sequence[JudgedMetric]) -> JudgedMetric:
    by_name = {each.expectation.metric: each for each in metrics}
    if len(by_name) == 1:
        return metrics[0]
    name = st.segmented_control(
        "Metric", list(by_name), format_func=title, key="metric", default=next(iter(by_name)), bind="query-params",
        required=True,
    )  # fmt: skip
    return by_name[name]


def _verdicts(metric: JudgedMetric, judgement: Judgement) -> None:
    expected = expected_effect(metric)
    size = "no size was named" if expected is None else f"expected {effect_words(metric, expected)}"
    name = title(metric.expectation.metric)
    st.markdown(f"**{name}**, {metric.better} is better; {size}.")
    with st.container(key="cards"):
        for each in metric.findings:
            _card(metric, each, judgement.level)
    if any(each.effect is not None for each in metric.findings):
        _chart(metric, name)
    for line in method_lines(metric.findings, judgement.level):
        st.markdown(prose(line))
    if metric.not_measured:
        st.markdown(f"Without any number: {literal(', '.join(metric.not_measured))}.")
    for caveat in judgement.caveats:
        st.caption(prose(caveat))
    st.caption(f"Judged on {day(judgement.as_of)} by the whole weeks until then.")


def _chart(metric: JudgedMetric, name: str) -> None:
    drawing.draw(charts.intervals, metric, alt=f"Change of {name} with intervals; the text above has the same")
    expected = expected_effect(metric)
    dashed = "" if expected is None else f" Dashed: what was expected, {effect_words(metric, expected)}."
    st.caption(
        f"Dot: the change. Bar: its 95 % interval, each by itself; the verdict goes by the corrected p. Grey line: no "
        f"effect.{dashed}"
    )


def _card(metric: JudgedMetric, found: Finding, level: str) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{found.horizon} weeks** {badge(found.verdict)}")
        if found.effect is not None:
            st.markdown(f"#### {prose(effect_words(metric, found.effect))}")
        for line in finding_lines(metric, found, level):
            st.caption(prose(line))


def _weeks(metric: JudgedMetric, judgement: Judgement, released: str) -> None:
    st.header("What the weeks look like", anchor=False)
    if not metric.aligned.weeks:
        st.info("No week behind a release is measured yet.", icon=":material/hourglass_top:")
        return
    level, name = judgement.level, title(metric.expectation.metric)
    drawing.draw(
        charts.weeks, metric, level, alt=f"{name} by weeks since the release; the table below has the same", key="weeks"
    )
    alone = "" if any(each.waiting_units for each in metric.aligned.weeks) else " Nobody was left to compare with."
    st.caption(
        f"Each {level} against its own mean of up to 12 weeks before its release ({released}); usual then: "
        f"{level_words(metric)}. Solid: {level}s that it reached. Dashed: in the same weeks, those that it had not "
        f"reached yet.{alone} Shaded: the {TRANSITION} weeks of transition, which are left out of the verdict. "
        + NO_RANKING.format(level)
    )
    with st.expander("As a table"):
        st.dataframe(charts.week_rows(metric, level), hide_index=True, alt=f"{name} by weeks since the release")
