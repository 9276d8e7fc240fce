"""The chart of the friction board: bars with their intervals, and brackets around what cannot be told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import altair as alt

from dashboards.charts import ACCENT, MUTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboards.friction_data import Record

ROW, AXIS = 38, 48
LANE, BRACKET = 9, 4
"""Pixels between brackets that overlap, and of their ends."""
BREAK = "|"
"""Between the two lines of a label: words behind the bars would be cut on a narrow screen."""


def ranking(records: Sequence[Record], ties: Sequence[Record]) -> alt.LayerChart:
    """Draw a bar and its interval for every kind in the order given; brackets before the bars join ties."""
    labels = {record["title"]: f"{record['title']}{BREAK}{record['words']}" for record in records}
    lanes = max((tie["lane"] for tie in ties), default=-1) + 1
    axis = alt.Axis(
        title=None, labelLimit=260, ticks=False, domain=False, labelOverlap=False, labelPadding=LANE * lanes + 10,
        labelOffset=-6,
        labelExpr=f"split(datum.label, '{BREAK}')",
    )  # fmt: skip
    y = alt.Y("label:N", axis=axis, scale=alt.Scale(domain=list(labels.values())))
    most = max(max(record["high"] or 0.0, record["hours"]) for record in records)
    x = alt.X(
        "hours:Q",
        axis=alt.Axis(title="Hours a month", tickCount=5),
        scale=alt.Scale(domain=[0, most]),
    )
    tooltip = [
        alt.Tooltip(f"{field}:N", title=words)
        for field, words in {
            "title": "Friction", "words": "Hours a month", "rank": "Rank", "places": "Most of it in",
        }.items()
    ]  # fmt: skip
    rows = [{**record, "label": labels[record["title"]]} for record in records]
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=y)
    layers: list[Any] = [
        base.mark_bar(color=ACCENT, opacity=0.55, height=16).encode(x=x, tooltip=tooltip),
        base.mark_rule(color=MUTED, strokeWidth=3).encode(x=alt.X("low:Q"), x2="high:Q"),
        *(each for tie in ties for each in _bracket(tie, labels)),
    ]
    return cast("alt.LayerChart", alt.layer(*layers, height=ROW * len(records) + AXIS))


def _bracket(tie: Record, labels: Mapping[str, str]) -> list[alt.Chart]:
    """A line from the first to the last of a run, left of the bars, with an end on either side."""
    place = -(LANE * tie["lane"] + BRACKET)
    ends_at = {name: labels[tie[name]] for name in ("first", "last")}
    base = alt.Chart(alt.InlineData(values=[{**tie, **ends_at}]))
    scale = alt.Scale(domain=list(labels.values()))
    line = base.mark_rule(color=MUTED, strokeWidth=2).encode(
        x=alt.value(place),
        y=alt.Y("first:N", scale=scale),
        y2="last:N",
        tooltip=[alt.Tooltip("words:N", title="Cannot be told apart")],
    )
    ends = [
        base.mark_rule(color=MUTED, strokeWidth=2).encode(
            x=alt.value(place - 1), x2=alt.value(place + BRACKET), y=alt.Y(f"{name}:N", scale=scale)
        )
        for name in ("first", "last")
    ]
    return [line, *ends]
