"""Pipeline drift (G6): how far the pipelines of a service have gone from the golden path, from 0 to 100."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import exp, log
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

from metrics.definition import PERIODS, POOLED, Cell, Measure, Metric, Observability

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from metrics.query import Query
    from metrics.sample import Sample
    from tribometer.store import Reader

COMPONENTS = ("by_reference", "version_lag", "step_distance", "bypassed")
COUNTS = ("missing_steps", "copied_steps", "extra_steps", "releases_behind")
ROWS = """
SELECT bucket, service, value, COALESCE(rule, flag) AS reason, digest, reuse, differences, deviations, {numbers},
    {weights}
FROM {units} WHERE covers = '{covers}'
"""
WEIGHTS = ("weight_reference", "weight_version", "weight_steps", "weight_bypass")
MOST_NAMED = 25
CLASSES = ("not by reference", "releases behind", "other steps", "golden pipeline bypassed")


@dataclass(frozen=True)
class Pipeline:
    """One service at the end of a bucket; a component that cannot be told is None, and so is the value then."""

    service: str
    value: float | None
    reason: str | None
    digest: str
    reuse: str
    differences: Sequence[str]
    deviations: Sequence[str]
    numbers: Mapping[str, float | None]
    weights: tuple[float, ...]

    @property
    def points(self) -> tuple[float, ...]:
        """What each component adds to the score of 0 to 100; only of a pipeline that has a score."""
        shares = [self.numbers[name] or 0.0 for name in COMPONENTS]
        shares[0] = 1 - shares[0]
        return tuple(100 * weight * share for weight, share in zip(self.weights, shares, strict=True))


@dataclass(frozen=True)
class DriftScore:
    """The score of each service; pooled, their mean, with how many different pipelines there are.

    Further fields: the four components, which stand although one of them, and so the score, cannot be told; counts of
    the differences, the most common ``differences`` and all ``deviations`` by the number of services; pooled,
    ``distinct_pipelines`` and ``effective_pipelines``, the number of equally common pipelines that would be as diverse:
    exp of Shannon's entropy.
    """

    name: str = "score"

    def columns(self) -> str:
        """``n`` and the mean score as ``value``."""
        return "COUNT(value) AS n, AVG(value) AS value"

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """The score of every service that has pipelines, and of all of them."""
        found: dict[Cell, Measure] = {}
        for bucket, mine in _pipelines(sample).items():
            found |= {(bucket, each.service): _single(each) for each in mine}
            found[bucket, POOLED] = _pooled(mine)
        return found


def _pipelines(sample: Sample) -> dict[str, list[Pipeline]]:
    covers = "period" if sample.by in PERIODS else "window"
    columns = {"numbers": ", ".join((*COMPONENTS, *COUNTS)), "weights": ", ".join(WEIGHTS)}
    found: dict[str, list[Pipeline]] = {}
    for row in sample.reader.rows(ROWS.format(units=sample.units, covers=covers, **columns)):
        bucket, service, value, reason, digest, reuse, differences, deviations, *rest = row
        numbers = dict(zip((*COMPONENTS, *COUNTS), rest[: -len(WEIGHTS)], strict=True))
        named = (differences or (), deviations or ())
        pipeline = Pipeline(service, value, reason, digest, reuse, *named, numbers, tuple(rest[-len(WEIGHTS) :]))
        found.setdefault(bucket, []).append(pipeline)
    return found


def _single(each: Pipeline) -> Measure:
    extra = {**each.numbers, "reuse": {each.reuse: 1}, **_named([each])}
    return Measure(int(each.value is not None), each.value, extra=extra, status="no_data" if each.reason else "ok")


def _pooled(mine: Sequence[Pipeline]) -> Measure:
    scored = [each for each in mine if each.value is not None]
    among = scored or mine
    middle = {name: _median(each.numbers[name] for each in among) for name in (*COMPONENTS, *COUNTS)}
    extra: dict[str, Any] = {
        **middle,
        "reuse": dict(sorted(Counter(each.reuse for each in mine).items())),
        **diversity([each.digest for each in mine]),
        **_named(mine),
    }
    if not scored:
        return Measure(0, extra=extra, status="no_data")
    return Measure(
        len(scored), fmean(each.value for each in scored if each.value is not None), extra=extra, status="ok"
    )


def _named(mine: Sequence[Pipeline]) -> dict[str, dict[str, int]]:
    """The most common differences by the number of services that have them, and all deviations."""
    differences = Counter(name for each in mine for name in each.differences)
    deviations = sorted(f"{each.service}: {name}" for each in mine for name in each.deviations)
    common = sorted(differences.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_NAMED]
    return {"differences": dict(common), "deviations": dict.fromkeys(deviations, 1)}


def _median(numbers: Iterable[float | None]) -> float | None:
    known = [each for each in numbers if each is not None]
    return median(known) if known else None


def diversity(digests: Sequence[str]) -> dict[str, float]:
    """How many different ones there are, and how many equally common ones would be as diverse (at least one)."""
    shares = [count / len(digests) for count in Counter(digests).values()]
    return {"distinct_pipelines": len(shares), "effective_pipelines": exp(-sum(share * log(share) for share in shares))}


def parts(sample: Sample) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """What each component adds to the mean score of the services, for every bucket."""
    found = {}
    for bucket, mine in _pipelines(sample).items():
        scored = [each.points for each in mine if each.value is not None]
        if scored:
            means = dict(zip(CLASSES, (fmean(each) for each in zip(*scored, strict=True)), strict=True))
            found[bucket] = [_part(name, value, sum(means.values()), len(scored)) for name, value in means.items()]
    return found


def _part(name: str, value: float, whole: float, n: int) -> Mapping[str, Any]:
    return {"class": name, "value": value, "share": value / whole if whole else None, "n": n}


def observe(reader: Reader, _query: Query) -> Observability:
    """Drift can be told where pipelines are collected and a golden path says which steps it requires."""
    [(pipelines, golden)] = reader.rows("""
