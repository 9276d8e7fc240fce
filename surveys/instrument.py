"""What a survey asks: an instrument is a TOML file of items, versioned, for a new wording begins a new series."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from surveys import scales
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tribometer.store.answers import Value

SLUG = re.compile(r"([a-z][a-z0-9_]*)_v([1-9]\d*)")
ENGLISH = "en"
Text = dict[str, str]
"""A text by language."""
Scale = Literal[
    "agreement", "satisfaction", "frequency", "ease", "hours", "minutes", "percent", "score", "days", "yes_no",
    "choice", "choices", "text",
]  # fmt: skip
Trigger = Literal["deployment", "check", "joined", "request"]
FIVE_POINTS = frozenset(scales.WORDS)


class Part(BaseModel):
    """Base of an instrument's parts: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(Part):
    """One of the choices of an item, or one row of a grid."""

    id: str
    label: Text


class Item(Part):
    """One question.

    With ``rows`` it is a grid: every row is answered on the ``scale`` and stored as ``ID:row``. ``reverse``: agreement
    is bad news. ``comment``: a free text may be added. ``driver``: it counts in the experience index. ``measures`` is
    the construct, ``journey`` the stretch of work that it is about. ``day``: asked only so many days after somebody
    began. ``most``: how many of several choices.
    """

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,7}[a-z]?$")]
    measures: str
    scale: Scale
    text: Text
    reverse: bool = False
    comment: bool = False
    driver: bool = False
    journey: str | None = None
    day: int | None = None
    block: str = "main"
    options: tuple[Option, ...] = ()
    rows: tuple[Option, ...] = ()
    most: int = 1
    source: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """Under which names its answers are stored: its own, or one for every row of a grid."""
        return tuple(f"{self.id}:{row.id}" for row in self.rows) or (self.id,)

    def read(self, text: str) -> Value | None:
        """Read one answer as a form or a file has it; None: not answered. `ValueError` says what would be possible."""
        text = text.strip()
        if text.casefold() in scales.NOT_ANSWERED:
            return None
        if self.scale in {*FIVE_POINTS, *scales.BANDS, *scales.RANGES}:
            return scales.number(text, self.scale)
        if self.scale == "text":
            return text
        return self._choices(text) if self.scale == "choices" else self._choice(text)

    @property
    def choices(self) -> Mapping[str, Text]:
        """The choices by their ids; none for a scale without any."""
        if self.scale == "yes_no":
            return {name: dict(labels) for name, labels in scales.YES_NO.items()}
        return {option.id: option.label for option in self.options}

    def _choice(self, text: str) -> str:
        folded = text.casefold()
        for name, labels in self.choices.items():
            if folded == name.casefold() or folded in {label.casefold() for label in labels.values()}:
                return name
        raise ValueError(f"{text!r} is no answer here: give one of {', '.join(self.choices)}")

    def _choices(self, text: str) -> tuple[str, ...] | None:
        picked = tuple(dict.fromkeys(self._choice(part) for part in re.split(r"[;,|]", text) if part.strip()))
        if len(picked) > self.most:
            raise ValueError(f"{len(picked)} choices where at most {self.most} are possible")
        return picked or None


