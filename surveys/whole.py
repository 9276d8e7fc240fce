"""What is wrong with an instrument as a whole: each problem names the item, and what to do about it."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING

from surveys import scales
from surveys.keys import A_DAY, FELT, ON_INFRASTRUCTURE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from surveys.instrument import Instrument, Item, Option

SLUG = re.compile(r"[a-z][a-z0-9_]*_v[1-9]\d{0,5}", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
MOST_TEXT, MOST_LABEL, MOST_ABOUT = 200, 80, 400
"""Characters of an item, of a choice or title, and of what stands above the items."""
CHOICES = frozenset({"choice", "choices"})
TAKEN = frozenset({A_DAY, FELT, ON_INFRASTRUCTURE})
"""Rows that cannot be called so, for results are told under these names."""


def problems(instrument: Instrument) -> Iterator[str]:
    """Everything that is wrong, one line each; nothing for an instrument that can be asked."""
    if not SLUG.fullmatch(instrument.slug):
        yield f"slug {instrument.slug!r}: write a name and a version, like pulse_v1"
    yield from _language_problems(instrument.languages)
    yield from _text_problems("title", instrument.title, instrument.languages, MOST_LABEL)
    yield from _text_problems("about", instrument.about, instrument.languages, MOST_ABOUT)
    for name in _twice([item.id for item in instrument.items]):
        yield f"item {name}: it stands twice. Give one of them another id"
    for name in _twice([block for block, _ in groupby(item.block for item in instrument.items)]):
        yield f"block {name!r}: its items do not stand together. Put them one after the other"
    for item in instrument.items:
        yield from (f"item {item.id}: {each}" for each in _item_problems(item, instrument.languages))
        if item.day is not None and instrument.trigger != "joined":
            yield f'item {item.id}: a day counts from when somebody began. Write trigger = "joined", or take day away'
    yield from _row_problems(instrument.items)


def _language_problems(languages: Sequence[str]) -> Iterator[str]:
    if scales.ENGLISH not in languages:
        yield "languages: English is missing. Add en, the others are shown to those who prefer them"
    for name in _twice(languages):
        yield f"languages: {name} stands twice. Name it once"
    for name in languages:
        if not LANGUAGE.fullmatch(name):
            yield f"languages: {name!r} is no code of a language. Write it like de or pt-BR"


def _text_problems(name: str, text: Mapping[str, str], languages: Sequence[str], most: int) -> Iterator[str]:
    missing = [language for language in languages if not text.get(language, "").strip()]
    if missing:
        yield f"{name}: there is no text in {', '.join(missing)}. Write one, or take the language out of languages"
    for language, words in text.items():
        if language not in languages:
            yield f"{name}: there is a text in {language!r}. Add it to languages, or take the text away"
        if len(words) > most:
            yield f"{name}: the text in {language!r} has {len(words)} characters. Shorten it to {most}"
        if any(unicodedata.category(each) == "Cc" for each in words):
            yield f"{name}: the text in {language!r} has a line break, or a sign nobody sees. Write it on one line"


def _item_problems(item: Item, languages: Sequence[str]) -> Iterator[str]:
    yield from _text_problems("text", item.text, languages, MOST_TEXT)
    if (item.reverse or item.driver) and item.scale not in scales.WORDS:
        which = "reverse" if item.reverse else "driver"
        yield f"{which} belongs to a scale of five points, its scale is {item.scale}. Take {which} away"
    if item.scale in CHOICES and len(item.options) < 2:  # noqa: PLR2004 - a choice
        yield f"a {item.scale} needs something to choose from. Add two options or more"
    if item.scale not in CHOICES and "options" in item.model_fields_set:
        yield f"options belong to a choice, its scale is {item.scale}. Take them away, or write rows for a grid"
    yield from _most_problems(item)
    if "rows" in item.model_fields_set:
        yield from _grid_problems(item)
    for kind, among in (("option", item.options), ("row", item.rows)):
        yield from _option_problems(kind, among, languages)


def _most_problems(item: Item) -> Iterator[str]:
    if item.scale != "choices" and "most" in item.model_fields_set:
        yield f"most belongs to choices, its scale is {item.scale}. Take it away"
    elif item.scale == "choices" and item.most > len(item.options):
        yield f"most is {item.most} of {len(item.options)} options. Lower it"


def _grid_problems(item: Item) -> Iterator[str]:
    if not item.rows:
        yield "it is a grid without rows. Add some, or take rows away"
    if item.scale not in scales.NUMBERS:
        yield f"a grid cannot be answered on the scale {item.scale}. Take one of {', '.join(sorted(scales.NUMBERS))}"
    for row in item.rows:
        if row.id in TAKEN:
            yield f"row {row.id}: results are told under this name. Give it another id"


def _option_problems(kind: str, among: Sequence[Option], languages: Sequence[str]) -> Iterator[str]:
    for name in _twice([each.id for each in among]):
        yield f"{kind} {name}: it stands twice. Give one of them another id"
    named: dict[str, str] = {each.id: each.id for each in among}
    for each in among:
        yield from _text_problems(f"{kind} {each.id}", each.label, languages, MOST_LABEL)
        for label in each.label.values():
            plain = scales.folded(label)
            if plain and plain in scales.NOT_ANSWERED:
                yield f"{kind} {each.id}: {label!r} says that nothing was answered. Take it away: it is always offered"
            if named.setdefault(plain, each.id) != each.id:
                yield f"{kind} {each.id}: {label!r} could be {named[plain]} as well. Word one of them otherwise"


def _row_problems(items: Sequence[Item]) -> Iterator[str]:
    """Rows are journeys: one that is asked about in several items has to be recognised in each of them."""
    rows = {row.id: (item.id, row.label) for item in reversed(items) for row in reversed(item.rows)}
    for item in items:
        for each in (*item.options, *item.rows):
            first, label = rows.get(each.id, (item.id, each.label))
            if label != each.label:
                yield f"item {item.id}: {each.id} is called otherwise in {first}. Call it the same, or give another id"


def _twice(names: Sequence[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if list(names).count(name) > 1]
