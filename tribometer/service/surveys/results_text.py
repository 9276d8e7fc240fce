"""Survey results and metrics as text for a terminal; what is not told is said to be so, never left blank or 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metrics.wording import MISSING
from tribometer.service.terminal import write, write_table, write_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMES = 10
WORDS = {
    "suppressed": "not told: too few people",
    "no_data": "nobody answered",
    "not_observable": "no survey has asked this yet",
}
HOURS = frozenset({"hours", "minutes", "days"})


def value_words(unit: str, value: float | None) -> str:
    """Word a published value in its unit."""
    if value is None:
        return MISSING
    if unit == "share":
        return f"{value * 100:.0f} %"
    if unit == "percent":
        return f"{value:.0f} %"
    if unit == "recommendation":
        return f"{value * 100:+.0f}"
    if unit == "score_of_20":
        return f"{value:.1f} of 20"
    return f"{value:g} {unit}"


def write_metric(told: Mapping[str, Any]) -> None:
    """Write a survey metric: the value, how far to trust it, its parts and its series."""
    unit = told["unit"]
    write(f"{told['metric']} (definition version {told['version']})")
    for name, text in _lines(told):
        if text:
            write_words(f"  {name:<{NAMES}} {text}", hang=NAMES + 1)
    if told["parts"]:
        write("")
        rows = [(each["class"], value_words(unit, each["value"]), _status(each["status"])) for each in told["parts"]]
        write_table(("part", "value", "status"), rows, right=("value",))
    if told["series"]:
        write("")
        series = [
            (each["bucket"]["label"], value_words(unit, each["value"]), _between(unit, each["interval"]),
             each["n_band"] or "", _status(each["status"]))
            for each in told["series"]
        ]  # fmt: skip
        write_table(("bucket", "value", "interval", "people", "status"), series, right=("value",))


def _lines(told: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    unit = told["unit"]
    return (
        ("scope", ", ".join(f"{kind} {name}" for kind, name in told["scope"].items()) or "everybody"),
        ("wave", f"{told['wave']} ({told['instrument']})" if told["wave"] else "none in this window"),
        ("value", f"{value_words(unit, told['value'])}  ({told['statistic'].replace('_', ' ')})"),
        ("status", _status(told["status"]) or "ok"),
        ("interval", _between(unit, told["interval"])),
        ("people", told["n_band"] or ""),
        ("response", f"{told['response']} % of those who were asked" if told["response"] else ""),
    )


def write_results(told: Mapping[str, Any]) -> None:
    """Write what a closed wave says: a line per question and group, then comments."""
    write(f"{told['wave']} ({told['instrument']}), closed {told['closed_at'][:10]}, minimum {told['minimum']} people")
    if told["response"]:
        write(f"  answered by {told['response']} % of those who were asked")
    for warning in told["warnings"]:
        write_words(f"  {warning}")
    write("")
    write_table(
        ("item", "of", "value", "interval", "people", "status"),
        [_cell(each) for each in told["cells"]],
        right=("value",),
    )
    if told["comments"]:
        write("")
    for each in told["comments"]:
        write_words(f"{each['item']}, {_of(each['scope'])}: {each['text']}")


def _cell(told: Mapping[str, Any]) -> tuple[str, ...]:
    item = told["item"] + (f" = {told['choice']}" if "choice" in told else "")
    if told["status"] != "ok":
        return item, _of(told["scope"]), MISSING, "", "", _status(told["status"])
    unit = told["unit"]
    value = told.get("favourable", told.get("value"))
    return item, _of(told["scope"]), value_words(unit, value), _between(unit, told["interval"]), told["n_band"], ""


def _of(scope: Mapping[str, str]) -> str:
    return ", ".join(f"{kind} {name}" for kind, name in scope.items()) or "everybody"


def _between(unit: str, interval: Mapping[str, Any] | None) -> str:
    if interval is None:
        return ""
    return f"{value_words(unit, interval['low'])} to {value_words(unit, interval['high'])}"


def _status(status: str) -> str:
    return WORDS.get(status, "")
