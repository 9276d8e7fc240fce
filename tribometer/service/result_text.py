"""A metric's result as a person reads it in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metrics import CATALOGUE
from metrics.result import MetricResult
from metrics.wording import (
    MISSING,
    RULES,
    STATUS,
    interval_text,
    part_share_text,
    pooled_text,
    share_text,
    status_text,
    value_text,
)
from tribometer.service.terminal import bar, write, write_table, write_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics import Metric

NAMES = 10


def write_result(told: Mapping[str, Any]) -> None:
    """Write the contract's object as text: the value, how far to trust it, then parts and series."""
    result = MetricResult.model_validate(told)
    write(f"{result.metric} (definition version {result.version})")
    for name, text in _lines(result):
        if text:
            write_words(f"  {name:<{NAMES}} {text}", hang=NAMES + 1)
    if result.parts:
        write("")
        _write_parts(result)
    if result.series:
        write("")
        _write_series(result)


def write_explanation(told: Mapping[str, Any]) -> None:
    """Write what stands behind a number: its definition, its result, the SQL, and what was left out."""
    write_words(f"{told['title']}: {told['question']}")
    write_words(f"  {told['formula']}")
    for caveat in told["caveats"]:
        write_words(f"  - {caveat}")
    for other in told["not_comparable"]:
        write_words(f"  - not comparable with: {other}")
    if told["rules"]:
        write_words(f"  edge rules: {', '.join(told['rules'])}")
    write_words(f"  source: {told['source']}\n")
    write_result(told["result"])
    write(f"\n{told['counted']:,} units counted")
    for rule, count in told["excluded"].items():
        write_words(f"{count:,} units by {rule}: {RULES.get(rule, 'see the definition')}")
    if told["waiting"]:
        write(f"{told['waiting']:,} commits wait: no production deployment has shipped them yet")
    if told["sql"]:
        write(f"\n-- the SQL that ran; it runs as it is on the store\n{told['sql'].rstrip()}")


def _lines(result: MetricResult) -> list[tuple[str, str]]:
    value = value_text(result.unit, result.value)
    scope = ", ".join(f"{kind} {name}" for kind, name in result.scope.items()) or "everything"
    n = "" if result.n is None else f"{result.n:,}"
    return [
        ("scope", scope),
        ("window", f"{result.window.from_:%Y-%m-%d %H:%M} to {result.window.to:%Y-%m-%d %H:%M} UTC, end exclusive"),
        ("value", f"{value}  ({result.statistic}, {result.clock} clock)"),
        ("status", status_text(result) or result.status),
        ("interval", interval_text(result) or ""),
        ("n", n),
        ("also", ", ".join(f"{name} {value_text(result.unit, at)}" for name, at in result.percentiles.items())),
        ("coverage", _coverage(result)),
        ("left out", _exclusions(result)),
        ("services", _services(result)),
        ("pooled", pooled_text(result) or ""),
        ("benchmark", f"{result.benchmark.score:g} of 10 ({result.benchmark.edition})" if result.benchmark else ""),
        ("data as of", f"{result.data_as_of:%Y-%m-%d %H:%M} UTC" if result.data_as_of else "nothing collected yet"),
    ]


def _coverage(result: MetricResult) -> str:
    if result.coverage is None or result.coverage.share is None:
        return ""
    floor = f" (at least {share_text(result.coverage.floor)} needed)" if result.coverage.floor is not None else ""
    return f"{share_text(result.coverage.share)} of {result.coverage.of}{floor}"


def _exclusions(result: MetricResult) -> str:
    told = (result.exclusions or {}).items()
    return "; ".join(f"{count:,} by {rule} ({RULES.get(rule, 'see explain')})" for rule, count in told if count)


def _services(result: MetricResult) -> str:
    spread = result.services
    if spread is None:
        return ""
    quartiles = ", ".join(value_text(result.unit, at) for at in (spread.p25, spread.p50, spread.p75))
    sound = f"{spread.ok} of {spread.n} with a sound value"
    return f"{sound}; quartiles {quartiles}" if spread.ok else sound


def _write_parts(result: MetricResult) -> None:
    if any("score" in part for part in result.parts):
        _write_scores(result)
        return
    rows = [
        (
            str(part.get("stage") or part.get("class")),
            value_text(result.unit, part["value"]),
            part_share_text(part),
            bar(part["share"] or 0.0),
            str(part["n"]),
        )
        for part in result.parts
    ]
    write_table(("part", "value", "share", "", "n"), rows, right=("value", "share", "n"))


def _write_scores(result: MetricResult) -> None:
    """Write parts that are metrics of their own, as in the Quick Check: each with its value, score and status."""
    rows = [
        (
            part["class"],
            _scored_value(CATALOGUE[part["class"]], part["value"]),
            MISSING if part["score"] is None else f"{part['score']:.1f}",
            f"{part['n']:,}",
            STATUS[part["status"]],
        )
        for part in result.parts
    ]
    write_table(("key", "value", "score of 10", "n", "status"), rows, right=("value", "score of 10", "n"))


def _scored_value(metric: Metric, value: float | None) -> str:
    """The value that is scored: of the frequency, deployments per working day."""
    if metric.benchmark_input is None or value is None:
        return value_text(metric.unit, value)
    return f"{value:.2g} {metric.benchmark_input.replace('_', ' ')}"


def _write_series(result: MetricResult) -> None:
    largest = max((each.value or 0.0 for each in result.series), default=0.0)
    rows = [_series_row(each, largest) for each in result.series]
    write_table(("bucket", "value", "", "n", "status"), rows, right=("value", "n"))


def _series_row(each: MetricResult, largest: float) -> Sequence[str]:
    label = each.bucket.label if each.bucket else MISSING
    partial = " (part)" if each.bucket and each.bucket.partial else ""
    share = (each.value or 0.0) / largest if largest > 0 else 0.0
    n = MISSING if each.n is None else f"{each.n:,}"
    return label + partial, value_text(each.unit, each.value), bar(share), n, STATUS[each.status]
