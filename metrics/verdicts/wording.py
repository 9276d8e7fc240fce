"""Verdicts in words, the same in the terminal and on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metrics.verdicts.panel import Scale

VERDICTS = {
    "improved": "improved",
    "no_detectable_change": "no detectable change",
    "worse": "worse",
    "not_enough_data": "not enough data",
}
METHODS = {
    "staggered_difference_in_differences": "staggered difference-in-differences with not-yet-treated controls",
    "interrupted_time_series": "interrupted time series without controls",
    "interrupted_time_series_with_controls": "interrupted time series with controls",
    "process_behaviour_chart": "process behaviour chart (XmR): a signal or none, no test",
}
POINTS = 100


def effect_text(effect: float, scale: Scale, unit: str) -> str:
    """An effect as its scale is read: relative, in share points, or in the metric's unit."""
    if scale == "log":
        return f"{effect:+.1%}"
    return f"{effect * POINTS:+.1f} points" if scale == "logit" else f"{effect:+.2f} {unit}"
