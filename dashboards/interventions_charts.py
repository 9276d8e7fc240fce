"""Charts of verdicts: intervals beside what was expected, and weeks around the release; no meaning hangs on colour."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, cast

import altair as alt

from dashboards.charts import ACCENT, MUTED
from dashboards.interventions_words import effect_words, expected_effect
from metrics import CATALOGUE
from metrics.verdicts.finding import TRANSITION
from metrics.verdicts.wording import POINTS, VERDICTS

if TYPE_CHECKING:
    from dashboards.interventions import JudgedMetric
    from dashboards.interventions_words import Record
    from metrics.verdicts import Finding

ROW = 44
UNDER_TITLED = 48
EXPECTED = "#C2410C"
REACHED, WAITING = "reached", "not reached yet"
AXES = {"log": (POINTS, "change, %"), "logit": (POINTS, "change, points")}


def _axis(metric: JudgedMetric) -> tuple[float, str]:
    """The factor and the title of an axis of effects."""
    unit = CATALOGUE[metric.expectation.metric].unit
    return AXES.get(metric.panel.scale, (1.0, f"change, {unit.replace('_', ' ')}"))


def _drawn(effect: float | None, factor: float) -> float | None:
    return None if effect is None or not isfinite(effect) else effect * factor


def interval_records(metric: JudgedMetric) -> list[Record]:
    """One record a horizon: weeks, effect, low, high in the axis' unit, None where there is none, and words."""
    factor, _ = _axis(metric)
    return [
        {
            "horizon": f"{each.horizon} weeks",
            "effect": _drawn(each.effect, factor),
            "low": _drawn(each.low, factor) if each.high is not None else None,
            "high": _drawn(each.high, factor) if each.low is not None else None,
            "verdict": VERDICTS[each.verdict],
            "words": effect_words(metric, each.effect),
            "interval": _interval(metric, each),
        }
        for each in metric.findings
    ]


def _interval(metric: JudgedMetric, found: Finding) -> str:
    if found.low is None or found.high is None:
        return "none"
    return f"{effect_words(metric, found.low)} to {effect_words(metric, found.high)}"


def intervals(metric: JudgedMetric) -> alt.LayerChart:
    """Draw the effect with its interval at every horizon, a line at no effect, and a dashed one at the expected."""
    records, (factor, title) = interval_records(metric), _axis(metric)
    labels = [record["horizon"] for record in records]
    tooltip = [
        alt.Tooltip(f"{name}:N", title=words)
        for name, words in {
            "horizon": "Horizon", "verdict": "Verdict", "words": "Change", "interval": "Interval (95 %)",
        }.items()
    ]  # fmt: skip
    x = alt.X(
        "effect:Q", axis=alt.Axis(title=f"{title} ({metric.better} is better)", tickCount=6),
        scale=alt.Scale(padding=12),
    )  # fmt: skip
    base = alt.Chart(alt.InlineData(values=records)).encode(
        y=alt.Y("horizon:N", sort=labels, axis=alt.Axis(title=None, ticks=False, domain=False)), tooltip=tooltip
    )
    known = base.transform_filter("isValid(datum.effect)")
    layers: list[Any] = [_line(0.0, MUTED, [1, 0])]
    expected = _drawn(expected_effect(metric), factor)
    if expected is not None:
        layers.append(_line(expected, EXPECTED, [6, 4]))
    if any(record["low"] is not None for record in records):
        layers.append(known.mark_rule(color=ACCENT, strokeWidth=5, opacity=0.7).encode(x="low:Q", x2="high:Q"))
    layers.append(known.mark_point(color=ACCENT, fill=ACCENT, size=110).encode(x=x))
    missing = base.transform_filter("!isValid(datum.effect)")
    layers.append(
        missing.mark_text(align="left", dx=6, fontStyle="italic", color=MUTED).encode(x=alt.datum(0), text="verdict:N")
    )
    # altair types a layered chart as one that may be cut into facets
    return cast("alt.LayerChart", alt.layer(*layers, height=ROW * len(records) + UNDER_TITLED))


def _line(at: float, colour: str, dash: list[int]) -> alt.Chart:
    base = alt.Chart(alt.InlineData(values=[{"at": at}]))
    return cast("alt.Chart", base.mark_rule(color=colour, strokeDash=dash, strokeWidth=2).encode(x="at:Q"))


def week_records(metric: JudgedMetric) -> list[Record]:
    """Two records a week, of who was reached and who was not yet: the change in the axis' unit, how many, words."""
    factor, _ = _axis(metric)
    return [
        {
            "week": each.week,
            "side": side,
            "change": _drawn(change, factor),
            "n": units,
            "words": effect_words(metric, change),
        }
        for each in metric.aligned.weeks
        for side, change, units in (
            (REACHED, each.reached, each.reached_units),
            (WAITING, each.waiting, each.waiting_units),
        )
    ]


def weeks(metric: JudgedMetric, level: str) -> alt.LayerChart:
    """Draw the weeks around the release of who was reached, beside those who were not yet; the transition is shaded."""
    records, (_, title) = week_records(metric), _axis(metric)
    sides = [side for side in (REACHED, WAITING) if any(r["side"] == side and r["n"] for r in records)]
    base = alt.Chart(alt.InlineData(values=records)).encode(
        x=alt.X(
            "week:Q", axis=alt.Axis(title="weeks since the release", format="d", tickMinStep=1, grid=False),
            scale=alt.Scale(nice=False),
        ),
        y=alt.Y("change:Q", axis=alt.Axis(title=title, tickCount=5)),
        color=alt.Color(
            "side:N", scale=alt.Scale(domain=sides, range=[ACCENT, MUTED][: len(sides)]),
            legend=alt.Legend(orient="top", title=None, symbolType="stroke", symbolSize=300, labelLimit=200),
        ),
        strokeDash=alt.StrokeDash(
            "side:N", scale=alt.Scale(domain=sides, range=[[1, 0], [5, 4]][: len(sides)]), legend=None
        ),
        tooltip=[
            alt.Tooltip("week:Q", title="Week"),
            alt.Tooltip("side:N", title=f"{level.capitalize()}s"),
            alt.Tooltip("words:N", title="Change"),
            alt.Tooltip("n:Q", title="How many"),
        ],
    )  # fmt: skip
    shade = alt.Chart(alt.InlineData(values=[{"from": -0.5, "to": TRANSITION - 0.5}]))
    level_line = alt.Chart(alt.InlineData(values=[{"at": 0.0}]))
    layers = [
        shade.mark_rect(color=MUTED, opacity=0.22).encode(x="from:Q", x2="to:Q"),
        level_line.mark_rule(color=MUTED, strokeWidth=1).encode(y="at:Q"),
        base.mark_line(strokeWidth=2, invalid="break-paths-show-path-domains"),
        base.transform_filter("isValid(datum.change)").mark_point(size=16, filled=True),
    ]
    return cast("alt.LayerChart", alt.layer(*layers, height=280))


def week_rows(metric: JudgedMetric, level: str) -> list[Record]:
    """The same weeks as a table."""
    return [
        {
            "Week": f"{each.week:+d}" if each.week else "release",
            "Reached: change": effect_words(metric, each.reached),
            f"Reached {level}s": each.reached_units,
            "Not reached yet: change": effect_words(metric, each.waiting),
            f"{level.capitalize()}s not reached yet": each.waiting_units,
        }
        for each in metric.aligned.weeks
    ]
