"""A metric's result as a person reads it in a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from metrics import CATALOGUE
from metrics.result import MetricResult
from metrics.wording import (
    MISSING,
    RULES,
    STATUS,
    beside_text,
    interval_text,
    named,
    part_share_text,
    pooled_text,
    services_text,
    share_text,
    status_text,
    unit_of,
    value_text,
)
from tribometer.service.surveys.results_text import write_metric
from tribometer.service.terminal import bar, write, write_table, write_words

MOST_LITERALS = 12
LITERALS = re.compile(r"\s+\(('|-?\d|NULL|TRUE|FALSE)")
"""A row of a table that the statement brings along."""

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from metrics import Metric

NAMES = 10


def write_result(told: Mapping[str, Any]) -> None:
    """Write the contract's object as text: the value, how far to trust it, then parts and series."""
    result = MetricResult.model_validate(told)
    write(f"{result.metric} (definition version {result.version})")
    compared = _comparison(unit_of(result), told["comparison"]) if "comparison" in told else []
    for name, text in (*_lines(result), *_beside(result, told), *compared):
        if text:
            write_words(f"  {name:<{NAMES}} {text}", hang=NAMES + 1)
    if result.parts:
        write("")
        _write_parts(result)
    if result.series:
        write("")
        _write_series(result)


