"""The weeks around releases, laid over each other: each unit against its own weeks before, beside those not reached."""

from __future__ import annotations

import pytest

from metrics.verdicts.aligned import Aligned, aligned
from verdict_panels import panel_of

FLAT = [10.0] * 20


def told(found: Aligned) -> dict[int, tuple[float | None, int, float | None, int]]:
    return {each.week: (each.reached, each.reached_units, each.waiting, each.waiting_units) for each in found.weeks}


def test_the_release_is_week_0_wherever_it_falls_and_each_unit_starts_from_its_own_level() -> None:
    early, late = [4.0] * 6 + [1.0] * 14, [40.0] * 12 + [37.0] * 8
    found = aligned(panel_of([early, late, FLAT], [6, 12, None]))

    assert told(found)[-1] == (0.0, 2, 0.0, 2)
    assert told(found)[0] == (-3.0, 2, 0.0, 2)
    assert found.level == pytest.approx(22.0)


def test_who_is_reached_later_stands_beside_until_its_own_release() -> None:
    weeks = told(aligned(panel_of([FLAT, FLAT], [6, 10])))

    assert weeks[3][2:] == (0.0, 1)
    assert weeks[4][2:] == (None, 0)


def test_relative_changes_are_told_of_amounts_and_points_of_shares() -> None:
    halved = [10.0] * 8 + [5.0] * 12
    amounts = aligned(panel_of([halved, FLAT], [8, None], "log"))
    shares = aligned(panel_of([[0.5] * 8 + [0.25] * 12], [8], "logit", counts=10_000_000))

    assert told(amounts)[3][0] == pytest.approx(-0.5)
    assert amounts.level == pytest.approx(10.0)
    assert told(shares)[3][0] == pytest.approx(-0.25, abs=1e-6)
    assert shares.level == pytest.approx(0.5)


def test_a_week_without_a_value_is_none_and_not_zero() -> None:
    holed = [4.0] * 8 + [None] + [1.0] * 11

    assert told(aligned(panel_of([holed, FLAT], [8, None])))[0][:2] == (None, 0)


def test_only_weeks_are_told_in_which_somebody_who_was_reached_was_measured() -> None:
    weeks = told(aligned(panel_of([FLAT, [1.0] * 20], [15, None])))

    assert (min(weeks), max(weeks)) == (-15, 4)


@pytest.mark.parametrize("released", [[None, None], [25, None], [0, None]])
def test_without_a_release_with_weeks_before_it_there_is_nothing_to_tell(released: list[int | None]) -> None:
    assert aligned(panel_of([FLAT, FLAT], released)) == Aligned(None, ())
