"""Charts of survey results: what is hidden is drawn as hidden, and no meaning hangs on colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import altair as alt

from dashboards.charts import INK, MUTED, PAPER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.survey_data import Record

ROW = 28
SHADES = ("#B2182B", "#F4A582", "#F7F7F7", "#92C5DE", "#2166AC")
DARK_ENDS = "(datum.share <= 0.15 || datum.share >= 0.85)"


def heat_map(records: Sequence[Record]) -> alt.LayerChart:
    """Draw groups by topics; every cell says its share, or that it is hidden, in words."""
    groups = list(dict.fromkeys(record["group"] for record in records))
    topics = list(dict.fromkeys(record["topic"] for record in records))
    base = alt.Chart(alt.InlineData(values=list(records))).encode(
        x=alt.X("topic:N", sort=topics, axis=alt.Axis(title=None, orient="top", labelAngle=-30, labelLimit=160)),
        y=alt.Y("group:N", sort=groups, axis=alt.Axis(title=None, labelLimit=220)),
        tooltip=[
            alt.Tooltip("group:N", title="Group"),
            alt.Tooltip("question:N", title="Question"),
            alt.Tooltip("words:N", title="Favourable"),
            alt.Tooltip("interval:N", title="Interval"),
            alt.Tooltip("people:N", title="People"),
        ],
    )
    scale = alt.Scale(domain=[0.05, 0.95], range=list(SHADES))
    told = (
        base.transform_filter("datum.share !== null")
        .mark_rect(stroke=PAPER)
        .encode(color=alt.Color("share:Q", scale=scale, legend=None))
    )
    hidden = base.transform_filter("datum.share === null").mark_rect(stroke=MUTED, strokeDash=[3, 3], fillOpacity=0.0)
    texts = [
        layer.mark_text(fontSize=11, color=colour).encode(text="words:N")
        for layer, colour in (
            (base.transform_filter("datum.share === null"), MUTED),
            (base.transform_filter(f"datum.share !== null && {DARK_ENDS}"), PAPER),
            (base.transform_filter(f"datum.share !== null && !({DARK_ENDS})"), INK),
        )
    ]
    # altair types a layered chart as one that may be cut into facets
    return cast("alt.LayerChart", alt.layer(told, hidden, *texts, height=ROW * len(groups) + 80))
