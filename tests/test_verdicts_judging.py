"""The verdict: which method, in which direction, and what is said where there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from metrics.verdicts import HORIZONS, Finding, Method, Panel, Scale, Unit, adjusted, holm, judge
from tribometer.errors import UsageError
from verdict_panels import MONDAY, after, noise, panel_of, rollout

RELEASED = rollout(1)
DIFFERENCES: Method = "staggered_difference_in_differences"
SERIES: Method = "interrupted_time_series"
CONTROLLED: Method = "interrupted_time_series_with_controls"
CHART: Method = "process_behaviour_chart"


def world(effect: float, seed: int = 1, released: list[int | None] = RELEASED) -> Panel:
    """Durations of twelve teams, with an effect on their logarithm behind the releases."""
    values = np.exp(noise(seed, len(released)) + effect * after(released))
    return panel_of(values.tolist(), released, "log")


def alone(seed: int = 2, released: int = 60, weeks: int = 104) -> Panel:
    return panel_of(np.exp(noise(seed, 1, weeks)).tolist(), [released], "log")


def test_a_third_less_time_is_an_improvement_where_less_is_better_and_worse_where_more_is() -> None:
    panel = world(np.log(0.65), seed=8)
    lower, higher = judge(panel, better="lower"), judge(panel, better="higher")

    assert [(each.horizon, each.verdict, each.method) for each in lower] == [
        (horizon, "improved", DIFFERENCES) for horizon in HORIZONS
    ]
    assert [each.verdict for each in higher] == ["worse"] * 3
    for each in lower:
        assert each.low is not None
        assert each.high is not None
        assert each.effect is not None
        assert each.low < -0.35 < each.high < 0
        assert each.low < each.effect < each.high
        assert (each.treated, each.reason) == (6, None)


def test_where_nothing_changed_the_smallest_detectable_effect_is_told() -> None:
    for each in judge(world(0.0), better="lower"):
        assert each.verdict == "no_detectable_change"
        assert each.smallest_detectable is not None
        assert 0.1 < each.smallest_detectable < 0.45


def test_the_order_of_units_changes_nothing() -> None:
    panel = world(-0.2)
    turned = Panel(panel.weeks, tuple(reversed(panel.units)), panel.scale)

    assert judge(turned, better="lower") == judge(panel, better="lower")


def test_the_same_seed_gives_the_same_answer_and_another_one_nearly() -> None:
    panel = world(-0.15)
    first, other = judge(panel, better="lower", seed=1), judge(panel, better="lower", seed=2)

    assert judge(panel, better="lower", seed=1) == first
    assert first != other
    for one, another in zip(first, other, strict=True):
        assert one.effect == another.effect
        assert one.p == pytest.approx(another.p, abs=0.05)


@pytest.mark.parametrize(
    ("scale", "before", "later", "effect"),
    [("log", 10.0, 6.5, -0.35), ("logit", 0.2, 0.3, 0.1), ("plain", 10.0, 6.5, -3.5)],
)
def test_the_effect_is_told_as_a_reader_of_the_scale_expects(
    scale: Scale, before: float, later: float, effect: float
) -> None:
    released: list[int | None] = [*[50] * 6, *[None] * 6]
    rows = np.where(after(released) > 0, later, before)
    panel = panel_of(rows.tolist(), released, scale, counts=1_000_000)

    for each in judge(panel, better="lower"):
        assert each.effect == pytest.approx(effect, abs=1e-5)
        assert each.verdict == ("worse" if effect > 0 else "improved")


def test_shares_of_nothing_and_all_and_amounts_of_0_can_be_judged() -> None:
    released: list[int | None] = [*[50] * 6, *[None] * 6]
    shares = np.where(np.random.default_rng(1).random((12, 104)) < 0.5, 0.0, 1.0)
    amounts = np.where(shares > 0, 4.0, 0.0)

    for panel in (panel_of(shares.tolist(), released, "logit"), panel_of(amounts.tolist(), released, "log")):
        for each in judge(panel, better="lower"):
            assert each.method == DIFFERENCES
            assert each.verdict == "no_detectable_change"
            assert each.low is not None
            assert np.isfinite(each.low)


def test_one_unit_is_judged_by_its_series_and_where_that_is_too_short_by_a_chart() -> None:
    found = judge(alone(), better="lower")

    assert [each.method for each in found] == [CHART, SERIES, SERIES]
    assert [(each.treated, each.controls) for each in found] == [(1, 0)] * 3
    assert (found[0].p, found[0].p_adjusted, found[0].low) == (None, None, None)
    assert [each.weeks_after for each in found] == [2, 10, 24]
    assert "chart" in str(found[0].reason)
    assert "Without controls" in str(found[1].reason)


def test_one_unit_with_others_beside_it_is_judged_against_them() -> None:
    found = judge(world(0.0, released=[60, *[None] * 11]), better="lower")

    assert [(each.method, each.controls) for each in found] == [(CHART, 11), (CONTROLLED, 11), (CONTROLLED, 11)]


def test_a_chart_signals_on_the_side_that_the_weeks_lie_on() -> None:
    row = [*[10.0, 12.0] * 10, *[40.0] * 4]
    rising, falling = panel_of([row], [20]), panel_of([[-each for each in row]], [20])

    assert judge(rising, better="lower")[0].verdict == "worse"
    assert judge(rising, better="higher")[0].verdict == "improved"
    assert judge(falling, better="lower")[0].verdict == "improved"


def test_a_signal_that_noise_gives_too_often_is_said_and_is_no_verdict() -> None:
    found = judge(panel_of([[*[10.0, 12.0] * 4, 11.0, 11.0, 17.0, 11.0]], [8]), better="lower", now_week=12)[0]

    assert (found.verdict, found.effect) == ("no_detectable_change", 3.0)
    assert "charts of mere noise" in str(found.reason)


def test_too_few_weeks_behind_the_release_say_until_when_to_wait() -> None:
    found = judge(alone(), better="lower", now_week=65)

    assert [each.verdict for each in found[1:]] == ["not_enough_data"] * 2
    assert found[1].reason == (
        f"Needs 8 weeks behind the transition; there are 3; ask again on {MONDAY + timedelta(weeks=70)}."
    )


@pytest.mark.parametrize("now_week", [40, 50, 55, 60, 61, 63, 66])
@pytest.mark.parametrize("released", [RELEASED, [60], [60, None, None]])
def test_asked_again_on_the_day_that_was_told_there_is_a_verdict(released: list[int | None], now_week: int) -> None:
    panel = world(0.0, released=released)

    for at, each in enumerate(judge(panel, better="lower", now_week=now_week)):
        if each.verdict == "not_enough_data":
            told = date.fromisoformat(str(each.reason).rstrip(".")[-10:])
            week = (told - MONDAY).days // 7
            assert week > now_week
            assert judge(panel, better="lower", now_week=week)[at].verdict != "not_enough_data"


def test_weeks_that_are_not_over_are_not_read() -> None:
    panel = world(-0.3)
    wild = tuple(replace(unit, values=(*unit.values[:80], *[9_999.0] * 24)) for unit in panel.units)

    assert judge(Panel(panel.weeks, wild, "log"), better="lower", now_week=80) == judge(
        panel, better="lower", now_week=80
    )


def test_a_horizon_that_is_not_over_is_judged_on_what_there_is_and_says_so() -> None:
    found = judge(alone(), better="lower", now_week=72)[2]

    assert (found.method, found.weeks_after) == (SERIES, 10)
    assert f"over on {MONDAY + timedelta(weeks=86)}" in str(found.reason)


def test_a_unit_without_measured_weeks_is_left_out_and_told() -> None:
    panel = world(-0.5)
    silent = next(unit for unit in panel.units if unit.released is not None)
    units = tuple(replace(unit, values=(None,) * 104) if unit == silent else unit for unit in panel.units)

    for each in judge(Panel(panel.weeks, units, "log"), better="lower"):
        assert (each.verdict, each.treated) == ("improved", 5)
        assert "1 of 6 reached units" in str(each.reason)


def test_missing_weeks_move_the_effect_little() -> None:
    panel = world(-0.5)
    dice = np.random.default_rng(5)
    units = tuple(
        replace(unit, values=tuple(None if dice.random() < 0.2 else value for value in unit.values))
        for unit in panel.units
    )

    for one, other in zip(
        judge(Panel(panel.weeks, units, "log"), better="lower"), judge(panel, better="lower"), strict=True
    ):
        assert one.effect == pytest.approx(other.effect, abs=0.08)
        assert one.verdict == "improved"


def test_a_value_that_is_made_of_nothing_is_none() -> None:
    panel = world(0.0)
    empty = tuple(replace(unit, counts=(0,) * 104) for unit in panel.units)

    found = judge(Panel(panel.weeks, empty, "log"), better="lower")
    assert {each.reason for each in found} == {"Nothing was measured in the weeks of the panel."}


@pytest.mark.parametrize("weeks", [0, 3])
def test_without_a_release_there_is_nothing_to_judge(weeks: int) -> None:
    for panel in (panel_of([], [], "log"), panel_of([[1.0] * weeks], [None])):
        for each in judge(panel, better="lower"):
            assert (each.verdict, each.method) == ("not_enough_data", None)
            assert each.reason == "No unit of the panel has a release."


def test_too_few_weeks_before_the_release_cannot_be_waited_for() -> None:
    for each in judge(alone(released=3), better="lower"):
        assert each.reason == "Needs 6 measured weeks before the release; there are 3."


def test_where_each_unit_lacks_a_side_that_is_said() -> None:
    row: list[float | None] = [None] * 40
    early, late = [*row[:19], *[1.0, 2.0] * 10, None], [*[1.0, 2.0] * 10, *row[:20]]

    assert judge(panel_of([early, late], [19, 20]), better="lower")[0].reason == (
        "No unit has 6 measured weeks before its release and 2 behind its transition."
    )


def test_where_more_units_have_to_be_reached_long_enough_ago_that_is_said() -> None:
    panel = world(0.0, released=[4, 30, 31, 32, *[None] * 8])

    assert judge(panel, better="lower", now_week=16)[1].reason == (
        f"Needs more units with 8 weeks behind their transition; ask again on {MONDAY + timedelta(weeks=40)}."
    )


def test_with_six_weeks_before_there_is_only_a_chart() -> None:
    assert [each.method for each in judge(alone(released=6), better="lower")] == [CHART] * 3


def test_series_that_never_move_show_no_change() -> None:
    for rows, released in (([[5.0] * 104] * 12, RELEASED), ([[5.0] * 104], [60])):
        for each in judge(panel_of(rows, released), better="lower"):
            assert each.verdict == "no_detectable_change"
            assert each.effect == pytest.approx(0)


def test_holm_adjusts_in_steps_and_leaves_what_has_no_p() -> None:
    assert holm([0.01, 0.04, 0.03, None]) == (0.03, 0.06, 0.06, None)
    assert holm([0.5, 0.9]) == (1.0, 1.0)
    assert holm([]) == ()


def finding(p: float | None) -> Finding:
    return Finding(12, "improved", DIFFERENCES, -0.3, -0.5, -0.1, p, p, 0.2, 6, 6, 12, 10, None)


def test_among_many_metrics_a_verdict_needs_a_smaller_p() -> None:
    found = adjusted([finding(0.02), finding(0.03), finding(0.001), finding(None)])

    assert [each.verdict for each in found] == ["improved"] * 4
    assert [each.p_adjusted for each in found] == [0.04, 0.04, 0.003, None]
    assert [each.verdict for each in adjusted([finding(0.02)] * 3)] == ["no_detectable_change"] * 3


@pytest.mark.parametrize(
    ("weeks", "values", "scale", "released", "told"),
    [
        ((MONDAY + timedelta(days=1),), (1.0,), "log", 0, "Mondays"),
        ((MONDAY, MONDAY + timedelta(weeks=2)), (1.0, 1.0), "log", 0, "follow one another"),
        ((MONDAY,), (1.0, 2.0), "log", 0, "for each of the 1 weeks"),
        ((MONDAY,), (-1.0,), "log", 0, "below 0"),
        ((MONDAY,), (1.2,), "logit", 0, "between 0 and 1"),
        ((MONDAY,), (1.0,), "plain", -1, "counted from 0"),
    ],
)
def test_a_panel_that_cannot_be_read_is_refused_with_what_to_pass(
    weeks: tuple[date, ...], values: tuple[float, ...], scale: Scale, released: int, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        Panel(weeks, (Unit("u", values, (1,) * len(values), released),), scale)


def test_two_units_of_one_name_are_refused() -> None:
    unit = Unit("u", (1.0,), (1,), None)

    with pytest.raises(UsageError, match="same name"):
        Panel((MONDAY,), (unit, unit), "log")
