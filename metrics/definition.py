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

PERIODS = ("week", "month", "quarter", "year")
Group = Literal[
    "Delivery, the five DORA keys",
    "Delivery in detail",
    "Operations",
    "Change flow",
    "CI",
    "Platform",
    "Onboarding",
    "On-call",
    "Friction",
]
"""In which part of the catalogue a metric is listed, in this order."""

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

    ``of`` replaces the coverage's wording; without ``scored`` no benchmark is given. ``hint`` says which source would
    tell.
    """

    observable: bool = True
    of: str | None = None
    scored: bool = True
    hint: str | None = None


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

    ``placed`` says who the scope of a unit is: with "service" the service's owner at the time, with "unit" its own
    columns ``team`` and ``template``, for what belongs to a repository, a rotation or a person. ``over`` says what the
    headline of several services is: the median over them, or one value over all units. ``cuts`` names further
    ``by``: the kept column that a series is cut by. ``beside`` names further fields of its result that a reader is
    told, each with its unit. ``people`` names the kept column with the key of the person behind a unit: such a metric
    is told by the rules of `metrics.people`, and neither key nor unit ever leaves the engine.

    A definition that changes gets a new ``version``, ``changed`` says what is other than before, and the one before
    stands in ``earlier``, with its select in ``<name>.v<version>.sql``: history is computed by the new one, and the old
    one can be asked for beside it.
    """

    name: str
    version: int
    title: str
    unit: str
    better: Literal["lower", "higher", "neither"]
    group: Group
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
    by: tuple[str, ...] = (*PERIODS, "service", "team", "template")
    cuts: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    placed: Literal["service", "unit"] = "service"
    over: Literal["services", "units"] = "services"
    people: str | None = None
    changed: str | None = None
    earlier: tuple[Metric, ...] = ()
    superseded: bool = False
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
        if (self.version > 1) != (self.changed is not None):
            raise ValueError(f"{self.name}: say what version {self.version} changed, unless it is the first")
        self._check_kept()
        if (self.statistic is None) == (self.compose is None):
            raise ValueError(f"{self.name}: give either a statistic over units or a composition of metrics")

    def _check_kept(self) -> None:
        if not {*self.cuts.values(), *([self.people] if self.people else ())} <= set(self.keeps):
            raise ValueError(f"{self.name}: keep the columns that it is cut by and that name its people")
        if self.people and (self.by or self.over != "units"):
            raise ValueError(f"{self.name}: people are told of together, and cut by nothing but what it keeps")

    @property
    def sql(self) -> str:
        """The select of its units: unit, source, id, service, at, value, counted, rule, flag, then evidence."""
        file = f"{self.name}.v{self.version}.sql" if self.superseded else f"{self.name}.sql"
        return files("metrics").joinpath(file).read_text(encoding="utf-8")

    def at_version(self, version: int | None) -> Metric | None:
        """The definition of a version, by default the newest; None where there never was such a version."""
        known = {each.version: each for each in (*self.earlier, self)}
        return self if version is None else known.get(version)
