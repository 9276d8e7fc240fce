"""A result in words, the same on a page, in the terminal and in a digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from metrics.failure_sources import VISIBLE_ONLY

if TYPE_CHECKING:
    from metrics.result import MetricResult

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
QUARTER_HOUR, WORKING_DAY = 15 * MINUTE, 8 * HOUR
WORKING = "working seconds"
"""As the unit of a value: seconds of business hours, of which eight make a day."""
SMALL_PERCENT = 10
HUNDRED = 100
SEVERAL = 2
MISSING = "—"
FIELDS = {
    "censored": "not over yet",
    "over_two_share": "12 hours with more than two pages",
    "share_180d": "after 180 days",
    "touches_per_100": "touches per 100 journeys",
    "teams": "teams with 80 % of deployments",
}
"""Fields of results whose names say too little."""
RATES = {"hours_per_week": "h per week", "hours_per_month": "h per month", "per_shift": "per shift"}
STATUS = {
    "ok": "",
    "too_few": "too few to judge",
    "no_data": "no data in this period",
    "not_observable": "not observable with today's sources",
    "low_coverage": "hidden, coverage too low",
    "suppressed": "hidden for privacy",
}
RULES = {
    "E1": "first commit unknown, start is approximate",
    "E3": "author clock wrong or very old commit, capped",
    "E4": "merge commits add no code",
    "E5": "first deployment of a service has no predecessor",
    "E6": "failed or cancelled attempts ship nothing",
    "E7": "redeploy of what already ran, or configuration only",
    "E8": "rollbacks are remedies, not shipped changes",
    "E9": "the blamed deployment is outside the denominator",
    "E14": "made by a bot",
    "E17": "merged without a human review",
    "E18": "a later attempt: the first one is the answer",
    "E19": "cancelled, skipped or otherwise undecided",
    "E23": "counted once with another incident or failure",
    "other_branch": "merged into another branch than the default one",
    "unknown_size": "no source tells how many lines it has",
    "immature": "finished less than 7 days ago: may still fail",
    "too_fresh": "merged less than 30 days ago: may still be taken back",
    "not_due": "not ready for 14 days yet",
    "superseded": "cancelled after a newer commit came",
    "machine": "started by a timer or a bot",
    "optional": "no required job",
    "no_jobs": "no job of it is known",
    "undated": "not known when it was queued or started",
    "no_golden_path": "no golden path is known for its template",
    "unknown_release": "not known which release of the template it goes by",
    "no_deployments": "no production deployment in the period",
    "unknown_path": "no deployment tells by which path it went",
    "before_start": "got there before the first day",
    "before_history": "began before anything was collected: may have got there unseen",
    "too_new": "the first 30 days are not over",
    "no_team": "belongs to no team that is known",
    "no_request": "the team asked for nothing in these days",
    "fork": "a fork of another repository",
    "archived": "archived by now",
    "imported": "brought here with a history older than its repository",
    "timer": "a timer, which nobody can answer sooner",
    "policy": "a policy check, which nobody can answer sooner",
    "withdrawn": "withdrawn, or over before anybody decided",
    "no_time": "over, but not known since when",
    "came_to_nothing": "failed, refused or cancelled",
    "fulfilled_at": "first use unknown: when it was fulfilled counts",
    "unknown_touches": "not known whether a person had to do anything",
    "open": "still under way",
    "unsaid": "nobody said whether there was anything to do",
    "late_failure": "failed later than 7 days after it finished",
}
"""What an exclusion rule means, in one line; the rules themselves: docs/metrics.md, section 2 of the definitions."""


def duration_text(seconds: float) -> str:
    """Word a duration with the two units a reader thinks in; a negative one keeps its sign."""
    if seconds < 0:
        return f"-{duration_text(-seconds)}"
    if round(seconds) < MINUTE:
        return f"{seconds:.0f} s"
    if round(seconds) < QUARTER_HOUR:
        whole = round(seconds)
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    if round(seconds / MINUTE) < HOUR / MINUTE:
        return f"{seconds / MINUTE:.0f} min"
    if seconds < 2 * DAY:
        minutes = round(seconds / MINUTE)
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{seconds / DAY:.1f} days" if seconds < 100 * DAY else f"{seconds / DAY:.0f} days"


def working_text(seconds: float) -> str:
    """Word seconds of business hours: as a duration, two days of eight hours or more in working days."""
    if abs(seconds) < 2 * WORKING_DAY:
        return duration_text(seconds)
    return f"{seconds / WORKING_DAY:,.1f} working days"


def rate_text(per_day: float) -> str:
    """Word a daily rate per day, week, month or year, whichever gives a number a reader can picture."""
    for factor, name in ((1.0, "day"), (7.0, "week"), (30.4, "month")):
        if per_day * factor >= 1:
            return f"{per_day * factor:.1f} per {name}"
    return "0" if per_day == 0 else f"{per_day * 365.25:.1f} per year"


def share_text(share: float) -> str:
    """Word a share 0..1 in percent; a decimal only where a whole percent would hide it."""
    percent = round(share * 100, 6)  # the bound of none at all comes out as some 1e-17
    return f"{percent:z.1f} %" if 0 < abs(percent) < SMALL_PERCENT else f"{percent:z.0f} %"


def part_share_text(part: Mapping[str, Any]) -> str:
    """Word the share of one of a result's parts; a part that nothing went through has none, rather than 0 %."""
    return MISSING if part["value"] is None or part["share"] is None else share_text(part["share"])


