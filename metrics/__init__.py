"""Metrics: what is asked, the SQL that answers, and the result with all that is needed to judge it.

``CATALOGUE`` is ready at once; what computes is loaded when it is first asked for, so that listing costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from metrics.catalogue import CATALOGUE
from metrics.definition import Coverage, Measure, Metric, Observability
from metrics.query import Query

if TYPE_CHECKING:
    from metrics.closed import answer
    from metrics.computation import compute
    from metrics.explanation import Explanation, explain
    from metrics.history import Times, times
    from metrics.reorganisation import reorganised
    from metrics.result import MetricResult
    from metrics.rows import StillOpen, still_open, unit_rows
    from metrics.scopes import services, teams
    from metrics.shelf import Shelf

__all__ = [
    "CATALOGUE",
    "Coverage",
    "Explanation",
    "Measure",
    "Metric",
    "MetricResult",
    "Observability",
    "Query",
    "Shelf",
    "StillOpen",
    "Times",
    "answer",
    "compute",
    "explain",
    "reorganised",
    "services",
    "still_open",
    "teams",
    "times",
    "unit_rows",
]

LAZY = {
    "answer": "metrics.closed",
    "compute": "metrics.computation",
    "Explanation": "metrics.explanation",
    "explain": "metrics.explanation",
    "Times": "metrics.history",
    "times": "metrics.history",
    "reorganised": "metrics.reorganisation",
    "services": "metrics.scopes",
    "teams": "metrics.scopes",
    "MetricResult": "metrics.result",
    "StillOpen": "metrics.rows",
    "still_open": "metrics.rows",
    "unit_rows": "metrics.rows",
    "Shelf": "metrics.shelf",
}


def __getattr__(name: str) -> object:
    """Load what computes on first use: it needs pyarrow, a quarter of a second."""
    if name not in LAZY:
        raise AttributeError(f"module 'metrics' has no attribute {name!r}")
    return getattr(import_module(LAZY[name]), name)
