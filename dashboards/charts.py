"""Charts as functions of plain results: a missing bucket is a gap, never a zero, and no meaning hangs on colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
from altair.utils import schemapi

from dashboards.data import STAGES, axis_unit, bucket_records, stage_records

if TYPE_CHECKING:
    from metrics.result import MetricResult

# checking every chart against its schema takes half of a rerun's time; a test checks them
schemapi.disable_debug_mode()

Specification = dict[str, Any]
"""A chart in Vega-Lite, as JSON."""
BARE = {"title": None, "labels": False, "ticks": False, "domain": False, "grid": False}
"""An axis that is there but shows nothing: layers without any axis break the drawing library."""
TOLD = [
    {"field": "label", "type": "nominal", "title": "Period"},
    {"field": "words", "type": "nominal", "title": "Value"},
    {"field": "n", "type": "quantitative", "title": "n"},
    {"field": "status", "type": "nominal", "title": "Status"},
]
ACCENT = "#2A8BD0"
"""Stands out on light and on dark alike: contrast 3.7 with white, 4.8 with near black."""
MUTED = "#8C8C8C"
INK, PAPER = "#111111", "#FFFFFF"
LEGIBLE = 4.5
"""The least contrast of text with what it stands on (WCAG 2.2, 1.4.3, level AA)."""
LINEAR = 0.04045
"""Up to which a channel of sRGB is linear (IEC 61966-2-1)."""
CROWDED = 60
"""Buckets from which on points are drawn small."""


def trend(result: MetricResult, *, height: int = 220, axes: bool = True) -> Specification:
    """Draw a series over time with its intervals; hollow points are too few or cut by the window.

    The line leaves out what the window cuts: a count of half a week would draw as a fall. Pages have one for
    every card, so it is written down as it is: the library that makes the others takes many times as long.
    """
    records = bucket_records(result)
    _, title = axis_unit(result.unit, [bucket.value for bucket in result.series])
    x = {
        "field": "label",
        "type": "ordinal",
        "sort": [record["label"] for record in records],
        "axis": {"title": None, "labelAngle": 0, "labelOverlap": "greedy", "labelFlush": False} if axes else BARE,
    }
    # zeros alone stand at the bottom, not in the middle of nothing
    flat = not any(record["value"] or record["high"] for record in records)
    measured = {
        "type": "quantitative",
        "axis": {"title": title, "tickCount": 4} if axes else BARE,
        "scale": {"domain": [0, 1]} if flat else {"zero": True},
    }
    band = {
        "mark": {"type": "rule", "color": ACCENT, "opacity": 0.3, "strokeWidth": 3},
        "encoding": {"x": x, "y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}},
    }
    line = {
        "mark": {"type": "line", "color": ACCENT, "strokeWidth": 1.5, "invalid": "break-paths-show-path-domains"},
        "encoding": {"x": x, "y": {"field": "whole", **measured}},
    }
    points = {
        "mark": {
            "type": "point", "color": ACCENT, "fill": ACCENT, "size": 36 if axes and len(records) <= CROWDED else 12,
            "strokeWidth": 1.2,
        },
        "encoding": {
            "x": x,
            "y": {"field": "value", **measured},
            "fillOpacity": {
                "condition": {"test": "datum.status == 'ok' && !datum.partial", "value": 1.0}, "value": 0.0,
            },
            "tooltip": TOLD,
        },
    }  # fmt: skip
    # a layer without a single value has no extent, which the drawing library complains about
    banded = [band] if axes and any(record["low"] is not None for record in records) else []
    joined = [line] if any(record["whole"] is not None for record in records) else []
    return {
        "$schema": alt.SCHEMA_URL,
        "data": {"values": records},
        "height": height,
        "layer": [*banded, *joined, points],
    }


def stage_bar(result: MetricResult) -> alt.LayerChart:
    """Draw the mean share of each stage as one stacked bar with its share written in it; its legend is the page's."""
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
            legend=None,
        ),
        tooltip=[
            alt.Tooltip("stage:N", title="Stage"),
            alt.Tooltip("share:Q", title="Mean share", format=".1%"),
            alt.Tooltip("median:N", title="Median"),
            alt.Tooltip("n:Q", title="n"),
        ],
    )
    dark = [name for name, colour in STAGES.values() if contrast(PAPER, colour) >= LEGIBLE]
    ink = alt.condition(alt.FieldOneOfPredicate(field="stage", oneOf=dark), alt.value(PAPER), alt.value(INK))
    text = base.transform_filter("datum.share >= 0.06").mark_text(fontWeight="bold")
    label = text.encode(x=alt.X("middle:Q"), text=alt.Text("share:Q", format=".0%"), color=ink)
    return alt.LayerChart(layer=[bar, label]).properties(height=120)


def contrast(one: str, other: str) -> float:
    """Contrast of two colours ``#RRGGBB``, 1 to 21 (WCAG 2.2, contrast ratio)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= LINEAR else ((each + 0.055) / 1.055) ** 2.4 for each in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


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