def _comparison(unit: str, told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The other side and the verdict; of services that changed hands by their owners then, and by those of now."""
    sides = " against ".join(value_text(unit, told[side]) for side in ("value", "other_value"))
    between = told["interval"]
    span = f", difference {' to '.join(value_text(unit, between[end]) for end in ('low', 'high'))}" if between else ""
    because = f": {told['reason']}" if told["reason"] else ""
    lines = [
        ("compared", f"with {told['against']}: {sides}{span}"),
        ("verdict", f"{'cannot tell' if told['verdict'] == 'cannot_tell' else told['verdict']}{because}"),
    ]
    return lines if told["as_is_now"] is None else [*lines, *_as_is_now(unit, told["as_is_now"])]


def _as_is_now(unit: str, told: Mapping[str, Any]) -> list[tuple[str, str]]:
    moved = "services changed hands: above, each counts for its team at the time; below, for its team of now"
    return [("owners", moved), *_comparison(unit, told)]


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
    if told["counted"] is None:
        write_metric(told["result"])
        write("\nWhat people answered is counted where it lies; neither rows nor SQL of it are told.")
        return
    write_result(told["result"])
    write(f"\n{told['counted']:,} units counted")
    for rule, count in told["excluded"].items():
        write_words(f"{count:,} units by {rule}: {RULES.get(rule, 'see the definition')}")
    if told["waiting"]:
        write(f"{told['waiting']:,} commits wait: no production deployment has shipped them yet")
    if told["by_hand"]:
        _write_by_hand(told)
    if told["sql"]:
        short = readable(told["sql"].rstrip())
        runs = "it runs as it is on the store" if short == told["sql"].rstrip() else "shortened; `--json` gives more"
        write(f"\n-- the SQL that ran; {runs}\n{short}")


def _write_by_hand(told: Mapping[str, Any]) -> None:
    """What goes into the number: the aggregates, of all units and of some services, and some of the units."""
    result, whole = MetricResult.model_validate(told["result"]), told["by_hand"][0]
    among = services_text(result) if result.statistic == "p50_of_services" else ""
    write(f"\nBy hand: the value is {'the ' + among + ', each as below' if among else 'made of all units together'}.")
    if "hits" in whole:
        hits, n = f"{whole['hits']:,.0f}", f"{whole['n']:,}"
        write(f"All together: {hits} of the {n} units have the value 1, {hits} / {n} = {share_text(whole['value'])}.")
    write("What is aggregated of the units, of all together and of the services with the most:")
    names = tuple(whole)
    rows = [tuple(_number(row[name]) for name in names) for row in told["by_hand"]]
    write_table(names, rows, right=names[1:])
    write("\nSome of the newest units; `--rows` lists all, with what was left out, and `--rows --json` as JSON Lines:")
    shown = [
        (each["id"], each["service"] or "", _number(each["value"]), evidence_text(each["evidence"]))
        for each in told["units"]
    ]
    write_table(("id", "service", "value", "evidence"), shown, right=("value",))


def evidence_text(evidence: Mapping[str, Any]) -> str:
    """Word what else is known of a unit."""
    return ", ".join(f"{name}={value}" for name, value in evidence.items() if value is not None)


def _number(value: object) -> str:
    return MISSING if value is None else f"{value:,.6g}" if isinstance(value, float) else str(value)


def readable(sql: str) -> str:
    """A statement of which long lists of literals are cut short."""
    lines: list[str] = []
    listed = 0
    for line in sql.splitlines():
        listed = listed + 1 if LITERALS.match(line) else 0
        if listed <= MOST_LITERALS:
            lines.append(line)
        elif listed == MOST_LITERALS + 1:
            lines.append(f"{line[: len(line) - len(line.lstrip())]}-- and further rows")
    return "\n".join(lines)


def _lines(result: MetricResult) -> list[tuple[str, str]]:
    value = value_text(unit_of(result), result.value)
    scope = ", ".join(f"{kind} {name}" for kind, name in result.scope.items()) or "everything"
    n = "" if result.n is None else f"{result.n:,}"
    return [
        ("scope", scope),
        ("window", f"{result.window.from_:%Y-%m-%d %H:%M} to {result.window.to:%Y-%m-%d %H:%M} UTC, end exclusive"),
        ("value", f"{value}  ({result.statistic}, {result.clock} clock)"),
        ("status", status_text(result) or result.status),
        ("interval", interval_text(result) or ""),
        ("n", n),
        ("also", _percentiles(unit_of(result), result.percentiles)),
        ("coverage", _coverage(result)),
        ("left out", _exclusions(result)),
        ("services", _services(result)),
        ("pooled", _pooled(result)),
        ("benchmark", f"{result.benchmark.score:g} of 10 ({result.benchmark.edition})" if result.benchmark else ""),
        ("data as of", _data_as_of(result)),
    ]


def _percentiles(unit: str, told: Mapping[str, float | None]) -> str:
    return ", ".join(f"{name} {value_text(unit, at)}" for name, at in sorted(told.items()))


def _pooled(result: MetricResult) -> str:
    """All units together; their median is the value that comes first."""
    further = {name: at for name, at in (result.pooled.percentiles if result.pooled else {}).items() if name != "p50"}
    return ", ".join(filter(None, (pooled_text(result), _percentiles(unit_of(result), further))))


def _data_as_of(result: MetricResult) -> str:
    if result.data_as_of is not None:
        return f"{result.data_as_of:%Y-%m-%d %H:%M} UTC"
    return "nothing collected yet" if CATALOGUE[result.metric].reads else ""


def _beside(result: MetricResult, told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The further fields; of what services have in common, a line for each."""
    for name, unit in CATALOGUE[result.metric].beside.items():
        if unit == "services":
            yield from (
                (named(name), f"{each}, in {n:,} services" if n > 1 else each) for each, n in told.get(name, {}).items()
            )
        elif name in told:
            yield "beside", f"{named(name)}: {beside_text(unit, told[name])}"


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
    quartiles = ", ".join(value_text(unit_of(result), at) for at in (spread.p25, spread.p50, spread.p75))
    sound = f"{spread.ok} of {spread.n} with a sound value"
    return f"{sound}; quartiles {quartiles}" if spread.ok else sound


def _write_parts(result: MetricResult) -> None:
    if any("score" in part for part in result.parts):
        _write_scores(result)
        return
    rows = [
        (
            str(part.get("stage") or part.get("class")),
            value_text(unit_of(result), part["value"]),
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
    return label + partial, value_text(unit_of(each), each.value), bar(share), n, STATUS[each.status]
