"""Whether a platform team is worth it here."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.friction.board import Amount
from metrics.friction.worth import INSTEAD, RULE, UNKNOWN, BreakEven, Range, worth
from tribometer.errors import UsageError
from tribometer.settings import Friction

LOST = Amount(3_000.0, 2_400.0, 4_000.0)
TEAM = (3 * 1_600 / 12, 6 * 1_600 / 12)
"""400 to 800 hours a month."""


def ends(found: Range | BreakEven | None) -> tuple[object, ...]:
    assert found is not None
    return found.low, found.high


def test_both_sides_are_ranges_of_hours_a_month() -> None:
    found = worth(LOST, 200, Friction())

    assert ends(found.returned) == pytest.approx((480, 2_000))
    assert ends(found.costs) == pytest.approx(TEAM)
    assert found.verdict == "depends"


@pytest.mark.parametrize(
    ("lost", "verdict"),
    [
        (Amount(5_000.0, 4_001.0, 6_000.0), "pays"),
        (Amount(5_000.0, 4_000.0, 6_000.0), "depends"),
        (Amount(700.0, 600.0, 800.0), "depends"),
        (Amount(700.0, 600.0, 799.0), "does_not_pay"),
        (Amount(4_001.0, None, None), "pays"),
        (Amount(799.0, None, None), "does_not_pay"),
    ],
)
def test_it_pays_or_not_only_where_the_ranges_lie_apart(lost: Amount, verdict: str) -> None:
    assert worth(lost, 200, Friction()).verdict == verdict


def test_break_even_is_where_as_many_engineers_lose_enough_for_a_team() -> None:
    found = worth(LOST, 200, Friction())

    assert found.hours_each == pytest.approx(15)
    # 400 h of 2 000 that 200 engineers could get back take 40 of them; 800 h of 480 take 333
    assert ends(found.break_even) == pytest.approx((40, 800 / 480 * 200))
    assert "it pays from 40 engineers on at best, from 334 engineers on at worst" in " ".join(found.advice)


def test_where_the_least_is_nothing_it_never_pays_at_worst() -> None:
    found = worth(Amount(300.0, 0.0, 2_000.0), 50, Friction())

    assert ends(found.break_even) == (pytest.approx(20), None)
    assert any("never at worst" in each for each in found.advice)


def test_without_a_number_of_engineers_no_break_even_is_told() -> None:
    found = worth(LOST, None, Friction())

    assert (found.hours_each, found.break_even, found.size) == (None, None, "unknown")
    assert UNKNOWN in found.advice
    assert RULE in found.advice


@pytest.mark.parametrize(
    ("engineers", "size", "ruled", "instead"),
    [(29, "small", True, True), (30, "between", True, True), (40, "between", True, True), (41, "large", False, False)],
)
def test_small_organisations_are_told_the_rule_and_what_to_do_instead(
    engineers: int, size: str, *, ruled: bool, instead: bool
) -> None:
    found = worth(LOST, engineers, Friction())

    assert (found.size, RULE in found.advice, INSTEAD in found.advice) == (size, ruled, instead)


def test_where_it_does_not_pay_larger_ones_are_told_what_to_do_instead_too() -> None:
    assert INSTEAD in worth(Amount(100.0, None, None), 500, Friction()).advice


def test_the_rule_of_thumb_is_told_as_one() -> None:
    assert "rule of thumb" in RULE
    assert "no study" in RULE


def test_assumptions_are_those_of_the_settings() -> None:
    told = " ".join(worth(LOST, 200, Friction(returned=(0.1, 0.25), team_size=(2, 4.5))).assumptions)

    assert "10 % to 25 %" in told
    assert "2 to 4.5 engineers of 1,600 hours a year" in told
    assert "no interval" not in told
    assert "no interval" in " ".join(worth(Amount(9.0, None, None), 200, Friction()).assumptions)


def test_money_is_told_at_a_rate_only() -> None:
    rich = worth(LOST, 200, Friction(loaded_rate=100, currency="CHF"))

    assert worth(LOST, 200, Friction()).money_costs is None
    assert ends(rich.money_costs) == pytest.approx((40_000, 80_000))
    assert ends(rich.money_returned) == pytest.approx((48_000, 200_000))
    assert rich.currency == "CHF"


def test_the_answer_is_ready_for_json() -> None:
    told = worth(LOST, None, Friction()).to_dict()

    assert json.loads(json.dumps(told)) == told
    assert told["lost"]["interval"]["low"] == 2_400
    assert told["break_even"] is None
    assert told["costs"] == {"low": pytest.approx(400), "high": pytest.approx(800)}


def test_nothing_lost_is_no_answer() -> None:
    with pytest.raises(UsageError, match="Connect more sources"):
        worth(Amount(0.0, None, None), 200, Friction())


@pytest.mark.parametrize("engineers", [0, -3])
def test_an_impossible_number_of_engineers_is_refused(engineers: int) -> None:
    with pytest.raises(UsageError, match="a whole number from 1 on"):
        worth(LOST, engineers, Friction())


def test_what_would_pay_with_more_engineers_than_anybody_has_never_pays() -> None:
    found = worth(Amount(1.0, 1e-300, 1.0), 1, Friction())

    assert ends(found.break_even) == (pytest.approx(800), None)
    assert worth(Amount(1e-300, None, None), 1, Friction()).break_even == BreakEven(None, None)


BOUNDS = st.tuples(st.floats(1, 1e6), st.floats(0, 1), st.floats(1, 3))
SHARES = st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)).map(lambda both: (min(both), max(both)))


@given(BOUNDS, SHARES, st.integers(1, 5_000))
def test_a_team_pays_from_its_break_even_on(
    bounds: tuple[float, float, float], shares: tuple[float, float], engineers: int
) -> None:
    hours, below, above = bounds
    found = worth(Amount(hours, hours * below, hours * above), engineers, Friction(returned=shares))

    assert found.returned.low <= found.returned.high
    assert found.break_even is not None
    least, most = found.break_even.low, found.break_even.high
    if most is not None:
        assert most * found.returned.low / engineers == pytest.approx(found.costs.high)
        assert found.verdict == "pays" or engineers <= most * (1 + 1e-9)
    if found.verdict == "pays":
        assert most is not None
        assert most <= engineers * (1 + 1e-9)
    if found.verdict == "does_not_pay":
        assert least is None or least >= engineers * (1 - 1e-9)
