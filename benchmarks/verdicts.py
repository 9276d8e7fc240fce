"""How often a verdict is wrong, and what it can find: made-up teams, placebo releases, and effects of a known size.

    python benchmarks/verdicts.py [PLACEBOS]    2,000 unless told, and for each size of effect a fifth of them

A world is TEAMS teams over WEEKS weeks: logarithms of a duration with a level and a yearly trend of each team, noise of
0.25 that remembers the week before with 0.4, and shocks of 0.1 that all teams share. Nothing happens in it, yet a
release is claimed: staggered to half of the teams, to one team beside the others, to one team alone, and to one team
alone with seven weeks before it. What is counted is judged by the product. Beside it stands what a two-way
fixed-effects regression of the same staggered worlds says by the z of errors clustered by team.

Claims: of staggered placebos NOMINAL is refused at each horizon, and the intervals hold the truth in 95 %, to what so
many runs can tell (CHANCE); of placebos judged by series or charts no more than that is refused or told, and no less
than that is held; of no more than NOMINAL of placebos any of the three horizons, adjusted, says improved or worse; the
clustered z refuses more. A third less time behind a staggered release is found in LEAST_POWER at 12 and 26 weeks.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtr, bdtrc

from metrics.verdicts import HORIZONS, Panel, Unit, judge
from tribometer.intervals import wilson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy import float64
    from numpy.typing import NDArray

    from metrics.verdicts import Finding

PLACEBOS = 2_000
SHARE_WITH_EFFECT = 5
TEAMS, WEEKS = 12, 104
MEMORY, NOISE, SHARED, TREND, LEVEL = 0.4, 0.25, 0.1, 0.1, 0.5
EFFECTS = (-0.1, -0.2, -0.35)
NOMINAL = 0.05
NORMAL = 1.96
CHANCE = 0.001
LEAST_POWER = 0.8
MONDAY = date(2024, 1, 1)
Releases = list[int | None]


@dataclass
class Tally:
    """What was counted over runs of one kind at one horizon."""

    method: str = ""
    runs: int = 0
    refused: int = 0
    held: int = 0
    told: int = 0
    detectable: list[float] = field(default_factory=list)

    def add(self, finding: Finding, effect: float) -> None:
        """Count a finding where the relative effect is known."""
        self.method = finding.method or "none"
        self.runs += 1
        self.refused += finding.p is not None and finding.p < NOMINAL
        self.held += (finding.low is None or finding.low <= effect) and (finding.high is None or effect <= finding.high)
        self.told += finding.verdict in {"improved", "worse"}
        if finding.smallest_detectable is not None:
            self.detectable.append(finding.smallest_detectable)


@dataclass
class Counted:
    """Tallies by horizon, and in how many runs any horizon told an effect."""

    horizons: dict[int, Tally] = field(default_factory=lambda: {horizon: Tally() for horizon in HORIZONS})
    any_told: int = 0
    runs: int = 0

    def add(self, findings: Sequence[Finding], effect: float) -> None:
        """Count one intervention's findings."""
        self.runs += 1
        self.any_told += any(each.verdict in {"improved", "worse"} for each in findings)
        for each in findings:
            self.horizons[each.horizon].add(each, effect)


def world(dice: np.random.Generator, teams: int) -> NDArray[float64]:
    """Logarithms of durations in which nothing happens."""
    noise = dice.standard_normal((teams, WEEKS))
    for week in range(1, WEEKS):
        noise[:, week] = MEMORY * noise[:, week - 1] + np.sqrt(1 - MEMORY**2) * noise[:, week]
    trends = dice.normal(0, TREND, (teams, 1)) * np.arange(WEEKS) / 52
    shared = dice.normal(0, SHARED, WEEKS)
    return np.asarray(NOISE * noise + dice.normal(1, LEVEL, (teams, 1)) + trends + shared)


