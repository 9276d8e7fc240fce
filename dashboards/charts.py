"""Charts as functions of plain results: a missing bucket is a gap, never a zero, and no meaning hangs on colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
from altair.utils import schemapi

from dashboards.data import STAGES, axis_unit, bucket_records, stage_records

if TYPE_CHECKING:
    from metrics.result import MetricResult

# checking every chart against its schema takes half of a rerun's time; a test checks them
schemapi.disable_debug_mode()

BARE = alt.Axis(title=None, labels=False, ticks=False, domain=False, grid=False)
"""An axis that is there but shows nothing: layers without any axis break the drawing library."""
ACCENT = "#2A8BD0"
"""Stands out on light and on dark alike: contrast 3.7 with white, 4.8 with near black."""
MUTED = "#8C8C8C"
CROWDED = 60
"""Buckets from which on points are drawn small."""


def trend(result: MetricResult, *, height: int = 220, axes: bool = True) -> alt.LayerChart:
    """Draw a series over time with its intervals; hollow points are too few or cut by the window."""
    records = bucket_records(result)
    _, title = axis_unit(result.unit, [bucket.value for bucket in result.series])
    x_axis = alt.Axis(title=None, labelAngle=0, labelOverlap="greedy", labelFlush=False) if axes else BARE
    x = alt.X("label:O", sort=[record["label"] for record in records], axis=x_axis)
    base = alt.Chart(alt.InlineData(values=records)).encode(x=x)
    y_axis = alt.Axis(title=title, tickCount=4) if axes else BARE
    tooltip = [
        alt.Tooltip("label:N", title="Period"),
        alt.Tooltip("words:N", title="Value"),
        alt.Tooltip("n:Q", title="n"),
        alt.Tooltip("status:N", title="Status"),
    ]
    # zeros alone stand at the bottom, not in the middle of nothing
    flat = not any(record["value"] or record["high"] for record in records)
    y = alt.Y("value:Q", axis=y_axis, scale=alt.Scale(domain=[0, 1]) if flat else alt.Scale(zero=True))
    solid = alt.condition("datum.status == 'ok' && !datum.partial", alt.value(1.0), alt.value(0.0))
    band = base.mark_rule(color=ACCENT, opacity=0.3, strokeWidth=3).encode(y="low:Q", y2="high:Q")
    line = base.mark_line(color=ACCENT, strokeWidth=1.5, invalid="break-paths-show-path-domains").encode(y=y)
    size = 36 if axes and len(records) <= CROWDED else 12
    points = base.mark_point(color=ACCENT, fill=ACCENT, size=size, strokeWidth=1.2).encode(
        y=y, fillOpacity=solid, tooltip=tooltip
    )
    # a layer without a single value has no extent, which the drawing library complains about
    banded = axes and any(record["low"] is not None for record in records)
    return alt.LayerChart(layer=[band, line, points] if banded else [line, points]).properties(height=height)


def stage_bar(result: MetricResult) -> alt.LayerChart:
    """Draw the mean share of each stage as one stacked bar with its share written in it."""
    records = stage_records(result)
    order = [record["stage"] for record in records]
    colours = [colour for name, colour in STAGES.values() if name in order]
    names = [name for name, _ in STAGES.values() if name in order]
    base = alt.Chart(alt.InlineData(values=records))
    x = alt.X(
        "start:Q",
        axis=alt.Axis(title="mean share of the way to production", format="%", tickCount=5),
        scale=alt.Scale(domain=[0, 1]),
    )
    bar = base.mark_bar(height=44).encode(
        x=x,
        x2="end:Q",
        color=alt.Color(
            "stage:N",
            sort=names,
            scale=alt.Scale(domain=names, range=colours),
            legend=alt.Legend(orient="bottom", title=None, columns=7),
        ),
        tooltip=[
            alt.Tooltip("stage:N", title="Stage"),
            alt.Tooltip("share:Q", title="Mean share", format=".1%"),
            alt.Tooltip("median:N", title="Median"),
            alt.Tooltip("n:Q", title="n"),
        ],
    )
    text = base.transform_filter("datum.share >= 0.06").mark_text(color="#111111", fontWeight="bold")
    label = text.encode(x=alt.X("middle:Q"), text=alt.Text("share:Q", format=".0%"))
    return alt.LayerChart(layer=[bar, label]).properties(height=190)


def distribution(result: MetricResult, title: str) -> alt.LayerChart:
    """Draw one tick per service and the middle half of them; names only on hover, for it is no ranking."""
    divisor, unit = axis_unit(result.unit, [bucket.value for bucket in result.series])
    records = [record for record in bucket_records(result) if record["value"] is not None]
    x = alt.X("value:Q", axis=alt.Axis(title=f"{title}, {unit}", tickCount=8), scale=alt.Scale(zero=True))
    ticks = (
        alt.Chart(alt.InlineData(values=records))
        .mark_tick(color=ACCENT, thickness=2, size=36, opacity=1)
        .encode(
            x=x,
            tooltip=[
                alt.Tooltip("label:N", title="Service"),
                alt.Tooltip("words:N", title="Value"),
                alt.Tooltip("n:Q", title="n"),
                alt.Tooltip("status:N", title="Status"),
            ],
        )
    )
    services = result.services
    middle = [] if services is None or services.p25 is None or services.p75 is None else [
        {"low": services.p25 / divisor, "high": services.p75 / divisor}
    ]  # fmt: skip
    band = (
        alt.Chart(alt.InlineData(values=middle))
        .mark_bar(color=MUTED, opacity=0.25, height=56)
        .encode(x="low:Q", x2="high:Q")
    )
    return alt.LayerChart(layer=[band, ticks]).properties(height=140)
