"""Opening a number: its trend, its rows, what was excluded and why, its SQL and the call that gives it."""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from dashboards import charts, drawing
from dashboards.data import row_table, series_table
from dashboards.filters import unknown
from dashboards.statuses import status_words
from metrics import CATALOGUE
from metrics.wording import RULES, share_text, unit_of, value_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dashboards.answers import Answer
    from dashboards.data import DataSource
    from dashboards.frame import Frame
    from dashboards.unread import Unread
    from metrics.result import MetricResult

ROWS_SHOWN = 500


def open_number(reader: DataSource, chosen: Frame, keys: Mapping[str, str], answers: Mapping[str, Answer]) -> None:
    """Let the reader pick one of the keys and show everything behind it; both choices stand in the address."""
    st.header("Open a number", anchor=False)
    if (asked := st.query_params.get("open")) in keys:
        # links name the metric; what is chosen on the page stands in the address by its words
        st.session_state["open"] = asked
    unknown("open", [*keys, *keys.values()], next(iter(keys.values())))
    name = st.segmented_control(
        "Number", list(keys), format_func=lambda name: keys[name], key="open", default=next(iter(keys)),
        bind="query-params", label_visibility="collapsed", required=True,
    )  # fmt: skip
    _behind(reader, chosen, name, answers[name].result, "behind")


def opened(reader: DataSource, chosen: Frame, name: str, label: str, result: MetricResult) -> None:
    """Show everything behind a number over the page."""

    def draw() -> None:
        st.markdown(f"**{value_text(unit_of(result), result.value)}**, {chosen.words}")
        _behind(reader, chosen, name, result, "opened")

    st.dialog(label, width="large")(draw)()


def _behind(reader: DataSource, chosen: Frame, name: str, result: MetricResult, key: str) -> None:
    """Draw the tabs behind a number; only the open one is worked out."""
    contents: dict[str, Callable[[], None]] = {
        "Trend": partial(_trend, chosen, result, reader.unread(), key),
        "Rows": partial(_rows, reader, chosen, result, key),
        "Definition": partial(_definition, result),
        "SQL and API": partial(_sql, reader, chosen, name),
    }
    # what is opened over the page is not in the address: that of the page below it stands there
    tabs = st.tabs(list(contents), key=key, on_change="rerun", bind="query-params" if key == "behind" else None)
    for tab, draw in zip(tabs, contents.values(), strict=True):
        with tab:
            if tab.open:
                draw()


def _trend(chosen: Frame, result: MetricResult, unread: Sequence[Unread], key: str) -> None:
    if not result.series:
        st.info("This number has no course over time: it is told of the whole period, or of whole cohorts.")
        return
    if all(bucket.value is None for bucket in result.series):
        st.info(f"No part of this period has a value: {status_words(result, unread) or 'see the table of rows'}.")
        return
    drawing.draw(charts.trend, result, alt=f"{result.metric} over time", key=f"trend-{key}")
    st.caption(
        f"By {chosen.bucket}, {result.clock} clock, {chosen.words}. "
        "Hollow points are too few to judge or cut by the window. The line joins whole periods only; a period without "
        "a point has no data, which is not zero."
    )
    with st.expander("As a table"):
        st.dataframe(series_table(result), hide_index=True, alt=f"{result.metric} by period")


def _rows(reader: DataSource, chosen: Frame, result: MetricResult, key: str) -> None:
    if CATALOGUE[result.metric].people is not None:
        st.info(
            "Behind each row is a person, and nobody is ever singled out: rows are not shown.", icon=":material/lock:"
        )
        return
    excluded = "; ".join(_rules(result))
    st.markdown(f"**{result.n or 0:,}** counted" + (f"; left out or flagged: {excluded}." if excluded else "."))
    if result.coverage is not None and result.coverage.share is not None:
        st.markdown(f"Coverage: {share_text(result.coverage.share)} of {result.coverage.of}.")
    rows = reader.unit_rows(chosen.query(result.metric), ROWS_SHOWN)
    if not rows:
        st.info("No row was looked at in this period.")
        return
    table = row_table(rows, result.unit)
    st.dataframe(table, hide_index=True, alt=f"Rows behind {result.metric}")
    if len(rows) == ROWS_SHOWN:
        st.caption(
            f"The newest {ROWS_SHOWN} are shown; the API and `tribometer explain {result.metric} --rows` give all."
        )
    st.download_button(
        "Download these rows", table.to_csv(index=False), f"{result.metric}.csv", "text/csv", key=f"rows-{key}"
    )


def _rules(result: MetricResult) -> list[str]:
    """The edge rules that applied, each with how many it left out or flagged."""
    return [
        f"{count:,} by {rule} ({RULES.get(rule, 'see the definition')})"
        for rule, count in (result.exclusions or {}).items()
        if count
    ]


def _definition(result: MetricResult) -> None:
    metric = CATALOGUE[result.metric]
    st.markdown(f"**{metric.question}** {metric.formula}")
    _listed("Rules that left out or flagged units here", _rules(result) or ["None applied in this scope and period."])
    _listed("To be read with care", metric.caveats)
    _listed("Not to be compared with", metric.not_comparable)
    st.caption(f"{metric.name}, definition version {metric.version}. Source: {metric.source}")


def _listed(title: str, lines: Sequence[str]) -> None:
    st.markdown("\n".join([f"{title}:", "", *(f"- {line}" for line in lines)]))


def _sql(reader: DataSource, chosen: Frame, name: str) -> None:
    explanation = reader.explain(chosen.query(name))
    st.code(explanation.sql, language="sql")
    scope = chosen.query(name).scope
    window = {"from": f"{chosen.start:%Y-%m-%d}", "to": f"{chosen.end:%Y-%m-%d}"}
    given = scope | window
    st.code(f"GET /api/v1/metrics/{name}?{urlencode(given)}", language="http")
    options = " ".join(f"--{key} {shlex.quote(value)}" for key, value in given.items())
    st.code(f"tribometer explain {name} {options} --rows", language="shell")
