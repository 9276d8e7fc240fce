"""The Quick Check's arithmetic: five keys on 0 to 10, for every service and bucket, and the means of their scores.

Source: DORA Quick Check, section 5 of the metric definitions: overall is the mean of all five, throughput that of lead
time, frequency and recovery, stability that of change fail and rework rate. Nothing is imputed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING, Any

from metrics import benchmark
from metrics.computation import data_as_of, hint, measured
from metrics.definition import POOLED, Cell, Measure, Observability
from metrics.judgement import BEST_FIRST, Findings, Judge, quantile
from metrics.result import Benchmark
from metrics.shelf import Shelf
from metrics.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.query import Query
    from metrics.result import MetricResult
    from metrics.sample import Sample
    from tribometer.settings import Rules
    from tribometer.store import Reader

THROUGHPUT = ("change_lead_time", "deployment_frequency", "failed_deployment_recovery_time")
STABILITY = ("change_fail_rate", "deployment_rework_rate")
KEYS = THROUGHPUT + STABILITY
SHOWN = ("ok", "too_few")
WORST_LAST = ("ok", "too_few", "no_data", "low_coverage", "not_observable")


@dataclass(frozen=True)
class Key:
    """One of the five for one service: its status, units, value (seconds, per working day, or share), score 0..10."""

    status: str
    value: float | None = None
    score: float | None = None
    n: int = 0


Card = dict[str, Key]
"""The keys of one service in one bucket, by the metric's name."""


def mean_score(card: Mapping[str, Key], names: Sequence[str]) -> float | None:
    """The mean of the named scores; None while one is missing."""
    scores = [score for name in names if (score := card[name].score) is not None]
    return fmean(scores) if len(scores) == len(names) else None


def score_of(name: str, value: float) -> float:
    """Score 0..10 of a key's value: seconds, deployments per working day, or a share."""
    placed = benchmark.place(name, value)
    if placed is None:
        raise ValueError(f"{name} has no place on the Quick Check's scale")
    return placed.score


def card_status(card: Mapping[str, Key]) -> str:
    """The worst status of the five; where all have a value but one has no score, that one could not be observed."""
    worst = max((key.status for key in card.values()), key=WORST_LAST.index)
    if worst not in SHOWN or all(key.score is not None for key in card.values()):
        return worst
    return "not_observable" if card["change_fail_rate"].score is None else "no_data"


def card_measure(card: Mapping[str, Key]) -> Measure:
    """What a card says as a whole; ``n`` is the number of keys with a score."""
    extra = {"throughput": mean_score(card, THROUGHPUT), "stability": mean_score(card, STABILITY)}
    scored = sum(key.score is not None for key in card.values())
    return Measure(scored, mean_score(card, KEYS), extra=extra, status=card_status(card))


def key_of(judge: Judge, findings: Findings, cell: Cell) -> Key:
    """One key of one cell, scored where its value is known and may be scored."""
    measure = findings.measures.get(cell, Measure(0))
    status = judge.status(measure, findings.coverage.get(cell))
    if status not in SHOWN:
        return Key(status, n=measure.n)
    metric = judge.metric
    value = measure.extra.get(metric.benchmark_input) if metric.benchmark_input else measure.value
    if value is None or not judge.observed.scored:
        return Key(status, value, n=measure.n)
    return Key(status, value, score_of(metric.name, value), measure.n)


def cards(shelf: Shelf, query: Query, rules: Rules, services: Mapping[str, Sequence[str]]) -> dict[Cell, Card]:
    """The five keys of every service in every bucket; the query names buckets and window, not the metric."""
    found: dict[Cell, Card] = {(bucket, name): {} for bucket, names in services.items() for name in names}
    for name in KEYS:
        judge, answers = measured(shelf.reader, replace(query, metric=name), rules, shelf)
        _, findings = answers[-1]
        for cell, card in found.items():
            card[name] = key_of(judge, findings, cell)
    return found


def parts_of(own: Sequence[Card]) -> list[dict[str, Any]]:
    """Every key as a part of the contract, with its score and status; over several services medians and best status."""
    told = []
    for name in KEYS:
        keys = [card[name] for card in own]
        values = sorted(key.value for key in keys if key.value is not None)
        scores = sorted(key.score for key in keys if key.score is not None)
        status = min((key.status for key in keys), key=BEST_FIRST.index, default="no_data")
        n = sum(key.n for key in keys)
        middles = {"value": quantile(values, 0.5), "share": None, "n": n, "score": quantile(scores, 0.5)}
        told.append({"class": name, **middles, "status": status})
    return told


def result(judge: Judge, sample: Sample, bucket: str, found: Mapping[Cell, Card]) -> MetricResult:
    """The result object of one bucket: of its one service, or of the distribution over several."""
    own = {name: found[bucket, name] for name in sample.services[bucket]}
    measures = {name: card_measure(card) for name, card in own.items()}
    # several services have nothing in common: pooling their units would mix them
    overall = next(iter(measures.values())) if len(measures) == 1 else Measure(0)
    cells: dict[Cell, Measure] = {(bucket, POOLED): overall, **{(bucket, name): m for name, m in measures.items()}}
    told = judge.result(sample, Findings(measures=cells), bucket)
    update: dict[str, Any] = {"parts": parts_of([*own.values()]), "pooled": None}
    if len(measures) > 1:
        update["n"] = sum(each.n for each in measures.values())
    else:
        update |= {"statistic": "mean_of_scores", "extra": overall.extra, "benchmark": _benchmark(told)}
    return told.model_copy(update=update)


def _benchmark(told: MetricResult) -> Benchmark | None:
    if told.status != "ok" or told.value is None:
        return None
    mean = benchmark.editions()[benchmark.EDITION]["quick_check"]["mean"]
    return Benchmark(edition=benchmark.EDITION, category=None, score=told.value, mean=mean, sd=None)


def quick_check(reader: Reader, query: Query, rules: Rules) -> MetricResult:
    """The Quick Check of a scope; without a window every key has its own headline window, in a series all have one."""
    shelf = Shelf(reader)
    workspace = Workspace(reader, query, rules, shelf)
    workspace.materialise_owners()
    judge = Judge(query, Observability(), data_as_of(reader, query.definition), hint(workspace))
    whole = workspace.whole()
    series = workspace.series() if query.by else None
    told = result(judge, whole, "", cards(shelf, replace(query, by=None), rules, whole.services))
    if series is None:
        return told
    start, end = query.window
    found = cards(shelf, replace(query, start=start, end=end), rules, series.services)
    return told.model_copy(update={"series": [result(judge, series, bucket, found) for bucket in series.buckets]})
