"""Charts of what is cut by something else than time, as functions of plain results."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import altair as alt

from dashboards.charts import ACCENT, INK, LEGIBLE, PAPER, contrast
from dashboards.data import axis_unit, bucket_records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.result import MetricResult

COLOURS = ("#0072B2", "#E69F00", "#56B4E9", "#CC79A7", "#D55E00", "#F0E442", "#009E73", "#8C8C8C")
"""Okabe and Ito's palette, which people with any colour vision tell apart, and grey for what nobody knows."""
ROW, AXIS = 26, 50
"""Pixels of a row, and of the axis below all of them: the height of a chart holds both."""


def lines(result: MetricResult) -> alt.LayerChart:
    """Draw one point with its interval a bucket, in the order of the series; hollow where too few are behind it."""
    records = [record for record in bucket_records(result) if record["value"] is not None]
    _, unit = axis_unit(result.unit, [bucket.value for bucket in result.series])
    names = [record["label"] for record in records]
    base = alt.Chart(alt.InlineData(values=records)).encode(
        y=alt.Y("label:N", sort=names, axis=alt.Axis(title=None, labelLimit=260, labelOverlap=False))
    )
    x = alt.X("value:Q", axis=alt.Axis(title=unit, tickCount=6), scale=alt.Scale(zero=True))
    tooltip = [
        alt.Tooltip("label:N", title="Of"),
        alt.Tooltip("words:N", title="Value"),
        alt.Tooltip("n:Q", title="n"),
        alt.Tooltip("status:N", title="Status"),
    ]
    solid = alt.condition("datum.status == 'ok'", alt.value(1.0), alt.value(0.0))
    points = base.mark_point(color=ACCENT, fill=ACCENT, size=60, strokeWidth=1.5).encode(
        x=x, fillOpacity=solid, tooltip=tooltip
    )
    banded = any(record["low"] is not None for record in records)
    rules = [base.mark_rule(color=ACCENT, strokeWidth=2, opacity=0.5).encode(x="low:Q", x2="high:Q")] if banded else []
    return alt.LayerChart(layer=[*rules, points]).properties(height=len(records) * ROW + AXIS)


def part_records(parts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Lay a result's parts end to end: name, share, n, start, end, middle (0..1) and colour; none without a share."""
    found: list[dict[str, Any]] = []
    start = 0.0
    for part, colour in zip((each for each in parts if each["share"]), COLOURS, strict=False):
        end = start + part["share"]
        found.append({
            "part": str(part["class"]), "share": part["share"], "n": part["n"], "start": start, "end": end,
            "middle": (start + end) / 2, "colour": colour,
        })  # fmt: skip
        start = end
    return found


def parts(records: Sequence[Mapping[str, Any]], title: str) -> alt.LayerChart:
    """Draw parts as one stacked bar with their shares written in; the legend is the page's."""
    base = alt.Chart(alt.InlineData(values=list(records)))
    axis = alt.Axis(title=title, format="%", tickCount=5)
    names, colours = [each["part"] for each in records], [each["colour"] for each in records]
    bar = base.mark_bar(height=44).encode(
        x=alt.X("start:Q", axis=axis, scale=alt.Scale(domain=[0, 1])),
        x2="end:Q",
        color=alt.Color("part:N", scale=alt.Scale(domain=names, range=colours), legend=None),
        tooltip=[
            alt.Tooltip("part:N", title="Part"),
            alt.Tooltip("share:Q", title="Share", format=".1%"),
            alt.Tooltip("n:Q", title="n"),
        ],
    )
    dark = [each["part"] for each in records if contrast(PAPER, each["colour"]) >= LEGIBLE]
    ink = alt.condition(alt.FieldOneOfPredicate(field="part", oneOf=dark), alt.value(PAPER), alt.value(INK))
    text = base.transform_filter("datum.share >= 0.06").mark_text(fontWeight="bold")
    label = text.encode(x=alt.X("middle:Q"), text=alt.Text("share:Q", format=".0%"), color=ink)
    return alt.LayerChart(layer=[bar, label]).properties(height=110)


def curves(records: Sequence[Mapping[str, Any]], title: str) -> alt.LayerChart:
    """Draw the share that got there within so many days, a line for each ``of``, with shapes beside colours."""
    names = list(dict.fromkeys(each["of"] for each in records))
    base = alt.Chart(alt.InlineData(values=list(records))).encode(
        x=alt.X("days:Q", axis=alt.Axis(title="calendar days after the first one", values=[0, 7, 30, 60, 90, 180])),
        y=alt.Y("share:Q", axis=alt.Axis(title=title, format="%"), scale=alt.Scale(domain=[0, 1])),
        color=alt.Color("of:N", scale=alt.Scale(domain=names, range=list(COLOURS)), legend=None),
        tooltip=[
            alt.Tooltip("of:N", title="Of"),
            alt.Tooltip("days:Q", title="Within days"),
            alt.Tooltip("share:Q", title="Share", format=".0%"),
            alt.Tooltip("n:Q", title="n"),
        ],
    )
    shape = alt.Shape("of:N", scale=alt.Scale(domain=names), legend=None)
    return alt.LayerChart(
        layer=[base.mark_line(strokeWidth=1.5), base.mark_point(filled=True, size=60).encode(shape=shape)]
    ).properties(height=280)


def legend(names: Sequence[str]) -> str:
    """Names and their colours as an HTML list, which wraps where a chart's own legend would be cut."""
    entries = (
        f'<li><i style="background:{colour}"></i>{escape(name)}</li>'
        for name, colour in zip(names, COLOURS, strict=False)
    )
    return f'<ul class="stages">{"".join(entries)}</ul>'
