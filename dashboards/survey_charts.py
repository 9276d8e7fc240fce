"""Charts of survey results: what is hidden is drawn as hidden, and no meaning hangs on colour alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import altair as alt

from dashboards.charts import ACCENT, INK, MUTED, PAPER
from dashboards.survey_words import NOBODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.survey_groups import Record

ROW = 28
SHADES = ("#B2182B", "#F4A582", "#F7F7F7", "#92C5DE", "#2166AC")
DARK_ENDS = "(datum.share <= 0.15 || datum.share >= 0.85)"
VEILED, VEILED_INK = "#D4D4D4", "#4A4A4A"
HOVER = {"words": "Value", "interval": "Interval (95 %)", "people": "People", "status": "Status"}
LETTER = 7
"""Pixels of a letter of an axis, about."""
SLANTED, SLANT = 200, -35
"""How long the names of topics may be, in pixels, and by how many degrees they are turned."""
UNDER, UNDER_TITLED = 26, 48
"""Pixels that an axis below takes of a chart's height, without and with a title."""
LABELS = alt.Axis(
    title=None, labelLimit=240, labelAlign="left", ticks=False, domain=False, labelOverlap=False, labelFlush=False
)
POINT_SHADES = ("#B2182B", "#F4A582", "#C9C9C9", "#92C5DE", "#2166AC")


def _groups(records: Sequence[Record], name: str) -> alt.Y:
    """The names of groups, from the left, so that those below another stand indented."""
    labels = list(dict.fromkeys(record[name] for record in records))
    padding = LETTER * max(map(len, labels), default=1) + 8
    return alt.Y(f"{name}:N", sort=labels, axis=alt.Axis(**{**LABELS.to_dict(), "labelPadding": padding}))


def heat_map(records: Sequence[Record]) -> alt.LayerChart:
    """Draw groups by topics; every cell says its share, or that it is hidden or unanswered, in words."""
    topics = list(dict.fromkeys(record["topic"] for record in records))
    base = alt.Chart(alt.InlineData(values=list(records))).encode(
        x=alt.X("topic:N", sort=topics, axis=alt.Axis(
            title=None, orient="top", labelAngle=SLANT, labelLimit=SLANTED, labelOverlap=False, ticks=False,
            domain=False,
        )),
        y=_groups(records, "group"),
        tooltip=[
            alt.Tooltip(f"{name}:N", title=title)
            for name, title in {"group": "Group", "question": "Question", "good": "Favourable is", **HOVER}.items()
        ],
    )  # fmt: skip
    scale = alt.Scale(domain=[0.05, 0.95], range=list(SHADES))
    told = (
        base.transform_filter("datum.share !== null")
        .mark_rect(stroke=PAPER)
        .encode(color=alt.Color("share:Q", scale=scale, legend=None))
    )
    layers: list[Any] = [told, *_veiled(base, records), *_shares(base)]
    groups = len({record["group"] for record in records})
    # altair types a layered chart as one that may be cut into facets
    return cast("alt.LayerChart", alt.layer(*layers, height=ROW * groups + _above(topics)))


def _above(topics: Sequence[str]) -> int:
    """Pixels that the slanted names of topics take."""
    longest = min(SLANTED, LETTER * max(map(len, topics), default=0))
    return round(longest * math.sin(math.radians(-SLANT))) + 2 * LETTER


def _veiled(base: alt.Chart, records: Sequence[Record]) -> list[alt.Chart]:
    """What is hidden: grey and dashed; what nobody answered: an empty frame; a layer without marks has no name."""
    hidden = base.transform_filter("datum.share === null && datum.kind !== 'no_data'")
    nobody = base.transform_filter("datum.kind === 'no_data'")
    of_hidden = [
        hidden.mark_rect(fill=VEILED, stroke=MUTED, strokeDash=[3, 3]),
        hidden.mark_text(fontSize=11, color=VEILED_INK, fontStyle="italic").encode(text="words:N"),
    ]
    of_nobody = [
        nobody.mark_rect(fill=PAPER, stroke=MUTED),
        nobody.mark_text(fontSize=10, color=VEILED_INK, text=NOBODY),
    ]
    kinds = {record["kind"] for record in records if record["share"] is None}
    return [*(of_hidden if kinds - {"no_data"} else []), *(of_nobody if "no_data" in kinds else [])]


def _shares(base: alt.Chart) -> list[alt.Chart]:
    return [
        base.transform_filter(f"datum.share !== null && {test}")
        .mark_text(fontSize=11, color=ink)
        .encode(text="words:N")
        for test, ink in ((DARK_ENDS, PAPER), (f"!({DARK_ENDS})", INK))
    ]


def bars(records: Sequence[Record], name: str, value: str, title: str, *, share: bool = True) -> alt.LayerChart:
    """Draw a bar and its interval for every group or answer, in the order given; what is not told is said in words."""
    domain = [0, 1] if share else [0, max([record.get("high") or record[value] or 0 for record in records] + [1])]
    axis = alt.Axis(title=title, format="%" if share else "d", tickCount=5)
    tooltip = [alt.Tooltip(f"{field}:N", title=words) for field, words in {name: "Of", **HOVER}.items()]
    base = alt.Chart(alt.InlineData(values=list(records))).encode(y=_groups(records, name), tooltip=tooltip)
    told = base.transform_filter(f"isValid(datum.{value})")
    x = alt.X(f"{value}:Q", axis=axis, scale=alt.Scale(domain=domain))
    layers: list[Any] = [told.mark_bar(color=ACCENT, opacity=0.55, height=14).encode(x=x)]
    if any(record.get("low") is not None for record in records):
        whisker = told.transform_filter("isValid(datum.low)").mark_rule(color=MUTED, strokeWidth=3)
        layers.append(whisker.encode(x="low:Q", x2="high:Q"))
    untold = base.transform_filter(f"!isValid(datum.{value})")
    layers.append(
        untold.mark_text(align="left", dx=4, fontStyle="italic", color=MUTED).encode(x=alt.value(0), text="words:N")
    )
    return cast(
        "alt.LayerChart", alt.layer(*layers, height=ROW * len({record[name] for record in records}) + UNDER_TITLED)
    )


def spread(shares: Sequence[float], points: Sequence[str]) -> alt.LayerChart:
    """Draw how many chose each of the five points, as bars with their shares written on them."""
    records = [
        {"point": point, "share": share, "words": f"{share * 100:.0f} %"}
        for point, share in zip(points, shares, strict=True)
    ]
    base = alt.Chart(alt.InlineData(values=records)).encode(y=_groups(records, "point"))
    x = alt.X("share:Q", axis=alt.Axis(title=None, format="%", tickCount=4), scale=alt.Scale(domain=[0, 1]))
    bar = base.mark_bar(height=16).encode(
        x=x,
        color=alt.Color("point:N", scale=alt.Scale(domain=list(points), range=list(POINT_SHADES)), legend=None),
        tooltip=[alt.Tooltip("point:N", title="Answer"), alt.Tooltip("words:N", title="Share")],
    )
    text = base.mark_text(align="left", dx=4, color=MUTED, fontWeight="bold").encode(x=x, text="words:N")
    return cast("alt.LayerChart", alt.layer(bar, text, height=ROW * len(points) + UNDER))
