"""Where a value lies on DORA's 0-10 scale; silent where its interval cannot tell two categories apart."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from metrics.result import Benchmark

if TYPE_CHECKING:
    from collections.abc import Mapping

EDITION = "dora-2025"
SCALE = 10.0
WIDEST_SHARE = 0.2
"""Shares have no categories: an interval wider than a category of the others (two points of ten) places nothing."""


@cache
def editions() -> Mapping[str, Any]:
    """All editions: mean and standard deviation of scores, boundaries and attribution, by metric."""
    return tomllib.loads(files("metrics").joinpath("benchmarks.toml").read_text(encoding="utf-8"))


def category(rule: Mapping[str, Any], value: float) -> int:
    """Quick Check category 1-6 of a value in the metric's unit."""
    for place, boundary in enumerate(rule.get("below", rule.get("above", ()))):
        if (value < boundary) if "below" in rule else (value > boundary):
            return int(rule["categories"][place])
    return int(rule["categories"][-1])


def category_score(number: int) -> float:
    """Score 0-10 of a category 1-6."""
    return (number - 1) * SCALE / 5


def place(key: str, value: float, bounds: tuple[float, float] | None = None) -> Benchmark | None:
    """Place a value; None where ``bounds`` of its interval lie in two categories, or too far apart for a share."""
    rule = editions()[EDITION][key]
    if rule.get("share"):
        if bounds is not None and bounds[1] - bounds[0] > WIDEST_SHARE:
            return None
        score = SCALE * (1 - value)
        return Benchmark(edition=EDITION, category=None, score=score, mean=rule["mean"], sd=rule["sd"])
    number = category(rule, value)
    if bounds is not None and {category(rule, bound) for bound in bounds} != {number}:
        return None
    score = category_score(number)
    return Benchmark(edition=EDITION, category=number, score=score, mean=rule["mean"], sd=rule["sd"])