def releases(dice: np.random.Generator, kind: str) -> Releases:
    """Weeks of release, by the kind of intervention."""
    if kind == "staggered":
        drawn: Releases = [*dice.integers(40, 73, TEAMS // 2).tolist(), *[None] * (TEAMS - TEAMS // 2)]
        return [drawn[at] for at in dice.permutation(TEAMS)]
    if kind == "one of twelve":
        return [int(dice.integers(40, 73)), *[None] * (TEAMS - 1)]
    return [7 if kind == "alone, 7 weeks before" else int(dice.integers(40, 73))]


def reached(released: Releases) -> NDArray[float64]:
    """1 from each release on: (team, week)."""
    weeks = np.arange(WEEKS)
    return np.array([weeks >= (WEEKS if week is None else week) for week in released], dtype=float)


def panel(logarithms: NDArray[float64], released: Releases) -> Panel:
    """The world as the product reads it."""
    rows = zip(np.exp(logarithms).tolist(), released, strict=True)
    units = (Unit(f"team {at:02}", tuple(row), (10,) * WEEKS, week) for at, (row, week) in enumerate(rows))
    return Panel(tuple(MONDAY + timedelta(weeks=week) for week in range(WEEKS)), tuple(units), "log")


def runs(kind: str, count: int, effect: float, seed: int) -> Iterator[tuple[NDArray[float64], Releases]]:
    """Worlds of a kind, with an effect from every release on."""
    for run in range(count):
        dice = np.random.default_rng([seed, run])
        released = releases(dice, kind)
        yield world(dice, len(released)) + np.log1p(effect) * reached(released), released


def judged(kind: str, count: int, effect: float, seed: int) -> Counted:
    """Judge so many worlds, and tell on the error stream that it goes on: it takes minutes."""
    counted = Counted()
    for logarithms, released in runs(kind, count, effect, seed):
        counted.add(judge(panel(logarithms, released), better="lower"), effect)
    print(f"{kind}, {effect:.0%}: {count:,} runs", file=sys.stderr, flush=True)
    return counted


def clustered_refuses(logarithms: NDArray[float64], released: Releases) -> bool:
    """Whether the two-way fixed-effects regression refuses at 5 %, by the z of errors clustered by team."""
    treated, values = within(reached(released)), within(logarithms)
    size = (treated**2).sum()
    effect = (treated * values).sum() / size
    scores = (treated * (values - effect * treated)).sum(axis=1)
    return bool(abs(effect) > NORMAL * np.sqrt((scores**2).sum()) / size)


def within(values: NDArray[float64]) -> NDArray[float64]:
    """Values less the means of their team and of their week."""
    return np.asarray(values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean())


def shown(count: int, among: int) -> str:
    """A share with its 95 % interval."""
    low, high = wilson(count, among)
    return f"{count / among:6.1%} [{low:5.1%}, {high:5.1%}]"


def usual(count: int, among: int, share: float, *, most: bool = True, least: bool = True) -> bool:
    """Whether a count is one that such a share gives, to CHANCE on each side that is asked about."""
    too_many, too_few = bdtrc(count - 1, among, share) < CHANCE, bdtr(count, among, share) < CHANCE
    return not (most and too_many) and not (least and too_few)


def told_placebos(kind: str, counted: Counted) -> Iterator[str]:
    """Print what placebos of a kind gave, and yield the claims that fail."""
    for horizon, tally in counted.horizons.items():
        at = f"{kind}, {horizon} weeks"
        if tally.method == "process_behaviour_chart":
            print(f"{at:34}{tally.method:40}told    {shown(tally.told, tally.runs)}")
            if not usual(tally.told, tally.runs, NOMINAL, least=False):
                yield f"{at}: {tally.told / tally.runs:.1%} told, claimed {NOMINAL:.0%}"
            continue
        held, refused = shown(tally.held, tally.runs), shown(tally.refused, tally.runs)
        least = f"{np.median(tally.detectable):.0%} detectable"
        print(f"{at:34}{tally.method:40}refused {refused}   held {held}   {least}")
        both = kind == "staggered"
        if not usual(tally.refused, tally.runs, NOMINAL, least=both):
            yield f"{at}: {tally.refused / tally.runs:.1%} refused, claimed {NOMINAL:.0%}"
        if not usual(tally.held, tally.runs, 1 - NOMINAL, most=both):
            yield f"{at}: {tally.held / tally.runs:.1%} held, claimed {1 - NOMINAL:.0%}"
    print(f"{f'{kind}, any horizon, adjusted':74}told    {shown(counted.any_told, counted.runs)}")
    if not usual(counted.any_told, counted.runs, NOMINAL, least=False):
        yield f"{kind}, any horizon: {counted.any_told / counted.runs:.1%} told, claimed at most {NOMINAL:.0%}"


def told_baseline(placebos: int) -> Iterator[str]:
    """Print what the baseline refuses of the staggered placebos; it should refuse too many."""
    clustered = sum(clustered_refuses(*each) for each in runs("staggered", placebos, 0.0, 0))
    print(f"{'staggered, clustered z of two-way fixed effects':74}refused {shown(clustered, placebos)}")
    if wilson(clustered, placebos)[0] <= NOMINAL:
        yield "the clustered z does not refuse too often"


def told_effects(kind: str, effect: float, counted: Counted) -> Iterator[str]:
    """Print what was found of an effect, and yield the claims that fail."""
    for horizon, tally in counted.horizons.items():
        at = f"{kind}, {horizon} weeks, {effect:.0%}"
        if tally.method == "process_behaviour_chart":
            print(f"{at:34}{tally.method:40}told    {shown(tally.told, tally.runs)}")
            continue
        found, held = shown(tally.refused, tally.runs), shown(tally.held, tally.runs)
        print(f"{at:34}{tally.method:40}found   {found}   held {held}   told {tally.told / tally.runs:.1%}")
        if not usual(tally.held, tally.runs, 1 - NOMINAL, most=False):
            yield f"{at}: {tally.held / tally.runs:.1%} held, claimed {1 - NOMINAL:.0%}"
        claimed = kind == "staggered" and horizon > min(HORIZONS) and effect == min(EFFECTS)
        if claimed and tally.refused / tally.runs < LEAST_POWER:
            yield f"{at}: found in {tally.refused / tally.runs:.1%}, claimed {LEAST_POWER:.0%}"


def main() -> int:
    """Judge, print, and hold against the claims."""
    placebos = int(sys.argv[1]) if sys.argv[1:] else PLACEBOS
    failures: list[str] = []
    print("placebos: nothing happened")
    for seed, kind in enumerate(("staggered", "one of twelve", "alone", "alone, 7 weeks before")):
        failures += told_placebos(kind, judged(kind, placebos, 0.0, seed))
    failures += told_baseline(placebos)
    print("effects: this much less time from the release on")
    for kind in ("staggered", "one of twelve", "alone"):
        for seed, effect in enumerate(EFFECTS):
            failures += told_effects(kind, effect, judged(kind, placebos // SHARE_WITH_EFFECT, effect, 10 + seed))
    print("\n".join(failures) or "every claim holds")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
