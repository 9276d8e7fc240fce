"""Closed waves out of a few lines: who answered what, of which team, as the event store would hand them over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from surveys.instrument import Instrument, Item, Option
from surveys.results import results
from surveys.wave_results import WaveResults
from tribometer.store.answer_rows import BETWEEN_CHOICES
from tribometer.store.answers import ClosedWave, WaveFacts

OPENED, CLOSED = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 16, 9, tzinfo=UTC)
RESPONDENTS = pa.schema(
    [("respondent", pa.string()), ("team", pa.string()), ("tenure", pa.string()), ("late", pa.bool_())]
)
ANSWERS = pa.schema([
    ("respondent", pa.string()), ("team", pa.string()), ("tenure", pa.string()), ("event_class", pa.string()),
    ("late", pa.bool_()), ("response", pa.string()), ("item", pa.string()), ("number", pa.float64()),
    ("choice", pa.string()),
])  # fmt: skip
COMMENTS = pa.schema([("item", pa.string()), ("team", pa.string()), ("text", pa.string())])


@dataclass(frozen=True)
class Person:
    """A respondent: answers by item, a list where an item was answered several times."""

    team: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    tenure: str = ""
    late: bool = False
    comment: str | None = None


def item(name: str, scale: str = "agreement", **more: Any) -> Item:
    """An item of an instrument, in English."""
    return Item(id=name, measures="something", scale=scale, text={"en": name}, **more)


def options(*names: str) -> tuple[Option, ...]:
    """Choices or rows called like their ids."""
    return tuple(Option(id=name, label={"en": name}) for name in names)


def instrument(*items: Item, slug: str = "asked_v1") -> Instrument:
    """An instrument in English."""
    return Instrument(slug=slug, title={"en": "Asked"}, about={"en": "This week."}, minutes=2, items=items)


def closed_wave(
    people: Sequence[Person],
    *,
    teams: Mapping[str, str | None] | None = None,
    invited: Mapping[tuple[str, str], int] | None = None,
    minimum: int = 5,
    slug: str = "asked_v1",
) -> ClosedWave:
    """A closed wave of these people."""
    above = teams if teams is not None else {each.team: None for each in people if each.team}
    answers, respondents, comments = [], [], []
    for number, each in enumerate(people):
        own = {"respondent": f"r{number}", "team": each.team, "tenure": each.tenure, "late": each.late}
        respondents.append(own)
        for name, given in each.answers.items():
            for turn, value in enumerate(given if isinstance(given, list) else [given]):
                answers.append(
                    {**own, "event_class": None, "response": f"r{number}.{turn}", "item": name, **_stored(value)}
                )
        if each.comment is not None:
            comments.append({"item": "C1", "team": above.get(each.team) or "", "text": each.comment})
    facts = WaveFacts("w", slug, minimum, 10, OPENED, CLOSED, None, above)
    return ClosedWave(
        facts,
        pa.Table.from_pylist(answers, schema=ANSWERS),
        pa.Table.from_pylist(respondents, schema=RESPONDENTS),
        pa.Table.from_pylist(comments, schema=COMMENTS),
        invited or {},
    )


def _stored(value: Any) -> dict[str, Any]:
    if isinstance(value, tuple):
        return {"number": None, "choice": "".join(BETWEEN_CHOICES + each for each in value)}
    return {"number": None, "choice": value} if isinstance(value, str) else {"number": float(value), "choice": None}


def told(people: Sequence[Person], asked: Instrument, **options: Any) -> WaveResults:
    """What a closed wave of these people tells."""
    return results(closed_wave(people, slug=asked.slug, **options), asked, lambda text: text)
