"""Interventions and their verdicts in words, without drawing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboards.health_words import counted, literal
from metrics import CATALOGUE
from metrics.verdicts.wording import VERDICTS, effect_text
from metrics.wording import MISSING, WORKING, share_text, value_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from dashboards.interventions import JudgedMetric, Judgement
    from metrics.verdicts import Finding
    from tribometer.store.records import Intervention, Plan

Record = dict[str, Any]
SIGNS = {"down": -1, "up": 1}
BADGES = {
    "improved": ":green-badge[:material/check: {}]",
    "no_detectable_change": ":gray-badge[:material/drag_handle: {}]",
    "worse": ":red-badge[:material/priority_high: {}]",
    "not_enough_data": ":blue-badge[:material/hourglass_top: {}]",
}
CHANGES = {"added": "registered", "amended": "amended", "withdrawn": "withdrawn"}
NAMES = 6
WHY = {
    "staggered_difference_in_differences": "Staggered difference-in-differences: each {0} that it reached is held, "
    "week by week, against those that it had not reached yet, so what happened to everybody is in neither. Preferred, "
    "and possible here because the releases could have fallen among the {0}s in many ways: the p-value is the share of "
    "those ways that look as strong.",
    "interrupted_time_series_with_controls": "Interrupted time series with controls: change of level and slope in the "
    "mean of the {0}s that it reached, less that of the others. Taken because there are too few ways in which the "
    "releases could have fallen among the {0}s for the stronger method, difference-in-differences.",
    "interrupted_time_series": "Interrupted time series without controls: change of level and slope in the mean of the "
    "{0}s that it reached. Taken because nobody was left to compare with, so whatever else changed at the time is in "
    "it.",
    "process_behaviour_chart": "Process behaviour chart (XmR): whether a week lies beyond what the weeks before vary "
    "by. Taken because there are too few weeks for a test; it tells a signal from noise, not what caused it.",
}


def day(moment: date) -> str:
    """A day; of a time its day in UTC."""
    return f"{moment.day} {moment:%b %Y}"


def released_words(plan: Plan) -> str:
    """When it is released, first and last."""
    first, last = plan.releases[0], plan.releases[-1]
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def scopes_words(plan: Plan) -> str:
    """For whom it is."""
    names = [scope.partition(":")[2] for scope in plan.scopes]
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return f"{', '.join(names[:NAMES])}{more}" if names else "everybody"


def expected_words(plan: Plan) -> str:
    """What was expected of every metric."""
    return "; ".join(
        f"{title(each.metric)} {each.direction}" + ("" if each.share is None else f" by {share_text(each.share)}")
        for each in plan.expectations
    )


def title(metric: str) -> str:
    """A metric's title; its name where this version has none of that name."""
    return CATALOGUE[metric].title if metric in CATALOGUE else metric


def unit_of(metric: str) -> str:
    """The unit of a metric's values, for `value_text`."""
    definition = CATALOGUE[metric]
    return WORKING if definition.unit == "seconds" and definition.clock == "business" else definition.unit


def badge(verdict: str, words: str | None = None) -> str:
    """A verdict as Markdown: a colour, a sign and always its words."""
    return BADGES[verdict].format(words or VERDICTS[verdict])


def newest(metric: JudgedMetric) -> Finding:
    """The finding at the longest horizon that has a verdict; without any, the one to wait for first."""
    judged = [each for each in metric.findings if each.verdict != "not_enough_data"]
    return judged[-1] if judged else metric.findings[0]


def newest_words(judgement: Judgement) -> str:
    """The newest verdict of every metric as Markdown."""
    several = len(judgement.metrics) > 1
    return " ".join(_newest(each, several=several) for each in judgement.metrics)


def _newest(metric: JudgedMetric, *, several: bool) -> str:
    found = newest(metric)
    at = "" if found.verdict == "not_enough_data" else f" at {found.horizon} weeks"
    named = f"{title(metric.expectation.metric)}: " if several else ""
    return badge(found.verdict, f"{named}{VERDICTS[found.verdict]}{at}")


def effect_words(metric: JudgedMetric, effect: float | None) -> str:
    """An effect of a metric; a missing one is a dash."""
    return (
        MISSING
        if effect is None
        else effect_text(effect, metric.panel.scale, CATALOGUE[metric.expectation.metric].unit)
    )


def finding_lines(metric: JudgedMetric, found: Finding, level: str) -> Iterator[str]:
    """What stands behind one verdict, a sentence each."""
    if found.low is not None and found.high is not None:
        yield f"95 % interval {effect_words(metric, found.low)} to {effect_words(metric, found.high)}"
    if found.p is not None:
        adjusted = "" if found.p_adjusted is None else f"; {found.p_adjusted:.2g} after Holm's correction"
        yield f"p {found.p:.2g}{adjusted}"
    if found.smallest_detectable is not None:
        least = effect_words(metric, found.smallest_detectable).lstrip("+")
        yield f"Smallest improvement that would have been seen in four of five cases: {least}"
    yield _counts(found, level)
    if (
        found.verdict in {"improved", "worse"}
        and found.effect
        and found.effect * SIGNS[metric.expectation.direction] < 0
    ):
        yield f"It went the other way than was expected ({metric.expectation.direction})."
    if found.reason:
        yield found.reason


def _counts(found: Finding, level: str) -> str:
    counts = f"{counted(found.treated, level)} reached, {found.controls} as controls"
    if found.method is None:
        return counts
    return f"{counts}; {found.weeks_before} weeks before and {found.weeks_after} behind"


def method_lines(findings: Iterable[Finding], level: str) -> list[str]:
    """Every method that was used, with the horizons at which it was, and why it was taken."""
    used: dict[str, list[str]] = {}
    for each in findings:
        if each.method is not None:
            used.setdefault(each.method, []).append(str(each.horizon))
    return [f"At {_enumerated(at)} weeks: {WHY[method].format(level)}" for method, at in used.items()]


def _enumerated(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def expected_effect(metric: JudgedMetric) -> float | None:
    """What was expected, in the unit of a finding's effect; None where nobody said how much, or from where."""
    expectation, level = metric.expectation, metric.aligned.level
    if expectation.share is None or (level is None and metric.panel.scale != "log"):
        return None
    whole = 1.0 if metric.panel.scale == "log" or level is None else level
    return SIGNS[expectation.direction] * expectation.share * whole


def level_words(metric: JudgedMetric) -> str:
    """What was usual before the release."""
    return value_text(unit_of(metric.expectation.metric), metric.aligned.level)


def history_rows(history: Iterable[Intervention]) -> list[Record]:
    """One row a change: number, what, when, by whom, and what was registered then."""
    return [
        {
            "No.": each.revision,
            "Change": CHANGES[each.change],
            "Recorded (UTC)": f"{each.recorded_at:%Y-%m-%d %H:%M}",
            "By": each.recorded_by,
            "Released": released_words(each.plan),
            "For": scopes_words(each.plan),
            "Expects": expected_words(each.plan),
        }
        for each in history
    ]


def listed_words(intervention: Intervention) -> str:
    """One intervention of the list as Markdown: its releases, for whom, what was expected, and since when."""
    plan = intervention.plan
    when = (
        "after its release: read it as exploration"
        if intervention.after_the_fact
        else f"on {day(intervention.registered_at)}, before its release"
    )
    parts = (
        f"Release {released_words(plan)}",
        f"for {literal(scopes_words(plan))}",
        f"expects {literal(expected_words(plan))}",
        f"registered {when}",
    )
    return " · ".join(parts)
