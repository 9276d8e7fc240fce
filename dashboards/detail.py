"""Opening a number: its trend, its rows, what was excluded and why, its SQL and the call that gives it."""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from dashboards import charts
from dashboards.data import row_table, series_table
from dashboards.unread import NOT_OBSERVABLE, awaited, not_read_yet
from metrics import CATALOGUE
from metrics.wording import RULES, share_text, status_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from dashboards.data import DataSource
    from dashboards.frame import Frame
    from dashboards.unread import Unread
    from metrics.result import MetricResult

ROWS_SHOWN = 500


def open_number(
    reader: DataSource, chosen: Frame, keys: Mapping[str, str], results: Mapping[str, MetricResult]
) -> None:
    """Let the reader pick one of the keys and show everything behind it; only the open tab is worked out."""
    st.subheader("Open a number", anchor=False)
    name = st.segmented_control(
        "Number", list(keys), format_func=lambda name: keys[name], key="open", default=next(iter(keys)),
        bind="query-params", label_visibility="collapsed", required=True,
    )  # fmt: skip
    result = results[name]
    contents: dict[str, Callable[[], None]] = {
        "Trend": partial(_trend, result, reader.unread()),
        "Rows": partial(_rows, reader, chosen, result),
        "Definition": partial(_definition, result),
        "SQL and API": partial(_sql, reader, chosen, name),
    }
    tabs = st.tabs(list(contents), key="behind", on_change="rerun", bind="query-params")
    for tab, draw in zip(tabs, contents.values(), strict=True):
        with tab:
            if tab.open:
                draw()


def status_words(result: MetricResult, unread: Iterable[Unread]) -> str | None:
    """Word the status of a result; None where there is nothing to say."""
    waited = not_read_yet(awaited(CATALOGUE[result.metric]), unread) if result.status == NOT_OBSERVABLE else None
    return waited or status_text(result)


def _trend(result: MetricResult, unread: Sequence[Unread]) -> None:
    if all(bucket.value is None for bucket in result.series):
        st.info(f"No part of this period has a value: {status_words(result, unread) or 'see the table of rows'}.")
        return
    st.altair_chart(charts.trend(result), alt=f"{result.metric} over time", key="trend")
    st.caption(
        "Hollow points are too few to judge or cut by the window. The line joins whole periods only; a period without "
        "a point has no data, which is not zero."
    )
    with st.expander("As a table"):
        st.dataframe(series_table(result), hide_index=True, alt=f"{result.metric} by period")


def _rows(reader: DataSource, chosen: Frame, result: MetricResult) -> None:
    excluded = "; ".join(_rules(result))
    st.markdown(f"**{result.n:,}** counted" + (f"; left out or flagged: {excluded}." if excluded else "."))
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
    st.download_button("Download these rows", table.to_csv(index=False), f"{result.metric}.csv", "text/csv")


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
    scope = {"service": chosen.service, "team": chosen.team}
    window = {"from": f"{chosen.start:%Y-%m-%d}", "to": f"{chosen.end:%Y-%m-%d}"}
    given = {key: value for key, value in (scope | window).items() if value}
    st.code(f"GET /api/v1/metrics/{name}?{urlencode(given)}", language="http")
    options = " ".join(f"--{key} {shlex.quote(value)}" for key, value in given.items())
    st.code(f"tribometer explain {name} {options} --rows", language="shell")
