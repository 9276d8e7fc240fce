"""DORA's Quick Check: five categories or shares mapped to 0-10 and averaged (section 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plain_events import Options, Scope
from plain_history import History
from plain_result import BEST_FIRST, Result
from plain_stability import (
    change_fail_rate,
    deployment_rework_rate,
    failed_deployment_recovery_time,
)
from plain_statistics import percentile
from plain_throughput import change_lead_time, deployment_frequency

HOUR, DAY, MONTH = 3600.0, 86400.0, 30.4
WORKING = 5 / 7
DURATION_CATEGORIES = (
    (HOUR, 6),
    (24 * HOUR, 5),
    (7 * DAY, 4),
    (MONTH * DAY, 3),
    (182.6 * DAY, 2),
)
RATE_CATEGORIES = (
    (1.0, 6),
    (1 / 5, 4),
    (1 / (MONTH * WORKING), 3),
    (1 / (182.6 * WORKING), 2),
)
THROUGHPUT = ("change_lead_time", "deployment_frequency", "failed_deployment_recovery_time")
STABILITY = ("change_fail_rate", "deployment_rework_rate")
WORST_LAST = ("ok", "too_few", "no_data", "low_coverage", "not_observable")


def duration_category(seconds: float) -> int:
    """Give 1 (over six months) to 6 (under an hour)."""
    return next((category for limit, category in DURATION_CATEGORIES if seconds < limit), 1)


def rate_category(per_working_day: float) -> int:
    """Give 1 (rarer than half-yearly) to 6 (more than daily); 5 cannot be told from 6."""
    return next((category for limit, category in RATE_CATEGORIES if per_working_day > limit), 1)


def category_score(category: int) -> float:
    """Map categories 1-6 to 0-10."""
    return (category - 1) * 2.0


def key_score(key: str, value: float) -> float:
    """Give one key's score from its value: seconds, a rate per working day, or a share."""
    if key == "deployment_frequency":
        return category_score(rate_category(value))
    return 10 * (1 - value) if key in STABILITY else category_score(duration_category(value))


def scores(values: Mapping[str, float | None]) -> dict[str, Any]:
    """Score what is known, and average where every part is; nothing is imputed."""
    keys = (*THROUGHPUT, *STABILITY)
    each = {key: key_score(key, v) for key in keys if (v := values.get(key)) is not None}
    return {
        "scores": each,
        "overall": mean_of(each, keys),
        "throughput": mean_of(each, THROUGHPUT),
        "stability": mean_of(each, STABILITY),
    }


def mean_of(known: Mapping[str, float], keys: tuple[str, ...]) -> float | None:
    """Average the named scores, or None if one is missing."""
    return sum(known[k] for k in keys) / len(keys) if all(k in known for k in keys) else None


def middle_parts(cards: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Give the medians of every key's values and scores over services, with the best status."""
    parts = []
    for same in zip(*cards, strict=True):
        known = {name: [each[name] for each in same if each[name] is not None] for name in ("value", "score")}
        status = min((each["status"] for each in same), key=BEST_FIRST.index)
        middles = {name: percentile(values, 0.5) for name, values in known.items()}
        n = sum(each["n"] for each in same)
        parts.append({"class": same[0]["class"], "share": None, "n": n, **middles, "status": status})
    return parts


def quick_check(past: History, scope: Scope, options: Options) -> Result:
    """Score the five keys of one service over one window."""
    results = {
        "change_lead_time": change_lead_time(past, scope, options),
        "deployment_frequency": deployment_frequency(past, scope, options),
        "failed_deployment_recovery_time": failed_deployment_recovery_time(past, scope, options),
        "change_fail_rate": change_fail_rate(past, scope, options),
        "deployment_rework_rate": deployment_rework_rate(past, scope, options),
    }
    values = {key: result.value for key, result in results.items()}
    values["deployment_frequency"] = results["deployment_frequency"].extra.get("per_working_day")
    # without an incident source the share tells of visible failures only, which earns no score
    scored = values if past.world.of("incident") else {**values, "change_fail_rate": None}
    told = scores(scored)
    known = told["scores"]
    status = max((each.status for each in results.values()), key=WORST_LAST.index)
    if told["overall"] is None and status in ("ok", "too_few"):
        status = "not_observable" if "change_fail_rate" not in known else "no_data"
    return Result(
        status=status,
        n=len(known),
        value=told["overall"],
        statistic="mean_of_scores",
        parts=[
            {"class": k, "value": values[k], "share": None, "n": r.n, "score": known.get(k), "status": r.status}
            for k, r in results.items()
        ],
        extra={"throughput": told["throughput"], "stability": told["stability"]},
    )
