"""What an instrument asks beside five points: time lost, choices, opportunity scores, a recommendation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.survey_groups import heading_of
from dashboards.survey_words import interval_of, people_of, status_of, value_of
from surveys.catalogue import catalogue, told
from surveys.instrument import FIVE_POINTS
from surveys.keys import A_DAY, FELT, ON_INFRASTRUCTURE
from surveys.scales import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dashboards.survey_groups import Record
    from surveys.instrument import Instrument, Item
    from surveys.wave_results import Cell, WaveResults

DERIVED = {
    A_DAY: "a working day or more in a week",
    FELT: "agree that it does",
    ON_INFRASTRUCTURE: "on infrastructure",
}
INFRASTRUCTURE = "On infrastructure: builds, flaky checks, environments, deployments and approvals."
OPPORTUNITY = "survey_opportunity"
ANY_WEEK = 40.0
"""The catalogue wants contracted hours; opportunity scores do not depend on them."""


def hours(wave: WaveResults, instrument: Instrument, scope: Mapping[str, str]) -> list[Record]:
    """Time lost of a group: in all, of every journey, and how many lose a working day a week."""
    return [_record(cell, instrument) for cell in _cells(wave, scope) if _item(cell, instrument).scale == "hours"]


def shares(wave: WaveResults, instrument: Instrument, scope: Mapping[str, str]) -> dict[str, list[Record]]:
    """The choices of a group by the wording of their item."""
    found: dict[str, list[Record]] = {}
    for cell in _cells(wave, scope):
        if cell.choice is not None:
            found.setdefault(_item(cell, instrument).text[ENGLISH], []).append(_record(cell, instrument))
    return found


def others(wave: WaveResults, instrument: Instrument, scope: Mapping[str, str]) -> list[Record]:
    """What is neither answered on five points, nor a choice, nor hours."""
    return [
        _record(cell, instrument)
        for cell in _cells(wave, scope)
        if cell.choice is None and _item(cell, instrument).scale not in {*FIVE_POINTS, "hours"}
    ]


def opportunities(wave: WaveResults, instrument: Instrument, scope: Mapping[str, str]) -> list[Record]:
    """Opportunity scores of a group by journey, the largest first; none where the instrument does not ask."""
    metric = catalogue(ANY_WEEK)[OPPORTUNITY]
    if not metric.asks(instrument):
        return []
    labels = {row.id: row.label[ENGLISH] for item in instrument.items for row in (*item.rows, *item.options)}
    return [
        {
            "what": labels.get(name, name),
            "words": value_of(published, "of 20"),
            "value": published.value,
            "people": people_of(published),
            "status": status_of(published),
        }
        for name, published in told(metric, instrument, wave, scope).parts
    ]


def table(records: list[Record]) -> list[Record]:
    """Records as a reader's table."""
    columns = {"what": "What", "words": "Value", "interval": "Interval (95 %)", "people": "People"}
    return [{title: record[name] for name, title in columns.items() if name in record} for record in records]


def _cells(wave: WaveResults, scope: Mapping[str, str]) -> Iterator[Cell]:
    return (cell for cell in wave.cells if dict(cell.scope) == dict(scope))


def _item(cell: Cell, instrument: Instrument) -> Item:
    found = instrument.item(cell.item) or instrument.item(cell.item.partition(":")[0])
    if found is None:
        raise ValueError(f"{instrument.slug} has no item {cell.item}")
    return found


def _record(cell: Cell, instrument: Instrument) -> Record:
    told_here = cell.published
    interval = told_here.interval
    return {
        "what": _what(cell, _item(cell, instrument)),
        "unit": cell.unit,
        "value": told_here.value,
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
        "words": value_of(told_here, cell.unit),
        "interval": interval_of(told_here, cell.unit),
        "people": people_of(told_here),
        "status": status_of(told_here),
    }


def _what(cell: Cell, item: Item) -> str:
    part = cell.choice or cell.item.partition(":")[2]
    labels = {each.id: each.label[ENGLISH] for each in item.rows} | {
        name: label[ENGLISH] for name, label in item.choices.items()
    }
    if part in DERIVED and part not in labels:
        return f"{heading_of(item.measures)}, {DERIVED[part]}"
    return labels.get(part, part) if part else heading_of(item.measures) + (", in all" if item.rows else "")
