"""How often the bounds of ranks hold the true ranks of all kinds of friction at once.

    python benchmarks/friction_ranks.py [ROUNDS]

Teams differ in size, which all their kinds share, and every kind has luck of its own: log-normal, both. Kinds lie
12 % apart, or three of them are equal: of equal ones every order is true. Beside it, in the same run, what the
percentiles of the drawn ranks would give, each kind by itself.

The last column: how many intervals of hours hold the true hours, of which few teams tell little.

Claim: the bounds hold all true ranks at once in at least LEAST of the organisations, from eight teams on.
"""

from __future__ import annotations

import sys
from math import exp, sqrt

import numpy as np

from metrics.friction.ranking import LEVEL, SEED, ranking

ROUNDS = 2_000
TEAMS = (8, 12, 25, 50, 100)
MEANS = {
    "12 % apart": {f"k{number}": 10.0 * 1.12**number for number in range(8)},
    "three equal": {"a": 30.0, "b": 20.0, "c": 20.0, "d": 20.0, "e": 8.0},
}
SPREAD = 0.5
LEAST = 0.93


def organisation(dice: np.random.Generator, means: dict[str, float], teams: int) -> dict[str, dict[str, float]]:
    """Hours of every team by kind."""
    size = dice.lognormal(0, SPREAD, teams)
    return {
        kind: {f"t{team}": float(mean * size[team] * dice.lognormal(0, SPREAD)) for team in range(teams)}
        for kind, mean in means.items()
    }


def true_ranks(means: dict[str, float]) -> dict[str, tuple[int, int]]:
    """First and last true rank of every kind; equal ones share theirs."""
    return {
        kind: (1 + sum(other > mean for other in means.values()), sum(other >= mean for other in means.values()))
        for kind, mean in means.items()
    }


def held(costs: dict[str, dict[str, float]], true: dict[str, tuple[int, int]]) -> bool:
    """Whether every kind's bounds hold its true ranks, all at once."""
    found = ranking(costs).kinds
    return all((each.first or 1) <= true[each.kind][0] and true[each.kind][1] <= (each.last or 1) for each in found)


def hours_held(costs: dict[str, dict[str, float]], means: dict[str, float], teams: int) -> float:
    """The share of the kinds whose interval holds the hours that teams like these would lose in the mean."""
    luck = exp(SPREAD**2 / 2) ** 2
    found = ranking(costs).kinds
    return sum((each.low or 0) <= means[each.kind] * teams * luck <= (each.high or 0) for each in found) / len(found)


def held_by_percentiles(costs: dict[str, dict[str, float]], true: dict[str, tuple[int, int]]) -> bool:
    """The same by the percentiles of every kind's rank in the draws."""
    kinds = list(costs)
    values = np.array([list(costs[kind].values()) for kind in kinds])
    teams = values.shape[1]
    drawn = np.random.default_rng(SEED).multinomial(teams, [1 / teams] * teams, size=1_000) @ values.T
    ranks = 1 + (drawn[:, :, None] < drawn[:, None, :]).sum(axis=2)
    low, high = np.quantile(ranks, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return all(low[at] <= true[kind][0] and true[kind][1] <= high[at] for at, kind in enumerate(kinds))


def main() -> int:
    """Measure and print; the exit code says whether the claim holds."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    least = 1.0
    print(f"{'means':<12} {'teams':>5}  {'held':>7}  {'+-':>5}  {'percentiles':>11}  {'hours':>6}")
    for name, means in MEANS.items():
        true = true_ranks(means)
        for teams in TEAMS:
            dice = np.random.default_rng(teams)
            drawn = [organisation(dice, means, teams) for _ in range(rounds)]
            share = sum(held(costs, true) for costs in drawn) / rounds
            beside = sum(held_by_percentiles(costs, true) for costs in drawn) / rounds
            hours = sum(hours_held(costs, means, teams) for costs in drawn) / rounds
            error = 1.96 * sqrt(share * (1 - share) / rounds)
            least = min(least, share)
            print(f"{name:<12} {teams:>5}  {share:>7.1%}  {error:>5.1%}  {beside:>11.1%}  {hours:>6.1%}")
    return 0 if least >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
