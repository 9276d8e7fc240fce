"""What a closed wave may tell: one cell per question and group, each either published or not told at all.

`surveys.scoring` gives exact numbers, `tribometer.privacy` decides who is shown and rounds; nothing else of an answer
leaves this module, whoever asks: page, API, export, command line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from surveys.keys import A_DAY, A_DAY_LOST, FELT, INFRASTRUCTURE, ON_INFRASTRUCTURE, derived
from surveys.scoring import WHOLE, Exact, Scope, Scores, is_points, recommendation, reliability, share, trimmed_mean
from surveys.wave_results import Cell, Comment, WaveResults
from tribometer.privacy.disclosure import EVERYBODY, Shown, lineage, shown, shown_teams
from tribometer.privacy.published import (
    HOUR_STEP,
    NO_DATA,
    STEP,
    SUPPRESSED,
    Bounds,
    Published,
    n_band,
    outward,
    published_share,
    response_band,
    rounded_share,
    rounded_to,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from surveys.instrument import Instrument, Item
    from surveys.scoring import Values
    from surveys.wave_results import Unit
    from tribometer.store.answers import ClosedWave

LEAST_RECOMMENDATIONS = 30
LEAST_SPREAD, LEAST_RELIABLE = 10, 100
"""People from whom on all five points are told, and from whom on how well the items hang together."""
PERCENT_STEP, RECOMMENDATION_STEP = 5.0, 0.05
POINTS = range(1, 6)


@dataclass(frozen=True)
class Question:
    """Something told of every group: which people it is about, and how their answers become a number."""

    item: str
    unit: Unit
    answers: Values
    measure: Callable[[Values, int | None], Exact]
    choice: str | None = None
    least: int = 0
    points: Values | None = field(default=None, compare=False)


def results(wave: ClosedWave, instrument: Instrument, redact: Callable[[str], str]) -> WaveResults:
    """Everything that may be told of a wave, for all groups; ``redact`` takes people and secrets out of comments."""
    if wave.facts.closed_at is None:
        raise ValueError("an open wave tells nothing")
    scores = Scores(wave, instrument)
    minimum = wave.facts.minimum
    n, invited = len(scores.everybody), scores.invited(WHOLE)
    cells = tuple(cell for question in questions(scores) for cell in _cells(scores, question))
    enough = n >= minimum
    return WaveResults(
        wave.facts.wave,
        wave.facts.instrument,
        wave.facts.closed_at,
        minimum,
        response_band(n, invited) if enough else None,
        cells,
        tuple(_comments(scores, redact)),
        (*_warnings(scores), *_uneven(cells)) if enough else (),
        _reliability(scores),
    )


def questions(scores: Scores) -> Iterator[Question]:
    """Every question of a wave, in the order of the instrument; of a choice one for each of its choices."""
    for item in scores.instrument.items:
        for key in item.keys:
            yield from _of(scores, item, key)
        yield from _derived(scores, item)


def _derived(scores: Scores, item: Item) -> Iterator[Question]:
    """What follows from an item: hours in all, how many lose a day, and how many feel what is asked for."""
    if item.scale == "hours":
        hours = scores.total(item.keys)
        if item.rows:
            yield Question(item.id, "hours", hours, _mean)
            platform = [f"{item.id}:{row.id}" for row in item.rows if row.id in INFRASTRUCTURE]
            yield Question(derived(item.id, ON_INFRASTRUCTURE), "hours", scores.total(platform), _mean)
        yield Question(derived(item.id, A_DAY), "share", (hours >= A_DAY_LOST).astype(float), share)
    elif item.reverse and is_points(item):
        yield Question(derived(item.id, FELT), "share", scores.agreeing(item.id), share)


def _of(scores: Scores, item: Item, key: str) -> Iterator[Question]:
    if is_points(item):
        yield Question(key, "share", scores.favourable(key), share, points=scores.values(key))
    elif item.scale == "hours":
        yield Question(key, "hours", scores.values(key), _mean)
    elif item.scale in {"minutes", "days"}:
        yield Question(key, "minutes" if item.scale == "minutes" else "days", scores.values(key), _mean)
    elif item.scale == "percent":
        yield Question(key, "percent", scores.values(key), _mean)
    elif item.scale == "score":
        yield Question(key, "recommendation", scores.values(key), _recommendation, least=LEAST_RECOMMENDATIONS)
    elif item.scale != "text":
        for choice in item.choices:
            yield Question(key, "share", scores.picked(key, choice), share, choice)


def _mean(values: Values, population: int | None) -> Exact:
    del population
    return trimmed_mean(values)


def _recommendation(values: Values, population: int | None) -> Exact:
    del population
    return recommendation(values)


def _cells(scores: Scores, question: Question) -> Iterator[Cell]:
    least = max(scores.wave.facts.minimum, question.least)
    allowed = shown(scores.people(question.answers.index), scores.wave.facts.teams, least)
    for scope in scores.scopes:
        kind, name = scope
        told = {kind: name} if kind else {}
        yield Cell(
            question.item, told, question.unit, _published(scores, question, scope, allowed, least), question.choice
        )


def _published(scores: Scores, question: Question, scope: Scope, allowed: Shown, least: int) -> Published:
    kind, name = scope
    is_shown = {"": allowed.whole, "team": name in allowed.teams, "tenure": name in allowed.groups}[kind]
    if not is_shown:
        # that nobody of a team has answered would tell of everybody in it that they did not
        return NO_DATA if not kind and question.answers.empty else SUPPRESSED
    values = scores.within(question.answers, scope)
    invited = scores.invited(scope)
    exact = question.measure(values, invited)
    if question.unit == "share":
        bounds = None if exact.low is None or exact.high is None else (exact.low, exact.high, exact.method)
        found = published_share(exact.value, bounds, exact.n, invited, least)
        return _with_spread(found, scores, question, scope, exact.n)
    return _published_number(exact, question.unit, invited)


def _with_spread(found: Published, scores: Scores, question: Question, scope: Scope, n: int) -> Published:
    if question.points is None or n < LEAST_SPREAD:
        return found
    points = scores.within(question.points, scope).round()
    spread = tuple(rounded_share(float((points == point).mean())) for point in POINTS)
    return Published(found.status, found.value, found.interval, found.n_band, found.response, spread)


def _published_number(exact: Exact, unit: Unit, invited: int | None) -> Published:
    step = {"percent": PERCENT_STEP, "recommendation": RECOMMENDATION_STEP}.get(unit, HOUR_STEP)
    least, most = {"percent": (0.0, 100.0), "recommendation": (-1.0, 1.0)}.get(unit, (0.0, float("inf")))
    interval = None
    if exact.low is not None and exact.high is not None:
        interval = Bounds(*outward(exact.low, exact.high, step, least=least, most=most), exact.method)
    value = rounded_to(exact.value, step)
    return Published("ok", value, interval, n_band(exact.n), response_band(exact.n, invited))


def _comments(scores: Scores, redact: Callable[[str], str]) -> Iterator[Comment]:
    """Comments of everybody whose group is large enough, each under that group alone; of too few, none."""
    facts = scores.wave.facts
    direct: dict[str, int] = {}
    for (team, _), n in scores.people(scores.everybody).items():
        direct[team] = direct.get(team, 0) + n
    if sum(direct.values()) < facts.comment_minimum:
        return
    large = shown_teams(direct, facts.teams, facts.comment_minimum)
    for row in scores.wave.comments.to_pylist():
        team = next((each for each in lineage(row["team"], facts.teams) if each in large), EVERYBODY)
        yield Comment(row["item"], {"team": team} if team else {}, redact(row["text"]))


def _reliability(scores: Scores) -> dict[str, Any] | None:
    """How well the driver items hang together, from so many respondents on that it says nothing of anybody."""
    drivers = [item for item in scores.instrument.items if item.driver]
    columns = {item.id: scores.points(item.id) for item in drivers}
    found = reliability(columns) if drivers else None
    if found is None or found.n < LEAST_RELIABLE:
        return None
    rest = {name: round(value, 2) for name, value in found.item_rest.items()}
    return {
        "alpha": round(found.alpha, 2),
        "omega": round(found.omega, 2),
        "item_rest": rest,
        "n_band": n_band(found.n),
    }


LOW_RESPONSE = "Fewer than 60 % of those who were asked have answered: who did not may think otherwise."
FEW_LATE = 10


def _warnings(scores: Scores) -> Iterator[str]:
    invited = scores.invited(WHOLE)
    if response_band(len(scores.everybody), invited) == "<60":
        yield LOW_RESPONSE
    if (late := _late_differ(scores)) is not None:
        yield late


def _uneven(cells: Sequence[Cell]) -> Iterator[str]:
    """Whether some bands of tenure answered much less than others; of what is told anyway."""
    found: dict[str, set[str]] = {"<60": set(), "80+": set()}
    responses: dict[str, list[str]] = {}
    for cell in cells:
        if "tenure" in cell.scope and cell.published.response is not None:
            responses.setdefault(cell.scope["tenure"], []).append(cell.published.response)
    for band, told in responses.items():
        # some leave out a question: whoever answered any has answered
        best = next(each for each in ("80+", "60-79", "<60") if each in told)
        found.setdefault(best, set()).add(band)
    if found["<60"] and found["80+"]:
        few, many = (", ".join(sorted(found[each])) for each in ("<60", "80+"))
        yield (
            f"Fewer than 60 % of those who are here for {few} have answered, and at least 80 % of those for {many}: "
            "the whole speaks more for these."
        )


def _late_differ(scores: Scores) -> str | None:
    """Whether those who answered after a reminder think otherwise, for they stand for those who never did."""
    found = scores.late_gap([key for item in scores.instrument.items if is_points(item) for key in item.keys])
    if found is None or min(found.early, found.late) < FEW_LATE:
        return None
    if abs(found.gap) <= 2 * found.error or abs(found.gap) < STEP:
        return None
    return (
        f"Those who answered after a reminder are {'more' if found.gap > 0 else 'less'} content than those before it."
    )
