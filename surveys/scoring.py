"""From the answers of a closed wave to numbers of groups of people: exact ones, for `surveys.results` alone.

The unit is the respondent: who answered an item several times (after several events) counts once, with the mean of what
they said. Items that agree with bad news are flipped, and what nobody answered is left out, never counted as 0.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from surveys import scales
from surveys.instrument import FIVE_POINTS
from tribometer.intervals import effective, wilson
from tribometer.privacy.disclosure import EVERYBODY, lineage
from tribometer.store.answer_rows import BETWEEN_CHOICES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy import float64
    from numpy.typing import NDArray

    from surveys.instrument import Instrument, Item
    from tribometer.store.answers import ClosedWave

POINTS_AND_ONE = scales.POINTS + 1
TRIMMED = 0.1
"""The share of people at either end that a mean of hours leaves out."""
LEAST_ITEMS, LEAST_SHARED = 3, 3
WILSON, WILSON_FPC, TRIMMED_T, ADJUSTED_WALD = "wilson", "wilson_fpc", "trimmed_t", "adjusted_wald"
Z = 1.959963984540054
Scope = tuple[str, str]
"""(kind, name): ("", "") is everybody, ("team", name), ("tenure", band)."""
WHOLE: Scope = ("", "")
Values = pd.Series
"""A number of each respondent, by respondent."""


@dataclass(frozen=True)
class Exact:
    """An exact number of ``n`` people, with bounds of 95 % by a method; never told as it is."""

    value: float
    n: int
    low: float | None = None
    high: float | None = None
    method: str = ""


@dataclass(frozen=True)
class LateGap:
    """How many answered early and late, by how much the late are more favourable, and the standard error of that."""

    early: int
    late: int
    gap: float
    error: float


class Scores:
    """The answers of a wave, by respondent."""

    def __init__(self, wave: ClosedWave, instrument: Instrument) -> None:
        """Read the answers once; they are few."""
        self.wave = wave
        self.instrument = instrument
        self._people: pd.DataFrame = wave.respondents.to_pandas().set_index("respondent")
        self._answers: pd.DataFrame = wave.answers.to_pandas()

    @cached_property
    def scopes(self) -> tuple[Scope, ...]:
        """Everybody, every team by name, and every band of tenure that anybody told."""
        teams = {*self.wave.facts.teams, *self._people["team"]} - {EVERYBODY}
        bands = set(self._people["tenure"]) - {EVERYBODY}
        return (WHOLE, *(("team", each) for each in sorted(teams)), *(("tenure", each) for each in sorted(bands)))

    def values(self, key: str) -> pd.Series:
        """What each respondent answered to an item, by respondent: a point of five or another number."""
        found = self._answers.loc[(self._answers["item"] == key) & self._answers["number"].notna()]
        mean: pd.Series = found.groupby("respondent")["number"].mean()
        return mean

    def points(self, key: str) -> pd.Series:
        """As `values`, of an item that is worded the other way flipped: more is better."""
        item = self.instrument.item(key)
        found = self.values(key)
        return POINTS_AND_ONE - found if item is not None and item.reverse else found

    def favourable(self, key: str) -> pd.Series:
        """Whether each respondent's answer is favourable, 0 or 1, by respondent; of several answers the mean."""
        item = self.instrument.item(key)
        found = self._answers.loc[(self._answers["item"] == key) & self._answers["number"].notna()]
        points: pd.Series = found["number"].astype(float)
        best = points <= POINTS_AND_ONE - scales.FAVOURABLE if item is not None and item.reverse else None
        hits = (points.ge(scales.FAVOURABLE) if best is None else best).astype(float)
        mean: pd.Series = hits.groupby(found["respondent"]).mean()
        return mean

    def agreeing(self, key: str) -> pd.Series:
        """Whether each respondent agrees with an item as it is worded, 0 or 1, by respondent."""
        hits: pd.Series = self.values(key).ge(scales.FAVOURABLE).astype(float)
        return hits

    def total(self, keys: Sequence[str]) -> pd.Series:
        """The sum over several items of numbers, of those who answered any of them, by respondent."""
        summed: pd.Series = pd.DataFrame({key: self.values(key) for key in keys}).sum(axis=1, min_count=1).dropna()
        return summed

    def picked(self, key: str, choice: str) -> pd.Series:
        """Whether each respondent picked a choice, 0 or 1, among those who answered the item, by respondent."""
        found = self._answers.loc[(self._answers["item"] == key) & self._answers["choice"].notna()]
        hits = found["choice"].map(lambda text: float(choice in _choices(text)))
        mean: pd.Series = hits.astype(float).groupby(found["respondent"]).mean()
        return mean

    def people(self, respondents: pd.Index) -> dict[tuple[str, str], int]:
        """How many of these respondents there are by (team, tenure)."""
        found = self._people.loc[respondents]
        return dict(Counter(zip(found["team"].astype(str), found["tenure"].astype(str), strict=True)))

    @property
    def everybody(self) -> pd.Index:
        """All respondents."""
        return self._people.index

    def late_gap(self, keys: Sequence[str]) -> LateGap | None:
        """How much more favourable those answered who did so only after a reminder, over these items."""
        person = pd.DataFrame({key: self.favourable(key) for key in keys}).mean(axis=1).dropna()
        is_late: pd.Series = self._people.loc[person.index, "late"].astype(bool)
        early, late = person.loc[~is_late], person.loc[is_late]
        if min(len(early), len(late)) < 2:  # noqa: PLR2004 - a spread takes two
            return None
        error = (float(early.var(ddof=1)) / len(early) + float(late.var(ddof=1)) / len(late)) ** 0.5
        return LateGap(len(early), len(late), float(late.mean() - early.mean()), error)

    def within(self, values: pd.Series, scope: Scope) -> pd.Series:
        """The values of those who are in a scope: of a team also those of the teams below it."""
        kind, name = scope
        if not kind:
            return values
        above = self.wave.facts.teams
        column: pd.Series = self._people.loc[values.index, kind]
        is_inside = column.map(lambda each: name in lineage(each, above) if kind == "team" else each == name)
        found: pd.Series = values.loc[is_inside.astype(bool)]
        return found

    def invited(self, scope: Scope) -> int | None:
        """How many were asked in a scope; None where nobody knows."""
        if not self.wave.invited:
            return None
        kind, name = scope
        above = self.wave.facts.teams
        return sum(
            n
            for (team, tenure), n in self.wave.invited.items()
            if not kind or (kind == "team" and name in lineage(team, above)) or (kind == "tenure" and name == tenure)
        )


