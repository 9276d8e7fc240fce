"""An attack on survey results by subtraction: every sum and difference of told cells of generated organisations.

    python tests/survey_attack.py [ORGANISATIONS]

Whoever reads the results also knows who works where. A combination *opens* people where what it leaves is one to four
of them. Cells of one question and wave are combined, for only these hold the same answers; each is added, subtracted or
left out, all combinations of up to MOST_CELLS cells.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from random import Random

import numpy as np

from survey_waves import Person, instrument, item, told
from surveys.wave_results import WaveResults
from tribometer.privacy.disclosure import lineage

MINIMUM, MOST_CELLS = 5, 4
ASKED = instrument(item("Q01"), item("Q02"), item("Q03"))


@dataclass
class Figures:
    """What an attack tried and found."""

    organisations: int = 0
    cells: int = 0
    told: int = 0
    tried: int = 0
    opened: int = 0


@dataclass(frozen=True)
class Generated:
    """An organisation that answered a wave."""

    people: Sequence[Person]
    above: Mapping[str, str | None]


def generated(seed: int) -> Generated:
    """Draw an organisation: teams in up to three levels, bands of tenure, items that some leave out."""
    dice = Random(seed)  # noqa: S311 - no secret
    teams = [f"t{number}" for number in range(dice.randint(1, 8))]
    above: dict[str, str | None] = {
        team: dice.choice([None, *teams[:place][:3]]) if place else None for place, team in enumerate(teams)
    }
    bands = ["", "<3 months", "1-3 years", ">3 years"][: dice.randint(1, 4)]
    people = []
    for team in [*teams, ""]:
        for _ in range(dice.choice([0, 1, 2, 3, 4, 5, 6, 7, 9, 12])):
            answers = {name: dice.randint(1, 5) for name in ("Q01", "Q02", "Q03") if dice.random() < 0.85}
            people.append(Person(team, answers, dice.choice(bands)))
    return Generated(people, above)


def members(found: WaveResults, made: Generated, question: str) -> Iterator[np.ndarray]:
    """Who is behind each told cell of a question, as one 0 or 1 a person."""
    for each in found.cells:
        if each.item == question and each.published.status == "ok":
            yield np.array(
                [int(question in who.answers and _is_in(who, each.scope, made.above)) for who in made.people]
            )


def _is_in(who: Person, scope: Mapping[str, str], above: Mapping[str, str | None]) -> bool:
    if "team" in scope:
        return scope["team"] in lineage(who.team, above)
    return scope.get("tenure", who.tenure) == who.tenure


def attack(seed: int, figures: Figures) -> None:
    """Try every combination of told cells of one organisation."""
    made = generated(seed)
    found = told(made.people, ASKED, teams=made.above)
    figures.organisations += 1
    figures.cells += len(found.cells)
    for question in ("Q01", "Q02", "Q03"):
        rows = list(members(found, made, question))
        figures.told += len(rows)
        for size in range(1, min(MOST_CELLS, len(rows)) + 1):
            signs = np.array([(1, *rest) for rest in product((-1, 1), repeat=size - 1)])
            for chosen in combinations(rows, size):
                left = np.count_nonzero(signs @ np.stack(chosen), axis=1)
                figures.tried += len(left)
                figures.opened += int(((left > 0) & (left < MINIMUM)).sum())


def main() -> int:
    """Attack as many organisations as asked for and print what came of it."""
    figures = Figures()
    for seed in range(int(sys.argv[1]) if sys.argv[1:] else 200):
        attack(seed, figures)
    print(  # noqa: T201 - a script
        f"{figures.organisations:,} organisations, {figures.cells:,} cells, {figures.told:,} told, "
        f"{figures.tried:,} combinations tried, {figures.opened:,} opened"
    )
    return 1 if figures.opened else 0


if __name__ == "__main__":
    sys.exit(main())
