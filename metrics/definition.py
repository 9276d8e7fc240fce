"""What a metric is: its question, its caveats, the SQL of its units, and how units become a value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from metrics.query import Query
    from metrics.result import MetricResult
    from metrics.sample import Sample
    from tribometer.settings import Rules
    from tribometer.store import Reader

NAME = re.compile(r"[a-z][a-z0-9_]*")
RULE = re.compile(r"E\d+")
POOLED = None

Cell = tuple[str, str | None]
"""(bucket, service); the service is `POOLED` for all units of the bucket. The whole window is the bucket ''."""


@dataclass(frozen=True)
class Measure:
    """What the units of one cell say.

    ``status`` is set where a metric decides it by itself; else it follows from ``n``. ``low`` and ``high`` bound the
    95 % interval by ``method``. ``extra`` holds further fields of the result object.
    """

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    method: str | None = None
    percentiles: Mapping[str, float | None] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    status: str | None = None


class Statistic(Protocol):
    """How units become a value: `metrics.statistics` offers durations and proportions."""

    @property
    def name(self) -> str:
        """The result's ``statistic`` for one service, e.g. ``p50``."""

    def columns(self) -> str:
        """SQL aggregates over counted units (``value``), first ``n``, then ``value``; also what `explain` prints."""

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """Measure every cell that has counted units, pooled cells with their interval."""


@dataclass(frozen=True)
class Coverage:
    """The share of a population that could be judged, and below which share the value is hidden (E26).

    ``fact`` names a fact of rows (service, at, covered). Without a ``floor`` it only informs. ``counts`` names further
    boolean columns of the fact: how many rows are so stands beside the share.
    """

    fact: str
    of: str
    floor: float | None = None
    counts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Observability:
    """What the store's sources could have told: decided for the store, never per window.

    ``of`` replaces the coverage's wording; without ``scored`` no benchmark is given.
    """

    observable: bool = True
    of: str | None = None
    scored: bool = True


@dataclass(frozen=True)
class Metric:
    """One metric: words, defaults and rules. Its SQL of units lies beside it as ``<name>.sql``.

    ``formula`` says in one sentence what is divided, subtracted or counted, and in which unit. ``not_comparable`` names
    what its numbers must not be compared with, ``rules`` the edge rules that decide what counts, in order.
    ``reads`` names the event types it is made from, ``needs`` those without which no source could have told.
    ``statistic`` is None for a metric that is computed from other metrics by ``compose``. ``window_days`` is the
    headline window. ``span`` names the two time columns whose distance is ``value``, for the business clock. ``keeps``
    names further unit columns that the statistic or ``parts`` reads, ``given`` tables of `metrics.tables` that the
    statistic reads. ``counted_flags`` maps a flag of counted units to the rule it adds to ``exclusions``.
    ``benchmark_input`` names the extra field that is placed on the benchmark's scale instead of ``value``. ``gate`` is
    a second coverage, told in place of ``coverage`` where it hides the value. ``waiting`` names a fact of rows
    (service, at, sha) that are no units yet; `explain` counts them. ``context`` tells, for every bucket, what
    the statistic reads beside its sample and the tables given, so that a result is kept only as long as that stands.
    ``source`` says where the definition comes from.
    """

    name: str
    version: int
    title: str
    unit: str
    better: Literal["lower", "higher", "neither"]
    question: str
    source: str
    formula: str
    caveats: tuple[str, ...]
    not_comparable: tuple[str, ...]
    rules: tuple[str, ...]
    reads: frozenset[str]
    needs: frozenset[str] = frozenset()
    statistic: Statistic | None = None
    minimum_n: int = 1
    window_days: int = 28
    bots: Literal["include", "exclude"] = "include"
    clock: Literal["calendar", "business"] = "calendar"
    span: tuple[str, str] | None = None
    keeps: tuple[str, ...] = ()
    counted_flags: Mapping[str, str] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    coverage: Coverage | None = None
    gate: Coverage | None = None
    waiting: str | None = None
    benchmark: str | None = None
    benchmark_input: str | None = None
    by: tuple[str, ...] = ("week", "month", "quarter", "year", "service", "team", "template")
    observe: Callable[[Reader, Query], Observability] | None = None
    context: Callable[[Sample], Mapping[str, object]] | None = None
    parts: Callable[[Sample], Mapping[str, Sequence[Mapping[str, Any]]]] | None = None
    compose: Callable[[Reader, Query, Rules], MetricResult] | None = None

    def __post_init__(self) -> None:
        """Refuse a metric that does not say what it asks and where it misleads."""
        if not NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no metric name: lower case letters, digits and underscores")
        if not self.question.strip().endswith("?"):
            raise ValueError(f"{self.name}: the question it answers is missing")
        if not self.caveats or not all(caveat.strip() for caveat in self.caveats):
            raise ValueError(f"{self.name}: caveats are missing; every number misleads somebody")
        if not re.fullmatch(r"[A-Z].*[^.]\.", self.formula):
            raise ValueError(f"{self.name}: the formula is missing; say in a sentence what is divided, by what")
        if not self.not_comparable or not all(other.strip() for other in self.not_comparable):
            raise ValueError(f"{self.name}: what it must not be compared with is missing")
        if not all(RULE.fullmatch(rule) for rule in self.rules):
            raise ValueError(f"{self.name}: rules are numbers like E5, not {', '.join(self.rules)}")
        if (self.statistic is None) == (self.compose is None):
            raise ValueError(f"{self.name}: give either a statistic over units or a composition of metrics")

    @property
    def sql(self) -> str:
        """The select of its units: unit, source, id, service, at, value, counted, rule, flag, then evidence."""
        return files("metrics").joinpath(f"{self.name}.sql").read_text(encoding="utf-8")
