"""The friction board for pages, API and command line: what was lost, and what closed surveys say of the same."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tribometer.errors import UsageError
from tribometer.service import asked as asking
from tribometer.service.friction_planning import planned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics import Query
    from metrics.friction.board import Board
    from metrics.friction.corroboration import Felt
    from metrics.friction.measuring import Measured
    from surveys.wave_results import WaveResults
    from tribometer.service.instance import Instance
    from tribometer.service.operations import Tell

METRIC = "friction_cost"
OPTIONS = ("service", "team", "start", "end", "bots", "owners")
FELT_DAYS = 400
"""Waves that were closed longer ago say nothing of today."""


def friction(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Tell the board of the whole organisation, a team or a service, and what of `planned` is asked for."""
    from metrics.friction import telling  # noqa: PLC0415 - commands that ask for no board load none

    query = query_of(instance, arguments)
    found = instance.numbers.friction(query)
    if found.hint:
        tell({"hint": found.hint})
    board = board_of(instance, query, found)
    as_of = found.data_as_of
    return {
        **telling.told(board),
        **planned(board, found, arguments, instance.settings.friction),
        "engineers": found.engineers,
        "data_as_of": as_of.isoformat().replace("+00:00", "Z") if as_of else None,
        "computed_at": query.now.isoformat().replace("+00:00", "Z"),
    }


def query_of(instance: Instance, arguments: Mapping[str, Any]) -> Query:
    """The board's question; `UsageError` for an option that it has not."""
    given = {key: value for key, value in arguments.items() if value is not None}
    if unknown := [asking.spelled(key) for key in asking.Asked.__annotations__ if key in given and key not in OPTIONS]:
        raise UsageError(
            f"{', '.join(unknown)}: the board has no such option. Ask `tribometer metric {METRIC}` for a series."
        )
    options = asking.Asked(**{key: given.get(key) for key in asking.Asked.__annotations__})  # type: ignore[typeddict-item]
    return asking.query(METRIC, options, instance.clock())


def board_of(instance: Instance, query: Query, found: Measured) -> Board:
    """Rank what was measured, beside what people say."""
    from metrics.friction.board import board  # noqa: PLC0415 - as above

    return board(
        found.cells,
        found.weeks,
        window=query.window,
        scope=query.scope,
        months=found.months,
        observable=found.observable,
        settings=instance.settings.friction,
        felt=felt(instance, query),
    )


def felt(instance: Instance, query: Query) -> Mapping[str, Felt] | None:
    """What the newest closed waves say by journey of the query's team, or of everybody; None where none says anything.

    Of a service nobody was asked. What is not published of a group is not there.
    """
    if query.service is not None:
        return None
    until = query.now + timedelta(seconds=1)  # one that was closed just now counts
    waves = instance.survey_numbers.closed(until - timedelta(days=FELT_DAYS), until)
    told: dict[str, Felt] = {}
    for wave in waves:
        for journey, found in _by_journey(instance, wave, query.scope).items():
            told.setdefault(journey, found)
    return told or None


def _by_journey(instance: Instance, wave: WaveResults, scope: Mapping[str, str]) -> dict[str, Felt]:
    """What one wave says: the mean share of the items about a journey; hours and opportunity where it asks for them."""
    from metrics.friction.corroboration import Felt  # noqa: PLC0415 - as above
    from surveys.catalogue import catalogue, told  # noqa: PLC0415 - as above
    from surveys.instrument import FIVE_POINTS  # noqa: PLC0415 - as above

    instrument = instance.survey_numbers.instruments().get(wave.instrument)
    if instrument is None:
        return {}
    shares: dict[str, list[float]] = {}
    for item in instrument.items:
        if item.journey is not None and item.scale in FIVE_POINTS and not item.rows:
            shares.setdefault(item.journey, []).extend(_published(wave, item.id, scope))
    metrics = catalogue(instance.settings.surveys.contracted_hours)
    found: dict[str, dict[str, float | None]] = {
        name: {
            journey: published.value
            for journey, published in told(metrics[name], instrument, wave, scope).parts
            if published.status == "ok"
        }
        for name in ("survey_satisfaction", "survey_opportunity")
        if metrics[name].asks(instrument)
    }
    satisfied, opportunity = (found.get(name, {}) for name in ("survey_satisfaction", "survey_opportunity"))
    journeys = [name for name in {**shares, **satisfied, **opportunity} if shares.get(name) or name in satisfied]
    return {
        journey: Felt(
            next(iter(_published(wave, f"Q22:{journey}", scope)), None),
            satisfied.get(journey, _mean(shares.get(journey, ()))),
            opportunity.get(journey),
        )
        for journey in journeys
    }


def _published(wave: WaveResults, item: str, scope: Mapping[str, str]) -> list[float]:
    cell = wave.cell(item, scope)
    return [cell.published.value] if cell is not None and cell.published.value is not None else []


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
