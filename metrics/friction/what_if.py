"""What if: the hours a month that a change would return, their interval, and in words what that assumes.

Nothing is forecast: hours that were lost are taken, and what would remain of them is assumed. Intervals come from
drawing teams (of a template its services) as the board's do.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from metrics.friction import sums
from metrics.friction.board import Amount
from metrics.friction.kinds import BY_NAME
from metrics.friction.questions import Move, Reduction, Repair, check_known
from metrics.friction.ranking import LEAST_TEAMS
from metrics.friction.telling import amount
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from metrics.friction.board import Board, Cell
    from metrics.friction.questions import Question
    from tribometer.settings import Friction

Drawn = Literal["teams", "services"]
PROPORTIONAL = "Hours fall in proportion to the wait, and nothing else changes: nothing new is waited for in its place."


@dataclass(frozen=True)
class Part:
    """One kind of an answer: hours a month that are lost now, and that would come back."""

    kind: str
    lost: float
    returned: float


@dataclass(frozen=True)
class Found:
    """What a question comes to: hours a month, what that assumes, and how many the interval was drawn from."""

    lost: Amount
    returned: Amount
    assumptions: tuple[str, ...]
    clusters: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Answer:
    """What a change would return (``found.returned``) of what is lost (``found.lost``), both in hours a month.

    ``money`` a month is what is returned at the loaded rate, None without one. ``drawn`` names what the interval is
    drawn from; with fewer than eight there is none. The kinds stand in ``found.parts``, what returns most first.
    """

    asked: str
    found: Found
    drawn: Drawn
    assumptions: tuple[str, ...]
    money: Amount | None
    currency: str | None

    def to_dict(self) -> dict[str, Any]:
        """The answer ready for JSON: hours a month, money a month, no interval as null."""
        return {
            "asked": self.asked,
            "unit": "hours_per_month",
            "lost": amount(self.found.lost),
            "returned": amount(self.found.returned),
            "money": amount(self.money, self.currency),
            "drawn": self.drawn,
            "clusters": self.found.clusters,
            "assumptions": list(self.assumptions),
            "kinds": [{"kind": part.kind, "lost": part.lost, "returned": part.returned} for part in self.found.parts],
        }


def what_if(question: Question, board: Board, settings: Friction, templates: Mapping[str, str] | None = None) -> Answer:
    """Answer a question from the hours of a board; ``templates`` says from which template a service was made.

    Raises `UsageError` where the board has no such team, service or pipeline, or nothing of what is asked was lost.
    """
    if isinstance(question, Reduction):
        found = _reduced(question, board)
    elif isinstance(question, Repair):
        found = _repaired(question, board)
    else:
        found = _moved(question, board, templates or {})
    drawn: Drawn = "services" if isinstance(question, Move) else "teams"
    rate = settings.loaded_rate
    return Answer(
        question.words,
        found,
        drawn,
        (*found.assumptions, *_few(found.clusters, drawn)),
        found.returned.times(rate) if rate else None,
        settings.currency if rate else None,
    )


def _few(clusters: int, drawn: Drawn) -> tuple[str, ...]:
    if clusters >= LEAST_TEAMS:
        return ()
    return (f"No interval: telling one takes at least {LEAST_TEAMS} {drawn}, and here it is {clusters}.",)


def _reduced(question: Reduction, board: Board) -> Found:
    own = [cell for cell in board.cells if cell.kind == question.kind]
    if question.team is not None:
        check_known("team", question.team, sums.named(board, "team"))
        own = [cell for cell in own if cell.team == question.team]
    if question.service is not None:
        check_known("service", question.service, sums.named(board, "service"))
        own = [cell for cell in own if cell.service == question.service]
    _refuse_nothing(question, own, board)
    hours = sums.by(own, "team", board.months)
    if question.team is None and question.service is None:
        # as on the board, a team that lost nothing of this kind is one that could have been drawn
        hours = {**{cell.team: 0.0 for cell in board.cells}, **hours}
    lost = sums.drawn(hours)
    returned = lost.times(question.share)
    return Found(lost, returned, (PROPORTIONAL,), len(hours), (Part(question.kind, lost.value, returned.value),))


def _repaired(question: Repair, board: Board) -> Found:
    check_known("pipeline", question.pipeline, sums.named(board, "pipeline"))
    of_kind = [cell for cell in board.cells if cell.kind == question.kind and cell.pipeline]
    own = [cell for cell in of_kind if cell.pipeline == question.pipeline]
    _refuse_nothing(question, own, board)
    each, assumed = 0.0, PROPORTIONAL
    if question.target == "median":
        each, assumed = _usual([cell for cell in of_kind if cell.pipeline != question.pipeline], question)
    hours = sums.by(own, "team", board.months)
    waits = {team: sum(cell.waits for cell in own if cell.team == team) / board.months for team in hours}
    lost = sums.drawn(hours)
    saved = sums.drawn({team: hours[team] - each * waits[team] for team in hours})
    returned = sums.within(saved, lost.high)
    return Found(lost, returned, (assumed,), len(hours), (Part(question.kind, lost.value, returned.value),))


def _usual(others: Sequence[Cell], question: Repair) -> tuple[float, str]:
    """Hours of a wait in the median of other pipelines, and what taking it assumes."""
    hours = sums.by(others, "pipeline", 1.0)
    waits = {name: sum(cell.waits for cell in others if cell.pipeline == name) for name in hours}
    means = [hours[name] / waits[name] for name in hours if waits[name]]
    if not means:
        raise UsageError(
            f"{question.words}: there is none of it in any other pipeline. Ask what it is with nothing of it instead."
        )
    usual = median(means)
    return usual, (
        f"There are as many waits as now, each costs {usual:.3g} h as in the median of {len(means)} other pipelines, "
        "and nothing else changes. Pipelines that do less work may be waited for less because of that."
    )


def _moved(question: Move, board: Board, templates: Mapping[str, str]) -> Found:
    members, count = _members(question, board, templates), len(question.services)
    now = _losses([cell for cell in board.cells if cell.service in question.services], board.months)
    if not now:
        raise UsageError(f"{question.words}: they lost no hour that any source tells of, so there is none to return.")
    there = {name: _losses([cell for cell in board.cells if cell.service == name], board.months) for name in members}
    then = {kind: count * fsum(each.get(kind, 0.0) for each in there.values()) / len(there) for kind in now}
    less = [kind for kind in now if now[kind] > then[kind]]
    differences = {
        name: fsum(now[kind] - count * each.get(kind, 0.0) for kind in less) / len(there)
        for name, each in there.items()
    }
    lost = fsum(now.values())
    parts = [Part(kind, now[kind], max(now[kind] - then[kind], 0.0)) for kind in now]
    return Found(
        Amount(lost, None, None),
        sums.within(sums.drawn(differences), lost),
        _associated(question, len(members)),
        len(members),
        tuple(sorted(parts, key=lambda part: (-part.returned, part.kind))),
    )


def _members(question: Move, board: Board, templates: Mapping[str, str]) -> list[str]:
    """The services of the template; `UsageError` for what cannot be compared with them."""
    if board.scope:
        raise UsageError("Ask what a template would return of the whole organisation: its services may be anybody's.")
    check_known("template", question.template, sorted(set(templates.values())))
    known = sorted({*templates, *sums.named(board, "service")})
    for name in question.services:
        check_known("service", name, known)
    if already := [name for name in question.services if templates.get(name) == question.template]:
        raise UsageError(f"{', '.join(already)}: made from template {question.template} already. Leave it out.")
    return sorted(name for name, template in templates.items() if template == question.template)


def _losses(cells: Iterable[Cell], months: float) -> dict[str, float]:
    found = sums.by(cells, "kind", months)
    return {kind: found[kind] for kind in sorted(found) if found[kind] > 0}


def _associated(question: Move, members: int) -> tuple[str, ...]:
    theirs = f"what the {members} services of template {question.template} lose"
    return (
        (
            f"What moves loses {theirs} in the mean; of a kind of which they lose more, nothing is taken off. "
            "The interval is that of their mean."
        ),
        "An association, not a cause: they may lose less because they are newer, smaller or of other teams.",
    )


def _refuse_nothing(question: Reduction | Repair, own: Iterable[Cell], board: Board) -> None:
    """Raise `UsageError` where nothing was lost: that is no answer of 0."""
    if any(cell.hours > 0 for cell in own):
        return
    line = next(line for line in board.lines if line.kind.name == question.kind)
    if line.status == "not_observable":
        needs = ", ".join(sorted(BY_NAME[question.kind].needs))
        raise UsageError(f"{question.words}: no source tells of it. Connect one that has {needs} events.")
    if line.factors is not None and line.factors.attention == 0:
        raise UsageError(
            f"{question.words}: by the settings nobody waits for it. [friction.kinds.{question.kind}] attention says "
            "how much of their time it takes."
        )
    raise UsageError(f"{question.words}: no hour of it was lost in this period, so there is none to return.")
