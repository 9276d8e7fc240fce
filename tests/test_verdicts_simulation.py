"""How often the tests find what is not there, and whether their intervals hold what is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy.stats import binom

from metrics.verdicts import interrupted, staggered
from metrics.verdicts.finding import Estimate
from metrics.verdicts.series import series_of
from verdict_panels import after, grid_of, noise, rollout

PLACEBOS = 400
EFFECT = -0.3


def rolled_out(seed: int, horizon: int, effect: float = 0.0) -> Estimate:
    released = rollout(seed)
    found = staggered.estimate(grid_of((noise(seed) + effect * after(released)).tolist(), released), horizon, seed)
    assert found is not None
    return found


def holds(found: Estimate, effect: float) -> bool:
    return (found.low is None or found.low <= effect) and (found.high is None or effect <= found.high)


@pytest.mark.slow
@pytest.mark.parametrize("horizon", [4, 12, 26])
def test_of_placebo_roll_outs_one_in_twenty_is_taken_for_an_effect(horizon: int) -> None:
    refused = sum((rolled_out(seed, horizon).p or 0) < 0.05 for seed in range(PLACEBOS))

    assert binom.ppf(0.001, PLACEBOS, 0.05) <= refused <= binom.ppf(0.999, PLACEBOS, 0.05)


@pytest.mark.slow
def test_intervals_of_a_roll_out_hold_its_effect_nineteen_times_in_twenty() -> None:
    held = sum(holds(rolled_out(seed, 12, EFFECT), EFFECT) for seed in range(PLACEBOS))

    assert binom.ppf(0.001, PLACEBOS, 0.95) <= held <= binom.ppf(0.999, PLACEBOS, 0.95)


@pytest.mark.slow
@pytest.mark.parametrize("weeks", [8, 40])
@pytest.mark.parametrize("memory", [0.0, 0.4])
def test_a_series_of_mere_noise_is_taken_for_an_effect_no_more_often_than_one_time_in_twenty(
    weeks: int, memory: float
) -> None:
    refused, held = 0, 0
    for seed in range(PLACEBOS):
        values = noise(seed, 1, weeks + 12, memory=memory, trend=0.3)
        values[:, weeks:] += EFFECT
        series = series_of(grid_of(values.tolist(), [weeks]), 12)
        assert series is not None
        held += holds(interrupted.estimate(series, 1), EFFECT)
        placebo = replace(series, values=series.values - EFFECT * series.after)
        refused += (interrupted.estimate(placebo, 1).p or 0) < 0.05

    assert refused <= binom.ppf(0.999, PLACEBOS, 0.05)
    assert held >= binom.ppf(0.001, PLACEBOS, 0.95)
