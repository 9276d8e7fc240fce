"""The friction board: what every kind costs, in which order, how sure that is, and what people say of the same."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import fsum
from typing import TYPE_CHECKING, Literal

from metrics.friction.corroboration import Agreement, agreements
from metrics.friction.kinds import KINDS, Kind
from metrics.friction.ranking import Ranked, Ranking, ranking

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from metrics.friction.corroboration import Felt
    from tribometer.settings import Factors, Friction

Status = Literal["ok", "no_data", "not_observable"]
NOBODY = ""
"""The team of what no team owns."""
MOST_PLACES = 3
COMPARED = 12
"""Of the places of a kind so many of the costliest are compared with each other."""
What = Literal["pipeline", "service", "team"]
WHATS: tuple[What, ...] = ("pipeline", "service", "team")


@dataclass(frozen=True)
class Cell:
    """Hours that were lost in the window by one kind, in one place; ``waits`` are spans, not days."""

    kind: str
    team: str
    service: str | None
    pipeline: str | None
    hours: float
    waits: int


@dataclass(frozen=True)
class Week:
    """Hours of one kind in one place and one week, named by its Monday."""

    kind: str
    team: str
    service: str | None
    pipeline: str | None
    week: datetime
    hours: float


@dataclass(frozen=True)
class Place:
    """Where a kind costs most: its hours a month, its share of the kind, and its place among all of its sort.

    ``first`` and ``last`` bound the rank by how it varies over the weeks; None with fewer than eight weeks.
    """

    name: str
    what: What
    hours: float
    share: float
    rank: int
    first: int | None
    last: int | None


@dataclass(frozen=True)
class Amount:
    """Hours a month, or money; with bounds of the 95 % interval where teams are enough to tell one."""

    value: float
    low: float | None
    high: float | None

    def times(self, factor: float) -> Amount:
        """The same in another measure."""
        low = None if self.low is None else self.low * factor
        high = None if self.high is None else self.high * factor
        return Amount(self.value * factor, low, high)


@dataclass(frozen=True)
class Line:
    """One kind on the board.

    ``rank`` counts from 1, ``first`` and ``last`` bound it (None: too few teams to say). ``least`` and ``most`` are the
    smallest and largest hours a month of a team. Without ``ok`` only kind, status and factors are told.
    """

    kind: Kind
    status: Status
    factors: Factors | None
    hours: Amount | None = None
    money: Amount | None = None
    rank: int | None = None
    first: int | None = None
    last: int | None = None
    least: float | None = None
    most: float | None = None
    waits: int = 0
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Board:
    """All kinds, the costliest first; then those that cost nothing, and those that nothing tells of.

    ``ties`` are runs of ranks, first and last, that cannot be told apart. ``teams`` is how many were drawn from.
    """

    window: tuple[datetime, datetime]
    scope: Mapping[str, str]
    lines: tuple[Line, ...]
    ties: tuple[tuple[int, int], ...]
    teams: int
    total: Amount
    money: Amount | None
    currency: str | None
    journeys: tuple[Agreement, ...]
    cells: tuple[Cell, ...] = field(repr=False, default=())
    months: float = 1.0
    hint: str | None = None


def board(  # noqa: PLR0913 - one board
    cells: Sequence[Cell],
    weeks: Sequence[Week] = (),
    *,
    window: tuple[datetime, datetime],
    scope: Mapping[str, str],
    months: float,
    observable: Iterable[str],
    settings: Friction,
    felt: Mapping[str, Felt] | None = None,
) -> Board:
    """Rank what was lost; ``weeks`` is the same by week, for the order of places within a kind.

    ``months`` is how long the window is, ``observable`` names the kinds that sources could tell.
    ``felt`` is what people say by journey of the survey; None where no survey has results.
    """
    seen = set(observable)
    costs = team_costs(cells, months, [kind.name for kind in KINDS if kind.name in seen])
    order = ranking(costs)
    found = {each.kind: each for each in order.kinds}
    rate = settings.loaded_rate
    lines = [_line(kind, found.get(kind.name), cells, settings) for kind in KINDS]
    placed = {kind.name: places([each for each in weeks if each.kind == kind.name], months) for kind in KINDS}
    total = _total(costs)
    return Board(
        window=window,
        scope=scope,
        lines=tuple(sorted((replace(line, places=placed[line.kind.name]) for line in lines), key=_order)),
        ties=_told(order),
        teams=order.teams,
        total=total,
        money=total.times(rate) if rate else None,
        currency=settings.currency if rate else None,
        journeys=agreements({kind.name: each.total for kind in KINDS if (each := found.get(kind.name))}, felt),
        cells=tuple(cells),
        months=months,
    )


def team_costs(cells: Iterable[Cell], months: float, kinds: Iterable[str]) -> dict[str, dict[str, float]]:
    """Hours a month by kind and team; every team that lost any hour stands under every kind."""
    costs: dict[str, dict[str, float]] = {kind: {} for kind in kinds}
    for cell in cells:
        if cell.kind in costs:
            costs[cell.kind][cell.team] = costs[cell.kind].get(cell.team, 0.0) + cell.hours / months
    return costs


def _total(costs: Mapping[str, Mapping[str, float]]) -> Amount:
    teams = {team for values in costs.values() for team in values}
    summed = {team: fsum(values.get(team, 0.0) for values in costs.values()) for team in teams}
    (all_kinds,) = ranking({"all": summed}).kinds
    return Amount(all_kinds.total, all_kinds.low, all_kinds.high)


def _line(kind: Kind, found: Ranked | None, cells: Sequence[Cell], settings: Friction) -> Line:
    from tribometer.settings.friction import DEFAULTS  # noqa: PLC0415 - loaded with the settings anyway

    factors = next((settings.factors(name) for name in DEFAULTS if name == kind.name), None)
    own = [cell for cell in cells if cell.kind == kind.name]
    line = Line(kind, "not_observable" if found is None else "ok" if own else "no_data", factors)
    if found is None or not own:
        return line
    hours, rate = Amount(found.total, found.low, found.high), settings.loaded_rate
    return replace(
        line,
        hours=hours,
        money=hours.times(rate) if rate else None,
        rank=found.rank,
        first=found.first,
        last=found.last,
        least=found.least,
        most=found.most,
        waits=sum(cell.waits for cell in own),
    )


def places(weeks: Sequence[Week], months: float) -> tuple[Place, ...]:
    """Where a kind's hours lie: its pipelines where it has any, else its services, and the teams, the first three each.

    Their order is compared over the weeks as that of kinds is over the teams.
    """
    named = [what for what in WHATS if any(getattr(each, what) for each in weeks)]
    wanted = [what for what in named if not (what == "service" and "pipeline" in named)]
    return tuple(place for what in wanted for place in _costliest(weeks, what, months))


def _costliest(weeks: Sequence[Week], what: What, months: float) -> list[Place]:
    total = fsum(each.hours for each in weeks)
    sums: dict[str, dict[str, float]] = {}
    for each in weeks:
        if (name := getattr(each, what)) and each.hours > 0:
            of_name, week = sums.setdefault(name, {}), each.week.isoformat()
            of_name[week] = of_name.get(week, 0.0) + each.hours
    compared = sorted(sums, key=lambda name: (-fsum(sums[name].values()), name))[:COMPARED]
    order = ranking({name: sums[name] for name in compared}).kinds[:MOST_PLACES]
    return [
        Place(each.kind, what, each.total / months, each.total / total, each.rank, each.first, each.last)
        for each in order
    ]


def _order(line: Line) -> tuple[int, int]:
    return ("ok", "no_data", "not_observable").index(line.status), line.rank or 0


def _told(order: Ranking) -> tuple[tuple[int, int], ...]:
    """Ties among kinds that cost anything."""
    last = sum(each.total > 0 for each in order.kinds)
    return tuple((first, min(until, last)) for first, until in order.ties if first < min(until, last))
