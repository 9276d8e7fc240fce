"""The attack by subtraction opens nobody, and does where a rule is taken away."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

import survey_attack
from survey_attack import Figures, attack
from surveys import results
from tribometer.privacy import disclosure
from tribometer.privacy.disclosure import Shown


def attacked(seeds: range) -> Figures:
    figures = Figures()
    for seed in seeds:
        attack(seed, figures)
    return figures


def test_no_combination_of_told_cells_leaves_one_to_four_people() -> None:
    figures = attacked(range(16))

    assert figures.told > 100
    assert figures.tried > 1_000
    assert figures.opened == 0


@pytest.mark.slow
def test_no_combination_of_many_organisations_does() -> None:
    figures = attacked(range(1_000, 1_120))

    assert figures.tried > 30_000
    assert figures.opened == 0


def everybody_large_enough(
    people: Mapping[tuple[str, str], int], above: Mapping[str, str | None], minimum: int
) -> Shown:
    """The least group alone, without the rules about what is left over."""
    teams, groups = {team for team, _ in people} | set(above), {group for _, group in people}
    of_team = {
        each: sum(n for (team, _), n in people.items() if each in disclosure.lineage(team, above)) for each in teams
    }
    of_group = {each: sum(n for (_, group), n in people.items() if group == each) for each in groups}
    return Shown(
        sum(people.values()) >= minimum,
        frozenset(each for each, n in of_team.items() if each and n >= minimum),
        frozenset(each for each, n in of_group.items() if each and n >= minimum),
    )


def test_without_the_rule_of_what_is_left_over_people_are_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "shown", everybody_large_enough)

    assert attacked(range(12)).opened > 0


def test_without_the_rule_of_cuts_the_cross_cut_opens_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure, "_least_cut", lambda _: survey_attack.MINIMUM)

    assert attacked(range(40)).opened > 0
