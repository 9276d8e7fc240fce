"""An instrument as plain text, for whoever checks its wording before anybody is asked."""

from __future__ import annotations

from itertools import groupby
from textwrap import fill
from typing import TYPE_CHECKING

from surveys import scales
from surveys.form_fields import MOST_LETTERS, control, offered
from surveys.form_words import words
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surveys.instrument import Instrument, Item

WIDTH = 100
INDENT = "   "


def preview(instrument: Instrument, language: str = scales.ENGLISH) -> str:
    """The whole form as a respondent sees it, in the order of its file; what one day alone asks is a form of its own.

    `UsageError` for a language that it is not there in.
    """
    if language not in instrument.languages:
        there = ", ".join(instrument.languages)
        raise UsageError(f"{instrument.slug} is not there in {language!r}. Choose one of {there}.")
    parts = [instrument.title[language], fill(instrument.about[language], WIDTH)]
    for day, items in groupby(instrument.items, key=lambda item: item.day):
        parts += [_length(instrument, day, language)]
        parts += ["\n".join(_item(number, item, language)) for number, item in enumerate(items, start=1)]
    if instrument.attribution:
        parts.append(fill(instrument.attribution, WIDTH))
    return "\n\n".join(parts) + "\n"


def _length(instrument: Instrument, day: int | None, language: str) -> str:
    event_class = None if day is None else f"day-{day}"
    said, count = words(language), len(instrument.asked(event_class))
    told = said["questions"].format(count=count, minutes=instrument.minutes) if count > 1 else said["question"]
    return told if event_class is None else f"[{event_class}] {told}"


def _item(number: int, item: Item, language: str) -> Iterator[str]:
    before = f"{number}. "
    yield fill(item.text[language], WIDTH, initial_indent=before, subsequent_indent=" " * len(before))
    yield from (f"{INDENT}- {row.label[language]}" for row in item.rows)
    yield from (f"{INDENT}{line}" for line in _answers(item, language))
    if item.comment:
        yield f"{INDENT}{words(language)['note']}"


def _answers(item: Item, language: str) -> Iterator[str]:
    """What can be answered: a choice on lines of their own, for its labels may be long."""
    said = words(language)
    if item.scale == "text":
        yield said["text_hint"].format(limit=MOST_LETTERS)
    elif control(item.scale) == "number":
        low, high = scales.RANGES[item.scale]
        yield f"{said['number_hint'].format(low=low, high=high)} {said['leave_empty']}"
    elif item.choices:
        yield from [said["most_hint"].format(most=item.most)] if item.scale == "choices" else []
        box = "[ ]" if item.scale == "choices" else "( )"
        yield from (f"{box} {label}" for label in (*offered(item, language).values(), said["none"]))
    else:
        yield " | ".join((*offered(item, language).values(), said["none"]))
