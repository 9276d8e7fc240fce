"""One kind of friction opened: where it sits, the waits behind it, its definition, its SQL and API."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from dashboards import friction_data
from dashboards.data import reader
from dashboards.friction_words import factors_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.friction_data import FrictionSource
    from metrics.friction.board import Board, Line
    from metrics.query import Query

ROWS_SHOWN = 500


def draw(source: FrictionSource, query: Query, board: Board) -> None:
    """Let the reader pick a kind and show what is behind it; only the open tab is worked out."""
    lines = {line.kind.name: line for line in friction_data.counted(board)}
    st.header("Open a kind", anchor=False)
    name = st.selectbox(
        "Kind", list(lines), format_func=lambda name: lines[name].kind.title, key="kind", bind="query-params", width=320
    )
    line = lines[name or next(iter(lines))]
    contents: dict[str, Callable[[], None]] = {
        "Where": partial(_where, line),
        "Waits": partial(_rows, source, query, line),
        "Definition": partial(_definition, line),
        "SQL and API": partial(_sql, query),
    }
    tabs = st.tabs(list(contents), key="behind-kind", on_change="rerun", bind="query-params")
    for tab, show in zip(tabs, contents.values(), strict=True):
        with tab:
            if tab.open:
                show()


def _where(line: Line) -> None:
    records = friction_data.place_records(line)
    if not records:
        st.info("No pipeline, service or team is known for it.")
        return
    st.dataframe(records, hide_index=True, alt=f"Where {line.kind.title} sits")
    st.caption("The first three of each; ranks are compared over the weeks of the period. No person is ever ranked.")


def _rows(source: FrictionSource, query: Query, line: Line) -> None:
    rows = source.rows(query, line.kind.name, ROWS_SHOWN)
    st.markdown(f"**{line.waits:,}** waits; a row is one business day of one of them.")
    st.dataframe(friction_data.row_records(rows), hide_index=True, alt=f"Waits of {line.kind.title}")
    if len(rows) == ROWS_SHOWN:
        st.caption(f"The newest {ROWS_SHOWN} are shown; `tribometer explain friction_cost --rows` gives all.")


def _definition(line: Line) -> None:
    kind = line.kind
    care = "\n".join(f"- {caveat}" for caveat in kind.caveats)
    st.markdown(f"**{kind.question}** {kind.formula}\n\nCounted: business hours {factors_words(line)}.\n\n{care}")
    st.markdown(f"What usually helps: {kind.remedy[0].lower()}{kind.remedy[1:]}")
    if kind.metric is not None:
        st.caption(f"The same wait alone: `tribometer metric {kind.metric}`.")


def _sql(query: Query) -> None:
    st.code(reader().explain(query).sql, language="sql")
    scope = {"service": query.service, "team": query.team}
    start, end = query.window
    window = {"from": f"{start:%Y-%m-%d}", "to": f"{end:%Y-%m-%d}"}
    given = {key: value for key, value in (scope | window).items() if value}
    st.code(f"GET /api/v1/friction?{urlencode(given)}", language="http")
    st.code("tribometer friction " + " ".join(f"--{key} {value}" for key, value in given.items()), language="shell")