SELECT EXISTS (SELECT 1 AS found FROM pipeline_definitions),
    EXISTS (SELECT 1 AS found FROM template_releases WHERE COALESCE(CAST(steps AS STRING), '[]') <> '[]')
""")
    if not pipelines:
        return Observability(observable=False, hint=NO_PIPELINES)
    return Observability() if golden else Observability(observable=False, hint=NO_GOLDEN_PATH)


NO_PIPELINES = (
    "No pipeline definition is known: sources of kind github, gitlab, gitea and forgejo tell them, or import "
    "`pipeline_definition` events with path and content."
)
NO_GOLDEN_PATH = (
    "No golden path is declared: import `template_release` events with the steps that each release requires, and name "
    "the templates in [golden_path]."
)
METRIC = Metric(
    name="pipeline_drift",
    version=1,
    title="Pipeline drift",
    unit="points",
    better="lower",
    group="Platform",
    question="How far have the pipelines of a service gone from the golden path, and in what?",
    source="Four components on one scale are ours; the weights are a setting, and nothing validates them but their "
    "association with lead time and time to feedback.",
    formula="A score of 100 x [0.35 (1 - r) + 0.20 v + 0.25 s + 0.20 b], r the share of required steps supplied by "
    "reference, v releases behind out of 6, s one minus the weighted Jaccard index of required and actual steps, and b "
    "the share of production deployments that bypass the golden pipeline; 0 to 100 points.",
    caveats=(
        "Drift is not bad by itself: ask what need the golden path misses before anybody is asked to come back.",
        "A step is recognised by its name, by what it takes or runs: under another name it is both missing and extra.",
        "A pipeline that names no release of the template counts as behind all of them.",
        "A file that was deleted is not told by every source: what stood last counts on.",
        "Nothing of a Jenkinsfile is executed: steps that code would make are not known.",
    ),
    not_comparable=(
        "Scores with other weights, or against another golden path.",
        "Teams, as a ranking: what differs for a reason is declared as a deviation, with an owner and an end.",
    ),
    rules=("E7", "E8", "E11", "E12", "E25"),
    reads=frozenset({"pipeline_definition", "template_release", "deployment"}),
    needs=frozenset({"pipeline_definition", "template_release"}),
    statistic=DriftScore(),
    window_days=28,
    keeps=("covers", "digest", "reuse", "differences", "deviations", *COMPONENTS, *COUNTS, *WEIGHTS),
    beside={
        **dict.fromkeys(COMPONENTS, "share"),
        **dict.fromkeys((*COUNTS, "distinct_pipelines", "effective_pipelines", "reuse"), "count"),
        "differences": "services",
        "deviations": "services",
    },
    parts=parts,
    observe=observe,
)
