"""The result object of the contract, built from rows: status, value, interval, rollup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plain_statistics import Interval, order_interval, percentile, survival_interval, survival_percentile, wilson

MINIMUM_N = 6
BEST_FIRST = ("ok", "too_few", "low_coverage", "no_data", "not_observable")
SHOWN = ("ok", "too_few")


@dataclass(frozen=True)
class Row:
    """One unit looked at: counted with its value, or kept out by a rule."""

    unit: str
    id: str
    counted: bool
    value: float | None = None
    rule: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """A metric's numbers for one service or a rollup; durations in seconds, shares 0..1.

    ``sample`` holds the durations and ``hits`` the numerator, for the pooled second line. ``gate`` is a coverage that
    hides the value where it is low, and is then told in place of the metric's own. ``pieces`` are what the parts are
    made of.
    """

    status: str
    n: int
    value: float | None = None
    statistic: str | None = None
    interval: Interval | None = None
    percentiles: Mapping[str, float | None] = field(default_factory=dict)
    coverage: Mapping[str, Any] | None = None
    gate: Mapping[str, Any] | None = None
    exclusions: Mapping[str, int] = field(default_factory=dict)
    parts: Sequence[Mapping[str, Any]] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[Row] = ()
    sample: Sequence[float] = ()
    censored: Sequence[float] = ()
    pieces: Sequence[Any] = ()
    hits: float | None = None
    services: Mapping[str, Any] | None = None
    pooled: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the part of the contract's object this computation covers, extras flat."""
        return {
            "status": self.status,
            "n": self.n,
            "value": self.value,
            "statistic": self.statistic,
            "interval": self.interval.as_json() if self.interval else None,
            "percentiles": dict(self.percentiles),
            "coverage": told_coverage(self.coverage, self.gate),
            "exclusions": dict(self.exclusions),
            "parts": list(self.parts),
            "services": self.services,
            "pooled": self.pooled,
            **self.extra,
        }


def count_rules(rows: Sequence[Row], **more: int) -> dict[str, int]:
    """Count the excluded rows by rule, add further counts, and leave zeros out."""
    rules = [row.rule for row in rows if not row.counted and row.rule]
    counts = {rule: rules.count(rule) for rule in rules}
    for rule, count in more.items():
        counts[rule] = counts.get(rule, 0) + count
    return {rule: count for rule, count in sorted(counts.items()) if count}


def is_low(known: Mapping[str, Any] | None) -> bool:
    """Tell whether coverage hides the value; 0 of 0 hides nothing (E26)."""
    return known is not None and known["share"] is not None and known["share"] < known["floor"]


