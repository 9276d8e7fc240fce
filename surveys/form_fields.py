"""The fields of a form: what an item offers, what a browser sent, and how what was given is shown again."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from surveys import scales
from surveys.scales import ENGLISH
from tribometer.store.answer_rows import NOT_APPLICABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from surveys.instrument import Instrument, Item, Scale
    from tribometer.store.answer_rows import Value

Fields = dict[str, list[str]]
"""What a browser sent: the texts under each field's name."""
Control = Literal["radios", "checks", "number", "text"]
Problem = Literal["choice", "number", "too_many", "too_long", "both"]
NOTE = "note:"
"""Before the id of an item: the field of its comment."""
MOST_LETTERS = 2_000
CONTROLS: Mapping[str, Control] = {"percent": "number", "text": "text", "choices": "checks"}
UNWRITTEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Parsed:
    """What a form says: answers by stored key, comments by item, and what is wrong by the field's name.

    None takes an answer away, and "not applicable" stands in place of one; what the browser did not send is not named.
    No answer stands in a ``repr``.
    """

    answers: dict[str, Value | None] = field(default_factory=dict, repr=False)
    comments: dict[str, str | None] = field(default_factory=dict, repr=False)
    errors: dict[str, Problem] = field(default_factory=dict)

    @property
    def says(self) -> bool:
        """Whether there is any answer or comment in it."""
        return any(each not in {None, NOT_APPLICABLE} for each in (*self.answers.values(), *self.comments.values()))


def control(scale: Scale) -> Control:
    """With what an item of a scale is answered."""
    return CONTROLS.get(scale, "radios")


def offered(item: Item, language: str) -> dict[str, str]:
    """What can be picked, as labels by the texts that `Item.read` takes; nothing for numbers and texts."""
    if item.scale in scales.WORDS:
        return {str(point): name for point, name in enumerate(scales.words(item.scale, language), start=1)}
    if item.scale in scales.BANDS:
        return {band.label: band.label.replace("-", "\N{EN DASH}") for band in scales.BANDS[item.scale]}
    if item.scale in scales.RANGES and control(item.scale) == "radios":
        low, high = scales.RANGES[item.scale]
        return {str(number): str(number) for number in range(low, high + 1)}
    return {name: label.get(language) or label[ENGLISH] for name, label in item.choices.items()}


def written(item: Item, value: Value | None) -> list[str]:
    """An answer that was given, as the texts of its field."""
    if value is None:
        return []
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, str):
        return [value]
    bands = scales.BANDS.get(item.scale, ())
    return [next((band.label for band in bands if band.middle == value), f"{value:g}")]


def parse(instrument: Instrument, event_class: str | None, fields: Mapping[str, Sequence[str]]) -> Parsed:
    """Read what a browser sent; never raises, whatever it is. Fields that no item asks for are passed over."""
    parsed = Parsed()
    for item in instrument.asked(event_class):
        for key in item.keys:
            if key not in fields:
                continue
            if item.scale == "text":
                _put_comment(parsed, key, key, fields[key])
            else:
                _put_answer(parsed, item, key, fields[key])
        if item.comment and NOTE + item.id in fields:
            _put_comment(parsed, NOTE + item.id, item.id, fields[NOTE + item.id])
    return parsed


def in_order(instrument: Instrument, event_class: str | None, seed: str) -> list[Item]:
    """The items of a form: block after block, shuffled within each by a seed, always the same for the same seed."""
    asked = instrument.asked(event_class)
    blocks = list(dict.fromkeys(item.block for item in asked))

    def place(item: Item) -> tuple[int, bytes]:
        return blocks.index(item.block), hashlib.sha256(f"{seed}\0{item.id}".encode()).digest()

    return sorted(asked, key=place)


def _put_answer(parsed: Parsed, item: Item, key: str, sent: Sequence[str]) -> None:
    texts = list(dict.fromkeys(text.strip() for text in sent if text.strip()))
    problem = _problem(item, texts)
    if problem is not None:
        parsed.errors[key] = problem
    elif texts == [NOT_APPLICABLE]:
        parsed.answers[key] = NOT_APPLICABLE
    elif control(item.scale) == "checks":
        parsed.answers[key] = tuple(texts) or None
    else:
        parsed.answers[key] = item.read(texts[0]) if texts else None


def _problem(item: Item, texts: list[str]) -> Problem | None:
    """What is wrong with the texts of an answer, whatever a browser would let through."""
    kind = control(item.scale)
    if kind == "number":
        return None if len(texts) <= 1 and all(_fits(item, text) for text in texts) else "number"
    picked = [text for text in texts if text != NOT_APPLICABLE]
    if not set(picked) <= offered(item, ENGLISH).keys():
        return "choice"
    if kind == "radios":
        return "choice" if len(texts) > 1 else None
    if picked and len(picked) < len(texts):
        return "both"
    return "too_many" if len(picked) > item.most else None


def _fits(item: Item, text: str) -> bool:
    try:
        item.read(text)
    except ValueError:
        return False
    return True


def _put_comment(parsed: Parsed, name: str, key: str, sent: Sequence[str]) -> None:
    text = UNWRITTEN.sub("", "\n".join(sent).replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) > MOST_LETTERS:
        parsed.errors[name] = "too_long"
    else:
        parsed.comments[key] = text or None
