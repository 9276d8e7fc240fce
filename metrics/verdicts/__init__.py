"""Did it help: a verdict on an intervention from weekly values of the units that it reached, and of those it did not.

The methods, in order of preference, are staggered difference-in-differences with not-yet-treated controls, interrupted
time series, and process behaviour charts. Only `weekly` reads a store. Definition: section 6 of the metric definitions.
"""

from metrics.verdicts.adjusting import adjusted, holm
from metrics.verdicts.finding import HORIZONS, TRANSITION, Finding, Method, Verdict
from metrics.verdicts.judging import judge
from metrics.verdicts.panel import Better, Panel, Scale, Unit

__all__ = [
    "HORIZONS",
    "TRANSITION",
    "Better",
    "Finding",
    "Method",
    "Panel",
    "Scale",
    "Unit",
    "Verdict",
    "adjusted",
    "holm",
    "judge",
]