def told_coverage(own: Mapping[str, Any] | None, gate: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Give the coverage a reader sees, without the counts behind its share."""
    known = gate if is_low(gate) else own
    return {k: v for k, v in known.items() if k not in ("covered", "total")} if known else None


def duration_result(rows: Sequence[Row], *, hidden: bool, **facts: Any) -> Result:
    """Give the median of the counted rows with its order-statistic interval."""
    values = [row.value for row in rows if row.counted and row.value is not None]
    n = len(values)
    common = {"n": n, "statistic": "p50", "rows": rows, "sample": values, **facts}
    if hidden:
        return Result(status="low_coverage", **common)
    if n == 0:
        return Result(status="no_data", **common)
    middle = percentile(values, 0.5)
    return Result(
        status="ok" if n >= MINIMUM_N else "too_few",
        value=middle,
        interval=order_interval(values, 0.5),
        percentiles={"p50": middle, "p75": percentile(values, 0.75), "p90": percentile(values, 0.9)},
        **common,
    )


def survival_result(rows: Sequence[Row], censored: Sequence[float], **facts: Any) -> Result:
    """Give the Kaplan-Meier median where some durations are still open."""
    values = [row.value for row in rows if row.counted and row.value is not None]
    n = len(values) + len(censored)
    middle = survival_percentile(values, censored, 0.5)
    extra = {"method": "kaplan_meier", "censored": len(censored)}
    enough = n >= MINIMUM_N and middle is not None
    return Result(
        status="ok" if enough else "too_few",
        n=n,
        value=middle,
        interval=survival_interval(values, censored) if enough else None,
        statistic="p50",
        percentiles={f"p{p}": survival_percentile(values, censored, p / 100) for p in (50, 75, 90)},
        rows=rows,
        sample=values,
        censored=censored,
        extra=extra,
        **facts,
    )


def share_result(rows: Sequence[Row], *, hidden: bool = False, **facts: Any) -> Result:
    """Give the mean of the counted rows, each 0 or 1, with Wilson's interval."""
    values = [row.value for row in rows if row.counted and row.value is not None]
    n, hits = len(values), sum(values)
    common = {"n": n, "statistic": "share", "rows": rows, "hits": hits, **facts}
    if hidden:
        return Result(status="low_coverage", **common)
    if n == 0:
        return Result(status="no_data", **common)
    return Result(status="ok", value=hits / n, interval=wilson(hits, n), **common)


def pool(results: Sequence[Result]) -> dict[str, Any]:
    """Give the second line of a rollup: one value over all units of all services."""
    n, percentiles = sum(each.n for each in results), {}
    if any(each.hits is not None for each in results):
        hits = sum(each.hits or 0.0 for each in results)
        interval = wilson(hits, n)
        value = hits / n if n else None
    else:
        sample = [value for each in results for value in each.sample]
        censored = [value for each in results for value in each.censored]
        value = survival_percentile(sample, censored, 0.5)
        interval = survival_interval(sample, censored)
        if not censored:
            value, interval = percentile(sample, 0.5), order_interval(sample, 0.5)
        if any(each.percentiles for each in results):
            found = {p: survival_percentile(sample, censored, p / 100) for p in (50, 75, 90)}
            percentiles = {f"p{p}": at if censored else percentile(sample, p / 100) for p, at in found.items()}
    return {"value": value, "interval": interval.as_json() if interval else None, "percentiles": percentiles}


def pooled_coverage(parts: Sequence[Mapping[str, Any] | None]) -> dict[str, Any] | None:
    """Give the coverage over all services, weighted by what each one counts."""
    known = [each for each in parts if each is not None]
    if not known:
        return None
    counts = {name: sum(each[name] for each in known) for name in known[0] if name not in ("share", "floor", "of")}
    share = counts["covered"] / counts["total"] if counts["total"] else None
    return {**known[0], **counts, "share": share}


def middle_extras(results: Sequence[Result]) -> dict[str, Any]:
    """Give the median over services of every further number."""
    names = {name for each in results for name in each.extra}
    known = {name: [each.extra.get(name) for each in results] for name in sorted(names)}
    numbers = {name: [v for v in values if isinstance(v, int | float)] for name, values in known.items()}
    return {name: percentile(values, 0.5) for name, values in numbers.items()}


def rollup(results: Sequence[Result], pooled: Mapping[str, Any] | None = None) -> Result:
    """Give the median over services with the best status, and the units pooled beside it."""
    status = min((each.status for each in results), key=BEST_FIRST.index, default="no_data")
    values = [e.value for e in results if e.status == status and e.value is not None]
    fine = [e.value for e in results if e.status == "ok" and e.value is not None]
    rules = {rule for each in results for rule in each.exclusions}
    return Result(
        status=status,
        n=sum(each.n for each in results),
        value=percentile(values, 0.5),
        statistic="p50_of_services",
        coverage=pooled_coverage([each.coverage for each in results]),
        gate=pooled_coverage([each.gate for each in results]),
        exclusions={r: sum(e.exclusions.get(r, 0) for e in results) for r in sorted(rules)},
        rows=[row for each in results for row in each.rows],
        services={
            "n": len(results),
            "ok": len(fine),
            "p25": percentile(fine, 0.25),
            "p50": percentile(fine, 0.5),
            "p75": percentile(fine, 0.75),
        },
        pooled=(pool(results) if pooled is None else pooled) if status in SHOWN else None,
        extra=middle_extras([each for each in results if each.status == status]) if status in SHOWN else {},
    )
