"""The parts of a result as one bar with its legend and its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import cut_charts, drawing
from metrics.wording import share_text, status_text

if TYPE_CHECKING:
    from dashboards.frame import Frame
    from metrics.result import MetricResult


def draw(result: MetricResult, title: str, chosen: Frame) -> None:
    """Draw the parts of a result that have a share; say why where there is none."""
    records = cut_charts.part_records(result.parts)
    if not records:
        st.info(
            f"No parts to show: {status_text(result) or 'nothing to divide in this period'}.", icon=":material/inbox:"
        )
        return
    drawing.draw(
        cut_charts.parts, records, title, alt=f"{title}; the table below has the same", key=f"parts-{result.metric}"
    )
    st.html(cut_charts.legend([each["part"] for each in records]))
    st.caption(f"{result.clock.capitalize()} clock, {chosen.words}; n\u00a0=\u00a0{result.n or 0:,}.")
    with st.expander("As a table"):
        rows = [{"Part": each["part"], "Share": share_text(each["share"]), "n": each["n"]} for each in records]
        st.dataframe(rows, hide_index=True, alt=title)
