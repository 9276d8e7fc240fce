"""The roadmap: what returns most hours for the work that it takes, from what the board says is lost.

Priority: cost of delay over size of the job, hours a month x share that can be returned / days of effort. Definition:
section 6 of the metric definitions. Which share and how many days are estimates of the settings.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from metrics.friction.board import Amount
from metrics.friction.telling import amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.friction.board import Board, Line, Place
    from metrics.friction.corroboration import Agreement
    from metrics.friction.kinds import Kind
    from tribometer.settings import Friction

REDUCIBLE = 0.5
"""Which share of a kind's hours can be returned where the settings do not say."""
SAY_EFFORT = "say what it takes: [friction] effort_days"


@dataclass(frozen=True)
class Item:
    """One kind on the roadmap.

    ``place`` counts from 1. ``hours`` and ``returned`` are hours a month, lost and expected back: ``reducible`` of
    them, which is ``assumed`` where the settings do not say. ``effort`` is in days; ``delay`` is hours a month returned
    by a day of it, both None without an estimate. ``cost`` and ``money`` are a month at the loaded rate, of what is
    lost and of what is returned. ``rank`` is that by hours lost, ``first`` and ``last`` bound it (None: too few teams).
    ``agreement`` says what people say of the journey, None where the survey asks of none.
    """

    place: int
    kind: Kind
    hours: Amount
    reducible: float
    assumed: bool
    returned: Amount
    effort: float | None
    delay: float | None
    cost: Amount | None
    money: Amount | None
    rank: int
    first: int | None
    last: int | None
    agreement: Agreement | None
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Roadmap:
    """Items in their order: those with an effort by what a day of it returns, then the others by what they return."""

    items: tuple[Item, ...]
    scope: Mapping[str, str]
    days: tuple[str, str]
    currency: str | None

    def to_dict(self) -> dict[str, Any]:
        """The roadmap ready for JSON: hours a month, effort in days, what nobody said as null."""
        start, end = self.days
        return {
            "scope": dict(self.scope),
            "days": {"from": start, "to": end},
            "unit": "hours_per_month",
            "items": [_told(item, self.currency) for item in self.items],
        }


def roadmap(board: Board, settings: Friction) -> Roadmap:
    """Order every kind of a board that costs hours."""
    agreements: dict[str | None, Agreement] = {each.journey: each for each in board.journeys}
    found = [_draft(line, settings, agreements) for line in board.lines if line.hours and line.hours.value > 0]
    ordered = sorted(found, key=_order)
    start, end = board.window
    return Roadmap(
        tuple(replace(item, place=place) for place, item in enumerate(ordered, start=1)),
        board.scope,
        (f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}"),
        settings.currency if settings.loaded_rate else None,
    )


def _draft(line: Line, settings: Friction, agreements: Mapping[str | None, Agreement]) -> Item:
    """A kind's item before it has a place; the line has hours and a rank."""
    hours, rate, name = line.hours or Amount(0.0, None, None), settings.loaded_rate, line.kind.name
    said = next((share for kind, share in settings.reducible.items() if kind == name), None)
    effort = next((days for kind, days in settings.effort_days.items() if kind == name), None)
    reducible = REDUCIBLE if said is None else said
    returned = hours.times(reducible)
    return Item(
        place=0,
        kind=line.kind,
        hours=hours,
        reducible=reducible,
        assumed=said is None,
        returned=returned,
        effort=effort,
        delay=None if effort is None else returned.value / effort,
        cost=hours.times(rate) if rate else None,
        money=returned.times(rate) if rate else None,
        rank=line.rank or 0,
        first=line.first,
        last=line.last,
        agreement=agreements.get(line.kind.journey),
        places=line.places,
    )


def _order(item: Item) -> tuple[bool, float, str]:
    return item.delay is None, -(item.returned.value if item.delay is None else item.delay), item.kind.name


def _told(item: Item, currency: str | None) -> dict[str, Any]:
    kind = item.kind
    between = None if item.first is None else {"first": item.first, "last": item.last, "level": 0.95}
    return {
        "place": item.place,
        "kind": kind.name,
        "title": kind.title,
        "hours": amount(item.hours),
        "rank": item.rank,
        "rank_interval": between,
        "reducible": item.reducible,
        "reducible_assumed": item.assumed,
        "effort_days": item.effort,
        "returned": amount(item.returned),
        "returned_per_day_of_effort": item.delay,
        "ordered_by": "hours_returned" if item.delay is None else "hours_returned_per_day_of_effort",
        "cost": amount(item.cost, currency),
        "money": amount(item.money, currency),
        "reading": item.agreement.reading if item.agreement else None,
        "advice": item.agreement.advice if item.agreement else None,
        "places": [asdict(place) for place in item.places],
        "remedy": kind.remedy,
        "question": kind.question,
        "formula": kind.formula,
        "metric": kind.metric,
    }
