"""What a form shows of each item: its controls with what was given or typed, its hints, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from surveys import scales
from surveys.form_fields import MOST_LETTERS, NOTE, Control, control, offered, written
from surveys.form_words import count, moment, words
from surveys.scales import ENGLISH
from tribometer.store.answer_rows import NOT_APPLICABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from surveys.form_fields import Problem
    from surveys.instrument import Instrument, Item
    from tribometer.store.answer_rows import Value

Notice = Literal["saved", "nothing", "withdrawn", "cookie", "busy", "broken"]
MOST_SHORT = 8
"""Letters of a choice that takes little room: such choices stand side by side on a phone too."""


@dataclass(frozen=True)
class Promises:
    """What whoever answers is told: the thresholds the wave was opened with, until when, and what is kept beside."""

    minimum: int
    comment_minimum: int
    keep_days: int
    until: datetime
    timezone: str = "UTC"
    team: str = ""
    tenure: str = ""


@dataclass(frozen=True)
class Form:
    """A form to be shown.

    ``given`` and ``comments`` are saved already; ``typed`` is what was just sent, by field, and goes before them.
    ``seed`` shuffles the items within their blocks. ``switched``: the language was asked for by a link, and stays.
    ``seconds``: how long to wait, where ``notice`` is ``busy``.
    """

    instrument: Instrument
    language: str
    promises: Promises
    event_class: str | None = None
    seed: str = ""
    given: Mapping[str, Value] = field(default_factory=dict, repr=False)
    comments: Mapping[str, str] = field(default_factory=dict, repr=False)
    typed: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    errors: Mapping[str, Problem] = field(default_factory=dict)
    notice: Notice | None = None
    token: str = field(default="", repr=False)
    switched: bool = False
    seconds: int = 0

    @property
    def is_saved(self) -> bool:
        """Whether anything was saved before."""
        return bool(self.given or self.comments)

    @property
    def until(self) -> str:
        """Until when answers are taken, in words."""
        return moment(self.promises.until, self.promises.timezone, self.language)


@dataclass(frozen=True)
class Choice:
    """Something that can be picked; ``none`` says that nothing fits."""

    value: str
    label: str
    checked: bool
    none: bool = False


@dataclass(frozen=True)
class Entry:
    """One control, or one row of a grid; ``key`` is its name and its id."""

    key: str
    name: str
    text: str = ""
    choices: tuple[Choice, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Question:
    """One item; ``note`` is where its comment goes."""

    id: str
    text: str
    control: Control
    fields: tuple[Entry, ...]
    hint: str
    grid: bool
    short: bool
    note: Entry | None

    @property
    def error(self) -> bool:
        """Whether anything in it is wrong."""
        return any(each.error for each in (*self.fields, self.note) if each)


def question(form: Form, item: Item) -> Question:
    """What a form shows of an item."""
    labels = {f"{item.id}:{row.id}": in_language(row.label, form.language) for row in item.rows}
    text = in_language(item.text, form.language)
    choices = offered(item, form.language)
    return Question(
        item.id,
        text,
        control(item.scale),
        tuple(_field(form, item, key, labels.get(key, text)) for key in item.keys),
        _hint(form, item),
        bool(item.rows),
        max(map(len, choices.values()), default=0) <= MOST_SHORT and item.scale not in scales.WORDS,
        _note(form, item, text) if item.comment else None,
    )


def _field(form: Form, item: Item, key: str, name: str) -> Entry:
    if item.scale == "text":
        shown = list(form.typed.get(key, ())) or [form.comments.get(key, "")]
    else:
        shown = list(form.typed[key]) if key in form.typed else written(item, form.given.get(key))
    labels = offered(item, form.language)
    choices = [Choice(value, label, value in shown) for value, label in labels.items()]
    if labels:
        choices.append(Choice(NOT_APPLICABLE, words(form.language)["none"], NOT_APPLICABLE in shown, none=True))
    return Entry(key, name, "\n".join(shown), tuple(choices), _fault(form, item, key))


def _note(form: Form, item: Item, text: str) -> Entry:
    key = NOTE + item.id
    shown = "\n".join(form.typed[key]) if key in form.typed else form.comments.get(item.id, "")
    return Entry(key, text, shown, (), _fault(form, item, key))


def _fault(form: Form, item: Item, key: str) -> str:
    problem = form.errors.get(key)
    if problem is None:
        return ""
    low, high = scales.RANGES.get(item.scale, (0, 0))
    return worded(form, f"error_{problem}", low=low, high=high, most=item.most)


def _hint(form: Form, item: Item) -> str:
    """What to know before answering, where the choices do not say it."""
    said = words(form.language)
    kind = control(item.scale)
    if kind == "text":
        return f"{worded(form, 'text_hint')} {said['leave_empty']}"
    if kind == "number":
        low, high = scales.RANGES[item.scale]
        return f"{said['number_hint'].format(low=low, high=high)} {said['leave_empty']}"
    return said["most_hint"].format(most=item.most) if kind == "checks" else ""


def worded(form: Form, name: str, **facts: object) -> str:
    """Words with the facts of a form in them."""
    promises, said = form.promises, words(form.language)
    return said[name].format(
        minimum=promises.minimum,
        comment_minimum=promises.comment_minimum,
        keep_days=promises.keep_days,
        team=promises.team,
        tenure=promises.tenure,
        event_class=form.event_class,
        until=form.until,
        seconds=form.seconds,
        limit=count(MOST_LETTERS, form.language),
        none=said["none"],
        **facts,
    )


def in_language(text: Mapping[str, str], language: str) -> str:
    """A text of an instrument."""
    return text.get(language) or text[ENGLISH]