def _choices(text: str) -> tuple[str, ...]:
    return tuple(text.split(BETWEEN_CHOICES)[1:]) if text.startswith(BETWEEN_CHOICES) else (text,)


def share(values: pd.Series, population: int | None) -> Exact:
    """The mean of 0 and 1 over people, with Wilson's interval corrected for a known population.

    What is uncertain is only what those who did not answer would have said: where everybody did, nothing is.
    """
    n, value = len(values), float(values.mean())
    many = effective(n, population)
    if many is None:
        return Exact(value, n, value, value, WILSON_FPC)
    low, high = wilson(value * many, many)
    return Exact(value, n, low, high, WILSON if population is None else WILSON_FPC)


def trimmed_mean(values: pd.Series) -> Exact:
    """The mean without the tenth of the people at either end, with a t interval (Tukey & McLaughlin 1963)."""
    from scipy.special import stdtrit  # noqa: PLC0415 - scipy.stats would cost a second

    ordered = values.sort_values().to_numpy(dtype=float)
    n = len(ordered)
    cut = int(TRIMMED * n)
    kept = ordered[cut : n - cut]
    value, freedom = float(kept.mean()), len(kept) - 1
    if freedom < 1:
        return Exact(value, n)
    ends = ordered.copy()
    ends[:cut], ends[n - cut :] = kept[0], kept[-1]
    error = float(ends.std(ddof=1)) / ((1 - 2 * cut / n) * n**0.5)
    reach = float(stdtrit(freedom, 0.975)) * error
    return Exact(value, n, max(value - reach, 0.0), value + reach, TRIMMED_T)


def recommendation(values: pd.Series) -> Exact:
    """Promoters (9, 10) less detractors (0 to 6), -1..1, with the adjusted-Wald interval (Sauro & Lewis)."""
    promoters, detractors, n = float((values >= 9).sum()), float((values <= 6).sum()), len(values)  # noqa: PLR2004 - as defined
    adjusted = n + 3
    up, down = (promoters + 0.75) / adjusted, (detractors + 0.75) / adjusted
    spread = Z * ((up + down - (up - down) ** 2) / adjusted) ** 0.5
    return Exact(
        (promoters - detractors) / n, n, max(up - down - spread, -1.0), min(up - down + spread, 1.0), ADJUSTED_WALD
    )


def is_points(item: Item) -> bool:
    """Whether an item is answered on five points, of which the two best are favourable."""
    return item.scale in FIVE_POINTS


@dataclass(frozen=True)
class Reliability:
    """How ``n`` people's answers to several items hang together."""

    n: int
    alpha: float
    omega: float
    item_rest: Mapping[str, float]


def reliability(columns: Mapping[str, pd.Series]) -> Reliability | None:
    """Cronbach's alpha, McDonald's omega of one factor, and each item's correlation with the rest of them.

    Covariances are of those who answered both items. None for fewer than three items, where one does not vary, or where
    hardly anybody answered two of them.
    """
    frame = pd.DataFrame(columns)
    items = len(frame.columns)
    answered = frame.notna().to_numpy(dtype=float)
    if items < LEAST_ITEMS or float((answered.T @ answered).min()) < LEAST_SHARED:
        return None
    covariance = frame.cov().to_numpy(dtype=float)
    if not (covariance.diagonal() > 0).all():
        return None
    alpha = items / (items - 1) * (1 - float(covariance.trace()) / float(covariance.sum()))
    rest = {str(name): float(frame[name].corr(frame.drop(columns=name).mean(axis=1))) for name in frame.columns}
    return Reliability(int(frame.notna().any(axis=1).sum()), alpha, _omega(covariance), rest)


def _omega(covariance: NDArray[float64]) -> float:
    """Omega of one factor by iterated principal axes over the covariances (McDonald 1999)."""
    import numpy as np  # noqa: PLC0415 - with pandas it is there already

    unique = np.diag(covariance) * 0.5
    loadings = np.zeros(len(covariance))
    for _ in range(500):
        values, vectors = np.linalg.eigh(covariance - np.diag(unique))
        loadings = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
        following = np.clip(np.diag(covariance) - loadings**2, 1e-9, None)
        if np.allclose(following, unique, atol=1e-10):
            break
        unique = following
    common = float(loadings.sum()) ** 2
    return common / (common + float(unique.sum()))
