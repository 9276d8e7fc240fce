"""Answers to the pulse survey, one file a quarter, as the contract's section 4 has them: one row per respondent."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from tribometer.demo.ci import team_since
from tribometer.demo.organisation import TEAMS
from tribometer.demo.planted import BUILD_CACHE, REVIEW_WAIT, STRONG, WEAK
from tribometer.demo.rhythm import DAY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tribometer.demo.columns import Ints
    from tribometer.demo.history import History
    from tribometer.demo.world import World

INSTRUMENT = "pulse_v1"
ASKED = "asked-"
"""Begins the names of files that count who was asked."""
WAVES = 4
AGREEMENT = tuple(f"PU{number:02}" for number in range(1, 9))
REVERSED = "PU06"
REVIEW_ITEM, CHECKS_ITEM, RELEASE_ITEM = AGREEMENT.index("PU04"), AGREEMENT.index("PU03"), AGREEMENT.index("PU05")
HOURS = ("0", "<1", "1-2", "3-5", "6-10", ">10")
BLOCKERS = (
    "local setup", "build/test", "flaky checks", "review", "approval", "deploy", "environments/access",
    "docs/finding answers", "incidents", "nothing",
)  # fmt: skip
TENURES = ((90, "<3 months"), (365, "3-12 months"), (1_095, "1-3 years"), (100_000, ">3 years"))
ANSWERS, SKIPPED = 0.78, 0.03
MIDDLE = 3
FLAKY_TEAMS = ("checkout", "catalog", "search", "accounts", "mobile")
"""They work in the repository of the flaky workflow."""


@dataclass(frozen=True)
class Wave:
    """One quarter's answers: rows of a CSV file, and how many people were asked by team and tenure."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    asked: Mapping[tuple[str, str], int]

    def write(self, folder: Path) -> Path:
        """Write ``pulse_v1-2026-Q1.csv`` into the folder and return its path; who was asked stands beside it."""
        path = folder / f"{INSTRUMENT}-{self.name}.csv"
        with (folder / f"{ASKED}{path.name}").open("w", encoding="utf-8", newline="") as file:
            groups = ((*group, people) for group, people in sorted(self.asked.items()))
            csv.writer(file).writerows([("team", "tenure", "people"), *groups])
        with path.open("w", encoding="utf-8", newline="") as file:
            head = ("respondent", "team", "tenure", "submitted_at", *AGREEMENT, "PU09", "PU10")
            csv.writer(file).writerows([head, *self.rows])
        return path


def waves(past: History) -> list[Wave]:
    """The waves of the last four quarters that were over at the end of history."""
    return [_wave(past, at) for at in _last_quarters(past.world)]


def _last_quarters(world: World) -> list[datetime]:
    """The first days of the last four whole quarters, oldest first."""
    end = datetime.fromtimestamp(world.end, UTC)
    quarters = [end.year * 4 + (end.month - 1) // 3 - back for back in range(WAVES, 0, -1)]
    return [datetime(number // 4, number % 4 * 3 + 1, 1, tzinfo=UTC) for number in quarters]


def _wave(past: History, quarter: datetime) -> Wave:
    name = f"{quarter.year}-Q{(quarter.month + 2) // 3}"
    stream, people = past.world.stream(f"pulse {name}"), past.people
    opened = quarter + timedelta(days=60)
    at = opened.timestamp()
    there = (people.starts < at) & ~(people.ends <= at)
    person = np.flatnonzero(there & (stream.random(len(there)) < ANSWERS))
    answers = _agreement(past, stream, people.team[person], at)
    lost = np.clip(np.rint(stream.normal(2.4 - (answers.mean(axis=1) - 3), 1.0)), 0, len(HOURS) - 1).astype(np.int64)
    blocker = _blocker(stream, answers)
    skipped = stream.random(answers.shape) < SKIPPED
    minutes = stream.integers(0, 5 * 24 * 60, len(person))
    rows = tuple(
        (
            people.logins[who],
            TEAMS[people.team[who]].key,
            _tenure(at - people.starts[who]),
            (opened + timedelta(minutes=int(minutes[row]))).isoformat(),
            *("" if skipped[row, item] else str(answers[row, item]) for item in range(len(AGREEMENT))),
            HOURS[lost[row]],
            BLOCKERS[blocker[row]],
        )
        for row, who in enumerate(person)
    )
    asked = Counter((TEAMS[people.team[who]].key, _tenure(at - people.starts[who])) for who in np.flatnonzero(there))
    return Wave(name, rows, asked)


def _tenure(seconds: float) -> str:
    return next(band for days, band in TENURES if seconds / DAY < days)


def _agreement(past: History, stream: np.random.Generator, team: Ints, at: float) -> Ints:
    """Answers from 1 to 5 by respondent and item: what teams live with shows in what they say."""
    keys = [each.key for each in TEAMS]
    mood = np.full((len(TEAMS), len(AGREEMENT)), 3.5)
    mood[np.isin(keys, STRONG.where)] += 0.5
    mood[np.isin(keys, WEAK.where)] -= 0.5
    mood[np.isin(keys, WEAK.where), RELEASE_ITEM] -= 0.7
    mood[np.isin(keys, REVIEW_WAIT.where), REVIEW_ITEM] -= 1.4
    mood[np.isin(keys, FLAKY_TEAMS), CHECKS_ITEM] -= 0.9
    mood[:, AGREEMENT.index(REVERSED)] = 6 - mood[:, AGREEMENT.index(REVERSED)]
    mood[:, AGREEMENT.index("PU02")] += np.where(team_since(past, BUILD_CACHE.since) <= at, 0.5, 0.0)
    said = stream.normal(mood[team], 1.0)
    return np.clip(np.rint(said), 1, 5).astype(np.int64)


def _blocker(stream: np.random.Generator, answers: Ints) -> Ints:
    """What cost most: the worst rated of review, checks and release, or something else."""
    items = np.array([REVIEW_ITEM, CHECKS_ITEM, RELEASE_ITEM])
    named = np.array([BLOCKERS.index("review"), BLOCKERS.index("flaky checks"), BLOCKERS.index("deploy")])
    worst = answers[:, items].argmin(axis=1)
    felt = answers[:, items].min(axis=1) < MIDDLE
    return np.where(felt, named[worst], stream.integers(0, len(BLOCKERS), len(answers)))
