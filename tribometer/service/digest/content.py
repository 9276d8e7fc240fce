"""What a digest tells of one week: moves beyond noise, the costliest frictions, what is stale. Never a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tribometer.clock import utc_midnight
from tribometer.errors import UsageError
from tribometer.service.friction import friction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from metrics.moves import Move
    from tribometer.service.instance import Instance

WEEKS = 27
SHOWN = ("ok", "too_few")
TOP = 3
OLD = timedelta(days=3)
"""A source that was not read for longer is stale."""


@dataclass(frozen=True)
class Moved:
    """A metric that left the limits of the weeks before, of a team or (empty) of the whole organisation."""

    metric: str
    title: str
    unit: str
    better: str
    team: str
    move: Move


@dataclass(frozen=True)
class Content:
    """A digest: the Monday of its week, how many series were looked at, and sentences for what is stale.

    ``frictions`` are kinds of the board as JSON, the costliest first, with the titles of those that none can be told
    apart from the first in ``tied``. ``chance``: how many of the series looked at would signal by chance alone.
    """

    week: date
    looked: int
    chance: float
    moved: tuple[Moved, ...]
    frictions: tuple[Mapping[str, Any], ...]
    tied: tuple[str, ...]
    readings: Mapping[str, str]
    stale: tuple[str, ...]
    demo: bool
    address: str

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell, because nothing was measured."""
        return not (self.looked or self.frictions)


def week_of(now: datetime, text: str | None = None) -> date:
    """The Monday of the last whole week, or of the one named like 2026-W10; `UsageError` for one that is not over."""
    this = utc_midnight(now).date() - timedelta(days=now.astimezone(UTC).weekday())
    if text is None:
        return this - timedelta(days=7)
    year, _, number = text.upper().partition("-W")
    try:
        found = date.fromisocalendar(int(year), int(number), 1)
    except ValueError as error:
        raise UsageError(f"{text!r} is no week; write one like {this.isocalendar()[0]}-W{1:02}.") from error
    if found >= this:
        raise UsageError(f"{text}: that week is not over. The last one that is: {_name(this - timedelta(days=7))}.")
    return found


def _name(monday: date) -> str:
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"


def content(instance: Instance, week: date, address: str) -> Content:
    """Make the digest of a week; ``address`` is where this service's pages are."""
    from metrics.moves import by_chance  # noqa: PLC0415 - numpy, for who asks for a digest

    moves = list(_looked_at(instance, week))
    signals = sorted((each for each in moves if each.move.is_signal), key=_furthest)
    end = week + timedelta(days=7)
    board = friction(instance, {"end": f"{end:%Y-%m-%d}"}, lambda _: None)
    counted = [kind for kind in board["kinds"] if kind["status"] == "ok" and kind["hours"]["value"] > 0]
    tie = next((each for each in board["ties"] if each["first"] == 1), None)
    return Content(
        week=week,
        looked=len(moves),
        chance=len(moves) * by_chance(),
        moved=tuple(signals),
        frictions=tuple(counted[:TOP]),
        tied=tuple(kind["title"] for kind in counted[: tie["last"]]) if tie else (),
        readings={each["journey"]: each["reading"] for each in board["journeys"]},
        stale=tuple(_stale(instance, week)),
        demo=instance.numbers.demo,
        address=address,
    )


def _furthest(each: Moved) -> tuple[bool, float, str, str]:
    return bool(each.team), -abs(each.move.away), each.metric, each.team


def _looked_at(instance: Instance, week: date) -> Iterator[Moved]:
    """Every series with enough weeks: of the organisation, and of every team that has none below it."""
    from metrics import CATALOGUE, Query  # noqa: PLC0415 - every definition is loaded by it
    from metrics.moves import move  # noqa: PLC0415 - as above

    end = datetime(week.year, week.month, week.day, tzinfo=UTC) + timedelta(days=7)
    for name in instance.settings.digest.metrics:
        if name not in CATALOGUE:
            raise UsageError(f"digest.metrics: there is no metric {name!r}; `tribometer metric` lists them.")
        metric = CATALOGUE[name]
        # as of the full hour, as pages ask: what is kept for them is kept for this
        hour = instance.clock().replace(minute=0, second=0, microsecond=0)
        query = Query(name, start=end - timedelta(weeks=WEEKS), end=end, now=hour)
        for team, values in _series(instance, query).items():
            if found := move(values, metric.unit):
                yield Moved(name, metric.title, metric.unit, metric.better, team, found)


def _series(instance: Instance, query: Any) -> dict[str, Sequence[float | None]]:  # noqa: ANN401 - a `metrics.Query`
    from dataclasses import replace  # noqa: PLC0415 - beside what needs it

    whole = instance.numbers.compute(replace(query, by="week"))
    found: dict[str, Sequence[float | None]] = {
        "": [each.value if each.status in SHOWN else None for each in whole.series]
    }
    if "team" in query.definition.by:
        weekly = instance.numbers.weekly(query, "team")
        found |= {team: [value for value, _ in values] for team, values in weekly.members.items()}
    return found


def _stale(instance: Instance, week: date) -> Iterator[str]:
    """Sentences for sources that are not read any more, and verdicts and waves that wait for somebody."""
    now = instance.clock()
    sources = instance.numbers.sources()
    families = {source.name for source in sources}
    for source in sources:
        if source.left or source.family in families or not source.collected:
            continue
        if source.last_success_at is None:
            yield f"{source.name} was never read to its end."
        elif now - source.last_success_at > OLD:
            yield f"{source.name} was last read on {source.last_success_at:%d %b}: numbers from it stand still."
    yield from _due(instance, week)


def _due(instance: Instance, week: date) -> Iterator[str]:
    """Interventions with a horizon that ended in the week, and waves that ended or still run."""
    from metrics.verdicts.finding import HORIZONS  # noqa: PLC0415 - as above

    for each in instance.records.interventions.all():
        if each.change == "withdrawn":
            continue
        for horizon in HORIZONS:
            if week <= each.plan.releases[-1] + timedelta(weeks=horizon) < week + timedelta(days=7):
                yield f"{each.name}: {horizon} weeks are over, see what came of it."
    for facts in instance.store.answers.waves():
        if facts.closed_at is not None and week <= facts.closed_at.date() < week + timedelta(days=7):
            yield f"The survey {facts.wave} is closed: tell people what was heard, and what follows."
