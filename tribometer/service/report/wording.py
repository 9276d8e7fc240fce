"""Single numbers of a report in words: a value, a comparison, a place on DORA's scale, twelve months."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.statuses import status_words
from metrics.comparison import SOUND
from metrics.wording import MISSING, STATUS, services_text, unit_of, value_text
from tribometer.service.report.sheet import Against, Number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dashboards.unread import Unread
    from metrics.comparison import Comparison
    from metrics.result import Interval, MetricResult

OK = "ok"
POINTS = 100
ALONE = "median of services, none of which has enough alone"
VERDICTS = {
    "better": "better",
    "worse": "worse",
    "higher": "higher",
    "lower": "lower",
    "cannot_tell": "cannot tell",
}


def number_of(result: MetricResult, unread: Iterable[Unread] = ()) -> Number:
    """A result in words; of several services the interval is that of all units together."""
    unit, several = unit_of(result), result.services is not None and result.services.n > 1
    pooled = result.pooled if several else None
    return Number(
        value=value_text(unit, result.value),
        of=services_text(result) or (ALONE if several and result.value is not None else ""),
        together=value_text(unit, pooled.value) if pooled and pooled.value is not None else "",
        interval=_span(unit, pooled.interval if pooled else result.interval),
        n="" if result.n is None or result.value is None else f"{result.n:,}",
        status=result.status,
        words=status_words(result, unread) or OK,
    )


def _span(unit: str, interval: Interval | None) -> str:
    return "" if interval is None else f"{value_text(unit, interval.low)} to {value_text(unit, interval.high)}"


def against_of(this: MetricResult, found: Comparison, times: tuple[str, str]) -> Against:
    """A comparison in words; ``times`` are the names of both sides."""
    between, unit = found.interval, unit_of(this)
    gap = f"{_signed(unit, between.low)} to {_signed(unit, between.high)}" if between else ""
    return Against(found.verdict, VERDICTS[found.verdict], gap, _reason(this, found, times))


def _reason(this: MetricResult, found: Comparison, times: tuple[str, str]) -> str:
    sides = zip(times, (this, found.other), strict=True)
    missing = [time for time, side in sides if side.status not in SOUND]
    return f"no value in {' and '.join(missing)}" if missing else found.reason or ""


def _signed(unit: str, amount: float) -> str:
    sign = "+" if amount > 0 else "\N{MINUS SIGN}" if amount < 0 else ""
    if unit == "share":
        return f"{sign}{abs(amount) * POINTS:.1f} points"
    return f"{sign}{value_text(unit, abs(amount))}"


def published_of(result: MetricResult) -> str:
    """Where a value lies on DORA's scale, beside the published mean; empty where it has no place."""
    place = result.benchmark
    if place is None or place.mean is None:
        return ""
    spread = f" ± {place.sd:.1f}" if place.sd is not None else ""
    return f"{place.score:.1f} of 10; published mean {place.mean:.1f}{spread}"


def course_of(course: Sequence[MetricResult]) -> str:
    """Every month with its value, or why it has none."""
    return "; ".join(f"{label(each)} {_month(each)}" for each in course)


def _month(each: MetricResult) -> str:
    weak = STATUS[each.status]
    if each.value is None:
        return weak or MISSING
    return value_text(unit_of(each), each.value) + (f" ({weak})" if weak else "")


def extremes_of(course: Sequence[MetricResult]) -> str:
    """The least and the most of the months, by value."""
    known = sorted((each.value, each.window.from_, each) for each in course if each.value is not None)
    if not known:
        return ""
    least, most = known[0][-1], known[-1][-1]
    if least.value == most.value:
        return f"always {value_text(unit_of(least), least.value)}" if len(known) > 1 else "one month only"
    low, high = (f"{value_text(unit_of(each), each.value)} ({each.window.from_:%b})" for each in (least, most))
    return f"{low} to {high}"


def label(each: MetricResult) -> str:
    """The name of a month of a series."""
    return f"{each.window.from_:%b %Y}"
