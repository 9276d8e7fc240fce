"""A number cut by something else than time: services as a distribution, anything else as one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import charts, cut_charts, drawing
from dashboards.data import series_table

if TYPE_CHECKING:
    from dashboards.data import DataSource
    from dashboards.frame import Frame
    from metrics.result import MetricResult

MOST_LINES = 30
"""Lines that a chart shows; the table has all."""
SEVERAL = 2


def services(reader: DataSource, chosen: Frame, metric: str, label: str) -> None:
    """Draw how a number is spread over services; nothing where fewer than two have a value."""
    result = reader.compute(chosen.query(metric, by="service"))
    if _valued(result) < SEVERAL:
        return
    st.header(f"{label} of services", anchor=False)
    st.caption(
        "Each tick is one service; the grey bar is the middle half. It is a distribution, not a ranking. "
        f"{_basis(chosen, result)}"
    )
    drawing.draw(charts.distribution, result, label, alt=f"{label} of each service", key=f"services-{metric}")
    _table(result, "Service")


def lines(  # noqa: PLR0913 - one cut of one number, and how it is headed and ordered
    reader: DataSource, chosen: Frame, metric: str, by: str, title: str, *, costliest: bool = False
) -> None:
    """Draw a number of every team, pipeline, rotation or the like with its interval, under a heading of its own.

    In the order of their names, or, where they are nobody's and the worst is what is asked for, the ``costliest``
    first: that whose interval begins highest, for what was seen once proves little.
    """
    st.header(title, anchor=False)
    result = reader.compute(chosen.query(metric, by=by))
    if not _valued(result):
        st.info(f"Nothing to show by {by} in this scope and period.", icon=":material/inbox:")
        return
    found = [bucket for bucket in result.series if bucket.value is not None]
    if costliest:
        found.sort(key=_least, reverse=True)
    drawn = result.model_copy(update={"series": found[:MOST_LINES]})
    drawing.draw(cut_charts.lines, drawn, alt=f"{title}; the table below has the same", key=f"lines-{metric}-{by}")
    more = f" {len(found) - MOST_LINES} more are in the table." if len(found) > MOST_LINES else ""
    st.caption(f"Whiskers are 95 % intervals; hollow points are too few to judge. {_basis(chosen, result)}{more}")
    _table(result.model_copy(update={"series": found}), by.capitalize())


def _least(bucket: MetricResult) -> tuple[float, float]:
    """What a value is at least; without an interval as good as nothing, unless it is a sum, which has none."""
    low = bucket.interval.low if bucket.interval else 0.0
    return low, bucket.value or 0.0


def _valued(result: MetricResult) -> int:
    return sum(bucket.value is not None for bucket in result.series)


def _basis(chosen: Frame, result: MetricResult) -> str:
    clock = "Business clock" if result.clock == "business" else "Calendar clock"
    return f"{clock}, {chosen.words}."


def _table(result: MetricResult, what: str) -> None:
    with st.expander("As a table"):
        table = series_table(result).rename(columns={"Period": what})
        st.dataframe(table, hide_index=True, alt=f"{result.metric} by {what.lower()}")