class Instrument(Part):
    """A survey: its items in blocks, in which they may be shuffled.

    ``about``: what to think of when answering ("the last week"). ``languages``: every text is there in each of them.
    ``cohorts`` parts of the population are asked one after the other, ``cohort_days`` apart, each for ``open_days``.
    ``trigger``: asked after an event, not in waves for all. ``attribution``: whose questions these are, where not ours.
    """

    slug: str
    title: Text
    about: Text
    minutes: Annotated[int, Field(ge=1, le=30)]
    languages: tuple[str, ...] = (ENGLISH,)
    cohorts: Annotated[int, Field(ge=1, le=12)] = 1
    cohort_days: Annotated[int, Field(ge=1, le=90)] = 14
    open_days: Annotated[int, Field(ge=1, le=92)] = 10
    trigger: Trigger | None = None
    attribution: str | None = None
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=40)]

    @property
    def name(self) -> str:
        """The slug without its version."""
        return self.slug.rpartition("_v")[0]

    @property
    def version(self) -> int:
        """The version of the wording."""
        return int(self.slug.rpartition("_v")[2])

    def item(self, key: str) -> Item | None:
        """The item under a stored key (``Q22:review``) or an id; None where there is none."""
        return next((each for each in self.items if key == each.id or key in each.keys), None)

    def asked(self, event_class: str | None) -> tuple[Item, ...]:
        """The items of one form: all, or those of a day (``day-30``) after somebody began."""
        return tuple(each for each in self.items if each.day is None or event_class == f"day-{each.day}")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Check what only shows on the whole; the message names the item."""
        problems = list(_problems(self))
        if problems:
            raise ValueError("; ".join(problems))
        return self


def _problems(instrument: Instrument) -> Iterator[str]:
    if not SLUG.fullmatch(instrument.slug):
        yield f"slug {instrument.slug!r}: write a name and a version, like pulse_v1"
    if ENGLISH not in instrument.languages:
        yield "languages: English (en) must be among them, others are shown to those who prefer them"
    for name, text in (("title", instrument.title), ("about", instrument.about)):
        yield from _untranslated(name, text, instrument.languages)
    seen: set[str] = set()
    for item in instrument.items:
        if item.id in seen:
            yield f"item {item.id}: stands twice"
        seen.add(item.id)
        yield from _item_problems(item, instrument.languages)


def _item_problems(item: Item, languages: tuple[str, ...]) -> Iterator[str]:
    yield from _untranslated(f"item {item.id}", item.text, languages)
    for option in (*item.options, *item.rows):
        yield from _untranslated(f"item {item.id}, {option.id}", option.label, languages)
    needs = item.scale in {"choice", "choices"}
    if needs and len(item.options) < 2:  # noqa: PLR2004 - a choice
        yield f"item {item.id}: a {item.scale} needs options to choose from"
    if not needs and item.options:
        yield f"item {item.id}: options belong to a choice, its scale is {item.scale}"
    if item.reverse and item.scale not in FIVE_POINTS:
        yield f"item {item.id}: only a scale of five points can be reversed"
    if item.driver and item.scale not in FIVE_POINTS:
        yield f"item {item.id}: only a scale of five points can be a driver"


def _untranslated(name: str, text: Mapping[str, str], languages: tuple[str, ...]) -> Iterator[str]:
    missing = [language for language in languages if not text.get(language, "").strip()]
    if missing:
        yield f"{name}: there is no text in {', '.join(missing)}"


def read_instrument(text: str, place: str) -> Instrument:
    """Read an instrument from TOML; `UsageError` names the place, the key and what is wrong with it."""
    try:
        return Instrument.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{place}: this is no TOML: {error}.") from None
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, each['loc'])) or 'instrument'}: {each['msg']}" for each in error.errors()]
        raise UsageError(f"{place}: {'; '.join(lines)}.") from None


@cache
def shipped() -> Mapping[str, Instrument]:
    """The instruments that come with Tribometer, by slug."""
    folder = files("surveys").joinpath("instruments")
    found = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            found[file.name.removesuffix(".toml")] = read_instrument(file.read_text(encoding="utf-8"), file.name)
    return found


def instruments(folder: Path | None = None) -> dict[str, Instrument]:
    """All instruments by slug: those that are shipped, and those of an organisation's own folder.

    `UsageError` for a file that is none, or that gives a shipped slug other content: a new wording needs a new version.
    """
    found = dict(shipped())
    for path in sorted(folder.glob("*.toml")) if folder is not None else ():
        made = read_instrument(path.read_text(encoding="utf-8"), str(path))
        if made.slug != path.stem:
            raise UsageError(f"{path}: its slug is {made.slug!r}; name the file {made.slug}.toml.")
        if found.setdefault(made.slug, made) != made:
            raise UsageError(f"{path}: {made.slug} is shipped with other wording; give yours a version of its own.")
    return found


def named(name: str, known: Mapping[str, Instrument]) -> Instrument:
    """The instrument of a slug, or of a name without a version the newest; `UsageError` lists what there is."""
    if name in known:
        return known[name]
    versions = sorted((each for each in known.values() if each.name == name), key=lambda each: each.version)
    if not versions:
        raise UsageError(f"There is no instrument {name!r}; there are {', '.join(sorted(known))}.")
    return versions[-1]