def unit_of(result: MetricResult) -> str:
    """The unit for `value_text`: the result's own, of durations on the business clock the one that says so."""
    return WORKING if result.unit == "seconds" and result.clock == "business" else result.unit


def value_text(unit: str, value: float | None) -> str:
    """Word a value of one of the contract's units; a missing one is a dash, never 0."""
    if value is None:
        return MISSING
    words = {"seconds": duration_text, WORKING: working_text, "share": share_text, "per_day": rate_text}
    if unit in words:
        return words[unit](value)
    if unit == "score":
        return f"{value:.1f} of 10"
    if unit in RATES:
        return f"{value:,.0f} {RATES[unit]}" if abs(value) >= HUNDRED else f"{value:.3g} {RATES[unit]}"
    if unit == "per_week":
        return rate_text(value / 7)
    one = unit.removesuffix("s") if value == 1 else unit
    return f"{value:,.4g} {one}".rstrip()


def beside_text(unit: str, told: object) -> str:
    """Word a further field of a result: a number of a unit, several by name, or whatever it says.

    ``hours`` are seconds that add up to more than a day without being days, as on the business clock.
    """
    if isinstance(told, Mapping):
        units = {name: "" if name == "p_value" else unit for name in told}
        return ", ".join(f"{named(name)} {beside_text(units[name], each)}" for name, each in told.items())
    if unit == "hours" and isinstance(told, float):
        return f"{told / HOUR:,.1f} h"
    if told is None or isinstance(told, float):
        return value_text("" if unit == "count" else unit, told)
    return f"{told:,}" if isinstance(told, int) else str(told)


def named(field: str) -> str:
    """The name of a field as words; its text says the unit."""
    return FIELDS.get(field) or field.removesuffix("_seconds").replace("_", " ")


def interval_text(result: MetricResult) -> str | None:
    """Word the interval with its level, or None when there is none to give."""
    if result.interval is None:
        return None
    low, high = (value_text(unit_of(result), bound) for bound in (result.interval.low, result.interval.high))
    return f"{low} to {high} ({result.interval.level:.0%} interval)"


def pooled_text(result: MetricResult) -> str | None:
    """Word the value over all units of all services with its interval, the second line of a rollup."""
    if result.pooled is None or result.pooled.value is None:
        return None
    between, unit = result.pooled.interval, unit_of(result)
    words = f" ({value_text(unit, between.low)} to {value_text(unit, between.high)})" if between else ""
    return value_text(unit, result.pooled.value) + words


def services_text(result: MetricResult) -> str:
    """Say over which services a rollup's value is the median; empty for one service or without a sound value."""
    spread = result.services
    if spread is None or spread.n < SEVERAL or not spread.ok:
        return ""
    among = f"{spread.ok} of {spread.n} services" if spread.ok < spread.n else f"{spread.n} services"
    return f"median of {among}" if spread.ok >= SEVERAL else f"1 of {spread.n} services"


def status_text(result: MetricResult) -> str:
    """Say why a value is missing, weak or partial; an empty text when it is sound."""
    text = STATUS[result.status]
    if not text and result.coverage is not None and result.coverage.of == VISIBLE_ONLY:
        return f"counts only {VISIBLE_ONLY}"
    if result.status == "low_coverage" and result.coverage is not None and result.coverage.share is not None:
        floor = f", {share_text(result.coverage.floor)} needed" if result.coverage.floor is not None else ""
        return f"{text}: {share_text(result.coverage.share)} of {result.coverage.of}{floor}"
    if result.status == "too_few":
        return f"{text} (n = {result.n})"
    return text
