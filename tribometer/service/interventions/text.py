"""Interventions and verdicts as a person reads them in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metrics.verdicts.wording import METHODS, VERDICTS, effect_text
from tribometer.service.terminal import say, write, write_table, write_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COLUMNS = ("name", "status", "first release", "for", "expects")
HISTORY = ("name", "no.", "change", "recorded", "by", "first release", "for", "expects")


def write_list(told: Mapping[str, Any], *, history: bool) -> None:
    """Write the interventions, or with ``history`` every change of them, as a table with remarks below."""
    if not told["interventions"]:
        say("No intervention yet: tribometer intervention add NAME --metric METRIC --release DATE")
        return
    if history:
        write_table(HISTORY, [_change(each) for each in told["interventions"]], right=("no.",))
    else:
        write_table(COLUMNS, [_row(each) for each in told["interventions"]])
    remarks = {(each["name"], remark): None for each in told["interventions"] for remark in each["remarks"]}
    for name, remark in remarks:
        write_words(f"{name}: {remark}")


def _row(each: Mapping[str, Any]) -> tuple[str, ...]:
    return each["name"], each["status"], each["first_release"], scopes_text(each), expected_text(each)


def _change(each: Mapping[str, Any]) -> tuple[str, ...]:
    recorded = (str(each["revision"]), each["change"], each["recorded_at"][:16], each["recorded_by"])
    return each["name"], *recorded, each["first_release"], scopes_text(each), expected_text(each)


def scopes_text(each: Mapping[str, Any]) -> str:
    """For whom it is."""
    return ", ".join(scope.partition(":")[2] for scope in each["scopes"]) or "everybody"


def expected_text(each: Mapping[str, Any]) -> str:
    """What was expected of every metric."""
    return "; ".join(
        f"{metric['metric']} {metric['direction']}"
        + ("" if metric["expected_share"] is None else f" by {metric['expected_share']:.0%}")
        for metric in each["metrics"]
    )


def write_verdict(told: Mapping[str, Any]) -> None:
    """Write what was registered, the verdict of every metric at every horizon, and how far it goes."""
    registered = told["intervention"]
    write(registered["name"])
    for name, text in _registration(registered):
        write_words(f"  {name:<10} {text}", hang=11)
    for metric in told["metrics"]:
        write("")
        _write_metric(metric, told["compared"])
    write("")
    write_words(f"The week of a release and those behind it, {told['transition_weeks']} in all, are left out.")
    for caveat in told["caveats"]:
        write_words(caveat)


def _registration(registered: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    made = f"{registered['registered_at'][:10]} by {registered['history'][0]['recorded_by']}"
    changed = len(registered["history"]) - 1
    times = f"amended {changed} times" if changed > 1 else "amended once"
    yield "registered", f"{made}, {times} before its release" if changed else made
    for remark in registered["remarks"]:
        yield "mind", remark
    yield "for", scopes_text(registered)
    rollout = [f"{scope.partition(':')[2]} {day}" for scope, day in registered["rollout"].items()]
    rest = not registered["scopes"] or len(rollout) < len(registered["scopes"])
    yield "released", ", ".join([*rollout, *([registered["released_on"]] if rest else [])])
    yield "expected", expected_text(registered)
    if registered["notes"]:
        yield "notes", registered["notes"]


def _write_metric(metric: Mapping[str, Any], level: str) -> None:
    write_words(f"{metric['title']} ({metric['metric']}), {metric['better']} is better")
    reached, never = len(metric["treated"]), len(metric["never_treated"])
    weeks = metric["weeks"]
    write_words(
        f"  {level}s compared week by week, {weeks['from']} to {weeks['to']}: "
        f"{reached} that it reaches, {never} that it never reaches"
    )
    if metric["not_measured"]:
        write_words(f"  without any number: {', '.join(metric['not_measured'])}")
    for finding in metric["findings"]:
        write_words(f"  {finding['horizon_weeks']:>2} weeks   {VERDICTS[finding['verdict']]}", hang=11)
        for line in _finding(finding, metric, level):
            write_words(f"{'':13}{line}", hang=2)


def _finding(finding: Mapping[str, Any], metric: Mapping[str, Any], level: str) -> Iterator[str]:
    if finding["effect"] is not None:
        yield f"change {_effect(finding['effect'], metric)}{_certainty(finding, metric)}"
    if finding["smallest_detectable"] is not None:
        least = _effect(finding["smallest_detectable"], metric).lstrip("+")
        yield f"an improvement of {least} or more would have been found in four of five cases"
    if finding["method"] is not None:
        counts = f"{finding['treated']} {level}s reached, {finding['controls']} controls"
        weeks = f"{finding['weeks_before']} weeks before, {finding['weeks_after']} behind"
        yield f"{METHODS[finding['method']]}: {counts}; {weeks}"
    if finding["as_expected"] is False:
        yield f"it went the other way than was expected ({metric['direction']})"
    if finding["reason"]:
        yield finding["reason"]


def _certainty(finding: Mapping[str, Any], metric: Mapping[str, Any]) -> str:
    span = finding["interval"]
    between = "" if span is None else f", 95 % interval {_span(span, metric)}"
    if finding["p"] is None:
        return between
    adjusted = "" if finding["p_adjusted"] is None else f", {finding['p_adjusted']:.2g} after Holm's correction"
    return f"{between}, p {finding['p']:.2g}{adjusted}"


def _span(span: Mapping[str, float], metric: Mapping[str, Any]) -> str:
    return f"{_effect(span['low'], metric)} to {_effect(span['high'], metric)}"


def _effect(effect: float, metric: Mapping[str, Any]) -> str:
    return effect_text(effect, metric["scale"], metric["unit"])
